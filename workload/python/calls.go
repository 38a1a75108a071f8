// SPDX-License-Identifier: MIT

package python

import (
	"slurm-mp-policy/workload/python/syntax"
)

// arguments are the arguments of one call.
type arguments struct {
	positional []value
	named      map[string]value
	order      []string // of the names, as they are given
	more       bool     // there may be further positional ones
	moreNamed  bool     // there may be further named ones
	unclear    bool     // the further positional ones are words of the command line
}

func positional(list ...value) arguments { return arguments{positional: list} }

// get returns the argument of a name or a position, -1 for none. Given is unsure if it
// may be among those that are not known.
func (a *arguments) get(at int, name string) (v value, given truth) {
	if name != "" {
		if v, ok := a.named[name]; ok {
			return v, yes
		}
	}
	if at >= 0 && at < len(a.positional) {
		return a.positional[at], yes
	}
	if a.more && at >= 0 || a.moreNamed && name != "" {
		if a.unclear && at >= 0 {
			return setting, unsure
		}
		return data, unsure
	}
	return nil, no
}

// evalCall evaluates a call expression.
func (in *interpreter) evalCall(e *syntax.Call) value {
	isDropped := in.dropped == e
	f := in.settle(in.eval(e.Function))
	if in.abrupt != next {
		return data
	}
	a := in.evalArguments(e.Arguments)
	if in.abrupt != next {
		return data
	}
	if isGenerator(f) {
		return &suspended{function: f, arguments: a}
	}
	if g, ok := f.(*function); ok && isDropped && !g.decorated {
		// the body of a coroutine runs only if something awaits it
		if g.Statements(); g.Async {
			in.doubt++
			defer func() { in.doubt-- }()
		}
	}
	return in.call(f, a, e.Position())
}

func (in *interpreter) evalArguments(given []syntax.Argument) arguments {
	var a arguments
	for _, arg := range given {
		v := in.eval(arg.Value)
		switch {
		case arg.Star == 1:
			l, ok := in.settle(v).(*list)
			if !ok {
				a.more = true
				continue
			}
			a.positional = append(a.positional, l.items...)
			a.more, a.unclear = a.more || l.open, a.unclear || l.hasUnknownWords()
		case arg.Star == 2:
			a.spread(in.settle(v))
		case arg.Name != "":
			a.name(arg.Name, v)
		case a.more:
			// its position is not known
		default:
			a.positional = append(a.positional, v)
		}
	}
	return a
}

func (a *arguments) name(name string, v value) {
	if a.named == nil {
		a.named = map[string]value{}
	}
	if _, ok := a.named[name]; !ok {
		a.order = append(a.order[:len(a.order):len(a.order)], name)
	}
	a.named[name] = v
}

// valuesOfNamed returns the named arguments without their names.
func (a *arguments) valuesOfNamed() []value {
	list := make([]value, 0, len(a.named))
	for _, v := range a.named {
		list = append(list, v)
	}
	return list
}

func (a *arguments) spread(v value) {
	d, ok := v.(*dict)
	if !ok {
		a.moreNamed = true
		return
	}
	for _, k := range d.order {
		if v, ok := d.of[k]; ok && k.kind == 's' {
			a.name(k.text, v)
		}
	}
	a.moreNamed = a.moreNamed || d.open
}

// call runs a call of a value that has been settled.
func (in *interpreter) call(f value, a arguments, line int) value {
	if in.abrupt != next || !in.spend() {
		return data
	}
	in.frame.line = line
	switch f := f.(type) {
	case *function:
		return in.run(f, nil, a)
	case *method:
		return in.callMethod(f, a, line)
	case *class:
		return in.construct(f, a, line)
	case *library:
		return in.callLibrary(f, a, line)
	case *instance:
		if m, ok := f.class.find("__call__"); ok {
			return in.run(m, f, a)
		}
		if _, from, _ := f.class.lookup("__call__"); from != nil {
			// A module of a neural network: what runs is its method.
			if m, ok := f.class.find("forward"); ok {
				return in.run(m, f, a)
			}
		}
	case *object:
		if p, ok := f.data.(*pending); ok && f.path == "functools.partial" {
			return in.callPartial(p, a, line)
		}
		return in.callLibrary(&library{path: f.path + ".__call__", self: f}, a, line)
	case *either:
		return in.callEither(f, a, line)
	}
	in.callbacks(&a)
	in.escape(&a)
	(&call{interpreter: in, arguments: a, line: line}).keywords()
	return unknownOf(f)
}

func (in *interpreter) callMethod(m *method, a arguments, line int) value {
	switch f := m.function.(type) {
	case *function:
		return in.run(f, m.self, a)
	case *library:
		return in.callLibrary(&library{path: f.path, self: m.self}, a, line)
	}
	if m.self != nil {
		a.positional = append([]value{m.self}, a.positional...)
	}
	return in.call(in.settle(m.function), a, line)
}

// maxChoices bounds nested calls of one of a few functions. A name that may be itself would have no
// end.
const maxChoices = 4

// callEither calls each of a few functions, because it is not known which one is called.
func (in *interpreter) callEither(e *either, a arguments, line int) value {
	if in.depth >= maxDepth || in.choices >= maxChoices {
		return data
	}
	in.choices++
	defer func() { in.choices-- }()
	var result value
	first := true
	var each func(of []value) flow
	each = func(of []value) flow {
		return in.both(true, func() flow {
			v := in.call(in.settle(of[0]), a, line)
			if first {
				result, first = v, false
			} else {
				result = join(in.settle(result), in.settle(v))
			}
			return in.ended()
		}, func() flow {
			if len(of) == 1 {
				return next
			}
			return each(of[1:])
		})
	}
	if f := each(e.of); f != next {
		in.abrupt = f
		return data
	}
	if result == nil {
		return data
	}
	return result
}
