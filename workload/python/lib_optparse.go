// SPDX-License-Identifier: MIT

package python

import (
	"slices"
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

// optparseCalls returns the handlers of optparse's. Source: https://docs.python.org/3/library/optparse.html
// and Lib/optparse.py.
func optparseCalls() map[string]handler {
	calls := map[string]handler{
		"optparse.OptionParser": newOptionParser, "optparse.OptionGroup": optionGroup,
		"optparse.make_option": makeOption, "optparse.Option": makeOption,
		"optparse.OptionParser.add_option": addOption, "optparse.OptionParser.add_options": addOptions,
		"optparse.OptionParser.add_option_group": addOptionGroup, "optparse.OptionParser.set_defaults": setDefaults,
		"optparse.OptionParser.parse_args": parseOptions, "optparse.OptionParser.error": refuse, "optparse.OptionParser.exit": exitCall,
		"optparse.OptionParser.print_help": nothing, "optparse.OptionParser.print_usage": nothing, "optparse.OptionParser.set_usage": nothing,
		"optparse.OptionParser.disable_interspersed_args": optionsFirst,
		"optparse.OptionGroup.add_option":                 addOption, "optparse.OptionGroup.add_options": addOptions,
	}
	return calls
}

func newOptionParser(c *call) value {
	p := &parser{style: style{greedy: true}, defaults: map[string]value{}, prefix: "-"}
	p.noHelp = c.arg(-1, "add_help_option") == false
	if v := c.arg(1, "option_list"); v != nil {
		c.takeOptions(p, v)
	}
	return c.keep(p)
}

// optionGroup is OptionGroup(parser, title): its options are the parser's.
func optionGroup(c *call) value {
	p, ok := payload[*parser](c.arg(0, "parser"))
	if !ok {
		return data
	}
	return c.keep(p)
}

func addOptionGroup(c *call) value {
	if v := c.arg(0, ""); v != nil {
		if _, ok := v.(string); !ok {
			return v
		}
	}
	p := c.parserOf()
	if p == nil {
		return data
	}
	return &object{path: "optparse.OptionGroup", scope: newScope(), data: p}
}

func optionsFirst(c *call) value {
	if p := c.parserOf(); p != nil {
		p.early = true
	}
	return none{}
}

func makeOption(c *call) value {
	o := c.optionDeclared(&parser{prefix: "-"})
	if o == nil {
		return data
	}
	return &object{path: "optparse.Option", scope: newScope(), data: o}
}

func addOption(c *call) value {
	p := c.parserOf()
	if p == nil {
		return data
	}
	o, ok := payload[*parsed](c.arg(0, ""))
	if !ok {
		o = c.optionDeclared(p)
	}
	if o == nil {
		return data
	}
	c.add(p, o)
	return &object{path: "optparse.Option", scope: newScope(), data: o}
}

func addOptions(c *call) value {
	if p := c.parserOf(); p != nil {
		c.takeOptions(p, c.arg(0, ""))
	}
	return none{}
}

func (c *call) takeOptions(p *parser, v value) {
	l, ok := v.(*list)
	if !ok {
		p.isOpen = true
		return
	}
	for _, item := range l.items {
		if o, ok := payload[*parsed](c.settle(item)); ok {
			c.add(p, o)
		}
	}
}

// optionDeclared describes an option as argparse does, except for its type: that is a
// name, and text if it is not given.
func (c *call) optionDeclared(p *parser) *parsed {
	o := c.declared(p)
	if o == nil {
		return nil
	}
	switch t := o.convert.(type) {
	case string:
		o.convert = map[string]value{"int": &library{path: "int"}, "long": &library{path: "int"}, "float": &library{path: "float"}}[t]
		if !slices.Contains([]string{"int", "long", "float", "string", "str", "choice"}, t) {
			o.convert = setting // a type of the program's own
		}
	case nil:
		if _, ok := o.constant.(int64); ok && o.action == "store" {
			o.action = "store_const"
		}
	}
	if o.action == "callback" && c.arg(-1, "type") != nil {
		o.action = "other"
	}
	if o.missing == setting {
		o.missing = none{} // no option is required here
	}
	if s, ok := c.arg(-1, "default").(*list); ok && len(s.items) == 1 {
		if text, ok := c.settle(s.items[0]).(string); ok && text == "NO" { // ("NO", "DEFAULT")
			o.missing = none{}
		}
	}
	return o
}

// parseOptions is parser.parse_args(), which gives the options and the other words.
func parseOptions(c *call) value {
	p := c.parserOf()
	if p == nil {
		return &list{kind: syntax.Tuple, items: []value{setting, &list{open: true}}}
	}
	words, known := c.wordsOf(c.arg(0, "args"))
	o := &object{path: "optparse.Values", scope: newScope()}
	if p.isOpen {
		o.data = openNamespace{}
	}
	r := &reading{in: c.interpreter, scope: o.scope, known: known, line: c.line}
	r.all(p, words)
	if r.helped {
		return c.exit(false)
	}
	if !slices.Contains(words, "--") { // an option that is refused
		r.extra = slices.DeleteFunc(r.extra, func(w string) bool { return len(w) > 1 && strings.HasPrefix(w, "-") })
	}
	rest := r.left()
	return &list{kind: syntax.Tuple, items: []value{o, rest}}
}
