// SPDX-License-Identifier: MIT

package python

import "strings"

// context is what a running command of click knows of itself. Its scope holds obj,
// parent, params and invoked_subcommand.
type context struct {
	command *command
	parent  *object
}

// clickRun is a call of a command: it takes the program's arguments and ends the
// program, unless it is told not to.
func clickRun(c *call) value {
	made, ok := payload[*command](c.self)
	if !ok {
		return data
	}
	words, known := c.wordsOf(c.arg(0, "args"))
	if prefix, ok := c.text(-1, "auto_envvar_prefix"); ok {
		made.prefix = prefix
	}
	o := c.newContext(made, nil)
	if obj := c.arg(-1, "obj"); obj != nil {
		c.set(o.scope, "obj", obj)
	}
	v := c.runCommand(made, o, words, known)
	if c.abrupt == next && c.arg(3, "standalone_mode") != false {
		return c.exit(false)
	}
	return v
}

func (in *interpreter) newContext(made *command, parent *object) *object {
	o := &object{path: "click.Context", scope: newScope(), data: &context{command: made, parent: parent}}
	o.scope.put("obj", none{})
	o.scope.put("parent", none{})
	o.scope.put("invoked_subcommand", none{})
	o.scope.put("info_name", made.name)
	o.scope.put("command", &object{path: commandPath, scope: newScope(), data: made})
	if parent != nil {
		o.scope.put("obj", parent.scope.value("obj"))
		o.scope.put("parent", parent)
	}
	return o
}

// runCommand runs a command with its words, and the commands of a group that they name.
func (c *call) runCommand(made *command, o *object, words []string, known bool) value {
	if !c.spend() || c.depth >= maxDepth {
		return data
	}
	c.depth++
	defer func() { c.depth-- }()
	for _, p := range made.options.options {
		if made.prefix != "" && len(p.variables) == 0 {
			p.variables = []string{made.prefix + "_" + strings.ToUpper(p.dest)}
		}
	}
	r := &reading{in: c.interpreter, scope: newScope(), known: known, line: c.line, strict: !made.isGroup}
	rest := r.split(made, words)
	if r.helped {
		return c.exit(false)
	}
	unclear := !known || r.lost
	if made.defaults {
		for _, p := range made.options.options {
			if p.given == "" {
				c.set(r.scope, p.dest, setting)
			}
		}
	}
	if made.isGroup && len(rest) == 0 && !unclear && !made.invokes {
		return c.exit(false) // it shows its commands
	}
	var member *command
	if made.isGroup && len(rest) > 0 {
		c.set(o.scope, "invoked_subcommand", wordOf(rest[0]))
		member = c.member(made, rest[0], o)
		if member == nil && !made.isOpen && !isUnclear(rest[0]) && made.lazy == nil {
			return c.exit(false) // there is no such command
		}
	} else if unclear {
		c.set(o.scope, "invoked_subcommand", setting)
	}
	v := c.invoke(made, o, r)
	if !made.isGroup || c.abrupt != next {
		return v
	}
	switch {
	case made.chain && member != nil:
		return c.runChain(made, o, rest)
	case member != nil:
		return c.runCommand(member, c.newContext(member, o), rest[1:], known)
	case len(rest) > 0 || unclear:
		c.anyCommand(made, o)
	}
	return data
}

// split takes the options of a command, and returns the words of a group's commands.
func (r *reading) split(made *command, words []string) []string {
	r.all(made.options, words)
	if !made.isGroup {
		return nil
	}
	return r.extra
}

// member returns a group's command by its name, nil if there is none.
func (c *call) member(made *command, name string, o *object) *command {
	if m := made.members[name]; m != nil {
		return m
	}
	if made.lazy == nil {
		c.loadBeside(c.main, func() bool { return made.members[name] != nil })
		return made.members[name]
	}
	if f, ok := made.lazy.class.find("get_command"); ok {
		made.lazy.data = made
		found, _ := payload[*command](c.settle(c.run(f, made.lazy, positional(o, name))))
		return found
	}
	return nil
}

// runChain runs several commands of a group, one after the other.
func (c *call) runChain(made *command, o *object, words []string) value {
	for len(words) > 0 && c.abrupt == next {
		member := made.members[words[0]]
		if isUnclear(words[0]) {
			c.anyCommand(made, o)
		}
		if member == nil {
			return data
		}
		own := *member.options
		own.early = true
		r := &reading{in: c.interpreter, scope: newScope(), known: true, line: c.line}
		r.all(&own, words[1:])
		c.invoke(member, c.newContext(member, o), r)
		words = r.extra
		if r.lost {
			c.anyCommand(made, o) // others may follow
		}
	}
	return data
}

// anyCommand runs each command of a group of which it is not known which one is meant.
func (c *call) anyCommand(made *command, o *object) {
	left := maxCallbacks
	for _, name := range made.names {
		if left--; left < 0 {
			return
		}
		member := made.members[name]
		c.maybe(func() { c.runCommand(member, c.newContext(member, o), nil, false) })
	}
}

// maybe runs something that may not happen, because of what decides about workers.
func (in *interpreter) maybe(run func()) {
	in.doubt++
	made, ended := in.branch(func() flow {
		run()
		return in.ended()
	})
	in.doubt--
	if ended == next {
		in.merge(made, nil)
	}
}

// invoke calls a command's function with its parameters.
func (c *call) invoke(made *command, o *object, r *reading) value {
	saved := c.context
	c.context = o
	defer func() { c.context = saved }()
	a := arguments{}
	params := newDict()
	for _, p := range made.options.options {
		if p.dest == "" || p.action == "version" || p.action == "help" {
			continue
		}
		v, ok := r.scope.get(p.dest)
		if !ok {
			v = setting
		}
		if p.action == "context" {
			v = o
		}
		switch p.callback.(type) {
		case *function, *method:
			v = c.settle(c.callCheck(p, o, v))
			if c.abrupt != next {
				return data
			}
		}
		c.setEntry(params, key{text: p.dest, kind: 's'}, v)
		if !p.hides {
			a.name(p.dest, v)
		}
	}
	c.set(o.scope, "params", params)
	c.set(o.scope, "args", wordList(r.extra))
	if made.function == nil {
		return none{}
	}
	for _, what := range made.first {
		if what == "context" {
			a.positional = append(a.positional, o)
			continue
		}
		if made.made != nil && o.scope.value("obj") == (none{}) {
			c.setObject(o, c.construct(made.made, arguments{}, c.line))
		}
		a.positional = append(a.positional, o.scope.value("obj"))
	}
	return c.call(made.function, a, c.line)
}

// callCheck calls a parameter's callback. Click's gets the context, the parameter and
// the value; typer's may take the value only.
func (c *call) callCheck(p *parsed, o *object, v value) value {
	f, bound := c.callee(p.callback)
	if f == nil {
		return v
	}
	n := len(f.Parameters)
	if bound {
		n--
	}
	a := positional(o, data, v)
	switch n {
	case 1:
		a = positional(v)
	case 2:
		a = positional(o, v)
	case 0:
		a = arguments{}
	}
	return c.call(p.callback, a, c.line)
}

func contextEnsure(c *call) value {
	o, ok := c.self.(*object)
	if !ok {
		return data
	}
	if have := o.scope.value("obj"); have != (none{}) {
		return have
	}
	v := c.settle(c.call(c.arg(0, "object_type"), arguments{}, c.line))
	c.setObject(o, v)
	return v
}

// setObject sets obj of a context, and of those around that have none.
func (in *interpreter) setObject(o *object, v value) {
	in.set(o.scope, "obj", v)
}

func contextRoot(c *call) value {
	o, _ := c.self.(*object)
	for o != nil {
		x, ok := o.data.(*context)
		if !ok || x.parent == nil {
			return o
		}
		o = x.parent
	}
	return data
}

// contextInvoke is ctx.invoke(command, ...): a command gets the defaults of what is
// not given. ctx.forward gives it the parameters of the one that runs.
func contextInvoke(c *call) value {
	o, _ := c.self.(*object)
	f := c.arg(0, "callback")
	made, ok := payload[*command](f)
	if !ok {
		if f == nil {
			return data
		}
		a := c.arguments
		a.positional = a.positional[min(1, len(a.positional)):]
		return c.call(f, a, c.line)
	}
	r := &reading{in: c.interpreter, scope: newScope(), known: true, line: c.line}
	r.all(made.options, nil)
	if d, ok := o.scope.value("params").(*dict); ok && strings.HasSuffix(c.path, "forward") {
		for _, k := range d.order {
			c.set(r.scope, k.text, d.of[k])
		}
	}
	for _, name := range c.order {
		c.set(r.scope, name, c.named[name])
	}
	return c.invoke(made, c.newContext(made, o), r)
}
