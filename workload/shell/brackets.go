// SPDX-License-Identifier: MIT

package shell

// either parses conditions of [[ ]] with || between them.
func (p *parser) either() *condition {
	if !p.enter() {
		return nil
	}
	defer p.leave()
	left := p.both()
	for n := 0; p.more("||", n); n++ {
		left = &condition{op: "||", left: left, right: p.both()}
	}
	return left
}

func (p *parser) both() *condition {
	left := p.negated()
	for n := 0; p.more("&&", n); n++ {
		left = &condition{op: "&&", left: left, right: p.negated()}
	}
	return left
}

// more passes an operator between conditions. The conditions are nested in the tree, so
// that maxNest bounds them.
func (p *parser) more(op string, n int) bool {
	p.newlines()
	if n > maxNest {
		p.fail()
	}
	return !p.failed && p.take(op)
}

func (p *parser) negated() *condition {
	not := false
	for p.newlines(); p.keyword() == "!"; p.newlines() {
		p.pos++
		not = !not
	}
	c := p.primary()
	if not {
		return &condition{op: "!", left: c}
	}
	return c
}

func (p *parser) primary() *condition {
	if p.take("(") {
		c := p.either()
		p.newlines()
		p.expect(")")
		return c
	}
	first := p.word()
	p.newlines()
	ends := func() bool {
		return p.failed || p.atEnd() || p.follows("]]") || p.follows("&&") || p.follows("||") || p.peek(0) == ')'
	}
	if ends() {
		return &condition{a: first}
	}
	if op := first.bare(); len(op) == 2 && op[0] == '-' {
		return &condition{op: op, a: p.word()}
	}
	var op string
	if c := p.peek(0); c == '<' || c == '>' {
		op = string(rune(c))
		p.pos++
	} else {
		op = p.word().bare()
	}
	p.newlines()
	if op == "=~" {
		p.expression()
		return &condition{op: op, a: first}
	}
	if ends() {
		p.fail()
		return nil
	}
	return &condition{op: op, a: first, b: p.word()}
}

// expression passes a regular expression. It may have blanks only in parentheses and
// quotes.
func (p *parser) expression() {
	depth, from := 0, p.pos
	for ; !p.atEnd(); p.pos++ {
		switch c := p.peek(0); {
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case c == '\\':
			p.pos++
		case c == '\'' || c == '"':
			p.pos++
			for !p.atEnd() && p.peek(0) != c {
				p.pos++
			}
		case c == '\n' || depth <= 0 && (c == ' ' || c == '\t'):
			p.spend(p.pos - from)
			return
		}
	}
	p.pos = len(p.text)
}
