// SPDX-License-Identifier: MIT

package shell

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// dollar parses a part that begins with "$".
func (p *parser) dollar(m place) part {
	p.pos++
	switch c := p.peek(0); {
	case p.atEnd():
		return p.itself()
	case c == '\'' && !m.quotes():
		return part{kind: quoted, text: p.escaped()}
	case c == '"' && !m.quotes():
		return p.double()
	case c == '(':
		return p.substitution()
	case c == '{':
		p.pos++
		return p.parameter(m)
	case c >= '0' && c <= '9' || strings.IndexByte("@*#?$!-", c) >= 0:
		p.pos++
		p.spend(1)
		return part{kind: parameter, param: &param{name: p.text[p.pos-1 : p.pos]}}
	}
	n := nameLength(p.text[p.pos:])
	if n == 0 {
		return p.itself()
	}
	p.pos += n
	p.spend(n)
	return part{kind: parameter, param: &param{name: p.text[p.pos-n : p.pos]}}
}

// itself parses a "$" that is only a dollar sign.
func (p *parser) itself() part { return part{kind: quoted, text: "$"} }

// substitution parses $(...) and $((...)).
func (p *parser) substitution() part {
	p.pos++
	p.spend(1)
	if p.peek(0) == '(' {
		p.pos++
		if end, ok := p.scanArithmetic(); ok {
			text := p.text[p.pos:end]
			p.pos = end + 2
			return part{kind: number, text: text}
		}
		p.pos--
	}
	if p.failed {
		return part{}
	}
	return part{kind: command, param: &param{list: p.inside(')')}}
}

// parameter parses ${...} after its brace.
func (p *parser) parameter(m place) part {
	if !p.enter() {
		return part{}
	}
	defer p.leave()
	v := &param{}
	if c := p.peek(1); p.peek(0) == '#' && c != '}' {
		v.length = true
		p.pos++
	} else if p.peek(0) == '!' && c != '}' {
		v.indirect = true
		p.pos++
	}
	switch c, n := p.peek(0), nameLength(p.text[p.pos:]); {
	case n > 0:
		v.name = p.text[p.pos : p.pos+n]
	case c >= '0' && c <= '9':
		for c := p.peek(n); c >= '0' && c <= '9'; c = p.peek(n) {
			n++
		}
		v.name = p.text[p.pos : p.pos+n]
	case c != 0 && strings.IndexByte("@*#?$!-", c) >= 0:
		v.name = p.text[p.pos : p.pos+1]
	default:
		p.fail()
		return part{}
	}
	p.pos += len(v.name)
	p.spend(len(v.name))
	if p.peek(0) == '[' {
		end := p.scanIndex(p.pos, true)
		if end < 0 {
			p.fail()
			return part{}
		}
		v.index, v.indexed = p.text[p.pos+1:end], true
		p.pos = end + 1
	}
	p.operator(v, m)
	p.expect("}")
	return part{kind: parameter, param: v}
}

// operators has the operators of ${...}. A longer operator comes before its own prefixes.
var operators = []string{
	":-", ":=", ":+", ":?", ":", "-", "=", "+", "?",
	"##", "#", "%%", "%", "//", "/#", "/%", "/", "^^", "^", ",,", ",", "@", "*",
}

func (p *parser) operator(v *param, m place) {
	for _, op := range operators {
		if p.take(op) {
			v.op = op
			break
		}
	}
	p.spend(len(v.op))
	text, pattern := inBraces, inPattern
	if m.quotes() {
		text, pattern = inBracesOf, inPatternOf
	}
	switch v.op {
	case "":
		return
	case "/", "//", "/#", "/%":
		v.arg = p.parts(pattern)
		if p.take("/") {
			v.with = p.parts(text)
		}
	case "#", "##", "%", "%%":
		// In a pattern, quotes count even if the whole expansion is in quotes.
		v.arg = p.parts(inBraces)
	default:
		v.arg = p.parts(text)
	}
}

// escaped parses $'...' at its quote.
func (p *parser) escaped() string {
	p.pos++
	var b strings.Builder
	for !p.atEnd() {
		c := p.peek(0)
		p.pos++
		p.spend(1)
		if c == '\'' {
			return b.String()
		}
		if c != '\\' {
			b.WriteByte(c)
			continue
		}
		p.escapeOfC(&b)
	}
	p.fail()
	return ""
}

// escapeOfC parses the characters after a backslash in $'...' (bash(1), "QUOTING").
func (p *parser) escapeOfC(b *strings.Builder) {
	if p.atEnd() {
		return
	}
	c := p.peek(0)
	p.pos++
	if i := strings.IndexByte("abeEfnrtv", c); i >= 0 && c != 0 {
		b.WriteByte("\a\b\x1b\x1b\f\n\r\t\v"[i])
		return
	}
	digits, base, most := "", 16, 0
	switch {
	case c == 'x':
		most = 2
	case c == 'u':
		most = 4
	case c == 'U':
		most = 8
	case c >= '0' && c <= '7':
		p.pos--
		base, most = 8, 3
	case c == '\\' || c == '\'' || c == '"' || c == '?':
		b.WriteByte(c)
		return
	default:
		b.WriteByte('\\')
		if c != 0 {
			b.WriteByte(c)
		}
		return
	}
	for len(digits) < most {
		d := p.peek(0)
		if _, err := strconv.ParseUint(string(rune(d)), base, 8); err != nil {
			break
		}
		digits += string(rune(d))
		p.pos++
	}
	n, err := strconv.ParseUint(digits, base, 32)
	switch {
	case err != nil:
		b.WriteByte('\\')
		b.WriteByte(c)
	case n == 0: // a word of a shell cannot have a NUL byte
	case c == 'u' || c == 'U':
		b.WriteString(string(utf8.AppendRune(nil, rune(n))))
	default:
		b.WriteByte(byte(n))
	}
}
