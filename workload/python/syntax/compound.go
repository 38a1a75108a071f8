// SPDX-License-Identifier: MIT

package syntax

// statement parses a statement, or a logical line of simple ones.
func (p *parser) statement() {
	line := p.tok.line
	var s Stmt
	switch p.tok.kind {
	case kwIf:
		s = p.ifStatement()
	case kwFor:
		s = p.forStatement(line)
	case kwWhile:
		s = p.whileStatement(line)
	case kwTry:
		s = p.try(line)
	case kwWith:
		s = p.with(line)
	case kwDef:
		s = p.def(line, nil, false)
	case kwClass:
		s = p.class(line, nil)
	case opAt:
		s = p.decorated(line)
	case tokName:
		switch p.source(p.tok) {
		case "async":
			s = p.async(line, nil)
		case "match":
			s = p.match(line)
		}
	default:
		p.simpleLine()
		return
	}
	if p.failed {
		return
	}
	if s == nil {
		p.simpleLine()
		return
	}
	p.push(s)
}

// clause parses the header of a further clause of the statement that is indented by
// indent. If it fails, the statement ends before the clause.
func (p *parser) clause(k kind, indent int, header func()) bool {
	if p.tok.kind != k || p.indent != indent {
		return false
	}
	saved := p.state
	p.next()
	if header != nil {
		header()
	}
	p.expect(opColon)
	if p.failed {
		p.state = saved
		return false
	}
	return true
}

// ifStatement goes through the arms one after the other, since each one stands in
// the Else of the one before.
func (p *parser) ifStatement() Stmt {
	indent := p.indent
	first := p.nodes.ifs.new()
	first.Line = p.tok.line
	p.next()
	first.Test = p.named()
	p.expect(opColon)
	first.Body = p.block(indent)
	if p.failed {
		return nil
	}
	for arm := first; ; {
		line := p.tok.line
		var test Expr
		if !p.clause(kwElif, indent, func() { test = p.named() }) {
			arm.Else = p.elseClause(indent)
			return first
		}
		next := p.nodes.ifs.new()
		next.Line, next.Test, next.Body = line, test, p.block(indent)
		arm.Else = p.nodes.stmts.copy([]Stmt{next})
		arm = next
	}
}

func (p *parser) elseClause(indent int) []Stmt {
	if !p.clause(kwElse, indent, nil) {
		return nil
	}
	return p.block(indent)
}

func (p *parser) forStatement(line Line) Stmt {
	indent := p.indent
	f := &For{Line: line}
	p.next()
	f.Target = p.target()
	p.expect(kwIn)
	f.Iter = p.list()
	f.Body, f.Else = p.loopBody(indent)
	return f
}

func (p *parser) whileStatement(line Line) Stmt {
	indent := p.indent
	w := &While{Line: line}
	p.next()
	w.Test = p.named()
	w.Body, w.Else = p.loopBody(indent)
	return w
}

// loopBody parses a loop from its colon on.
func (p *parser) loopBody(indent int) (body, otherwise []Stmt) {
	p.expect(opColon)
	body = p.block(indent)
	if !p.failed {
		otherwise = p.elseClause(indent)
	}
	return body, otherwise
}

func (p *parser) try(line Line) Stmt {
	indent := p.indent
	t := &Try{Line: line}
	p.next()
	p.expect(opColon)
	t.Body = p.block(indent)
	if p.failed {
		return nil
	}
	for {
		h := Handler{Line: p.tok.line}
		if !p.clause(kwExcept, indent, func() { p.handler(&h) }) {
			break
		}
		h.Body = p.block(indent)
		t.Handlers = append(t.Handlers, h)
	}
	t.Else = p.elseClause(indent)
	if p.clause(kwFinally, indent, nil) {
		t.Finally = p.block(indent)
	}
	return t
}

// handler parses the header of an except clause.
func (p *parser) handler(h *Handler) {
	p.accept(opStar)
	if p.tok.kind == opColon {
		return
	}
	line := p.tok.line
	h.Type = p.expr()
	if p.tok.kind == opComma {
		p.types(h, line)
	}
	if p.accept(kwAs) {
		h.Name = p.identifier()
	}
}

// types parses what follows the first type and a comma: Python 2's target, or more
// types (PEP 758). A name in lower case is taken for the target.
func (p *parser) types(h *Handler, line Line) {
	first := h.Type
	tuple := p.sequence(line, Tuple, first, p.expr)
	h.Type = tuple
	if len(tuple.Items) != 2 {
		return
	}
	switch second := tuple.Items[1].(type) {
	case *Name:
		if second.ID[0] >= 'a' && second.ID[0] <= 'z' || second.ID[0] == '_' {
			h.Type, h.Name = first, second.ID
		}
	case *Sequence:
		h.Type = first
	}
}

// with parses a with statement. Parentheses around the items are one expression if
// no colon follows them.
func (p *parser) with(line Line) Stmt {
	indent := p.indent
	w := &With{Line: line}
	p.next()
	saved := p.state
	if p.accept(opLeftParen) {
		w.Items = p.withItems(opRightParen)
		p.expect(opRightParen)
	}
	if w.Items == nil || p.failed || p.tok.kind != opColon {
		p.state = saved
		w.Items = p.withItems(opColon)
	}
	p.expect(opColon)
	w.Body = p.block(indent)
	return w
}

func (p *parser) withItems(end kind) []WithItem {
	var items []WithItem
	for p.tok.kind != end && !p.failed {
		item := WithItem{Context: p.named()}
		if p.accept(kwAs) {
			item.Target = p.element()
		}
		items = append(items, item)
		if !p.accept(opComma) {
			break
		}
	}
	return items
}
