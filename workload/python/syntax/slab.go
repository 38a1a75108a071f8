// SPDX-License-Identifier: MIT

package syntax

// slab allocates values of a type many at a time: one by one they take most of the
// time of a parse.
type slab[T any] struct {
	free []T
	size int
}

const maxSlab = 256 // values

func (s *slab[T]) grow() {
	s.size = min(max(2*s.size, 8), maxSlab)
	s.free = make([]T, s.size)
}

// new returns a zero value.
func (s *slab[T]) new() *T {
	if len(s.free) == 0 {
		s.grow()
	}
	v := &s.free[0]
	s.free = s.free[1:]
	return v
}

// copy returns a copy of the list, nil if it is empty.
func (s *slab[T]) copy(list []T) []T {
	n := len(list)
	if n == 0 {
		return nil
	}
	if n > len(s.free) {
		if n > maxSlab/4 {
			return append([]T(nil), list...)
		}
		for s.grow(); n > len(s.free); {
			s.grow()
		}
	}
	c := s.free[:n:n]
	s.free = s.free[n:]
	copy(c, list)
	return c
}

// nodes has the slabs of the frequent nodes and lists.
type nodes struct {
	names      slab[Name]
	attributes slab[Attribute]
	calls      slab[Call]
	strings    slab[String]
	ints       slab[Int]
	constants  slab[Constant]
	binaries   slab[Binary]
	compares   slab[Compare]
	subscripts slab[Subscript]
	sequences  slab[Sequence]
	assigns    slab[Assign]
	exprStmts  slab[ExprStmt]
	returns    slab[Return]
	ifs        slab[If]
	functions  slab[Function]
	defs       slab[Def]

	exprs  slab[Expr]
	stmts  slab[Stmt]
	args   slab[Argument]
	params slab[Parameter]
	words  slab[string]
}

// takeExprs returns the expressions that were gathered since there were base.
func (p *parser) takeExprs(base int) []Expr {
	list := p.nodes.exprs.copy(p.exprs[base:])
	p.exprs = p.exprs[:base]
	return list
}

func (p *parser) takeStmts(base int) []Stmt {
	list := p.nodes.stmts.copy(p.stmts[base:])
	p.stmts = p.stmts[:base]
	return list
}
