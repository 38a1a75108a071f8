// SPDX-License-Identifier: MIT

package python

import (
	"slices"
	"strconv"
	"strings"
)

func runFirst(c *call) value { return c.callFirst(false) }

// applyFirst calls its first argument with the others.
func applyFirst(c *call) value { return c.callFirst(true) }

func (c *call) callFirst(rest bool) value {
	f := c.arg(0, "func")
	switch f.(type) {
	case *function, *method, *class:
	default:
		return data
	}
	a := arguments{}
	if rest {
		a = arguments{positional: c.positional[min(1, len(c.positional)):], more: true, moreNamed: true}
		if strings.HasSuffix(c.path, "map") {
			a.positional = nil
		}
	}
	return c.call(f, a, c.line)
}

// thread is threading.Thread(target=f, args=(...)): f runs beside the program.
func thread(c *call) value {
	if _, ok := c.self.(*instance); ok {
		return none{}
	}
	return c.later(1, 3)
}

// later returns an object whose start calls the function that is given as target, with
// args and kwargs.
func (c *call) later(target, args int) *object {
	o := &object{path: c.path, scope: newScope()}
	f := c.arg(target, "target")
	if f == nil {
		return o
	}
	a := arguments{more: true}
	if l, ok := c.arg(args, "args").(*list); ok {
		a = arguments{positional: l.items, more: l.open}
	}
	if d, ok := c.arg(args+1, "kwargs").(*dict); ok {
		a.spread(d)
	}
	o.data = &pending{function: f, arguments: a}
	return o
}

// pending is a call that is made later.
type pending struct {
	function value
	arguments
	rounds    int  // of the loop in which a process was made, 0 if not known
	loop      int  // that loop
	isCounted bool // the process counts as started
}

func startThread(c *call) value {
	switch self := c.self.(type) {
	case *object:
		if p, ok := self.data.(*pending); ok {
			switch p.function.(type) {
			case *function, *method:
				c.explore(maxExplored, func() { c.call(p.function, p.arguments, c.line) })
			}
		}
	case *instance:
		if f, ok := self.class.find("run"); ok {
			c.explore(maxExplored, func() { c.run(f, self, arguments{}) })
		}
	}
	return none{}
}

func partial(c *call) value {
	f := c.arg(0, "func")
	if f == nil {
		return data
	}
	return &object{path: "functools.partial", scope: newScope(), data: &pending{
		function:  f,
		arguments: arguments{positional: c.positional[min(1, len(c.positional)):], named: c.named, order: c.order, more: c.more, moreNamed: c.moreNamed},
	}}
}

func partialAttribute(in *interpreter, o *object, name string) value {
	if p, ok := o.data.(*pending); ok && name == "func" {
		return p.function
	}
	return nil
}

// callPartial calls the function of a partial with its arguments and further ones.
func (in *interpreter) callPartial(p *pending, a arguments, line int) value {
	all := arguments{
		positional: append(append([]value(nil), p.positional...), a.positional...), more: p.more || a.more, moreNamed: p.moreNamed || a.moreNamed,
	}
	if len(all.positional) > maxItems { // a partial of a partial, and so on
		all.positional, all.more = all.positional[:maxItems], true
	}
	for _, name := range p.order {
		all.name(name, p.named[name])
	}
	for _, name := range a.order {
		all.name(name, a.named[name])
	}
	return in.call(in.settle(p.function), all, line)
}

// runPath is runpy.run_path(file).
func runPath(c *call) value {
	file, ok := c.text(0, "path_name")
	if !ok || c.program.Open == nil {
		return data
	}
	f, ok := c.program.Open(file)
	if !ok {
		return data
	}
	m := c.newModule("<run_path>", f)
	return c.runAs(m, c.arg(2, "run_name"))
}

func runModule(c *call) value {
	name, ok := c.text(0, "mod_name")
	if !ok {
		return data
	}
	if m := c.module(name); m != nil {
		return c.runAs(c.newModule(name, Module{File: m.file, IsPackage: m.isPack, Text: m.source}), c.arg(2, "run_name"))
	}
	return data
}

// runAs runs the statements of a module under a name.
func (c *call) runAs(m *module, name value) value {
	if s, ok := name.(string); ok {
		m.scope.put("__name__", s)
	}
	m.state = running
	if tree := c.parse(m); tree != nil {
		if f := c.runModule(m, tree); f == exited || f == raised {
			c.abrupt = f
		}
	}
	m.state = done
	return c.attributesOf(m.scope, true)
}

// runClasses is the main function of a framework that finds the program's classes by
// itself and calls their methods.
func runClasses(c *call) value {
	left := maxCallbacks
	for _, name := range c.main.scope.sorted() {
		if k, ok := c.main.scope.value(name).(*class); ok {
			c.framework(k, nil, &left)
		}
	}
	return data
}

// runTasks is luigi.run(), which reads the program's arguments: --workers N. Source:
// luigi/interface.py, core.workers.
func runTasks(c *call) value {
	for i, word := range c.program.Arguments {
		n, found := strings.CutPrefix(word, "--workers")
		switch {
		case !found:
			continue
		case n == "" && i+1 < len(c.program.Arguments):
			n = c.program.Arguments[i+1]
		default:
			n = strings.TrimPrefix(n, "=")
		}
		if isUnclear(n) {
			c.sight(effectPool, c.path, setting)
		} else if n, err := strconv.ParseInt(n, 10, 64); err == nil && n > 1 {
			c.sight(effectPool, c.path, n)
		}
	}
	if slices.Contains(c.program.Arguments, UnknownWords) {
		c.sight(effectPool, c.path, setting)
	}
	return runClasses(c)
}
