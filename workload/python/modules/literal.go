// SPDX-License-Identifier: MIT

package modules

import (
	"strings"
	"unicode/utf8"
)

// maxPairs bounds a dictionary in a finder's text, and all of them together.
const maxPairs = 4096

// reader reads the literals that installers write with repr(): strings, and
// dictionaries of strings or of lists of strings.
type reader struct {
	text string
	at   int
}

type pair struct {
	key    string
	values []string
}

// assigned returns the dictionary that a line "NAME = {...}" or "NAME: TYPE = {...}"
// assigns.
func assigned(text, name string) []pair {
	for at := 0; at < len(text); {
		line := text[at:]
		if rest, ok := strings.CutPrefix(line, name); ok && rest != "" && strings.ContainsRune(" =:", rune(rest[0])) {
			head, _, _ := strings.Cut(rest, "\n")
			i := strings.IndexByte(head, '=')
			if i < 0 {
				return nil
			}
			r := reader{text: rest, at: i + 1}
			return r.dict()
		}
		next := strings.IndexByte(line, '\n')
		if next < 0 {
			return nil
		}
		at += next + 1
	}
	return nil
}

func (r *reader) space() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\r', '\n', '\\':
			r.at++
		case '#':
			i := strings.IndexByte(r.text[r.at:], '\n')
			if i < 0 {
				r.at = len(r.text)
				return
			}
			r.at += i
		default:
			return
		}
	}
}

// op takes one character, after space.
func (r *reader) op(c byte) bool {
	r.space()
	if r.at < len(r.text) && r.text[r.at] == c {
		r.at++
		return true
	}
	return false
}

// dict returns the pairs up to the closing bracket, or up to what is no literal.
func (r *reader) dict() []pair {
	if !r.op('{') {
		return nil
	}
	var pairs []pair
	for len(pairs) < maxPairs {
		key, ok := r.str()
		if !ok || !r.op(':') {
			break
		}
		values, ok := r.values()
		if !ok {
			break
		}
		pairs = append(pairs, pair{key, values})
		if !r.op(',') {
			break
		}
	}
	return pairs
}

// values reads a string, or the strings of a list, tuple or set.
func (r *reader) values() ([]string, bool) {
	if s, ok := r.str(); ok {
		return []string{s}, true
	}
	var end byte
	switch {
	case r.op('['):
		end = ']'
	case r.op('('):
		end = ')'
	case r.op('{'):
		end = '}'
	default:
		return nil, false
	}
	var values []string
	for len(values) < maxPairs {
		s, ok := r.str()
		if !ok {
			break
		}
		values = append(values, s)
		if !r.op(',') {
			break
		}
	}
	return values, r.op(end)
}

// str reads a string in single or double quotes, with the escapes that repr() writes.
func (r *reader) str() (string, bool) {
	r.space()
	start := r.at
	at := start
	if at < len(r.text) && strings.IndexByte("urb", r.text[at]) >= 0 {
		at++
	}
	if at >= len(r.text) || r.text[at] != '\'' && r.text[at] != '"' {
		return "", false
	}
	raw := r.text[start] == 'r'
	quote := r.text[at]
	var b strings.Builder
	for at++; at < len(r.text); at++ {
		switch c := r.text[at]; {
		case c == quote:
			r.at = at + 1
			return b.String(), true
		case c == '\n':
			return "", false
		case c == '\\' && !raw && at+1 < len(r.text):
			at++
			at += escape(&b, r.text[at:])
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}

// escape writes what follows a backslash, and returns how many bytes beyond the first
// it took.
func escape(b *strings.Builder, text string) int {
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[text[0]]
	if digits == 0 || len(text) <= digits {
		switch text[0] {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		default:
			b.WriteByte(text[0])
		}
		return 0
	}
	value := rune(0)
	for _, c := range []byte(text[1 : 1+digits]) {
		i := strings.IndexByte("0123456789abcdef", c|0x20)
		if i < 0 || value > utf8.MaxRune {
			return 0
		}
		value = value<<4 | rune(i)
	}
	b.WriteRune(value)
	return digits
}
