// SPDX-License-Identifier: MIT

package syntax

// decorated parses decorators and the definition after them.
func (p *parser) decorated(line Line) Stmt {
	base := len(p.exprs)
	for p.accept(opAt) {
		p.exprs = append(p.exprs, p.named())
		if p.failed || p.tok.kind != tokNewline {
			p.exprs = p.exprs[:base]
			p.fail()
			return nil
		}
		p.startLine()
	}
	decorators := p.takeExprs(base)
	var s Stmt
	switch {
	case p.tok.kind == kwDef:
		s = p.def(p.tok.line, decorators, false)
	case p.tok.kind == kwClass:
		s = p.class(p.tok.line, decorators)
	case p.isName("async"):
		s = p.async(p.tok.line, decorators)
	}
	if s == nil && !p.failed {
		return &Bad{line}
	}
	return s
}

// async parses what the word begins. It returns nil if the word is a name.
func (p *parser) async(line Line, decorators []Expr) Stmt {
	saved := p.state
	p.next()
	switch {
	case p.tok.kind == kwDef:
		return p.def(line, decorators, true)
	case p.tok.kind == kwFor && decorators == nil:
		return p.forStatement(line)
	case p.tok.kind == kwWith && decorators == nil:
		return p.with(line)
	}
	p.state = saved
	return nil
}

func (p *parser) def(line Line, decorators []Expr, async bool) Stmt {
	indent := p.indent
	f := p.nodes.functions.new()
	f.Async = async
	p.next()
	f.Name = p.identifier()
	p.typeParameters()
	p.expect(opLeftParen)
	f.Parameters = p.parameters(opRightParen)
	p.expect(opRightParen)
	if p.accept(opArrow) {
		p.expr()
	}
	p.expect(opColon)
	if p.failed {
		return nil
	}
	p.body(f, indent)
	d := p.nodes.defs.new()
	d.Line, d.Function, d.Decorators = line, f, decorators
	return d
}

func (p *parser) class(line Line, decorators []Expr) Stmt {
	indent := p.indent
	c := &Class{Line: line, Decorators: decorators}
	p.next()
	c.Name = p.identifier()
	p.typeParameters()
	if p.tok.kind == opLeftParen {
		c.Arguments = p.arguments()
	}
	p.expect(opColon)
	c.Body = p.block(indent)
	return c
}

func (p *parser) lambda() Expr {
	n := &Lambda{p.tok.line, p.nodes.functions.new()}
	outer := p.generator
	p.generator = false
	p.next()
	n.Parameters = p.parameters(opColon)
	p.expect(opColon)
	n.Result = p.expr()
	n.Generator, p.generator = p.generator, outer
	return n
}

// parameters parses parameters up to the token end.
func (p *parser) parameters(end kind) []Parameter {
	base := len(p.params)
	sort := uint8(Plain)
	for p.tok.kind != end && !p.failed {
		switch p.tok.kind {
		case opSlash:
			p.slash(base)
		case opStar:
			sort = Keyword
			if p.next(); p.tok.kind != opComma {
				p.parameter(Star, end)
			}
		case opStarStar:
			p.next()
			p.parameter(StarStar, end)
		default:
			p.parameter(sort, end)
		}
		if !p.accept(opComma) {
			break
		}
	}
	list := p.nodes.params.copy(p.params[base:])
	p.params = p.params[:base]
	return list
}

// slash parses the slash after positional parameters. There is at most one.
func (p *parser) slash(base int) {
	list := p.params[base:]
	if len(list) == 0 || list[0].Kind == Positional {
		p.fail()
		return
	}
	for i := range list {
		list[i].Kind = Positional
	}
	p.next()
}

// parameter parses one parameter. Python 2's tuple of parameters has the name "".
func (p *parser) parameter(sort uint8, end kind) {
	q := Parameter{Kind: sort}
	if sort == Plain && p.tok.kind == opLeftParen {
		p.balanced()
	} else {
		q.Name = p.identifier()
	}
	if end != opColon && p.accept(opColon) {
		q.Annotation = p.element()
	}
	if p.accept(opAssign) {
		q.Default = p.expr()
	}
	p.params = append(p.params, q)
}
