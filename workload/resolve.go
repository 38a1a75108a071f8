// SPDX-License-Identifier: MIT

package workload

import "strings"

// maxDepth bounds how far a name is followed from assignment to assignment.
const maxDepth = 8

// maxPath is longer than any path that we know.
const maxPath = 200

// maxSpent is some 10 ms.
const maxSpent = 1 << 20

// interest finds the names that can stand for something we know: imported,
// assigned from such a name, or a class built on one. All others are opaque,
// and most texts end here.
func (p *program) interest() bool {
	p.names = make(map[string][]int32)
	p.attrs = make(map[string][]int32)
	found := false
	p.expandStars()
	for range 2 { // the second round is for what a text uses above its import
		for i := range p.bindings {
			b := &p.bindings[i]
			switch b.kind {
			case bImport:
				if isInteresting(b.path) {
					p.mark(b)
					found = true
				}
			case bAssign, bClass:
				for t := int(b.rhs); t < int(b.last) && p.spend(1); t++ {
					if p.isName(t) && (!p.isOp(t-1, '.') && p.marked(p.text(t)) || p.is(t, "__import__")) {
						p.mark(b)
						break
					}
				}
			}
		}
	}
	for i := range p.bindings {
		b := &p.bindings[i]
		names := p.names
		if b.attr {
			names = p.attrs
		}
		if list, ok := names[b.name]; ok {
			names[b.name] = append(list, int32(i))
		}
	}
	return found
}

// expandStars makes of "from module import *" the names of ours that it binds.
func (p *program) expandStars() {
	for i := range len(p.bindings) {
		b := p.bindings[i]
		if b.kind != bStar || !isInteresting(b.path) || !p.spend(1024) {
			continue
		}
		module := b.path
		for _, name := range [...]string{"Pool", "Process", "ProcessPoolExecutor", "ThreadPoolExecutor", "Parallel", "DataLoader", "MPI", "get_context", "spawn", "ProcessPool", "Client", "LocalCluster"} {
			if path := canonical(module + "." + name); isKnownPath(path) {
				b.kind, b.name, b.path = bImport, name, path
				p.bindings = append(p.bindings, b)
			}
		}
	}
}

// spend takes n steps off the program's budget. A hostile text can make the
// search for a name's value cost the square of its size, or worse; a real one
// spends some hundred steps. Where the budget is gone, nothing more is found.
func (p *program) spend(n int) bool {
	p.spent += n
	return p.spent < maxSpent
}

func (p *program) mark(b *binding) {
	names := p.names
	if b.attr {
		names = p.attrs
	}
	if _, ok := names[b.name]; !ok {
		names[b.name] = nil
		if !b.attr {
			h := hash(b.name)
			p.filter[h>>6] |= 1 << (h & 63)
		}
	}
}

// marked is asked of every name of the text. The filter spares most of them
// the look into the map.
func (p *program) marked(name string) bool {
	h := hash(name)
	if p.filter[h>>6]&(1<<(h&63)) == 0 {
		return false
	}
	_, ok := p.names[name]
	return ok
}

func hash(name string) uint {
	n := len(name)
	if n == 0 {
		return 0
	}
	return (uint(name[0])*31 + uint(name[n-1])*7 + uint(name[n/2])*3 + uint(n)) & 1023
}

// lookup gives the canonical path of what a name stands for in statement s, or
// "" where it is nothing that we know or it can be something else.
func (p *program) lookup(name string, s int, inScope int32) string {
	list := p.names[name]
	for at := inScope; at >= 0 && p.spend(1); at = p.scopes[at].parent {
		if at != inScope && p.scopes[at].kind == kClass {
			continue
		}
		// A name that is used where it is bound has the value of a line above;
		// from inside a function it has any.
		for _, above := range [2]bool{at == inScope, false} {
			if path, bound := p.choose(list, at, s, above); bound {
				return path
			}
		}
	}
	return ""
}

func (p *program) choose(list []int32, at int32, s int, above bool) (path string, bound bool) {
	var last *binding
	lastPath, mixed, fallback := "", false, false
	for _, i := range list {
		b := &p.bindings[i]
		if !p.spend(1) {
			return "", true
		}
		if b.scope != at || above && int(b.stmt) >= s {
			continue
		}
		except := p.inExcept(b.block)
		if last != nil && except && !fallback {
			continue // what stands in for a module that is missing
		}
		value := p.value(b)
		if value == "" && p.isNone(b) {
			bound = true
			continue
		}
		switch {
		case last == nil, p.encloses(b.block, last.block), fallback && !except:
			mixed = false
		case value != lastPath && !(isPool(value) && isPool(lastPath)):
			mixed = true
		}
		last, lastPath, bound, fallback = b, value, true, except
	}
	if mixed {
		return "", true
	}
	return lastPath, bound
}

func (p *program) inExcept(b int32) bool {
	for ; b > 0 && p.spend(1); b = p.blocks[b].parent {
		switch p.blocks[b].kind {
		case kExcept:
			return true
		case kFunction, kClass:
			return false
		}
	}
	return false
}

func (p *program) isNone(b *binding) bool {
	return b.kind == bAssign && b.last == b.rhs+1 && p.is(int(b.rhs), "None")
}

// encloses says whether block a is b or around it: then a binding in a replaces
// one in b, where otherwise either can hold.
func (p *program) encloses(a, b int32) bool {
	for ; b >= 0 && p.spend(1); b = p.blocks[b].parent {
		if a == b {
			return true
		}
	}
	return false
}

// value gives the path of a binding's value, or "".
func (p *program) value(b *binding) string {
	if p.depth >= maxDepth {
		return ""
	}
	p.depth++
	defer func() { p.depth-- }()
	switch b.kind {
	case bImport:
		return b.path
	case bAssign:
		scope := p.stmts[b.stmt].scope
		path, next := p.primary(int(b.rhs), int(b.stmt), scope)
		if path != "" && next >= int(b.last) {
			return path
		}
		if path == "functools.partial" && p.isOp(next, '(') {
			path, _ = p.primary(next+1, int(b.stmt), scope)
			return path
		}
	case bClass:
		for t := int(b.rhs) + 1; t < int(b.last); t++ {
			if !p.isName(t) || p.isOp(t-1, '.') {
				continue
			}
			path, next := p.primary(t, int(b.stmt), p.stmts[b.stmt].scope)
			if path != "" && (p.isOp(next, ',') || p.isOp(next, ')')) && isKnownPath(path) {
				return path
			}
		}
	}
	return ""
}

// primary resolves the name at t with its attributes, through calls that give
// another module of the same kind, as get_context. It gives the path and the
// token after it.
func (p *program) primary(t, s int, scope int32) (path string, next int) {
	if !p.isName(t) {
		return "", t
	}
	switch name := p.text(t); {
	case (name == "self" || name == "cls") && p.isOp(t+1, '.') && p.isName(t+2):
		path, t = p.attribute(p.text(t+2)), t+2
	case name == "__import__":
		path = "importlib.import_module"
	case p.marked(name):
		path = p.lookup(name, s, scope)
	}
	for t++; path != ""; {
		switch {
		case len(path) > maxPath:
			return "", t
		case p.isOp(t, '.') && p.isName(t+1):
			path = canonical(path + "." + p.text(t+1))
			t += 2
			continue
		case p.isOp(t, '('):
			result := p.returned(path, t)
			if result == "" {
				return path, t
			}
			path, t = result, p.closing(t)+1
			continue
		}
		break
	}
	return path, t
}

// returned gives what a call of path stands for, if it is something we know.
func (p *program) returned(path string, t int) string {
	switch path {
	case "multiprocessing.get_context":
		return "multiprocessing"
	case "importlib.import_module":
		if t+1 < len(p.tokens) && p.tokens[t+1].kind == tString {
			if module := strings.Trim(p.text(t+1), "'\""); isInteresting(module) {
				return canonical(module)
			}
		}
	}
	return ""
}

// attribute gives the path of self.NAME, if everything that is assigned to it
// agrees, or of a class's variable.
func (p *program) attribute(name string) string {
	path := ""
	for _, list := range [2][]int32{p.attrs[name], p.names[name]} {
		for _, i := range list {
			b := &p.bindings[i]
			if !p.spend(1) {
				return ""
			}
			if !b.attr && p.scopes[b.scope].kind != kClass {
				continue
			}
			value := p.value(b)
			switch {
			case value == "" && p.isNone(b):
			case path == "" && value != "":
				path = value
			case path != value:
				return ""
			}
		}
	}
	return path
}

// closing gives the token of the bracket that closes the one at t.
func (p *program) closing(t int) int {
	depth := 0
	for ; t < len(p.tokens) && p.spend(1); t++ {
		if depth = p.nest(t, depth); depth == 0 {
			return t
		}
	}
	return len(p.tokens)
}
