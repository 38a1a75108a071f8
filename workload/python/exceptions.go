// SPDX-License-Identifier: MIT

package python

import "slurm-mp-policy/workload/python/syntax"

func (in *interpreter) raise(s *syntax.Raise) flow {
	in.thrown = data
	if s.Value != nil {
		in.thrown = in.eval(s.Value)
		if f := in.ended(); f != next {
			return f
		}
	}
	if in.isException(in.thrown, "SystemExit") {
		return exited
	}
	if in.branches > 0 {
		return raised
	}
	return in.survive(raised)
}

// attempt is a try statement whose body is running.
type attempt struct {
	*syntax.Try
	frame *frame
}

// survive returns the flow after an exception. An exception that nothing catches would end the program.
// A program that is run as its documentation says does not end like this, so the known values are
// wrong then, and the program goes on after the check.
func (in *interpreter) survive(f flow) flow {
	if f != raised || in.isCaught() {
		return f
	}
	return next
}

// isCaught reports whether a try statement that is running may take the exception.
func (in *interpreter) isCaught() bool {
	saved := in.frame
	defer func() { in.frame = saved }()
	for _, t := range in.attempts {
		in.frame = t.frame
		for i := range t.Handlers {
			if h := &t.Handlers[i]; h.Type == nil || in.takes(h.Type, in.thrown) != no {
				return true
			}
		}
	}
	return false
}

func (in *interpreter) try(s *syntax.Try) flow {
	var f flow
	if in.missesImport(s) {
		f = in.both(true,
			func() flow { return in.attempt(s) },
			func() flow {
				in.thrown = &library{path: "ModuleNotFoundError"}
				return in.handle(s, raised)
			})
	} else {
		f = in.attempt(s)
	}
	if f == stopped || len(s.Finally) == 0 {
		return f
	}
	if last := in.block(s.Finally); last != next {
		return last
	}
	return f
}

// attempt runs a try statement without its finally.
func (in *interpreter) attempt(s *syntax.Try) flow {
	in.attempts = append(in.attempts, attempt{s, in.frame})
	f := in.block(s.Body)
	in.attempts = in.attempts[:len(in.attempts)-1]
	switch f {
	case raised:
		return in.handle(s, f)
	case exited:
		if h := in.handlerOf(s, "SystemExit"); h != nil {
			return in.block(h.Body)
		}
	case next:
		return in.block(s.Else)
	}
	return f
}

// handle runs the handler that takes the exception, or the first one if that is not known.
func (in *interpreter) handle(s *syntax.Try, f flow) flow {
	for i := range s.Handlers {
		h := &s.Handlers[i]
		takes := yes
		if h.Type != nil {
			takes = in.takes(h.Type, in.thrown)
		}
		if takes == no {
			continue
		}
		if h.Name != "" {
			in.set(in.frame.scope, h.Name, in.thrown)
		}
		return in.block(h.Body)
	}
	return f
}

func (in *interpreter) handlerOf(s *syntax.Try, exception string) *syntax.Handler {
	for i := range s.Handlers {
		h := &s.Handlers[i]
		if h.Type == nil || in.takes(h.Type, &library{path: exception}) == yes {
			return h
		}
	}
	return nil
}

// takes reports whether a handler's type is that of an exception.
func (in *interpreter) takes(e syntax.Expr, thrown value) truth {
	types := in.settle(in.eval(e))
	if l, ok := types.(*list); ok {
		for _, t := range l.items {
			if in.isTaken(thrown, in.settle(t)) != no {
				return unsure
			}
		}
		return no
	}
	return in.isTaken(thrown, types)
}

func (in *interpreter) isTaken(thrown, t value) truth {
	if l, ok := t.(*library); ok {
		return isRaised(thrown, l.path)
	}
	return in.isInstance(thrown, t)
}
