// SPDX-License-Identifier: MIT

package syntax

func (p *parser) atom() Expr {
	t := p.tok
	switch t.kind {
	case tokName:
		n := p.nodes.names.new()
		n.Line, n.ID = t.line, p.source(t)
		p.next()
		return n
	case tokNumber:
		return p.number()
	case tokString:
		return p.strings()
	case kwNone, kwTrue, kwFalse, opEllipsis:
		n := p.nodes.constants.new()
		n.Line, n.Value = t.line, p.source(t)
		p.next()
		return n
	case opLeftParen:
		p.next()
		return p.parentheses(t.line)
	case opLeftBracket:
		p.next()
		return p.display(t.line)
	case opLeftBrace:
		p.next()
		return p.braces(t.line)
	case opBacktick:
		return p.backticks()
	}
	p.fail()
	return nil
}

// call returns a call of a function that is named.
func (p *parser) call(line Line, name string, arguments ...Argument) Expr {
	n := p.nodes.names.new()
	n.Line, n.ID = line, name
	c := p.nodes.calls.new()
	c.Line, c.Function, c.Arguments = line, n, arguments
	return c
}

// backticks parses `value`, Python 2's repr(value).
func (p *parser) backticks() Expr {
	line := p.tok.line
	p.next()
	value := p.nested(p.list)
	p.expect(opBacktick)
	return p.call(line, "repr", Argument{Value: value})
}

// nested parses what stands between brackets of any kind.
func (p *parser) nested(parse func() Expr) Expr {
	if !p.enter() {
		return nil
	}
	e := parse()
	p.nesting--
	return e
}

func (p *parser) parentheses(line Line) Expr {
	if p.accept(opRightParen) {
		n := p.nodes.sequences.new()
		n.Line, n.Kind = line, Tuple
		return n
	}
	var e Expr
	if p.tok.kind == kwYield {
		e = p.nested(p.yield)
	} else {
		e = p.element()
		if p.isLoop() {
			e = p.comprehension(line, Generator, e, nil)
		} else if p.tok.kind == opComma {
			e = p.sequence(line, Tuple, e, p.element)
		}
	}
	p.expect(opRightParen)
	return e
}

func (p *parser) display(line Line) Expr {
	if p.accept(opRightBracket) {
		n := p.nodes.sequences.new()
		n.Line, n.Kind = line, List
		return n
	}
	var e Expr
	first := p.element()
	if p.isLoop() {
		e = p.comprehension(line, List, first, nil)
	} else {
		e = p.sequence(line, List, first, p.element)
	}
	p.expect(opRightBracket)
	return e
}

// braces parses a dict or a set.
func (p *parser) braces(line Line) Expr {
	var e Expr
	switch p.tok.kind {
	case opRightBrace:
		e = &Dict{Line: line}
	case opStarStar:
		p.next()
		e = p.dict(line, nil, p.binary(precBar))
	default:
		first := p.element()
		switch {
		case p.accept(opColon):
			e = p.dict(line, first, p.named())
		case p.isLoop():
			e = p.comprehension(line, Set, first, nil)
		default:
			e = p.sequence(line, Set, first, p.element)
		}
	}
	p.expect(opRightBrace)
	return e
}

// dict parses the rest of a dict.
func (p *parser) dict(line Line, key, value Expr) Expr {
	if p.isLoop() {
		return p.comprehension(line, Mapping, key, value)
	}
	n := &Dict{Line: line}
	base := len(p.exprs) // keys and values in turn
	p.exprs = append(p.exprs, key, value)
	for p.accept(opComma) {
		if p.accept(opStarStar) {
			p.exprs = append(p.exprs, nil, p.binary(precBar))
			continue
		}
		if !startsExpr[p.tok.kind] {
			break
		}
		key := p.expr()
		p.expect(opColon)
		p.exprs = append(p.exprs, key, p.named())
	}
	pairs := p.exprs[base:]
	half := len(pairs) / 2
	list := p.nodes.exprs.copy(pairs)
	p.exprs = p.exprs[:base]
	for i := range half {
		list[i] = pairs[2*i]
	}
	for i := range half {
		list[half+i] = pairs[2*i+1]
	}
	n.Keys, n.Values = list[:half:half], list[half:]
	return n
}

// isLoop reports whether a comprehension's "for" or "async for" follows.
func (p *parser) isLoop() bool { return p.tok.kind == kwFor || p.isName("async") }

// comprehension parses the loops of a comprehension.
func (p *parser) comprehension(line Line, kind uint8, result, value Expr) Expr {
	n := &Comprehension{Line: line, Kind: kind, Result: result, Value: value}
	for p.isLoop() {
		if p.tok.kind == tokName {
			p.next()
		}
		p.expect(kwFor)
		loop := Loop{Target: p.target()}
		p.expect(kwIn)
		first := p.tok.line
		loop.Iter = p.binary(precOr)
		if kind == List && p.tok.kind == opComma { // Python 2
			or := func() Expr { return p.binary(precOr) }
			loop.Iter = p.sequence(first, Tuple, loop.Iter, or)
		}
		for p.accept(kwIf) {
			loop.Tests = append(loop.Tests, p.binary(precOr))
		}
		n.Loops = append(n.Loops, loop)
	}
	return n
}

// target parses the target of a loop, which ends at "in".
func (p *parser) target() Expr {
	line := p.tok.line
	first := p.targetItem()
	if p.tok.kind != opComma {
		return first
	}
	return p.sequence(line, Tuple, first, p.targetItem)
}

func (p *parser) targetItem() Expr {
	if p.tok.kind != opStar {
		return p.binary(precBar)
	}
	line := p.tok.line
	p.next()
	return &Starred{line, p.binary(precBar)}
}
