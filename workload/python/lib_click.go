// SPDX-License-Identifier: MIT

package python

import "strings"

// commandPath is the path of a command of click: the object that its decorator makes.
const commandPath = "click.Command"

// command is a command, or a group of commands, of click or of a library like it.
type command struct {
	name     string
	function value // what it runs, nil for nothing
	options  *parser
	isGroup  bool
	names    []string
	members  map[string]*command
	lazy     *instance // of a class of the program that finds the commands itself
	isOpen   bool      // there may be further commands
	invokes  bool      // a group's function runs without a command, too
	chain    bool      // several commands, one after the other
	prefix   string    // auto_envvar_prefix
	defaults bool      // default_map may hold other defaults
	first    []string  // what the function gets first: "context" or "object"
	made     *class    // of pass_decorator
}

func newCommand() *command {
	return &command{
		options: &parser{style: style{exact: true, greedy: true}, prefix: "-", defaults: map[string]value{}},
		members: map[string]*command{},
	}
}

func (g *command) add(name string, member *command) {
	if _, ok := g.members[name]; !ok {
		g.names = append(g.names, name)
	}
	g.members[name] = member
}

// clickCalls returns the handlers of click's. Source: https://click.palletsprojects.com/en/stable/api/ and
// src/click/core.py, decorators.py and parser.py.
func clickCalls() map[string]handler {
	calls := map[string]handler{
		"click.command": clickCommand, "click.group": clickCommand, "click.command().__call__": clickDecorate,
		"click.option": clickOption, "click.argument": clickOption, "click.option().__call__": clickAddOption,
		"click.confirmation_option": clickNothing, "click.version_option": clickVersion, "click.help_option": clickNothing,
		"click.password_option": clickNothing, "click.nothing().__call__": clickSame,
		"click.pass_context": clickPass("context"), "click.pass_obj": clickPass("object"), "click.make_pass_decorator": clickMakePass,
		"click.make_pass_decorator().__call__": clickPassMade,
		commandPath + ".command":               clickCommand, commandPath + ".group": clickCommand, commandPath + ".add_command": clickAddCommand,
		commandPath + ".__call__": clickRun, commandPath + ".main": clickRun, commandPath + ".callback": clickCallback,
		commandPath + ".result_callback": clickNothing, commandPath + ".get_command": opaqueOnly, commandPath + ".list_commands": opaqueOnly,
		"click.Group": clickClass, "click.Command": clickClass, "click.MultiCommand": clickClass, "click.CommandCollection": clickClass,
		"click.Option": clickParameter, "click.Argument": clickParameter,
		"click.get_current_context": func(c *call) value { return orNone(c.context) },
		"click.Context.invoke":      contextInvoke, "click.Context.forward": contextInvoke, "click.Context.ensure_object": contextEnsure,
		"click.Context.exit": exitCall, "click.Context.fail": refuse, "click.Context.abort": exitCall,
		"click.Context.find_root": contextRoot, "click.Context.get_help": opaqueOnly,
		"click.echo": opaqueOnly, "click.secho": opaqueOnly, "click.style": opaqueOnly,
		"click.prompt": unknownSetting, "click.confirm": unknownSetting,
	}
	for _, name := range [...]string{"Choice", "Path", "File", "IntRange", "FloatRange", "Tuple", "DateTime"} {
		calls["click."+name] = func(c *call) value { return &object{path: c.path, scope: newScope(), data: c.positional} }
	}
	return calls
}

// clickNothing is a decorator's call that changes nothing of what a command does.
func clickNothing(c *call) value { return &object{path: "click.nothing()", scope: newScope()} }

func clickSame(c *call) value { return orUnknown(c.arg(0, "")) }

// clickVersion is @click.version_option: --version shows it and ends.
func clickVersion(c *call) value {
	return &object{path: "click.option()", scope: newScope(), data: &parsed{words: []string{"--version"}, action: "version", line: c.line}}
}

// pendingOf returns the command that a function is about to become: its decorators run
// from the lowest on.
func pendingOf(v value) *command {
	switch f := v.(type) {
	case *function:
		made, ok := f.command.(*command)
		if !ok {
			made = newCommand()
			f.command = made
		}
		return made
	case *object:
		made, _ := f.data.(*command)
		return made
	case *method:
		return pendingOf(f.function)
	}
	return nil
}

// clickCommand is @click.command(), @group.command() and the like.
func clickCommand(c *call) value {
	o := &object{path: "click.command()", scope: newScope(), data: *c}
	switch f := c.arg(0, "").(type) {
	case *function, *method, *object: // without brackets
		c.positional = nil
		o.data = *c
		return clickDecorate(&call{interpreter: c.interpreter, arguments: positional(f), self: o, line: c.line})
	}
	return o
}

func clickDecorate(c *call) value {
	with, ok := payload[call](c.self)
	f := c.arg(0, "f")
	made := pendingOf(f)
	if !ok || made == nil {
		return orUnknown(f)
	}
	with.interpreter = c.interpreter
	if fn, ok := f.(*function); ok {
		fn.command = nil // the function itself stays a function
	}
	made.function = f
	with.shape(made, strings.HasSuffix(with.path, "group"))
	if name, ok := with.text(0, "name"); ok {
		made.name = name
	} else if made.name == "" {
		made.name = commandName(f)
	}
	if group, ok := payload[*command](with.self); ok {
		group.isGroup = true
		group.add(made.name, made)
	}
	return &object{path: commandPath, scope: newScope(), data: made}
}

// shape takes the arguments of a command's decorator or constructor.
func (c *call) shape(made *command, isGroup bool) {
	if cls, ok := c.arg(1, "cls").(*class); ok {
		isGroup = isGroup || cls.isA("click.Group") || cls.isA("click.MultiCommand")
		if _, ok := cls.find("get_command"); ok {
			made.lazy = &instance{class: cls, scope: newScope(), open: true}
		}
	} else if c.arg(1, "cls") != nil && isGroup {
		made.isOpen = true
	}
	made.isGroup = made.isGroup || isGroup
	made.options.early = made.isGroup
	made.invokes = c.isSet(-1, "invoke_without_command") == yes
	made.chain = c.isSet(-1, "chain") == yes
	made.options.noHelp = c.arg(-1, "add_help_option") == false
	d, ok := c.arg(-1, "context_settings").(*dict)
	if !ok {
		return
	}
	if s, ok := d.get("auto_envvar_prefix"); ok {
		made.prefix, _ = c.settle(s).(string)
	}
	_, made.defaults = d.get("default_map")
	if _, ok := d.get("token_normalize_func"); ok {
		made.options.isOpen = true
	}
}

// commandName is the name that click gives a function's command.
func commandName(f value) string {
	fn, ok := f.(*function)
	if m, isMethod := f.(*method); isMethod {
		fn, ok = m.function.(*function)
	}
	if !ok {
		return ""
	}
	return strings.ReplaceAll(strings.ToLower(fn.Name), "_", "-")
}

// clickClass makes a command or a group by its class.
func clickClass(c *call) value {
	made := newCommand()
	made.name, _ = c.text(0, "name")
	c.shape(made, c.path != commandPath)
	if f := c.arg(-1, "callback"); f != nil {
		if _, isNone := f.(none); !isNone {
			made.function = f
		}
	}
	if l, ok := c.arg(-1, "params").(*list); ok {
		for _, v := range l.items {
			if o, ok := payload[*parsed](c.settle(v)); ok {
				made.options.options = append(made.options.options, o)
			}
		}
	}
	c.collect(made)
	if i, ok := c.self.(*instance); ok {
		i.data = made
		if _, ok := i.class.find("get_command"); ok {
			made.lazy = i
		}
		return i
	}
	return &object{path: commandPath, scope: newScope(), data: made}
}

// collect takes the commands that a group is made with.
func (c *call) collect(made *command) {
	switch d := c.arg(1, "commands").(type) {
	case *dict:
		for _, k := range d.order {
			if member, ok := payload[*command](c.settle(d.of[k])); ok {
				made.add(k.text, member)
			}
		}
	case *list:
		for _, v := range d.items {
			if member, ok := payload[*command](c.settle(v)); ok {
				made.add(member.name, member)
			}
		}
	}
	if l, ok := c.arg(-1, "sources").(*list); ok {
		for _, v := range l.items {
			from, ok := payload[*command](c.settle(v))
			if !ok {
				made.isOpen = true
				continue
			}
			for _, name := range from.names {
				made.add(name, from.members[name])
			}
		}
	}
}

func clickAddCommand(c *call) value {
	group, ok := payload[*command](c.self)
	if !ok {
		return none{}
	}
	member, ok := payload[*command](c.arg(0, "cmd"))
	if !ok {
		group.isOpen = true
		return none{}
	}
	name, ok := c.text(1, "name")
	if !ok {
		name = member.name
	}
	group.add(name, member)
	return none{}
}

// clickCallback is group.callback, which typer and cyclopts have as a decorator too; a
// click command's is its function.
func clickCallback(c *call) value {
	made, ok := payload[*command](c.self)
	if !ok || made.function == nil {
		return data
	}
	return c.call(made.function, c.arguments, c.line)
}

func clickPass(what string) handler {
	return func(c *call) value {
		f := c.arg(0, "f")
		if made := pendingOf(f); made != nil {
			made.first = append([]string{what}, made.first...)
		}
		return orUnknown(f)
	}
}

func clickMakePass(c *call) value {
	o := &object{path: "click.make_pass_decorator()", scope: newScope()}
	if k, ok := c.arg(0, "object_type").(*class); ok && c.isSet(1, "ensure") == yes {
		o.data = k
	}
	return o
}

func clickPassMade(c *call) value {
	f := c.arg(0, "f")
	if made := pendingOf(f); made != nil {
		made.first = append([]string{"object"}, made.first...)
		made.made, _ = payload[*class](c.self)
	}
	return orUnknown(f)
}
