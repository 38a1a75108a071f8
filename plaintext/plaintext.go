// SPDX-License-Identifier: MIT

// Package plaintext makes text for people's terminals.
package plaintext

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable replaces the characters that could control a terminal or begin a new line by
// "?". U+0080 to U+009F and the marks for the direction of writing are among them. A text
// from a file, a user or a recorded machine may have any characters.
func Printable(text string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return '?'
		}
		return c
	}, text)
}

// Plural returns a number with its noun: "1 CPU", "2 CPUs".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Wrap breaks a text at blanks. The first piece is at most first characters wide, and the
// other pieces are at most others characters wide. A wider word gets a separate piece.
func Wrap(text string, first, others int) []string {
	var pieces []string
	var piece strings.Builder
	width, room := 0, first
	for i, word := range strings.Split(text, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case i > 0 && width > 0 && width+1+n > room:
			pieces = append(pieces, piece.String())
			piece.Reset()
			width, room = 0, others
		case i > 0:
			piece.WriteByte(' ')
			width++
		}
		piece.WriteString(word)
		width += n
	}
	return append(pieces, piece.String())
}
