// SPDX-License-Identifier: MIT

package python

import (
	"slices"
	"strings"
)

// abslCalls returns the handlers of those of absl's flags and app, and of TensorFlow's names for them.
// Source: https://github.com/abseil/abseil-py, absl/flags/_defines.py, _flagvalues.py
// and absl/app.py.
func abslCalls() map[string]handler {
	calls := map[string]handler{
		"absl.app.run": abslRun, "absl.flags.FLAGS.__call__": abslParse, "absl.app.parse_flags_with_usage": abslParse,
		"absl.flags.FLAGS.is_parsed": func(*call) value { return true }, "absl.flags.FLAGS.set_default": abslSet,
		"absl.flags.mark_flag_as_required": nothing, "absl.flags.mark_flags_as_required": nothing, "absl.flags.register_validator": nothing,
		"absl.flags.FLAGS.flag_values_dict": abslDict, "absl.flags.mark_bool_flags_as_mutual_exclusive": nothing,
		"absl.flags.mark_flags_as_mutual_exclusive": nothing, "absl.flags.declare_key_flag": nothing, "absl.flags.adopt_module_key_flags": nothing,
		"absl.flags.FlagHolder.value": opaqueOnly,
	}
	for name, convert := range map[string]string{
		"integer": "int", "float": "float", "string": "", "bool": "click.BOOL", "boolean": "click.BOOL", "enum": "", "list": "list",
		"spaceseplist": "list", "multi_integer": "int", "multi_float": "float", "multi_string": "", "multi_enum": "", "enum_class": "other", "alias": "other",
	} {
		calls["absl.flags.DEFINE_"+name] = defineFlag(convert, strings.HasPrefix(name, "multi_"))
	}
	return calls
}

const (
	flagsPath  = "absl.flags.FLAGS"
	holderPath = "absl.flags.FlagHolder"
)

// defineFlag is flags.DEFINE_integer(name, default, help) and the like.
func defineFlag(convert string, several bool) handler {
	return func(c *call) value {
		p := c.flags().data.(*parser)
		name, ok := c.text(0, "name")
		if !ok {
			p.isOpen = true
			return &object{path: holderPath, scope: newScope()}
		}
		o := &parsed{dest: name, words: []string{"--" + name, "-" + name}, action: "store", missing: orNone(c.arg(1, "default")), line: c.line}
		if short, ok := c.text(-1, "short_name"); ok {
			o.words = append(o.words, "-"+short, "--"+short)
		}
		switch convert {
		case "":
		case "list", "other":
			o.convert = setting
		case "click.BOOL":
			o.convert = &library{path: convert}
			o.action = "boolean"
			o.off = []string{"--no" + name, "-no" + name}
			if n, ok := o.missing.(int64); ok {
				o.missing = n != 0
			}
		default:
			o.convert = &library{path: convert}
		}
		if several {
			o.repeats = true
			if one := o.missing; one != (none{}) {
				if _, ok := one.(*list); !ok {
					o.missing = &list{items: []value{one}}
				}
			}
		}
		o.isUnknown = c.moreNamed
		c.add(p, o)
		return &object{path: holderPath, scope: newScope(), data: o}
	}
}

// flags returns the one object of absl.flags.FLAGS.
func (in *interpreter) flags() *object {
	if in.absl == nil {
		in.absl = &object{path: flagsPath, scope: newScope(), data: &parser{
			style: style{exact: true, greedy: true}, defaults: map[string]value{}, prefix: "-",
		}}
	}
	return in.absl
}

// flagsRead reads the command line with the flags that are declared by now.
func (in *interpreter) flagsRead() (*scope, *reading) {
	p := in.flags().data.(*parser)
	line := in.commandLine()
	if r := in.abslRead; r != nil && r.line == len(p.options) && slices.Equal(in.abslWords, line.items) {
		return r.scope, r
	}
	words, known := texts(in, line, 1)
	r := &reading{in: in, scope: newScope(), known: known && !line.open, line: len(p.options)}
	for i, w := range words {
		if strings.HasPrefix(strings.TrimLeft(w, "-"), "flagfile") && strings.HasPrefix(w, "-") {
			r.known = false
		}
		name, v, joined := strings.Cut(w, "=")
		if o, off := p.find(name); joined && o != nil && o.action == "boolean" && !off {
			words[i] = name // --flag=false
			if boolOf(v) == false {
				words[i] = o.off[0]
			} else if boolOf(v) == setting {
				words[i] = unclearOption
			}
		}
	}
	r.all(p, words)
	in.abslRead, in.abslWords = r, slices.Clone(line.items)
	return r.scope, r
}

// flagAttribute returns FLAGS.name: as assigned, or as the command line gives it.
func flagAttribute(in *interpreter, o *object, name string) value {
	if optionCall(flagsPath+"."+name) != nil {
		return nil
	}
	s, _ := in.flagsRead()
	if v, ok := s.get(name); ok {
		return v
	}
	return setting
}

// holderAttribute returns holder.value.
func holderAttribute(in *interpreter, o *object, name string) value {
	flag, ok := o.data.(*parsed)
	switch {
	case !ok:
		return setting
	case name == "value":
		return in.settle(in.attribute(in.flags(), flag.dest))
	case name == "default":
		return flag.missing
	case name == "name":
		return flag.dest
	}
	return nil
}

// abslRun is app.run(main): main gets the words that are no flags, and the program
// ends after it. TensorFlow's takes the main function of the program if none is given.
func abslRun(c *call) value {
	f := c.arg(0, "main")
	if f == nil || f == (none{}) {
		f = c.settle(c.main.scope.value("main"))
	}
	l := c.abslRest(c.arg(1, "argv"))
	c.call(f, positional(l), c.line)
	if c.abrupt != next {
		return data
	}
	return c.exit(false)
}

func abslParse(c *call) value { return c.abslRest(nil) }

func (c *call) abslRest(given value) value {
	rest := &list{items: c.commandLine().items[:min(1, len(c.commandLine().items))]}
	if given != nil && given != (none{}) {
		if l, ok := given.(*list); ok {
			c.setItems(c.commandLine(), l.items, l.open)
		}
	}
	_, r := c.flagsRead()
	words := slices.DeleteFunc(slices.Clone(r.extra), func(w string) bool { return strings.HasPrefix(w, "-") })
	left := (&reading{known: r.known, lost: r.lost, extra: words}).left()
	rest.items, rest.open, rest.unclear = append(rest.items, left.items...), left.open, left.unclear
	return rest
}

func abslSet(c *call) value {
	if name, ok := c.text(0, "name"); ok {
		for _, o := range c.flags().data.(*parser).options {
			if o.dest == name {
				o.missing = c.arg(1, "value")
				c.abslRead = nil
			}
		}
	}
	return none{}
}

func abslDict(c *call) value {
	s, _ := c.flagsRead()
	return c.attributesOf(s, true)
}
