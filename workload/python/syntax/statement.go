// SPDX-License-Identifier: MIT

package syntax

import "strings"

// statements parses the lines that are indented by more than indent. A line that is
// indented more or less than the one before it without need belongs to them.
func (p *parser) statements(indent int) []Stmt {
	base := len(p.stmts)
	for p.indent > indent {
		line, own := p.tok.line, p.indent
		p.statement()
		if p.failed {
			p.bad(line)
			p.skipBlock(own)
		}
	}
	return p.takeStmts(base)
}

// bad takes the logical line in which the parser failed as a Bad, and goes to the
// next one.
func (p *parser) bad(line Line) {
	p.push(&Bad{line})
	p.failed = false
	p.skipLine()
	p.startLine()
}

func (p *parser) push(s Stmt) { p.stmts = append(p.stmts, s) }

// block parses what follows the colon of a compound statement, whose line is
// indented by indent.
func (p *parser) block(indent int) []Stmt {
	if p.failed {
		return nil
	}
	if p.tok.kind != tokNewline {
		return p.inline()
	}
	p.startLine()
	if p.blocks >= maxBlocks {
		p.file.Cut = true
		p.skipBlock(indent)
		return nil
	}
	p.blocks++
	list := p.statements(indent)
	p.blocks--
	return list
}

// inline parses a block that stands on the line of its header.
func (p *parser) inline() []Stmt {
	base := len(p.stmts)
	line := p.tok.line
	p.simpleLine()
	if p.failed {
		p.bad(line)
	}
	return p.takeStmts(base)
}

// simpleLine parses a logical line of simple statements.
func (p *parser) simpleLine() {
	for {
		s := p.simple()
		if p.tok.kind != tokNewline && p.tok.kind != opSemicolon {
			p.fail()
			return
		}
		p.push(s)
		p.accept(opSemicolon)
		if p.tok.kind == tokNewline {
			p.startLine()
			return
		}
	}
}

// simple parses a statement without a block.
func (p *parser) simple() Stmt {
	line := p.tok.line
	switch p.tok.kind {
	case tokName:
		if s := p.wordStatement(line); s != nil {
			return s
		}
		return p.exprStatement(line)
	case kwPass:
		p.next()
		return &Pass{line}
	case kwBreak:
		p.next()
		return &Break{line}
	case kwContinue:
		p.next()
		return &Continue{line}
	case kwReturn:
		p.next()
		r := p.nodes.returns.new()
		r.Line = line
		if startsExpr[p.tok.kind] || p.tok.kind == kwYield {
			r.Value = p.value()
		}
		return r
	case kwRaise:
		return p.raise(line)
	case kwImport:
		p.next()
		return &Import{line, p.aliases(true)}
	case kwFrom:
		return p.importFrom(line)
	case kwGlobal:
		return p.global(line, false)
	case kwDel:
		p.next()
		d := &Delete{Line: line, Targets: []Expr{p.list()}}
		if t, ok := d.Targets[0].(*Sequence); ok && t.Kind == Tuple {
			d.Targets = t.Items
		}
		return d
	case kwAssert:
		p.next()
		a := &Assert{line, p.expr()}
		if p.accept(opComma) {
			p.expr()
		}
		return a
	}
	return p.exprStatement(line)
}

// exprStatement parses an expression or an assignment.
func (p *parser) exprStatement(line Line) Stmt {
	first := p.value()
	switch p.tok.kind {
	case opAssign:
		base := len(p.exprs)
		value := first
		for p.accept(opAssign) {
			p.exprs = append(p.exprs, value)
			value = p.value()
		}
		a := p.nodes.assigns.new()
		a.Line, a.Targets, a.Value = line, p.takeExprs(base), value
		return a
	case opAugAssign:
		op := strings.TrimSuffix(p.source(p.tok), "=")
		p.next()
		return &AugAssign{line, first, op, p.value()}
	case opColon:
		switch first.(type) {
		case *Name, *Attribute, *Subscript:
		default:
			p.fail()
			return nil
		}
		p.next()
		a := p.nodes.assigns.new()
		a.Line, a.Annotation = line, p.expr()
		a.Targets = p.nodes.exprs.copy([]Expr{first})
		if p.accept(opAssign) {
			a.Value = p.value()
		}
		return a
	}
	s := p.nodes.exprStmts.new()
	s.Line, s.Value = line, first
	return s
}

// raise parses also Python 2's raise class, argument, traceback.
func (p *parser) raise(line Line) Stmt {
	p.next()
	r := &Raise{Line: line}
	if !startsExpr[p.tok.kind] {
		return r
	}
	r.Value = p.expr()
	if p.accept(kwFrom) {
		p.expr()
		return r
	}
	if !p.accept(opComma) {
		return r
	}
	c := p.nodes.calls.new()
	c.Line, c.Function = line, r.Value
	c.Arguments = []Argument{{Value: p.expr()}}
	r.Value = c
	if p.accept(opComma) {
		p.expr()
	}
	return r
}

func (p *parser) global(line Line, nonlocal bool) Stmt {
	p.next()
	g := &Global{Line: line, Nonlocal: nonlocal}
	for {
		g.Names = append(g.Names, p.identifier())
		if !p.accept(opComma) {
			return g
		}
	}
}
