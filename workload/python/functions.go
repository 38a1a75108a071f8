// SPDX-License-Identifier: MIT

package python

import (
	"slurm-mp-policy/workload/python/syntax"
)

// run follows a call of one of the program's functions.
func (in *interpreter) run(f *function, self value, a arguments) value {
	if in.depth >= maxDepth || in.active[f.Function] >= maxActive || f.module.foreign && in.isForeignSpent() {
		return data
	}
	if in.isUsedUp(f) {
		return in.instead(f, self, &a)
	}
	fr := &frame{
		function: f, module: f.module, scope: in.newScope(), outer: f.closure, caller: in.frame, line: f.line, self: self, branches: in.branches,
	}
	in.bindParameters(fr, f, self, a)
	if in.abrupt != next {
		return data
	}
	saved := in.frame
	in.frame = fr
	in.depth++
	in.active[f.Function]++
	start, seen := in.steps, in.seen+len(in.options)
	attempts := len(in.attempts)
	var v value
	if saved != nil && in.branches > saved.branches && in.isFair {
		if !in.spending(in.share(), func() { v = in.runBody(fr, f) }) {
			v = data
		}
	} else {
		v = in.runBody(fr, f)
	}
	in.attempts = in.attempts[:attempts]
	in.used(f, in.steps-start, in.seen+len(in.options) != seen, v)
	in.frame = saved
	in.depth--
	in.active[f.Function]--
	in.doubt -= fr.doubt
	return v
}

// runBody runs the statements of a function in its frame.
func (in *interpreter) runBody(fr *frame, f *function) value {
	if f.Result != nil {
		return in.eval(f.Result)
	}
	body := f.Statements()
	if f.Generator {
		fr.yields = &list{kind: syntax.Generator}
	}
	switch ended := in.block(body); ended {
	case raised, exited, stopped:
		in.abrupt = ended
		return data
	}
	switch {
	case f.Generator && f.manager:
		return managed(fr.yields)
	case f.Generator:
		return fr.yields
	case !fr.returned:
		return none{}
	}
	return fr.returns
}

// managerPath is the path of the result of a function that is decorated with contextmanager.
const managerPath = "contextlib.contextmanager()"

// managed is the context manager of such a generator. "as" binds its first value.
func managed(yields *list) value {
	o := &object{path: managerPath, scope: newScope(), data: value(data)}
	if len(yields.items) > 0 {
		o.data = yields.items[0]
	}
	return o
}

// bindParameters binds the parameters of a call in its frame.
func (in *interpreter) bindParameters(fr *frame, f *function, self value, a arguments) {
	at := 0
	given := a.positional
	if self != nil && f.descriptor != static {
		given = append([]value{self}, given...)
	}
	var used map[string]bool
	for i := range f.Parameters {
		p := &f.Parameters[i]
		switch p.Kind {
		case syntax.Star:
			rest := &list{kind: syntax.Tuple, open: a.more, unclear: a.unclear}
			if at < len(given) {
				rest.items = given[at:]
			}
			at = len(given)
			fr.scope.put(p.Name, rest)
			continue
		case syntax.StarStar:
			fr.scope.put(p.Name, rest(a, f))
			continue
		}
		if p.Kind != syntax.Keyword && at < len(given) {
			fr.scope.put(p.Name, given[at])
			at++
			continue
		}
		if v, ok := a.named[p.Name]; ok && p.Kind != syntax.Positional {
			if used == nil {
				used = map[string]bool{}
			}
			used[p.Name] = true
			fr.scope.put(p.Name, v)
			continue
		}
		fr.scope.put(p.Name, in.missing(fr, p, a))
	}
}

// rest returns the value of **kwargs.
func rest(a arguments, f *function) *dict {
	d := newDict()
	d.open = a.moreNamed
	for _, name := range a.order {
		if v := a.named[name]; !f.takes(name) {
			k := key{text: name, kind: 's'}
			d.of[k] = v
			d.order = append(d.order, k)
		}
	}
	return d
}

func (f *function) takes(name string) bool {
	for i := range f.Parameters {
		p := &f.Parameters[i]
		if p.Name == name && (p.Kind == syntax.Plain || p.Kind == syntax.Keyword) {
			return true
		}
	}
	return false
}

// missing returns the value of a parameter that the call does not give.
func (in *interpreter) missing(fr *frame, p *syntax.Parameter, a arguments) value {
	isWord := a.unclear && p.Kind != syntax.Keyword
	switch {
	case p.Default == nil && isWord:
		return setting
	case p.Default == nil:
		return data
	}
	saved := in.frame
	in.frame = &frame{module: fr.module, scope: in.newScope(), outer: fr.outer, caller: saved, line: p.Default.Position(), branches: saved.branches, inner: true}
	v := in.eval(p.Default)
	in.frame = saved
	if isWord {
		return join(in.settle(v), setting)
	}
	if a.more && p.Kind != syntax.Keyword || a.moreNamed {
		return join(in.settle(v), unknownOf(v))
	}
	return v
}
