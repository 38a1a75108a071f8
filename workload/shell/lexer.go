// SPDX-License-Identifier: MIT

package shell

import "strings"

// A parser reads a text once, from its first byte to its last.
type parser struct {
	*bounds
	text    string
	pos     int
	failed  bool
	nest    int // see maxNest
	pending []*hereText

	// These fields have the last position that was asked for, and its line.
	line    int
	counted int
}

// newParser returns a parser for a text that begins at a line, 1-based.
func newParser(b *bounds, text string, line int) *parser {
	// bash ignores NUL bytes. Some editors write carriage returns, which would be part
	// of the last word of each line.
	if strings.IndexByte(text, 0) >= 0 {
		text = strings.ReplaceAll(text, "\x00", "")
	}
	if strings.IndexByte(text, '\r') >= 0 {
		text = strings.ReplaceAll(text, "\r\n", "\n")
	}
	return &parser{bounds: b, text: text, line: line}
}

// fail ends the parsing: the rest of the text is not understood.
func (p *parser) fail() {
	p.failed = true
	p.pos = len(p.text)
}

// enter counts the nesting of the text.
func (p *parser) enter() bool {
	p.nest++
	if p.nest > maxNest || p.work > maxWork {
		p.fail()
	}
	return !p.failed
}

func (p *parser) leave() { p.nest-- }

func (p *parser) atEnd() bool { return p.pos >= len(p.text) }

// peek returns the byte at an offset from the position, or 0 after the end.
func (p *parser) peek(offset int) byte {
	if p.pos+offset < len(p.text) {
		return p.text[p.pos+offset]
	}
	return 0
}

func (p *parser) follows(s string) bool { return strings.HasPrefix(p.text[p.pos:], s) }

// take moves the position after s if the text has s at the position.
func (p *parser) take(s string) bool {
	if !p.follows(s) {
		return false
	}
	p.pos += len(s)
	return true
}

// expect is like take, but fails if the text is not there.
func (p *parser) expect(s string) {
	if !p.take(s) {
		p.fail()
	}
}

// lineAt returns the line of a position.
func (p *parser) lineAt(pos int) int {
	if pos >= p.counted {
		p.line += strings.Count(p.text[p.counted:pos], "\n")
	} else {
		p.line -= strings.Count(p.text[pos:p.counted], "\n")
	}
	p.counted = pos
	return p.line
}

// blanks passes blanks, continued lines and a comment.
func (p *parser) blanks() {
	from := p.pos
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == ' ' || c == '\t':
			p.pos++
		case c == '\\' && p.peek(1) == '\n':
			p.pos += 2
		case c == '#':
			p.pos = endOfLine(p.text, p.pos)
		default:
			p.spend(p.pos - from)
			return
		}
	}
	p.spend(p.pos - from)
}

// newlines passes blanks and ends of lines, with the here-documents after them.
func (p *parser) newlines() {
	for {
		p.blanks()
		if p.peek(0) != '\n' {
			return
		}
		p.newline()
	}
}

func (p *parser) newline() {
	p.pos++
	p.spend(1)
	if len(p.pending) > 0 {
		p.hereTexts()
	}
}

// endOfLine returns the position of the next newline, or the end of the text.
func endOfLine(text string, pos int) int {
	if i := strings.IndexByte(text[pos:], '\n'); i >= 0 {
		return pos + i
	}
	return len(text)
}

// isMeta reports whether a byte that is not quoted ends a word.
func isMeta(c byte) bool {
	switch c {
	case ' ', '\t', '\n', ';', '&', '|', '(', ')', '<', '>':
		return true
	}
	return false
}

// keyword returns the reserved word at the position, or "" if there is none.
func (p *parser) keyword() string {
	end := p.pos
	for end < len(p.text) && end-p.pos <= len("function") && !isMeta(p.text[end]) {
		end++
	}
	switch s := p.text[p.pos:end]; s {
	case "if", "then", "elif", "else", "fi", "for", "select", "while", "until", "do", "done",
		"case", "in", "esac", "function", "time", "coproc", "{", "}", "!", "[[", "]]":
		return s
	}
	return ""
}

// takeKeyword passes ends of lines and moves the position after a reserved word.
func (p *parser) takeKeyword(s string) bool {
	p.newlines()
	if p.keyword() != s {
		return false
	}
	p.pos += len(s)
	p.spend(len(s))
	return true
}

func (p *parser) expectKeyword(s string) {
	if !p.takeKeyword(s) {
		p.fail()
	}
}

// closes reports whether the text at the position ends the list before it.
func (p *parser) closes() bool {
	switch p.peek(0) {
	case ')':
		return true
	case ';':
		return p.peek(1) == ';' || p.peek(1) == '&'
	}
	switch p.keyword() {
	case "then", "elif", "else", "fi", "do", "done", "esac", "}":
		return true
	}
	return false
}

// scanArithmetic returns the position of the "))" that closes the "((" before the
// position. It returns false if there is none. Then two subshells begin there.
func (p *parser) scanArithmetic() (int, bool) {
	depth, i := 0, p.pos
	defer func() { p.spend(i - p.pos) }()
	for ; i < len(p.text); i++ {
		switch c := p.text[i]; c {
		case '(':
			depth++
		case ')':
			if depth == 0 {
				return i, i+1 < len(p.text) && p.text[i+1] == ')'
			}
			depth--
		case '\\':
			i++
		case '\'', '"':
			end := strings.IndexByte(p.text[i+1:], c)
			if end < 0 {
				p.fail()
				return 0, false
			}
			i += end + 1
		}
	}
	i = len(p.text)
	p.fail()
	return 0, false
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func isVariable(s string) bool {
	return s != "" && nameLength(s) == len(s)
}

// nameLength returns the number of bytes at the beginning of s that form a name.
func nameLength(s string) int {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return i
		}
	}
	return len(s)
}
