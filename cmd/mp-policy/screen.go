// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// screen is what the output is for.
type screen struct {
	colour bool
}

// screenOf tells whether f may get colours: a terminal may, unless NO_COLOR is
// there and not empty (https://no-color.org) or the terminal is a dumb one.
func screenOf(f *os.File) screen {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return screen{colour: err == nil && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

// Colours of ECMA-48 (console_codes(4)).
const (
	bold   = "1"
	faint  = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

func (s screen) paint(colour, text string) string {
	if !s.colour || text == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// pad fills text up to a width in characters.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// printable keeps what a file or a user has written from steering a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}

// rows prints aligned columns, two blanks apart, none behind the last.
func rows(w io.Writer, indent string, table [][]string) {
	var widths []int
	for _, row := range table {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range table {
		line := indent
		for i, cell := range row {
			line += pad(cell, widths[i]) + "  "
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
