// SPDX-License-Identifier: MIT

package python

import "strings"

// typerCalls returns the handlers of typer's. Source: https://typer.tiangolo.com and typer/main.py.
func typerCalls() map[string]handler {
	calls := map[string]handler{
		"typer.Typer": newTyper, "typer.Typer.command": typerCommand, "typer.Typer.callback": typerCommand,
		"typer.command().__call__": typerAdd, "typer.Typer.add_typer": addTyper, "typer.Typer.__call__": runTyper, "typer.run": runTyper,
		"typer.Option": typerParameter, "typer.Argument": typerParameter, "typer.main.get_command": typerObject,
		"typer.echo": opaqueOnly, "typer.secho": opaqueOnly, "typer.style": opaqueOnly,
		"typer.prompt": unknownSetting, "typer.confirm": unknownSetting,
	}
	return calls
}

// typerApp is an app: a group whose only command is run without its name.
type typerApp struct {
	*command
	hasCallback bool
	hasGroups   bool
}

func newTyper(c *call) value {
	app := &typerApp{command: newCommand()}
	app.isGroup, app.options.early = true, true
	app.name, _ = c.text(-1, "name")
	app.invokes = c.isSet(-1, "invoke_without_command") == yes
	app.chain = c.isSet(-1, "chain") == yes
	app.options.noHelp = c.arg(-1, "add_help_option") == false
	if f := c.arg(-1, "callback"); f != nil {
		if fn, bound := c.callee(f); fn != nil {
			c.typerShape(app.command, f, fn, bound)
			app.hasCallback = true
		}
	}
	return c.keep(app)
}

// typerCommand is @app.command() and @app.callback(), which return the function.
func typerCommand(c *call) value {
	return &object{path: "typer.command()", scope: newScope(), data: *c}
}

func typerAdd(c *call) value {
	with, ok := payload[call](c.self)
	f := c.arg(0, "f")
	fn, bound := c.callee(f)
	if !ok || fn == nil {
		return orUnknown(f)
	}
	app, ok := payload[*typerApp](with.self)
	if !ok {
		return f
	}
	with.interpreter = c.interpreter
	if strings.HasSuffix(with.path, "callback") {
		c.typerShape(app.command, f, fn, bound)
		app.hasCallback = true
		app.invokes = app.invokes || with.isSet(-1, "invoke_without_command") == yes
		return f
	}
	made := newCommand()
	c.typerShape(made, f, fn, bound)
	if made.name, ok = with.text(0, "name"); !ok {
		made.name = commandName(f)
	}
	app.add(made.name, made)
	return f
}

func addTyper(c *call) value {
	app, ok := payload[*typerApp](c.self)
	sub, isApp := payload[*typerApp](c.arg(0, "typer_instance"))
	switch {
	case !ok:
		return none{}
	case !isApp:
		app.isOpen = true
		return none{}
	}
	name, ok := c.text(-1, "name")
	if !ok {
		name = sub.name
	}
	if name == "" && sub.function != nil {
		name = commandName(sub.function)
	}
	app.hasGroups = true
	if name == "" { // its commands are the app's
		for _, n := range sub.names {
			app.add(n, sub.members[n])
		}
		return none{}
	}
	app.add(name, sub.command)
	return none{}
}

// shown is the command that an app runs as.
func (app *typerApp) shown() *command {
	if len(app.names) == 1 && !app.hasCallback && !app.hasGroups {
		return app.members[app.names[0]]
	}
	return app.command
}

// runTyper is app() and typer.run(function).
func runTyper(c *call) value {
	var made *command
	if app, ok := payload[*typerApp](c.self); ok {
		made = app.shown()
	} else if f := c.arg(0, "function"); c.path == "typer.run" {
		fn, bound := c.callee(f)
		if fn == nil {
			return data
		}
		made = newCommand()
		c.typerShape(made, f, fn, bound)
		c.positional = nil
	}
	if made == nil {
		return data
	}
	c.self = &object{path: commandPath, scope: newScope(), data: made}
	return clickRun(c)
}

func typerObject(c *call) value {
	if app, ok := payload[*typerApp](c.arg(0, "typer_instance")); ok {
		return &object{path: commandPath, scope: newScope(), data: app.shown()}
	}
	return data
}

// typerParameter is typer.Option(...) or typer.Argument(...), as a default or in
// Annotated.
func typerParameter(c *call) value {
	return &object{path: "typer.Option()", scope: newScope(), data: *c}
}

// typerShape makes a command's parameters of its function's.
func (c *call) typerShape(made *command, f value, fn *function, bound bool) {
	made.function = f
	for _, p := range c.signature(fn, bound) {
		o := c.typerDeclared(&p, fn.line)
		c.add(made.options, o)
	}
}

func (c *call) typerDeclared(p *parameter, line int) *parsed {
	if p.context {
		return &parsed{dest: p.Name, action: "context"}
	}
	var info *call
	for _, extra := range p.extras {
		if with, ok := payload[call](extra); ok {
			info = &with
		}
	}
	if with, ok := payload[call](p.missing); ok {
		info = &with
		p.missing = with.arg(0, "default")
		if len(with.positional) > 0 {
			info.positional = with.positional[1:]
		}
	}
	if l, ok := p.missing.(*library); ok && l.path == "Ellipsis" {
		p.missing = nil
	}
	if is, _ := isUnknown(p.missing); is && p.missing == data {
		p.missing = nil // "..."
	}
	isArgument := p.missing == nil && info == nil || info != nil && strings.HasSuffix(info.path, "Argument")
	o := p.optionOf(line)
	if info != nil {
		info.interpreter = c.interpreter
		info.typerDescribe(o, p)
	}
	if p.several && o.missing == (none{}) {
		o.missing = &list{}
	}
	if !isArgument {
		o.repeats, o.nargs = p.several, nil
		return o
	}
	o.words, o.off, o.action = nil, nil, "store"
	switch {
	case p.several:
		o.nargs = "*"
	case p.missing != nil:
		o.nargs = "?"
	}
	return o
}

// typerDescribe takes the arguments of typer.Option.
func (c *call) typerDescribe(o *parsed, p *parameter) {
	var words, off []string
	for i := range c.positional {
		word, ok := c.arg(i, "").(string)
		if !ok {
			o.isUnknown = true
			continue
		}
		on, second, both := strings.Cut(word, "/")
		if on = strings.TrimSpace(on); on != "" {
			words = append(words, on)
		}
		if both {
			off = append(off, strings.TrimSpace(second))
		}
	}
	if len(words)+len(off) > 0 {
		o.words, o.off = words, off
	}
	for _, name := range [...]string{"default_factory", "default"} {
		switch f := c.arg(-1, name).(type) {
		case *function, *method, *library:
			o.missing = c.settle(c.call(f, arguments{}, o.line))
		}
	}
	switch f := p.missing.(type) {
	case *function, *method:
		o.missing = c.settle(c.call(f, arguments{}, o.line))
	}
	if c.isSet(-1, "count") == yes {
		o.action = "count"
	}
	if name, ok := c.text(-1, "envvar"); ok {
		o.variables = append(o.variables, name)
	}
	if l, ok := c.arg(-1, "envvar").(*list); ok {
		names, _ := texts(c.interpreter, l, 0)
		o.variables = append(o.variables, names...)
	}
	if p.missing == nil && c.isSet(-1, "prompt") != no {
		o.missing = setting
	}
	o.callback = c.arg(-1, "callback")
	if t := c.arg(-1, "parser"); t != nil {
		o.convert = t
	}
}
