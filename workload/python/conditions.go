// SPDX-License-Identifier: MIT

package python

import "slurm-mp-policy/workload/python/syntax"

// conditional runs an if with its elifs, which nest in Else.
func (in *interpreter) conditional(s *syntax.If) flow {
	for {
		in.frame.line = s.Position()
		v := in.eval(s.Test)
		if f := in.ended(); f != next {
			return f
		}
		switch isTrue(in.settle(v)) {
		case yes:
			in.pass(s, s.Else)
			return in.block(s.Body)
		case no:
			in.pass(s, s.Body)
			elif, ok := only(s.Else)
			if !ok {
				return in.block(s.Else)
			}
			if s = elif; !in.spend() {
				return stopped
			}
		default:
			return in.unknownIf(s, v)
		}
	}
}

func only(list []syntax.Stmt) (*syntax.If, bool) {
	if len(list) != 1 {
		return nil, false
	}
	s, ok := list[0].(*syntax.If)
	return s, ok
}

// maxElifs bounds the unknown conditions of one chain that are followed separately. Each is one level
// of the interpreter's stack.
const maxElifs = 100

func (in *interpreter) unknownIf(s *syntax.If, v value) flow {
	if in.elifs > maxElifs {
		in.stop()
		return stopped
	}
	in.elifs++
	defer func() { in.elifs-- }()
	doubtful := in.doubtful(s.Test, v) || bySize(s)
	return in.both(doubtful,
		func() flow { in.assume(s.Test, true); return in.block(s.Body) },
		func() flow {
			in.assume(s.Test, false)
			if elif, ok := only(s.Else); ok {
				return in.conditional(elif)
			}
			return in.block(s.Else)
		})
}

// assume takes a fact about a name from an unknown condition: in the branch of "if n is None", n is
// None.
func (in *interpreter) assume(test syntax.Expr, holds bool) {
	switch test := test.(type) {
	case *syntax.Unary:
		if test.Op == "not" {
			in.assume(test.Value, !holds)
		}
	case *syntax.Compare:
		if len(test.Ops) != 1 {
			return
		}
		if op := test.Ops[0]; holds && (op == "==" || op == "is") {
			name, ok := test.Left.(*syntax.Name)
			if constant := literal(test.Rights[0]); ok && constant != nil {
				in.assign(name, constant)
			}
		}
	case *syntax.Logical:
		if (test.Op == "and") == holds {
			for _, v := range test.Values {
				in.assume(v, holds)
			}
		}
	}
}

// literal returns the value of a literal, else nil.
func literal(e syntax.Expr) value {
	switch e := e.(type) {
	case *syntax.String:
		return e.Value
	case *syntax.Int:
		return e.Value
	case *syntax.Constant:
		return constant(e.Value)
	}
	return nil
}

func (in *interpreter) match(s *syntax.Match) flow {
	subject := in.settle(in.eval(s.Subject))
	if f := in.ended(); f != next {
		return f
	}
	return in.cases(s, subject, s.Cases)
}

func (in *interpreter) cases(s *syntax.Match, subject value, list []syntax.Case) flow {
	for i := range list {
		c := &list[i]
		in.frame.line = c.Position()
		matches := in.matches(subject, c.Pattern)
		if matches != no && c.Guard != nil {
			guard := isTrue(in.settle(in.eval(c.Guard)))
			if guard != yes {
				matches = guard
			}
		}
		switch matches {
		case yes:
			return in.block(c.Body)
		case unsure:
			rest := list[i+1:]
			// A pattern that is not modelled is not a doubt about the subject's data.
			return in.both(in.doubtful(s.Subject, subject) || in.allKnown(subject),
				func() flow { return in.block(c.Body) },
				func() flow { return in.cases(s, subject, rest) })
		}
	}
	return next
}

func (in *interpreter) matches(subject value, pattern syntax.Expr) truth {
	switch p := pattern.(type) {
	case nil:
		return unsure
	case *syntax.Name:
		if p.ID != "_" {
			in.assign(p, subject)
		}
		return yes
	case *syntax.Binary:
		if p.Op != "|" {
			return unsure
		}
		if left := in.matches(subject, p.Left); left != no {
			return left
		}
		return in.matches(subject, p.Right)
	case *syntax.String, *syntax.Int, *syntax.Constant, *syntax.Attribute:
		return in.compare("==", subject, in.settle(in.eval(p)))
	}
	return unsure
}
