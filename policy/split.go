// SPDX-License-Identifier: MIT

package policy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mattn/go-shellwords"
)

// split cuts a line into words as a shell does, without expansions. The result may use the
// space given.
func split(line string, space []string) ([]string, error) {
	if words, ok := splitPlain(line, space[:0]); ok {
		return words, nil
	}
	return splitAny(line)
}

// splitAny splits with the library. The library ends a line silently at an unquoted shell
// operator and does not know comments, so both are handled here.
func splitAny(line string) ([]string, error) {
	line = strings.TrimSpace(uncomment(line))
	if line == "" {
		return nil, nil
	}
	parser := shellwords.NewParser()
	words, err := parser.Parse(line)
	if err != nil {
		return nil, errors.New("a quote or backslash without its end")
	}
	if parser.Position >= 0 && parser.Position < len(line) {
		return nil, fmt.Errorf("%q needs quotes", line[parser.Position:parser.Position+1])
	}
	return words, nil
}

// splitPlain splits nearly every line: words of plain characters, or words that are wholly in
// quotes. ok is false for a line that has other words. The library builds each word byte by
// byte, which for a policy file of 200 rules takes longer than the rest of an evaluation.
func splitPlain(line string, words []string) (_ []string, ok bool) {
	for {
		line = strings.TrimLeft(line, " \t")
		if line == "" || line[0] == '#' {
			return words, true
		}
		var word string
		if quote := line[0]; quote == '"' || quote == '\'' {
			end := strings.IndexByte(line[1:], quote) + 1
			if end == 0 {
				return nil, false
			}
			word, line = line[1:end], line[end+1:]
			if strings.IndexByte(word, '\\') >= 0 || line != "" && line[0] != ' ' && line[0] != '\t' {
				return nil, false
			}
		} else {
			end := 0
			for end < len(line) && plain[line[end]] {
				end++
			}
			if end < len(line) && line[end] != ' ' && line[end] != '\t' {
				return nil, false
			}
			word, line = line[:end], line[end:]
		}
		words = append(words, word)
	}
}

// plain are the bytes that have no special meaning anywhere in a word.
var plain = func() (set [256]bool) {
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_=!*?[]^{}.,:/+-@%") {
		set[c] = true
	}
	return set
}()

// uncomment cuts a '#' that starts a word outside quotes, and the text after it.
func uncomment(line string) string {
	var quote byte
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '\\' && quote != '\'':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t'):
			return line[:i]
		}
	}
	return line
}
