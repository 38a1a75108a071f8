// SPDX-License-Identifier: MIT

package syntax

// maxFormat is the depth of nested replacement fields: each one is read once for
// each field around it. CPython allows two levels in a specification, and no program
// nests more than a few strings. A deeper one is taken for a string without an end.
const maxFormat = 10

// startLine goes to the next logical line, and reads its first token.
func (p *parser) startLine() {
	p.brackets = 0
	p.indent = p.nextLine()
	if p.indent < 0 {
		p.set(tokEOF, p.pos, p.pos)
		return
	}
	p.next()
}

// nextLine goes to the next line that is neither blank nor only a comment, and
// returns its indentation, or -1 after the last one. A tab goes to the next
// multiple of 8, and a form feed begins anew, as in CPython's tokenizer.
func (p *parser) nextLine() int {
	text, pos := p.text, p.pos
	column := 0
	for ; pos < len(text); pos++ {
		switch text[pos] {
		case ' ':
			column++
		case '\t':
			column = column/8*8 + 8
		case '\f':
			column = 0
		case '\n':
			p.line++
			column = 0
		case '#':
			pos = lineEnd(text, pos) - 1
		default:
			p.pos = pos
			return column
		}
	}
	p.pos = len(text)
	return -1
}

// skipBlock skips the lines that are indented by more than indent.
func (p *parser) skipBlock(indent int) {
	for p.indent > indent {
		p.skipLine()
		p.startLine()
	}
}

// special has the bytes at which skipLine looks.
var special = [256]bool{
	'\n': true, '#': true, '\\': true, '"': true, '\'': true,
	'(': true, '[': true, '{': true, ')': true, ']': true, '}': true,
}

// skipLine goes to the end of the logical line.
func (p *parser) skipLine() {
	text, pos := p.text, p.pos
	for {
		for pos < len(text) && !special[text[pos]] {
			pos++
		}
		if pos >= len(text) {
			break
		}
		switch text[pos] {
		case '\n':
			if p.brackets == 0 || breaksLine(text, pos+1) {
				p.steps += pos - p.pos
				p.pos = pos
				return
			}
			p.line++
		case '#':
			pos = lineEnd(text, pos)
			continue
		case '\\':
			if at(text, pos+1) == '\n' {
				pos++
				p.line++
			}
		case '"', '\'':
			_, format, raw := prefix(text, pos)
			end, lines, _ := stringEnd(text, pos, format, raw)
			p.line += Line(lines)
			pos = end
			continue
		case '(', '[', '{':
			p.brackets++
		default:
			if p.brackets > 0 {
				p.brackets--
			}
		}
		pos++
	}
	p.steps += len(text) - p.pos
	p.pos = len(text)
}

// stringEnd returns the place after a string, whose opening quote stands at pos,
// the ends of lines in it, and whether it is closed.
func stringEnd(text string, pos int, format, raw bool) (end, lines int, ok bool) {
	q := text[pos]
	triple := at(text, pos+1) == q && at(text, pos+2) == q
	if triple {
		pos += 3
	} else {
		pos++
	}
	if format {
		s := formatScanner{text: text, pos: pos}
		ok := s.literal(quotes{q, triple, raw}, false, 0)
		return s.pos, s.lines, ok
	}
	for ; pos < len(text); pos++ {
		switch text[pos] {
		case '\\':
			pos++
			if at(text, pos) == '\n' {
				lines++
			}
		case '\n':
			if !triple {
				return pos, lines, false
			}
			lines++
		case q:
			if !triple {
				return pos + 1, lines, true
			}
			if at(text, pos+1) == q && at(text, pos+2) == q {
				return pos + 3, lines, true
			}
		}
	}
	return len(text), lines, false
}

// quotes is how a string is quoted.
type quotes struct {
	quote  byte
	triple bool
	raw    bool
}

// formatScanner finds the end of a string with replacement fields (PEP 701).
type formatScanner struct {
	text  string
	pos   int
	lines int
}

// literal goes to the end of the string, or if spec, to the brace that ends the
// format specification. It returns false if there is none.
func (s *formatScanner) literal(q quotes, spec bool, depth int) bool {
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		switch {
		case c == '\\':
			n := escape(s.text[s.pos:], q.raw)
			if n == 2 && s.text[s.pos+1] == '\n' {
				s.lines++
			}
			s.pos += n
		case c == '\n':
			if !q.triple {
				return false
			}
			s.lines++
			s.pos++
		case c == q.quote:
			if !q.triple {
				s.pos++
				return !spec
			}
			if at(s.text, s.pos+1) == c && at(s.text, s.pos+2) == c {
				s.pos += 3
				return !spec
			}
			s.pos++
		case c == '{':
			s.pos++
			if !spec && at(s.text, s.pos) == '{' {
				s.pos++
			} else if !s.field(q, depth+1) {
				return false
			}
		case c == '}' && spec:
			return true
		default:
			s.pos++
		}
	}
	return false
}

// escape returns the length of the escape sequence at the beginning of the text of
// a string with replacement fields. A brace after a backslash keeps its meaning.
func escape(text string, raw bool) int {
	if len(text) < 2 || text[1] == '{' || text[1] == '}' {
		return 1
	}
	if raw || text[1] != 'N' || at(text, 2) != '{' {
		return 2
	}
	n := 3
	for n < len(text) && (inWord(text[n]) || text[n] == ' ' || text[n] == '-') {
		n++
	}
	if at(text, n) == '}' {
		n++
	}
	return n
}

// field goes behind the replacement field that begins before s.pos.
func (s *formatScanner) field(q quotes, depth int) bool {
	if depth > maxFormat {
		return false
	}
	brackets := 0
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		switch c {
		case '\n':
			if breaksLine(s.text, s.pos+1) {
				return false
			}
			s.lines++
		case '#':
			s.pos = lineEnd(s.text, s.pos)
			continue
		case '"', '\'':
			if !s.nested(depth) {
				return false
			}
			continue
		case '(', '[', '{':
			brackets++
		case ')', ']':
			brackets--
		case '}':
			if brackets <= 0 {
				s.pos++
				return true
			}
			brackets--
		case '!':
			if at(s.text, s.pos+1) == '=' {
				s.pos++
			}
		case ':':
			if brackets > 0 {
				break
			}
			s.pos++
			if !s.literal(q, true, depth) {
				return false
			}
			s.pos++
			return true
		}
		s.pos++
	}
	return false
}

// nested goes behind the string whose opening quote stands at s.pos.
func (s *formatScanner) nested(depth int) bool {
	quote := s.pos
	_, format, raw := prefix(s.text, quote)
	if !format {
		end, lines, ok := stringEnd(s.text, quote, false, raw)
		s.pos = end
		s.lines += lines
		return ok
	}
	c := s.text[quote]
	triple := at(s.text, quote+1) == c && at(s.text, quote+2) == c
	s.pos++
	if triple {
		s.pos += 2
	}
	return s.literal(quotes{c, triple, raw}, false, depth)
}
