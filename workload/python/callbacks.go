// SPDX-License-Identifier: MIT

package python

import (
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

// maxCallbacks bounds the functions of one call that a library may call back.
const maxCallbacks = 24

// callbacks runs the functions that are arguments of a library's function, if the effect of that
// function is not known, and the methods of objects and classes that are built on a library's class.
// Their effects are possible, not certain.
func (in *interpreter) callbacks(a *arguments) {
	left := maxCallbacks
	for _, v := range a.positional {
		in.callbacksOf(v, &left, true)
	}
	for _, name := range sortedNames(a.named) {
		in.callbacksOf(a.named[name], &left, true)
	}
}

func (in *interpreter) callbacksOf(v value, left *int, deeper bool) {
	switch f := v.(type) {
	case *suspended:
		in.settle(f) // it may be iterated over
	case *function:
		in.callback(f, left)
	case *method:
		if _, ok := f.function.(*function); ok {
			in.callback(f, left)
		}
	case *instance:
		if !f.seen {
			f.seen = true
			in.framework(f.class, f, left)
		}
	case *class:
		in.framework(f, nil, left)
	case *list:
		if !deeper {
			return
		}
		for _, item := range f.items {
			if *left > 0 {
				in.callbacksOf(item, left, false)
			}
		}
	}
}

// escape notes that code which is not followed may have added to the lists, dicts and objects that it
// was given.
func (in *interpreter) escape(a *arguments) {
	for _, v := range a.positional {
		in.open(v)
	}
	for _, name := range a.order {
		in.open(a.named[name])
	}
}

func (in *interpreter) open(v value) {
	switch v := v.(type) {
	case *list:
		if v.kind == syntax.List || v.kind == syntax.Set {
			in.setItems(v, v.items, true)
		}
	case *dict:
		in.openDict(v)
	case *instance:
		v.open = true
	case *object:
		if p, ok := v.data.(*parser); ok {
			p.isOpen = true
		}
	}
}

// framework runs the methods of a class that is built on a library's: those of a task,
// a data module or a test case are called by the library.
func (in *interpreter) framework(c *class, self value, left *int) {
	_, from, _ := c.lookup("no such name")
	if l, ok := from.(*library); !ok || l.path == "object" {
		return
	}
	for _, name := range c.scope.sorted() {
		f, ok := c.scope.value(name).(*function)
		if !ok || strings.HasPrefix(name, "__") || f.descriptor != plain {
			continue
		}
		if self == nil {
			self = &instance{class: c, scope: newScope(), open: true}
		}
		in.callback(&method{self: self, function: f}, left)
	}
}

func (in *interpreter) callback(f value, left *int) {
	if *left--; *left < 0 {
		return
	}
	in.doubt++
	changed, ended := in.branch(func() flow {
		in.explore(maxExplored, func() { in.call(f, arguments{more: true, moreNamed: true}, in.frame.line) })
		return in.ended()
	})
	in.doubt--
	if ended == next {
		in.merge(changed, nil)
	}
}
