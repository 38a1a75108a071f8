// SPDX-License-Identifier: MIT

package workload

import "strings"

// Kinds of binding.
const (
	bOpaque = iota // a value that says nothing: a parameter, a loop's variable, a function
	bImport        // path
	bAssign        // the value of the expression at rhs
	bClass         // a class with the bases at rhs
	bStar          // every name of the module path
)

// A binding is one place where a name gets a value.
type binding struct {
	kind         uint8
	attr         bool // of self.NAME
	name         string
	path         string // of what was imported, canonical
	rhs, last    int32  // tokens of the value
	stmt         int32
	scope, block int32
}

// maxGlobals bounds the names of "global" statements in one scope.
const maxGlobals = 64

// bind collects every binding of the text.
func (p *program) bind() {
	p.bindings = make([]binding, 0, len(p.stmts))
	for i, s := range p.stmts {
		first, last := int(s.first), int(s.last)
		b := binding{stmt: int32(i), scope: s.scope, block: s.block}
		if p.tokens[first].kind != tName {
			continue
		}
		switch p.text(first) {
		case "import":
			p.bindImport(first+1, last, b)
		case "from":
			p.bindFrom(first+1, last, b)
		case "def":
			p.bindFunction(first+1, last, b, i)
		case "async":
			if p.is(first+1, "def") {
				p.bindFunction(first+2, last, b, i)
			} else {
				p.bindTargets(first+1, last, b)
			}
		case "class":
			p.bindClass(first+1, last, b)
		case "for", "with", "except":
			p.bindTargets(first, last, b)
		case "global", "nonlocal":
			for t := first + 1; t < last; t++ {
				if p.isName(t) && len(p.scopes[s.scope].globals) < maxGlobals {
					p.scopes[s.scope].globals = append(p.scopes[s.scope].globals, p.text(t))
				}
			}
		default:
			p.bindAssign(first, last, b)
		}
	}
}

func (p *program) add(b binding) {
	for _, name := range p.scopes[b.scope].globals {
		if name == b.name {
			b.scope = 0
		}
	}
	p.bindings = append(p.bindings, b)
}

// dotted reads a dotted name at t.
func (p *program) dotted(t, last int) (string, int) {
	from := t
	for t < last && p.isName(t) {
		t++
		if t >= last || !p.isOp(t, '.') {
			break
		}
		t++
	}
	if t == from {
		return "", t
	}
	if int(p.tokens[t-1].end-p.tokens[from].start) == p.length(from, t) {
		return p.src[p.tokens[from].start:p.tokens[t-1].end], t
	}
	var b strings.Builder // "os . path" is rare, and legal
	for ; from < t; from++ {
		b.WriteString(p.text(from))
	}
	return b.String(), t
}

func (p *program) length(from, to int) (n int) {
	for ; from < to; from++ {
		n += int(p.tokens[from].end - p.tokens[from].start)
	}
	return n
}

func (p *program) bindImport(t, last int, b binding) {
	for t < last {
		path, next := p.dotted(t, last)
		if path == "" {
			return
		}
		b.kind, b.rhs, b.last = bImport, int32(t), int32(next)
		if p.is(next, "as") && p.isName(next+1) {
			b.name, b.path = p.text(next+1), canonical(path)
			next += 2
		} else {
			// "import a.b" binds a; that a.b was loaded matters to MPI, see imports.
			b.name, _, _ = strings.Cut(path, ".")
			b.path = canonical(b.name)
		}
		p.add(b)
		t = next
		if t < last && p.isOp(t, ',') {
			t++
			continue
		}
		return
	}
}

func (p *program) bindFrom(t, last int, b binding) {
	if p.isOp(t, '.') {
		// A module of the program's own, whatever its name.
		for t < last && !p.is(t, "import") {
			t++
		}
		b.kind = bOpaque
	} else {
		b.kind = bImport
		b.path, t = p.dotted(t, last)
	}
	if !p.is(t, "import") {
		return
	}
	module := b.path
	for t++; t < last; {
		switch {
		case p.isOp(t, '*') && b.kind == bImport:
			b.kind, b.path = bStar, canonical(module)
			p.add(b)
			return
		case !p.isName(t):
			t++
			continue
		}
		b.name, b.rhs, b.last = p.text(t), int32(t), int32(t+1)
		if b.kind == bImport {
			b.path = ""
			if isInteresting(module) {
				b.path = canonical(module + "." + b.name)
			}
		}
		t++
		if p.is(t, "as") && p.isName(t+1) {
			b.name = p.text(t + 1)
			t += 2
		}
		p.add(b)
	}
}

// bindFunction binds a function's name where it stands, and its parameters
// inside. A parameter's default value is what it has in the call that we do
// not see.
func (p *program) bindFunction(t, last int, b binding, s int) {
	if !p.isName(t) {
		return
	}
	b.name = p.text(t)
	p.add(b)
	inner := int32(-1)
	if s+1 < len(p.stmts) {
		// The body's first statement stands in the function's scope, or in one
		// below it; a body that is missing has no names to look up.
		for inner = p.stmts[s+1].scope; inner > 0 && p.scopes[inner].name != int32(t); {
			inner = p.scopes[inner].parent
		}
	}
	if inner <= 0 {
		return
	}
	b.scope = inner
	depth := 0
	for t++; t < last; t++ {
		was := depth
		depth = p.nest(t, depth)
		if depth != 1 || !p.isName(t) || was != 1 {
			continue
		}
		if !p.isOp(t-1, '(') && !p.isOp(t-1, ',') && !p.isOp(t-1, '*') {
			continue
		}
		b.kind, b.name = bOpaque, p.text(t)
		end, equals := p.argument(t, last)
		if equals > 0 {
			b.kind, b.rhs, b.last = bAssign, int32(equals+1), int32(end)
		}
		p.add(b)
	}
}

// argument gives the end of the parameter or argument at t, and its "=".
func (p *program) argument(t, last int) (end, equals int) {
	depth := 0
	for ; t < last && p.spend(1); t++ {
		if depth == 0 && (p.isOp(t, ',') || p.isOp(t, ')')) {
			break
		}
		if depth == 0 && equals == 0 && p.isOp(t, '=') {
			equals = t
		}
		depth = p.nest(t, depth)
	}
	return t, equals
}

func (p *program) bindClass(t, last int, b binding) {
	if !p.isName(t) {
		return
	}
	b.kind, b.name, b.rhs, b.last = bClass, p.text(t), int32(t+1), int32(last)
	p.add(b)
}

// bindTargets binds the names of a for's targets and after "as".
func (p *program) bindTargets(t, last int, b binding) {
	inFor := p.is(t, "for")
	for t++; t < last; t++ {
		switch {
		case inFor && p.is(t, "in"):
			return
		case inFor && p.isName(t) && !p.isOp(t-1, '.'), p.isName(t) && p.is(t-1, "as"):
			b.name = p.text(t)
			p.add(b)
		}
	}
}

func (p *program) bindAssign(first, last int, b binding) {
	depth, rhs := 0, 0
	for t := first; t < last; t++ {
		if depth = p.nest(t, depth); depth == 0 && p.isOp(t, '=') {
			rhs = t + 1
		}
	}
	depth, from, colon := 0, first, -1
	for t := first; t < last; t++ {
		depth = p.nest(t, depth)
		switch {
		case p.isOp(t, opWalrus) && p.isName(t-1):
			end, _ := p.argument(t+1, last)
			w := b
			w.kind, w.name, w.rhs, w.last = bAssign, p.text(t-1), int32(t+1), int32(end)
			p.add(w)
		case depth > 0:
		case p.isOp(t, ':') && colon < 0 && from == first:
			colon = t
		case p.isOp(t, '='):
			end := t
			if colon > 0 {
				end = colon // "name: type = value"
			}
			p.bindTarget(from, end, rhs, last, b)
			from, colon = t+1, -1
		}
	}
}

func (p *program) bindTarget(from, end, rhs, last int, b binding) {
	b.kind, b.rhs, b.last = bAssign, int32(rhs), int32(last)
	switch {
	case end-from == 1 && p.isName(from):
		b.name = p.text(from)
		p.add(b)
	case end-from == 3 && p.isOp(from+1, '.') && (p.is(from, "self") || p.is(from, "cls")):
		b.name, b.attr = p.text(from+2), true
		p.add(b)
	default:
		b.kind = bOpaque
		for t := from; t < end; t++ {
			if p.isName(t) && !p.isOp(t-1, '.') && !p.isOp(t+1, '.') && !p.isOp(t+1, '[') && !p.isOp(t+1, '(') {
				b.name = p.text(t)
				p.add(b)
			}
		}
	}
}
