// SPDX-License-Identifier: MIT

package python

import "slurm-mp-policy/workload/python/syntax"

// block runs statements in their order.
func (in *interpreter) block(list []syntax.Stmt) flow {
	for _, s := range list {
		if !in.spend() {
			return stopped
		}
		in.frame.line = s.Position()
		if f := in.statement(s); f != next {
			return f
		}
	}
	return next
}

func (in *interpreter) statement(s syntax.Stmt) flow {
	switch s := s.(type) {
	case *syntax.ExprStmt:
		in.dropped, _ = s.Value.(*syntax.Call)
		in.eval(s.Value)
		return in.ended()
	case *syntax.Assign:
		return in.assignment(s)
	case *syntax.AugAssign:
		old := in.eval(s.Target)
		in.augment(s, old)
		return in.ended()
	case *syntax.If:
		return in.conditional(s)
	case *syntax.For:
		return in.forLoop(s)
	case *syntax.While:
		return in.whileLoop(s)
	case *syntax.With:
		return in.with(s)
	case *syntax.Try:
		return in.try(s)
	case *syntax.Def:
		return in.define(s)
	case *syntax.Class:
		return in.defineClass(s)
	case *syntax.Return:
		return in.giveBack(s)
	case *syntax.Raise:
		return in.raise(s)
	case *syntax.Import:
		in.importModules(s)
	case *syntax.ImportFrom:
		in.importNames(s)
	case *syntax.Global:
		in.declare(s)
	case *syntax.Delete:
		for _, target := range s.Targets {
			in.remove(target)
		}
		return in.ended()
	case *syntax.Assert:
		v := in.settle(in.eval(s.Test))
		if in.abrupt == next && isTrue(v) == no {
			in.throw("AssertionError")
		}
		return in.ended()
	case *syntax.Match:
		return in.match(s)
	case *syntax.Break:
		return broke
	case *syntax.Continue:
		return continued
	}
	return next
}

func (in *interpreter) assignment(s *syntax.Assign) flow {
	if s.Annotation != nil {
		in.annotate(s)
	}
	if s.Value == nil {
		return next
	}
	v := in.eval(s.Value)
	if f := in.ended(); f != next {
		return f
	}
	for _, target := range s.Targets {
		in.assign(target, v)
	}
	return in.ended()
}

// annotate keeps the fields of a class.
func (in *interpreter) annotate(s *syntax.Assign) {
	name, ok := s.Targets[0].(*syntax.Name)
	if c := in.frame.class; c != nil && ok {
		c.fields = append(c.fields, field{name: name.ID, annotation: s.Annotation, value: s.Value, line: s.Position()})
	}
}

func (in *interpreter) augment(s *syntax.AugAssign, old value) {
	v := in.eval(s.Value)
	if l, ok := in.settle(old).(*list); ok && s.Op == "+" && l.kind == syntax.List {
		if more, ok := in.settle(v).(*list); ok {
			for _, item := range more.items {
				in.appendItem(l, item)
			}
			if more.open {
				in.setItems(l, l.items, true)
			}
			return
		}
		in.setItems(l, l.items, true)
		return
	}
	in.assign(s.Target, in.binary(s.Op, old, v))
}

func (in *interpreter) giveBack(s *syntax.Return) flow {
	var v value = none{}
	if s.Value != nil {
		v = in.eval(s.Value)
		if f := in.ended(); f != next {
			return f
		}
	}
	if fr := in.frame; fr.returned {
		fr.returns = join(fr.returns, v)
	} else {
		fr.returns, fr.returned = v, true
	}
	return returned
}

func (in *interpreter) declare(s *syntax.Global) {
	fr := in.frame
	to := &fr.globals
	if s.Nonlocal {
		to = &fr.nonlocal
	}
	if *to == nil {
		*to = map[string]bool{}
	}
	for _, name := range s.Names {
		(*to)[name] = true
	}
}

func (in *interpreter) remove(target syntax.Expr) {
	switch t := target.(type) {
	case *syntax.Name:
		in.unset(in.frame.scope, t.ID)
	case *syntax.Subscript:
		container := in.settle(in.eval(t.Value))
		index := in.settle(in.eval(t.Index))
		if d, ok := container.(*dict); ok {
			if k, ok := keyOf(index); ok {
				in.setEntry(d, k, nil)
			}
		}
		if o, ok := container.(*object); ok && o.path == environPath {
			if name, ok := index.(string); ok {
				if in.variable(o, name) == nil {
					in.throw("KeyError")
					return
				}
				in.set(o.scope, name, removed)
			}
		}
		if l, ok := container.(*list); ok {
			in.setItems(l, l.items, true)
		}
	case *syntax.Sequence:
		for _, item := range t.Items {
			in.remove(item)
		}
	}
}

func (in *interpreter) with(s *syntax.With) flow {
	joblib, dask := in.joblib, in.dask
	f := in.withItems(s)
	in.joblib, in.dask = joblib, dask // a context ends with its block
	return f
}

func (in *interpreter) withItems(s *syntax.With) flow {
	for _, item := range s.Items {
		context := in.settle(in.eval(item.Context))
		if f := in.ended(); f != next {
			return f
		}
		v := in.enter(context)
		if item.Target != nil {
			in.assign(item.Target, v)
		}
		if f := in.ended(); f != next {
			return f
		}
	}
	if in.suppressesImport(s) {
		return in.both(true,
			func() flow { return in.block(s.Body) },
			func() flow { return next })
	}
	f := in.block(s.Body)
	if f == raised && in.suppresses(s) {
		return next
	}
	return f
}

// enter returns what a context manager gives to "as".
func (in *interpreter) enter(context value) value {
	if i, ok := context.(*instance); ok {
		if f, ok := i.class.find("__enter__"); ok {
			return in.call(&method{self: i, function: f}, arguments{}, in.frame.line)
		}
	}
	if o, ok := context.(*object); ok && o.path == managerPath {
		return o.data
	}
	return context
}

func (in *interpreter) suppresses(s *syntax.With) bool {
	for _, item := range s.Items {
		if c, ok := item.Context.(*syntax.Call); ok {
			if l, ok := in.settle(in.eval(c.Function)).(*library); ok && l.path == "contextlib.suppress" {
				return true
			}
		}
	}
	return false
}
