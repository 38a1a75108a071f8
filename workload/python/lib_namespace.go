// SPDX-License-Identifier: MIT

package python

import (
	"cmp"
	"slices"
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

func parseArgs(c *call) value {
	ns, _ := c.parseLine(true)
	return ns
}

func parseKnownArgs(c *call) value {
	ns, rest := c.parseLine(false)
	return &list{kind: syntax.Tuple, items: []value{ns, rest}}
}

// parseLine parses the program's arguments, or those that the call gives. A strict parser
// refuses words that nothing takes.
func (c *call) parseLine(strict bool) (ns, rest value) {
	p := c.parserOf()
	if p == nil {
		return setting, &list{open: true}
	}
	words, known := c.wordsOf(c.arg(0, "args"))
	ns, s := c.namespace(p)
	r := &reading{in: c.interpreter, scope: s, target: ns, self: c.self, known: known, line: c.line, strict: strict}
	r.all(p, words)
	if r.helped {
		return c.exit(false), &list{}
	}
	for _, made := range p.records {
		c.set(s, made.dest, c.oneRecord(made, s))
	}
	left := r.left()
	left.open = left.open || p.isOpen
	return ns, left
}

// left returns the words that no option has taken.
func (r *reading) left() *list {
	l := wordList(r.extra)
	l.open, l.unclear = l.open || !r.known || r.lost, l.unclear || r.lost
	return l
}

// namespace returns what holds the attributes: the caller's, or a new one.
func (c *call) namespace(p *parser) (value, *scope) {
	switch have := c.arg(1, "namespace").(type) {
	case *object:
		if have.path == namespacePath {
			return have, have.scope
		}
	case *instance:
		return have, have.scope
	}
	if i, ok := c.self.(*instance); ok && i.class.isA("tap.Tap") {
		return i, i.scope
	}
	o := &object{path: namespacePath, scope: newScope()}
	if p.isOpen {
		o.data = openNamespace{}
	}
	return o, o.scope
}

// wordsOf returns the words of a list of arguments; without one those of the command
// line. Known is false if one of them is not known.
func (c *call) wordsOf(args value) (words []string, known bool) {
	switch l := args.(type) {
	case nil, none:
		return texts(c.interpreter, c.commandLine(), 1)
	case *list:
		return texts(c.interpreter, l, 0)
	case string:
		return strings.Fields(l), true
	}
	return nil, false
}

// texts returns the items of a list from an index on.
func texts(in *interpreter, l *list, from int) (words []string, known bool) {
	in.steps = min(in.steps+len(l.items)/8, maxSteps) // a long command line that is read again and again costs
	if !in.spend() {
		return nil, false
	}
	if l.hasUnknownWords() {
		defer func() { words = append(words, UnknownWords) }()
		from = min(from, len(l.items))
	} else if l.open || from > len(l.items) {
		return nil, false
	}
	for _, v := range l.items[from:] {
		switch s := in.settle(v).(type) {
		case string:
			words = append(words, s)
		case *unknown:
			words = append(words, cmp.Or(s.word, Unknown))
		default:
			return nil, false
		}
	}
	return words, true
}

// missingOption is an attribute that no known option has.
func missingOption(in *interpreter, o *object, name string) value {
	if name == "__dict__" {
		return in.live(o.scope, o.data == openNamespace{})
	}
	return setting
}

// live returns the attributes of a namespace as vars() does: to write the dict is to
// write the attributes.
func (in *interpreter) live(s *scope, open bool) value {
	d := newDict()
	d.open = open
	for _, name := range s.sorted() {
		in.setEntry(d, key{text: name, kind: 's'}, s.value(name))
	}
	d.owner = s
	return d
}

// isNamespace reports whether an object is what a parser gives.
func isNamespace(o *object) (is, isOpen bool) {
	return slices.Contains([]string{namespacePath, "optparse.Values"}, o.path), o.data == openNamespace{}
}
