// SPDX-License-Identifier: MIT

package python

import (
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

// fireCalls returns the handlers of fire's. Source: https://github.com/google/python-fire, fire/core.py
// and fire/parser.py.
func fireCalls() map[string]handler {
	return map[string]handler{"fire.Fire": runFire, "fire.core.Fire": runFire}
}

// runFire is fire.Fire(component): words call functions and name members, until no word
// is left.
func runFire(c *call) value {
	component := c.arg(0, "component")
	words, known := c.wordsOf(c.arg(1, "command"))
	if component == nil || component == (none{}) {
		component = c.main
	}
	f := &firing{call: c, words: words}
	for _, w := range words {
		name, _, _ := strings.Cut(w, "=")
		if w == UnknownWords || isUnclear(name) && strings.HasPrefix(w, "-") {
			known = false
		}
	}
	for i, w := range words {
		if w == "--" { // fire's own flags
			f.words = words[:i]
			if strings.Contains(strings.Join(words[i:], " "), "-h") {
				return c.exit(false)
			}
			break
		}
		if w == "--help" || w == "-h" {
			return c.exit(false)
		}
	}
	if !known {
		f.any(component)
		return setting
	}
	for range maxDepth {
		next, ok := f.step(component)
		if !ok || c.abrupt != 0 {
			return orUnknown(next)
		}
		component = next
	}
	return data
}

// firing is one run of fire.
type firing struct {
	*call
	words []string
}

// any runs what a component may call if the words are not known.
func (f *firing) any(component value) {
	left := maxCallbacks
	switch k := component.(type) {
	case *module:
		for _, name := range k.scope.sorted() {
			f.callbacksOf(k.scope.value(name), &left, false)
		}
	case *dict:
		for _, v := range k.values() {
			f.callbacksOf(f.settle(v), &left, false)
		}
	case *class:
		f.maybe(func() { f.anyMethod(f.construct(k, arguments{more: true, moreNamed: true}, f.line), k, &left) })
	case *instance:
		f.anyMethod(k, k.class, &left)
	default:
		f.callbacksOf(component, &left, false)
	}
}

func (f *firing) anyMethod(self value, k *class, left *int) {
	for _, name := range k.scope.sorted() {
		if fn, ok := k.scope.value(name).(*function); ok && !strings.HasPrefix(name, "_") {
			f.callback(&method{self: self, function: fn}, left)
		}
	}
}

// step calls a component or takes a member of it. It returns false at the end.
func (f *firing) step(component value) (value, bool) {
	switch k := component.(type) {
	case *function, *method, *class:
		a, ok := f.take(k)
		if !ok {
			return data, false
		}
		_, isClass := k.(*class)
		v := f.settle(f.call.call(k, a, f.line))
		return v, isClass || len(f.words) > 0
	case *dict:
		if len(f.words) == 0 {
			return data, false
		}
		w := f.words[0]
		if isUnclear(w) {
			f.any(component)
			return setting, false
		}
		f.words = f.words[1:]
		for _, name := range [...]string{w, strings.ReplaceAll(w, "-", "_")} {
			if v, ok := k.get(name); ok {
				return f.settle(v), true
			}
		}
		return data, false
	case *list:
		return data, false
	}
	for i, w := range f.words { // flags that were not taken belong to what follows
		if isFireFlag(w) {
			continue
		}
		if isUnclear(w) {
			f.any(component)
			return setting, false
		}
		f.words = append(f.words[:i:i], f.words[i+1:]...)
		name := strings.ReplaceAll(w, "-", "_")
		switch k := component.(type) {
		case *instance, *object:
			return f.settle(f.attribute(k, name)), true
		case *module:
			return f.settle(f.global(k, name)), true
		}
		return data, false
	}
	return f.callObject(component)
}

// callObject calls an object with a __call__ of which no member is asked for. Source:
// fire/core.py, _Fire.
func (f *firing) callObject(component value) (value, bool) {
	i, ok := component.(*instance)
	if !ok {
		return component, false
	}
	fn, ok := i.class.find("__call__")
	if !ok {
		return component, false
	}
	m := &method{self: i, function: fn}
	a, ok := f.take(m)
	if !ok {
		return data, false
	}
	return f.settle(f.call.call(m, a, f.line)), len(f.words) > 0
}

func isFireFlag(w string) bool {
	return len(w) > 1 && w[0] == '-' && (w[1] == '-' && len(w) > 2 || w[1] >= 'a' && w[1] <= 'z' || w[1] >= 'A' && w[1] <= 'Z')
}

// take takes a call's arguments from the words: flags by name, then the others by
// position. A class gets them by name only.
func (f *firing) take(component value) (arguments, bool) {
	fn, bound := f.callee(component)
	a := arguments{}
	if fn == nil {
		k, ok := component.(*class)
		if ok && k.record {
			return f.recordArguments(k), true
		}
		return a, true
	}
	_, isClass := component.(*class)
	parameters := fn.Parameters
	if bound && len(parameters) > 0 {
		parameters = parameters[1:]
	}
	names, starred := map[string]bool{}, false
	for i := range parameters {
		p := &parameters[i]
		switch p.Kind {
		case syntax.StarStar:
			starred = true
		case syntax.Star:
		default:
			names[p.Name] = true
		}
	}
	loose := f.flags(&a, names, starred)
	for i := range parameters {
		p := &parameters[i]
		if _, given := a.named[p.Name]; given || p.Kind == syntax.Keyword || p.Kind == syntax.StarStar {
			continue
		}
		if p.Kind == syntax.Star {
			continue
		}
		if at := firstWord(f.words); loose && !isClass && at >= 0 {
			a.name(p.Name, literalOf(f.words[at]))
			f.words = append(f.words[:at:at], f.words[at+1:]...)
			continue
		}
		if p.Default == nil {
			return a, false // refused
		}
	}
	f.star(&a, parameters)
	f.note(parameters, a)
	return a, true
}

// star gives the words that are left to *args. The parameters before it are given by
// position then.
func (f *firing) star(a *arguments, parameters []syntax.Parameter) {
	for i := range parameters {
		if parameters[i].Kind != syntax.Star {
			continue
		}
		var flags []string
		for _, w := range f.words {
			if isFireFlag(w) {
				flags = append(flags, w)
			}
		}
		a.more = len(flags) < len(f.words)
		f.words = flags
	}
}

func firstWord(words []string) int {
	for i, w := range words {
		if !isFireFlag(w) {
			return i
		}
	}
	return -1
}

// flags takes the flags that name a parameter, and reports whether other words are
// left.
func (f *firing) flags(a *arguments, names map[string]bool, starred bool) bool {
	var rest []string
	for i := 0; i < len(f.words); i++ {
		w := f.words[i]
		if !isFireFlag(w) {
			rest = append(rest, w)
			continue
		}
		name, v, joined := strings.Cut(strings.TrimLeft(w, "-"), "=")
		name = strings.ReplaceAll(name, "-", "_")
		isSwitch := !joined && (i+1 == len(f.words) || isFireFlag(f.words[i+1]))
		off := strings.HasPrefix(name, "no") && names[strings.TrimPrefix(name, "no")] && isSwitch
		if len(name) == 1 && !names[name] {
			name = onlyWith(names, name)
		}
		switch {
		case !names[name] && !off && !starred:
			rest = append(rest, w)
			if !joined && !isSwitch {
				i++
				rest = append(rest, f.words[i])
			}
		case joined:
			a.name(name, literalOf(v))
		case isSwitch && names[name]:
			a.name(name, true)
		case isSwitch && off:
			a.name(name[2:], false)
		case isSwitch:
			a.name(name, true)
		default:
			i++
			a.name(name, literalOf(f.words[i]))
		}
	}
	f.words = rest
	return len(rest) > 0
}

// onlyWith returns the only name that starts with a letter, else the letter.
func onlyWith(names map[string]bool, letter string) string {
	found := letter
	for name := range names {
		if strings.HasPrefix(name, letter) {
			if found != letter {
				return letter
			}
			found = name
		}
	}
	return found
}

// recordArguments takes the fields of a dataclass.
func (f *firing) recordArguments(k *class) arguments {
	a, names := arguments{}, map[string]bool{}
	for i := range k.fields {
		names[k.fields[i].name] = true
	}
	f.flags(&a, names, false)
	return a
}

// note keeps the parameters as options, for what the evidence names.
func (f *firing) note(parameters []syntax.Parameter, a arguments) {
	for i := range parameters {
		p := &parameters[i]
		o := &parsed{dest: p.Name, words: []string{"--" + p.Name}, line: f.line, missing: data}
		if p.Default != nil {
			o.missing = literal(p.Default)
		}
		if v, ok := a.named[p.Name]; ok {
			if o.given, ok = display(v); !ok {
				o.given = Unknown
			}
		}
		f.options = append(f.options, o)
	}
}
