// SPDX-License-Identifier: MIT

package workload

import "strings"

// maxTokens bounds the time of one scan, where maxText bounds its memory. A
// large file is data in the main: a string or a comment of megabytes is one
// step of the scanner, whereas a table of numbers spends the tokens. 1<<18 are
// about 1 MiB of dense code, more than any hand-written program has.
const maxTokens = 1 << 18

// Kinds of token. For an operator, token.op says which.
const (
	tName = iota
	tNumber
	tString
	tOp
)

// Operators of more than one byte are folded to one byte: only their class
// matters here.
const (
	opCompare = 'C' // == != <= >= <>
	opAugment = 'A' // += and its like
	opWalrus  = 'W' // :=
	opArrow   = 'R' // ->
)

type token struct {
	kind, op   byte
	start, end uint32
}

// A line is one logical line: physical lines are joined inside brackets and
// after a backslash, and empty ones and comments leave no line.
type line struct {
	first, last uint32 // tokens [first,last)
	indent      int32
}

type tokenizer struct {
	text   string
	pos    int
	tokens []token
	lines  []line
	flat   bool // an f-string's braces did not close: nest no more, or a hostile text costs its square
}

// tokenize splits Python text, of version 2 or 3, into logical lines. It
// accepts any bytes: what Python would refuse gives some tokens or other, in
// linear time. Reference: the Python Language Reference, 2. Lexical analysis.
func tokenize(text string) ([]token, []line) {
	t := tokenizer{
		text:   text,
		tokens: make([]token, 0, min(len(text)/4+16, maxTokens)),
		lines:  make([]line, 0, min(len(text)/24+4, maxTokens)),
	}
	for t.pos < len(t.text) && len(t.tokens) < maxTokens {
		t.logicalLine()
	}
	return t.tokens, t.lines
}

func (t *tokenizer) logicalLine() {
	indent, first, depth := int32(0), len(t.tokens), 0
	for ; t.pos < len(t.text); t.pos++ {
		switch t.text[t.pos] {
		case ' ':
			indent++
			continue
		case '\t':
			indent = (indent/8 + 1) * 8
			continue
		case '\f':
			indent = 0
			continue
		}
		break
	}
	for t.pos < len(t.text) && len(t.tokens) < maxTokens {
		c := t.text[t.pos]
		switch {
		case c == '\n' || c == '\r':
			t.pos++
			if depth > 0 || len(t.tokens) == first && c == '\r' {
				continue
			}
			t.endLine(first, indent)
			return
		case c == ' ' || c == '\t' || c == '\f':
			t.pos++
		case c == '#':
			t.skipComment()
		case c == '\\':
			t.pos++
			t.skipNewline()
		case isNameStart(c):
			t.name()
		case c >= '0' && c <= '9', c == '.' && t.peekDigit():
			t.number()
		case c == '"' || c == '\'':
			t.stringToken(t.pos, false)
		default:
			switch c {
			case '(', '[', '{':
				depth++
			case ')', ']', '}':
				depth = max(0, depth-1)
			}
			t.operator(c)
		}
	}
	t.endLine(first, indent)
}

func (t *tokenizer) endLine(first int, indent int32) {
	if len(t.tokens) > first {
		t.lines = append(t.lines, line{uint32(first), uint32(len(t.tokens)), indent})
	}
}

func (t *tokenizer) add(kind, op byte, start int) {
	t.tokens = append(t.tokens, token{kind, op, uint32(start), uint32(t.pos)})
}

func (t *tokenizer) skipComment() {
	t.pos = endOfLine(t.text, t.pos)
}

// endOfLine gives the offset of the first newline of any kind at or after pos.
func endOfLine(text string, pos int) int {
	end := len(text)
	if i := strings.IndexByte(text[pos:], '\n'); i >= 0 {
		end = pos + i
	}
	if i := strings.IndexByte(text[pos:end], '\r'); i >= 0 {
		end = pos + i
	}
	return end
}

func (t *tokenizer) skipNewline() {
	if t.pos < len(t.text) && t.text[t.pos] == '\r' {
		t.pos++
	}
	if t.pos < len(t.text) && t.text[t.pos] == '\n' {
		t.pos++
	}
}

func (t *tokenizer) peekDigit() bool {
	return t.pos+1 < len(t.text) && t.text[t.pos+1] >= '0' && t.text[t.pos+1] <= '9'
}

func (t *tokenizer) name() {
	start := t.pos
	for t.pos < len(t.text) && isNamePart(t.text[t.pos]) {
		t.pos++
	}
	if t.pos < len(t.text) && t.pos-start <= 3 && (t.text[t.pos] == '"' || t.text[t.pos] == '\'') {
		if formatted, ok := stringPrefix(t.text[start:t.pos]); ok {
			t.stringToken(start, formatted)
			return
		}
	}
	t.add(tName, 0, start)
}

func stringPrefix(p string) (formatted, ok bool) {
	for i := range len(p) {
		switch p[i] {
		case 'f', 'F', 't', 'T':
			formatted = true
		case 'r', 'R', 'b', 'B', 'u', 'U':
		default:
			return false, false
		}
	}
	return formatted, true
}

func (t *tokenizer) number() {
	start := t.pos
	for t.pos < len(t.text) {
		c := t.text[t.pos]
		exponent := (c == '+' || c == '-') && (t.text[t.pos-1] == 'e' || t.text[t.pos-1] == 'E') && t.pos > start
		if !isNamePart(c) && c != '.' && !exponent {
			break
		}
		t.pos++
	}
	t.add(tNumber, 0, start)
}

func (t *tokenizer) operator(c byte) {
	start := t.pos
	t.pos++
	if t.pos < len(t.text) {
		next := t.text[t.pos]
		switch {
		case c == '-' && next == '>':
			c = opArrow
		case c == ':' && next == '=':
			c = opWalrus
		case next == '=' && (c == '=' || c == '!' || c == '<' || c == '>'), c == '<' && next == '>':
			c = opCompare
		case next == '=' && strings.IndexByte("+-*/%&|^@", c) >= 0:
			c = opAugment
		case next == c && (c == '*' || c == '/' || c == '<' || c == '>'):
			t.pos++ // "**" is no other operator to us, but "**=" is one that augments
			if t.pos < len(t.text) && t.text[t.pos] == '=' {
				c = opAugment
			} else {
				t.pos--
				if c == '/' || c == '<' || c == '>' {
					t.pos++
				}
				t.add(tOp, c, start)
				return
			}
		default:
			t.add(tOp, c, start)
			return
		}
		t.pos++
	}
	t.add(tOp, c, start)
}

// stringToken scans a string whose prefix starts at start and whose quote is
// at t.pos.
func (t *tokenizer) stringToken(start int, formatted bool) {
	t.pos = t.skipString(t.pos, formatted, 0)
	t.add(tString, 0, start)
}

// skipString gives the offset after the string whose quote is at pos. One that
// does not close ends at its line, or at the end of the text where it has
// three quotes.
func (t *tokenizer) skipString(pos int, formatted bool, depth int) int {
	quote := t.text[pos]
	triple := pos+2 < len(t.text) && t.text[pos+1] == quote && t.text[pos+2] == quote
	pos++
	if triple {
		pos += 2
	}
	for pos < len(t.text) {
		switch c := t.text[pos]; {
		case c == '\\':
			pos++
			if pos+1 < len(t.text) && t.text[pos] == '\r' && t.text[pos+1] == '\n' {
				pos++
			}
		case c == quote && !triple:
			return pos + 1
		case c == quote && pos+2 < len(t.text) && t.text[pos+1] == quote && t.text[pos+2] == quote:
			return pos + 3
		case (c == '\n' || c == '\r') && !triple:
			return pos
		case c == '{' && formatted && !t.flat:
			if pos+1 < len(t.text) && t.text[pos+1] == '{' {
				pos++
				break
			}
			pos = t.skipReplacement(pos, depth)
			continue
		}
		pos++
	}
	return min(pos, len(t.text))
}

// skipReplacement gives the offset after the replacement field at pos. From
// Python 3.12 on it may contain the quote of its own string (PEP 701); in its
// format specification, after the colon, a quote is an ordinary character.
func (t *tokenizer) skipReplacement(pos, depth int) int {
	const maxDepth, maxField = 8, 1 << 16
	brackets, spec := 0, false
	for p := pos + 1; p < len(t.text) && p < pos+maxField && depth < maxDepth; p++ {
		switch c := t.text[p]; {
		case c == '}' && brackets == 0:
			return p + 1
		case spec && c == '{':
			p = t.skipReplacement(p, depth+1) - 1
		case spec:
		case c == '(' || c == '[' || c == '{':
			brackets++
		case c == ')' || c == ']' || c == '}':
			brackets--
		case c == ':' && brackets == 0:
			spec = true
		case c == '"' || c == '\'':
			p = t.skipString(p, t.text[p-1] == 'f' || t.text[p-1] == 'F', depth+1) - 1
		}
		if t.flat {
			break
		}
	}
	t.flat = true
	return pos + 1
}

func isNameStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func isNamePart(c byte) bool { return isNameStart(c) || c >= '0' && c <= '9' }
