// SPDX-License-Identifier: MIT

package syntax

// match parses a match statement. It returns nil if the word is a name.
func (p *parser) match(line Line) Stmt {
	saved := p.state
	indent := p.indent
	m := &Match{Line: line}
	p.next()
	if !startsExpr[p.tok.kind] {
		p.state = saved
		return nil
	}
	m.Subject = p.list()
	if !p.failed && p.tok.kind == opColon {
		p.next()
	}
	if p.failed || p.tok.kind != tokNewline {
		p.state = saved
		return nil
	}
	p.startLine()
	if p.indent <= indent || !p.isName("case") {
		p.state = saved
		return nil
	}
	if p.blocks >= maxBlocks {
		p.file.Cut = true
		p.skipBlock(indent)
		return m
	}
	p.blocks++
	for p.indent > indent {
		m.Cases = append(m.Cases, p.oneCase())
	}
	p.blocks--
	return m
}

// oneCase parses a case. One that cannot be parsed matches in an unknown way, and
// has a Bad for its block.
func (p *parser) oneCase() Case {
	indent := p.indent
	c := Case{Line: p.tok.line}
	if p.isName("case") {
		p.next()
		c.Pattern = p.casePattern()
		if p.accept(kwIf) {
			c.Guard = p.named()
		}
		p.expect(opColon)
	} else {
		p.fail()
	}
	if p.failed {
		base := len(p.stmts)
		p.bad(c.Line)
		p.skipBlock(indent)
		return Case{Line: c.Line, Body: p.takeStmts(base)}
	}
	c.Body = p.block(indent)
	return c
}

// casePattern parses a pattern, which looks like an expression.
func (p *parser) casePattern() Expr {
	p.pattern, p.other = true, false
	e := p.list()
	p.pattern = false
	if p.failed || p.other || !kept(e) {
		return nil
	}
	return e
}

// kept reports whether a pattern is of a form that [Case] has.
func kept(e Expr) bool {
	switch e := e.(type) {
	case *String, *Int, *Float, *Constant, *Name:
		return true
	case *Attribute:
		_, ok := e.Value.(*Name)
		return ok || kept(e.Value)
	case *Unary:
		return e.Op == "-" && kept(e.Value)
	case *Binary:
		return e.Op == "|" && kept(e.Left) && kept(e.Right)
	}
	return false
}
