// SPDX-License-Identifier: MIT

package python

import (
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

// functionParser returns a parser of a function's parameters, and what makes the
// call's arguments of what it has read.
func (c *call) functionParser(f value) (*parser, func(s *scope) arguments) {
	fn, bound := c.callee(f)
	if fn == nil {
		return nil, nil
	}
	p := recordParser()
	list := c.signature(fn, bound)
	letters := map[string]int{}
	for i := range list {
		letters[list[i].Name[:min(1, len(list[i].Name))]]++
	}
	for i := range list {
		one := &list[i]
		if one.record != nil {
			c.fieldsOf(p, one.record, one.Name+".", 1)
			continue
		}
		o := one.optionOf(fn.line)
		o.words = append(o.words, "--"+one.Name)
		if c.isLoose(one) {
			o.words, o.off, o.action, o.nargs = nil, nil, "store", nil
			if one.missing != nil {
				o.nargs = "?"
			}
			if one.Kind == syntax.Star || one.several {
				o.nargs = "*"
			}
		} else if letter := one.Name[:min(1, len(one.Name))]; letters[letter] == 1 && letter != "h" {
			o.words = append(o.words, "-"+letter)
		}
		c.add(p, o)
	}
	return p, func(s *scope) arguments {
		a := arguments{}
		for _, one := range list {
			switch v, ok := s.get(one.Name); {
			case one.Kind == syntax.Star, one.Kind == syntax.StarStar:
				a.more, a.moreNamed = true, true
			case one.record != nil:
				a.name(one.Name, c.recordFrom(one.record, s, one.Name+".", 1))
			case ok:
				a.name(one.Name, v)
			default:
				a.name(one.Name, setting)
			}
		}
		return a
	}
}

// isLoose reports whether a library takes a parameter from a word without a name.
func (c *call) isLoose(p *parameter) bool {
	switch {
	case p.Kind == syntax.Keyword:
		return false
	case p.Kind == syntax.Star, p.Kind == syntax.Positional:
		return true
	case strings.HasPrefix(c.path, "clize"), strings.HasPrefix(c.path, "defopt"):
		return p.missing == nil || strings.HasPrefix(c.path, "clize")
	case strings.HasPrefix(c.path, "tyro"), strings.HasPrefix(c.path, "tap"):
		return false
	}
	return p.missing == nil
}

// dispatchCommands is argh.dispatch_commands([f, g]): the first word names one.
func dispatchCommands(c *call) value {
	l, ok := c.arg(0, "functions").(*list)
	if !ok {
		return setting
	}
	return c.dispatch(l.items)
}

func (c *call) dispatch(functions []value) value {
	words, known := c.wordsOf(c.argumentsGiven())
	for _, f := range functions {
		f = c.settle(f)
		p, a := c.functionParser(f)
		if p == nil {
			continue
		}
		run := func() {
			r := &reading{in: c.interpreter, scope: newScope(), known: known && len(words) > 0, line: c.line, strict: true}
			r.all(p, words[min(1, len(words)):])
			c.call(f, a(r.scope), c.line)
		}
		name := commandName(f)
		switch {
		case !known || len(words) > 0 && isUnclear(words[0]):
			known = false
			c.maybe(run)
		case len(words) > 0 && (words[0] == name || words[0] == strings.ReplaceAll(name, "-", "_")):
			run()
			return data
		}
	}
	return data
}

func addFunctions(c *call) value {
	p := c.parserOf()
	if p == nil {
		return none{}
	}
	have, _ := p.defaults["functions of argh"].(*list)
	if have == nil {
		have = &list{}
		p.defaults["functions of argh"] = have
	}
	if l, ok := c.arg(0, "functions").(*list); ok {
		have.items = append(have.items, l.items...)
	} else if f := c.arg(0, "function"); f != nil {
		p.defaults["function of argh"] = f
	}
	return none{}
}

func dispatchParser(c *call) value {
	p := c.parserOf()
	if p == nil {
		return data
	}
	if f, ok := p.defaults["function of argh"]; ok {
		c.path, c.positional = "argh.dispatch_command", []value{f}
		return parseRecord(c)
	}
	if l, ok := p.defaults["functions of argh"].(*list); ok {
		return c.dispatch(l.items)
	}
	return data
}
