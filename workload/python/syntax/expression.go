// SPDX-License-Identifier: MIT

package syntax

// list parses expressions with commas between them: a tuple, if there is a comma.
func (p *parser) list() Expr {
	line := p.tok.line
	first := p.element()
	if p.tok.kind != opComma {
		return first
	}
	return p.sequence(line, Tuple, first, p.element)
}

// sequence parses the rest of a tuple, list or set: a comma and an item each time,
// and maybe a comma at the end.
func (p *parser) sequence(line Line, kind uint8, first Expr, item func() Expr) *Sequence {
	n := p.nodes.sequences.new()
	n.Line, n.Kind = line, kind
	base := len(p.exprs)
	p.exprs = append(p.exprs, first)
	for p.accept(opComma) && startsExpr[p.tok.kind] {
		p.exprs = append(p.exprs, item())
	}
	n.Items = p.takeExprs(base)
	return n
}

// element parses an expression, *expression or name := expression.
func (p *parser) element() Expr {
	if p.tok.kind != opStar {
		return p.named()
	}
	line := p.tok.line
	p.next()
	return &Starred{line, p.binary(precBar)}
}

// named parses an expression or name := expression, and within a pattern also
// pattern as name.
func (p *parser) named() Expr {
	line := p.tok.line
	e := p.expr()
	if p.tok.kind == opWalrus {
		name, ok := e.(*Name)
		if !ok {
			p.fail()
			return nil
		}
		p.next()
		return &Walrus{line, name.ID, p.expr()}
	}
	if p.pattern && p.accept(kwAs) {
		p.other = true
		p.expect(tokName)
	}
	return e
}

// value parses what an assignment assigns.
func (p *parser) value() Expr {
	if p.tok.kind == kwYield {
		return p.yield()
	}
	return p.list()
}

func (p *parser) yield() Expr {
	n := &Yield{Line: p.tok.line}
	p.generator = true
	p.next()
	if p.accept(kwFrom) {
		n.From = true
		n.Value = p.expr()
	} else if startsExpr[p.tok.kind] {
		n.Value = p.list()
	}
	return n
}

// expr parses an expression without commas.
func (p *parser) expr() Expr {
	if !p.enter() {
		return nil
	}
	defer func() { p.nesting-- }()
	if p.tok.kind == kwLambda {
		return p.lambda()
	}
	line := p.tok.line
	e := p.binary(precOr)
	if p.tok.kind != kwIf || p.pattern {
		return e
	}
	p.next()
	test := p.binary(precOr)
	p.expect(kwElse)
	return &Conditional{line, test, e, p.expr()}
}

// binary parses operators of at least the precedence lowest.
func (p *parser) binary(lowest uint8) Expr {
	line := p.tok.line
	left := p.unary()
	for n := 0; ; n++ {
		prec := precedence[p.tok.kind]
		if prec == 0 || prec < lowest || p.long(n) {
			return left
		}
		switch prec {
		case precOr, precAnd:
			left = p.logical(line, left, prec)
		case precCompare:
			left = p.compare(line, left)
		default:
			b := p.nodes.binaries.new()
			b.Line, b.Op, b.Left = line, p.source(p.tok), left
			p.next()
			b.Right = p.binary(prec + 1)
			left = b
		}
	}
}

func (p *parser) logical(line Line, left Expr, prec uint8) Expr {
	n := &Logical{Line: line, Op: p.source(p.tok)}
	operator := p.tok.kind
	base := len(p.exprs)
	p.exprs = append(p.exprs, left)
	for p.accept(operator) {
		p.exprs = append(p.exprs, p.binary(prec+1))
	}
	n.Values = p.takeExprs(base)
	return n
}

func (p *parser) compare(line Line, left Expr) Expr {
	n := p.nodes.compares.new()
	n.Line, n.Left = line, left
	base := len(p.exprs)
	var space [4]string
	ops := space[:0]
	for precedence[p.tok.kind] == precCompare {
		op := p.source(p.tok)
		switch {
		case p.accept(kwNot):
			op = "not in"
			p.expect(kwIn)
		case p.accept(kwIs):
			if p.accept(kwNot) {
				op = "is not"
			}
		default:
			if op == "<>" {
				op = "!="
			}
			p.next()
		}
		ops = append(ops, op)
		p.exprs = append(p.exprs, p.binary(precBar))
	}
	n.Ops = p.nodes.words.copy(ops)
	n.Rights = p.takeExprs(base)
	return n
}

// unary parses a prefix operator and what it applies to.
func (p *parser) unary() Expr {
	operator := p.tok
	switch operator.kind {
	case kwNot, opMinus, opPlus, opTilde:
	default:
		return p.power()
	}
	if !p.enter() {
		return nil
	}
	n := &Unary{Line: operator.line, Op: p.source(operator)}
	p.next()
	if operator.kind == kwNot {
		n.Value = p.binary(precCompare)
	} else {
		n.Value = p.unary()
	}
	p.nesting--
	return n
}

func (p *parser) power() Expr {
	line := p.tok.line
	var e Expr
	if p.isName("await") {
		e = p.await()
	} else {
		e = p.primary(line, p.atom())
	}
	if p.tok.kind != opStarStar || !p.enter() {
		return e
	}
	b := p.nodes.binaries.new()
	b.Line, b.Op, b.Left = line, p.source(p.tok), e
	p.next()
	b.Right = p.unary()
	p.nesting--
	return b
}

// await parses await value. The word is a name before Python 3.7.
func (p *parser) await() Expr {
	line := p.tok.line
	name := p.atom()
	switch p.tok.kind {
	case tokName, tokNumber, tokString, opLeftParen, opLeftBracket, opLeftBrace, opEllipsis,
		kwNone, kwTrue, kwFalse:
	default:
		return p.primary(line, name)
	}
	if !p.enter() {
		return nil
	}
	defer func() { p.nesting-- }()
	if p.isName("await") {
		return &Await{line, p.await()}
	}
	return &Await{line, p.primary(p.tok.line, p.atom())}
}

// primary parses what follows an atom: attributes, calls and subscripts.
func (p *parser) primary(line Line, e Expr) Expr {
	for n := 0; ; n++ {
		switch p.tok.kind {
		case opDot, opLeftParen, opLeftBracket:
		default:
			return e
		}
		if p.long(n) {
			return nil
		}
		switch p.tok.kind {
		case opDot:
			p.next()
			if p.tok.kind < kwAnd { // keywords have been names in some version
				if p.tok.kind != tokName {
					p.fail()
					return nil
				}
			}
			a := p.nodes.attributes.new()
			a.Line, a.Value, a.Name = line, e, p.source(p.tok)
			p.next()
			e = a
		case opLeftParen:
			c := p.nodes.calls.new()
			c.Line, c.Function, c.Arguments = line, e, p.arguments()
			e = c
		case opLeftBracket:
			p.next()
			s := p.nodes.subscripts.new()
			s.Line, s.Value, s.Index = line, e, p.index()
			p.expect(opRightBracket)
			e = s
		}
	}
}

// arguments parses the arguments of a call or a class, and the parentheses around
// them.
func (p *parser) arguments() []Argument {
	base := len(p.args)
	line := p.tok.line
	p.next()
	for p.tok.kind != opRightParen && !p.failed {
		p.args = append(p.args, p.argument(line))
		if !p.accept(opComma) {
			break
		}
	}
	p.expect(opRightParen)
	list := p.nodes.args.copy(p.args[base:])
	p.args = p.args[:base]
	return list
}

// argument parses one argument. The line is the one of the parenthesis, where a
// generator expression begins.
func (p *parser) argument(line Line) Argument {
	switch p.tok.kind {
	case opStar:
		p.next()
		return Argument{Star: 1, Value: p.expr()}
	case opStarStar:
		p.next()
		return Argument{Star: 2, Value: p.expr()}
	}
	e := p.named()
	if p.tok.kind == opAssign {
		name, ok := e.(*Name)
		if !ok {
			p.fail()
			return Argument{}
		}
		p.next()
		return Argument{Name: name.ID, Value: p.named()}
	}
	if p.isLoop() {
		return Argument{Value: p.comprehension(line, Generator, e, nil)}
	}
	return Argument{Value: e}
}

// index parses what stands in the brackets of a subscript.
func (p *parser) index() Expr {
	line := p.tok.line
	first := p.slice()
	_, starred := first.(*Starred)
	if p.tok.kind != opComma && !starred { // a[*b] is a[(*b,)]
		return first
	}
	base := len(p.exprs)
	p.exprs = append(p.exprs, first)
	for p.accept(opComma) && p.tok.kind != opRightBracket {
		p.exprs = append(p.exprs, p.slice())
	}
	n := p.nodes.sequences.new()
	n.Line, n.Kind, n.Items = line, Tuple, p.takeExprs(base)
	return n
}

func (p *parser) slice() Expr {
	line := p.tok.line
	var lower Expr
	if p.tok.kind != opColon {
		lower = p.element()
		if p.tok.kind != opColon {
			return lower
		}
	}
	s := &Slice{Line: line, Lower: lower}
	p.next()
	s.Upper = p.bound()
	if p.accept(opColon) {
		s.Step = p.bound()
	}
	return s
}

func (p *parser) bound() Expr {
	if !startsExpr[p.tok.kind] {
		return nil
	}
	return p.expr()
}
