// SPDX-License-Identifier: MIT

package shell

// compound parses a command that begins with a reserved word or a parenthesis. It returns
// nil if there is a simple command at the position.
func (p *parser) compound() node {
	if p.peek(0) == '(' {
		return p.parentheses()
	}
	k := p.keyword()
	if k == "" || k == "in" {
		return nil
	}
	p.pos += len(k)
	p.spend(len(k))
	switch k {
	case "{":
		g := &group{body: p.commands(false)}
		p.expectKeyword("}")
		return g
	case "if":
		return p.ifs()
	case "while", "until":
		l := &loop{kind: k, test: p.commands(false)}
		p.loopBody(l)
		return l
	case "for", "select":
		return p.forLoop(k)
	case "case":
		return p.cases()
	case "function":
		return p.functionKeyword()
	case "[[":
		c := p.either()
		p.newlines()
		p.expectKeyword("]]")
		return &brackets{c}
	case "coproc":
		return p.coprocess()
	}
	p.fail() // a word that ends a command cannot begin one
	return nil
}

func (p *parser) parentheses() node {
	p.pos++
	if p.peek(0) == '(' {
		p.pos++
		if end, ok := p.scanArithmetic(); ok {
			a := &arithmetic{p.text[p.pos:end]}
			p.pos = end + 2
			return a
		}
		p.pos--
	}
	g := &group{body: p.commands(false), subshell: true}
	p.expect(")")
	return g
}

func (p *parser) ifs() node {
	b := &branch{}
	for !p.failed {
		b.conditions = append(b.conditions, p.commands(false))
		p.expectKeyword("then")
		b.bodies = append(b.bodies, p.commands(false))
		if p.takeKeyword("elif") {
			continue
		}
		if p.takeKeyword("else") {
			b.otherwise = p.commands(false)
		}
		p.expectKeyword("fi")
		return b
	}
	return b
}

// loopBody parses "do ... done", or braces, which bash also accepts.
func (p *parser) loopBody(l *loop) {
	p.newlines()
	if p.takeKeyword("{") {
		l.body = p.commands(false)
		p.expectKeyword("}")
		return
	}
	p.expectKeyword("do")
	l.body = p.commands(false)
	p.expectKeyword("done")
}

func (p *parser) forLoop(kind string) node {
	l := &loop{kind: kind}
	p.blanks()
	if kind == "for" && p.take("((") {
		end, ok := p.scanArithmetic()
		if !ok {
			p.fail()
			return l
		}
		l.kind, l.head = "((", p.text[p.pos:end]
		p.pos = end + 2
	} else {
		n := nameLength(p.text[p.pos:])
		if n == 0 {
			p.fail()
			return l
		}
		l.variable = p.text[p.pos : p.pos+n]
		p.pos += n
		if p.takeKeyword("in") {
			l.given = true
			for p.blanks(); !p.failed && !p.atEnd() && p.peek(0) != ';' && p.peek(0) != '\n'; p.blanks() {
				l.words = append(l.words, p.word())
			}
		}
	}
	p.blanks()
	p.take(";")
	p.loopBody(l)
	return l
}

func (p *parser) cases() node {
	p.blanks()
	c := &choice{value: p.word()}
	p.expectKeyword("in")
	for !p.failed {
		p.newlines()
		if p.takeKeyword("esac") {
			return c
		}
		var a arm
		p.take("(")
		for !p.failed {
			p.blanks()
			a.patterns = append(a.patterns, p.word())
			p.blanks()
			if !p.take("|") {
				break
			}
		}
		p.expect(")")
		a.body = p.commands(false)
		p.newlines()
		for _, end := range [...]string{";;&", ";;", ";&"} {
			if p.take(end) {
				a.end = end
				break
			}
		}
		c.arms = append(c.arms, a)
		if a.end == "" && !p.failed {
			p.expectKeyword("esac")
			return c
		}
	}
	return c
}

func (p *parser) functionKeyword() node {
	p.blanks()
	from := p.pos
	for !p.atEnd() && !isMeta(p.peek(0)) {
		p.pos++
	}
	name := p.text[from:p.pos]
	p.spend(len(name))
	p.blanks()
	if p.take("(") {
		p.blanks()
		p.expect(")")
	}
	if name == "" {
		p.fail()
	}
	return p.functionBody(name)
}

// coprocess parses "coproc command" and "coproc NAME compound".
func (p *parser) coprocess() node {
	p.blanks()
	if n := nameLength(p.text[p.pos:]); n > 0 && p.peek(n) == ' ' && (p.peek(n+1) == '{' || p.peek(n+1) == '(') {
		p.pos += n + 1
	}
	return &aside{p.command()}
}
