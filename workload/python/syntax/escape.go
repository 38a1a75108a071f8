// SPDX-License-Identifier: MIT

package syntax

import (
	"strconv"
	"strings"
)

// simpleEscapes has the escape sequences of one character, from
// https://docs.python.org/3/reference/lexical_analysis.html#escape-sequences.
var simpleEscapes = map[byte]byte{
	'\\': '\\', '\'': '\'', '"': '"',
	'a': 7, 'b': 8, 'f': 12, 'n': 10, 'r': 13, 't': 9, 'v': 11,
}

// unescape undoes the escape sequences of a string. The name of a character, as in
// \N{DASH}, becomes U+FFFD; what is no escape sequence stays.
func unescape(s string, bytes bool) string {
	var b strings.Builder
	b.Grow(len(s))
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+1 == len(s) {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s = s[i:]
		n := 2 // length of the sequence
		c := s[1]
		if v, ok := simpleEscapes[c]; ok {
			b.WriteByte(v)
			s = s[n:]
			continue
		}
		switch {
		case c == '\n':
		case c >= '0' && c <= '7':
			for n < len(s) && n < 4 && s[n] >= '0' && s[n] <= '7' {
				n++
			}
			code(&b, s[1:n], 8, bytes)
		case c == 'x' && hex(s, 4):
			n = 4
			code(&b, s[2:n], 16, bytes)
		case c == 'u' && !bytes && hex(s, 6):
			n = 6
			code(&b, s[2:n], 16, false)
		case c == 'U' && !bytes && hex(s, 10):
			n = 10
			code(&b, s[2:n], 16, false)
		case c == 'N' && !bytes && strings.HasPrefix(s, `\N{`) && strings.IndexByte(s[:min(len(s), 100)], '}') > 0:
			n = strings.IndexByte(s, '}') + 1
			b.WriteRune('\uFFFD')
		default:
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
}

// hex reports whether the sequence has hexadecimal digits up to n.
func hex(s string, n int) bool {
	if len(s) < n {
		return false
	}
	return strings.Trim(s[2:n], "0123456789abcdefABCDEF") == ""
}

// code writes the character or the byte with the number.
func code(b *strings.Builder, digits string, base int, bytes bool) {
	v, _ := strconv.ParseUint(digits, base, 32) // only digits: no error
	if bytes {
		b.WriteByte(byte(v))
		return
	}
	b.WriteRune(rune(v))
}
