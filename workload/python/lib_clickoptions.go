// SPDX-License-Identifier: MIT

package python

import (
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

func clickParameter(c *call) value {
	if l, ok := c.arg(0, "param_decls").(*list); ok {
		c.positional = l.items
	}
	o := c.clickDeclared(strings.HasSuffix(c.path, "Argument"))
	return &object{path: "click.option()", scope: newScope(), data: o}
}

func clickOption(c *call) value {
	o := c.clickDeclared(strings.HasSuffix(c.path, "argument"))
	return &object{path: "click.option()", scope: newScope(), data: o}
}

func clickAddOption(c *call) value {
	f := c.arg(0, "f")
	o, ok := payload[*parsed](c.self)
	if made := pendingOf(f); ok && made != nil {
		// the lowest decorator runs first, and describes the last argument
		if len(made.options.options) < maxDeclared {
			made.options.options = append([]*parsed{o}, made.options.options...)
		}
		c.options = append(c.options, o)
	}
	return orUnknown(f)
}

// clickDeclared returns the parameter that a call of click.option or click.argument
// describes.
func (c *call) clickDeclared(isArgument bool) *parsed {
	o := &parsed{line: c.line, action: "store", isUnknown: c.more || c.moreNamed}
	for i := range c.positional {
		word, ok := c.arg(i, "").(string)
		switch {
		case !ok:
			o.isUnknown = true
		case strings.HasPrefix(word, "-"):
			on, off, both := strings.Cut(word, "/")
			if on = strings.TrimSpace(on); on != "" {
				o.words = append(o.words, on)
			}
			if both {
				o.off = append(o.off, strings.TrimSpace(off))
				o.action = "store_true"
			}
		default:
			o.dest = word
		}
	}
	if isArgument {
		o.dest = strings.ReplaceAll(strings.ToLower(o.dest), "-", "_")
		o.words = nil
	} else if o.dest == "" && len(o.words) > 0 {
		o.dest = strings.ToLower(destOf(o.words, "-"))
	}
	c.clickDescribe(o, isArgument)
	return o
}

func (c *call) clickDescribe(o *parsed, isArgument bool) {
	o.missing = c.arg(-1, "default")
	switch o.missing.(type) {
	case *function, *method, *library:
		o.missing = c.settle(c.call(o.missing, arguments{}, c.line))
	}
	flag := c.arg(-1, "flag_value")
	switch {
	case c.isSet(-1, "count") == yes:
		o.action = "count"
		if o.missing == nil {
			o.missing = int64(0)
		}
	case flag != nil:
		o.action, o.constant = "store_const", flag
		if o.missing == true {
			o.missing = flag
		}
	case c.isSet(-1, "is_flag") == yes:
		o.action = "store_true"
	case o.action == "store" && !isArgument && c.arg(-1, "is_flag") == nil && c.arg(-1, "type") == nil && isBool(o.missing):
		o.action = "store_true" // since click 8 a default that is a bool makes a flag
	}
	o.nargs = c.arg(-1, "nargs")
	switch {
	case o.nargs == int64(1):
		o.nargs = nil
	case o.nargs == int64(-1):
		o.nargs = "*"
		if c.isSet(-1, "required") == yes {
			o.nargs = "+"
		}
	}
	o.repeats = c.isSet(-1, "multiple") == yes
	o.convert = c.clickType(c.arg(-1, "type"), o)
	o.isRequired = c.isSet(-1, "required") != no
	if o.missing == nil && c.isSet(-1, "prompt") != no {
		o.missing = setting
	}
	if isArgument && o.missing != nil && o.nargs == nil || isArgument && c.arg(-1, "required") == false && o.nargs == nil {
		o.nargs = "?"
	}
	switch v := c.arg(-1, "envvar").(type) {
	case string:
		o.variables = append(o.variables, v)
	case *list:
		for _, item := range v.items {
			if s, ok := c.settle(item).(string); ok {
				o.variables = append(o.variables, s)
			}
		}
	}
	o.callback = c.arg(-1, "callback")
	o.hides = c.arg(-1, "expose_value") == false
	if o.missing != nil {
		return
	}
	switch {
	case o.repeats, o.nargs == "*":
		o.missing = &list{kind: syntax.Tuple}
	default:
		o.missing = o.noDefault()
	}
}

func isBool(v value) bool {
	_, ok := v.(bool)
	return ok
}

// clickType returns the function that converts a parameter's words: its type, or that
// of its default.
func (c *call) clickType(t value, o *parsed) value {
	of := o.missing
	if l, ok := of.(*list); ok && t == nil && len(l.items) > 0 {
		of = c.settle(l.items[0])
	}
	switch t := t.(type) {
	case nil, none:
		return ofDefault(of)
	case *library:
		switch t.path {
		case "int", "click.INT":
			return &library{path: "int"}
		case "float", "click.FLOAT":
			return &library{path: "float"}
		case "bool", "click.BOOL":
			return &library{path: "click.BOOL"}
		}
		return nil
	case *object:
		switch t.path {
		case "click.IntRange":
			return &library{path: "int"}
		case "click.FloatRange":
			return &library{path: "float"}
		case "click.File":
			return &object{path: "argparse.FileType", scope: newScope()}
		}
		return nil
	case *list:
		o.nargs = int64(len(t.items))
		return setting
	}
	return t
}
