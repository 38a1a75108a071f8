// SPDX-License-Identifier: MIT

package syntax

import (
	"strconv"
	"strings"
)

// number parses a number. An imaginary one is a call of complex.
func (p *parser) number() Expr {
	t := p.tok
	p.next()
	s := p.source(t)
	if strings.IndexByte(s, '_') >= 0 {
		s = strings.ReplaceAll(s, "_", "")
	}
	last := s[len(s)-1] | 0x20
	if last == 'j' {
		f, _ := strconv.ParseFloat(s[:len(s)-1], 64)
		return p.call(t.line, "complex", Argument{Value: &Int{Line: t.line}}, Argument{Value: &Float{t.line, f}})
	}
	if last == 'l' {
		s = s[:len(s)-1]
	}
	base, digits := 10, s
	if len(s) > 1 && s[0] == '0' {
		switch s[1] | 0x20 {
		case 'x':
			base, digits = 16, s[2:]
		case 'o':
			base, digits = 8, s[2:]
		case 'b':
			base, digits = 2, s[2:]
		default:
			if strings.Trim(s, "01234567") == "" { // Python 2, and zeros in Python 3
				base = 8
			}
		}
	}
	if i, err := strconv.ParseInt(digits, base, 64); err == nil {
		n := p.nodes.ints.new()
		n.Line, n.Value = t.line, i
		return n
	}
	if base == 10 {
		// The error is of a number beyond the range, and the result is infinite then,
		// as in Python.
		f, _ := strconv.ParseFloat(s, 64)
		return &Float{t.line, f}
	}
	f := 0.0
	for _, c := range []byte(digits) {
		d, err := strconv.ParseUint(string(rune(c)), base, 8)
		if err != nil {
			p.fail()
			return nil
		}
		f = f*float64(base) + float64(d)
	}
	if digits == "" {
		p.fail()
		return nil
	}
	return &Float{t.line, f}
}

// literal is a string literal without its prefix and its quotes.
type literal struct {
	quotes
	format, bytes bool
	start, end    int
}

func (p *parser) literal(t token) literal {
	l := literal{start: int(t.start), end: int(t.end)}
	for {
		switch c := p.text[l.start] | 0x20; c {
		case 'r':
			l.raw = true
		case 'b':
			l.bytes = true
		case 'f', 't':
			l.format = true
		case 'u':
		default:
			l.quote = p.text[l.start]
			n := 1
			if l.end-l.start >= 6 && p.text[l.start+1] == l.quote && p.text[l.start+2] == l.quote {
				l.triple = true
				n = 3
			}
			l.start += n
			l.end -= n
			return l
		}
		l.start++
	}
}

// plain returns the value of a literal without replacement fields.
func (p *parser) plain(l literal) string {
	s := p.text[l.start:l.end]
	if l.raw || strings.IndexByte(s, '\\') < 0 {
		return s
	}
	return unescape(s, l.bytes)
}

// strings parses adjacent string literals.
func (p *parser) strings() Expr {
	t := p.tok
	l := p.literal(t)
	if !l.format {
		value := p.plain(l)
		p.next()
		if p.tok.kind != tokString {
			return p.stringNode(t.line, value, l.bytes)
		}
		return p.joined(t.line, value, l.bytes)
	}
	return p.joined(t.line, "", false)
}

func (p *parser) stringNode(line Line, value string, bytes bool) Expr {
	n := p.nodes.strings.new()
	n.Line, n.Value, n.Bytes = line, value, bytes
	return n
}

// joined parses the literals from the token on, which continue the value.
func (p *parser) joined(line Line, value string, bytes bool) Expr {
	base := len(p.exprs)
	j := joiner{parser: p, line: line}
	j.text.WriteString(value)
	for p.tok.kind == tokString {
		l := p.literal(p.tok)
		bytes = bytes || l.bytes
		if l.format {
			p.format(&j, l)
		} else {
			j.text.WriteString(p.plain(l))
		}
		p.next()
	}
	if len(p.exprs) == base {
		return p.stringNode(line, j.text.String(), bytes)
	}
	j.flush()
	return &Format{line, p.takeExprs(base)}
}

// joiner gathers the parts of a Format in parser.exprs.
type joiner struct {
	parser *parser
	line   Line // where the text begins
	text   strings.Builder
}

func (j *joiner) flush() {
	if j.text.Len() == 0 {
		return
	}
	p := j.parser
	p.exprs = append(p.exprs, p.stringNode(j.line, j.text.String(), false))
	j.text.Reset()
}

// format parses a literal with replacement fields.
func (p *parser) format(j *joiner, l literal) {
	saved := p.state
	p.text = p.text[:l.end]
	p.line = p.tok.line
	pos, start := l.start, l.start
	write := func(end int) {
		s := p.text[start:end]
		if !l.raw && strings.IndexByte(s, '\\') >= 0 {
			s = unescape(s, false)
		}
		j.text.WriteString(s)
	}
	for pos < l.end && !p.failed {
		switch c := p.text[pos]; c {
		case '\\':
			n := escape(p.text[pos:], l.raw)
			if n == 2 && p.text[pos+1] == '\n' {
				p.line++
			}
			pos += n
		case '{', '}':
			if at(p.text, pos+1) == c {
				write(pos + 1)
				pos += 2
				start = pos
				break
			}
			write(pos)
			pos++
			if c == '{' {
				pos = p.replacement(j, l, pos)
			}
			start = pos
		case '\n':
			p.line++
			pos++
		default:
			pos++
		}
	}
	failed := p.failed
	if !failed {
		write(l.end)
	}
	p.state = saved
	if failed {
		p.fail()
	}
}

// replacement parses the replacement field at pos, and returns the place after it.
func (p *parser) replacement(j *joiner, l literal, pos int) int {
	if !p.enter() {
		return pos
	}
	p.pos, p.brackets, p.field = pos, 1, true
	p.next()
	line := p.tok.line
	value := p.value()
	formatted := false
	if p.tok.kind == opAssign {
		p.next()
		j.text.WriteString(p.text[pos:p.tok.start])
		formatted = true
	}
	j.flush()
	if p.accept(opBang) {
		p.expect(tokName)
		formatted = true
	}
	if p.tok.kind == opColon {
		s := formatScanner{text: p.text, pos: int(p.tok.end)}
		if !s.literal(l.quotes, true, 1) {
			p.fail()
		}
		p.line += Line(s.lines)
		p.pos = s.pos
		p.next()
		formatted = true
	}
	if p.tok.kind != opRightBrace {
		p.fail()
	}
	if formatted {
		value = &FormatField{line, value}
	}
	p.exprs = append(p.exprs, value)
	j.line = p.line
	p.nesting--
	return int(p.tok.end)
}
