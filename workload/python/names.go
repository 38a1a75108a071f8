// SPDX-License-Identifier: MIT

package python

import (
	"slices"
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

// lookup returns what a name is bound to.
func (in *interpreter) lookup(name string) value {
	fr := in.frame
	if fr.globals[name] {
		return in.global(fr.module, name)
	}
	for at := fr; at != nil; at = at.outer {
		if v, ok := at.scope.get(name); ok {
			return v
		}
	}
	v := in.global(fr.module, name)
	if v == value(data) && in.isUndefined(fr.module, name) {
		in.throw("NameError")
	}
	return v
}

// isUndefined reports whether a name is not bound, and the program asks just that: a
// handler of the function that runs names the exception. Elsewhere something that was not
// followed may have bound the name.
func (in *interpreter) isUndefined(m *module, name string) bool {
	if _, ok := m.scope.get(name); ok || len(m.stars) > 0 || strings.HasPrefix(name, "__") || isOldBuiltin(name) {
		return false
	}
	for at := in.frame; at != nil; at = at.outer {
		if _, ok := at.scope.get(name); ok {
			return false
		}
	}
	for _, t := range in.attempts {
		if t.frame != in.frame {
			continue
		}
		for i := range t.Handlers {
			if namesException(t.Handlers[i].Type, "NameError") {
				return true
			}
		}
	}
	return false
}

// namesException reports whether a handler's type is an exception, or has it among others.
func namesException(e syntax.Expr, name string) bool {
	switch e := e.(type) {
	case *syntax.Name:
		return e.ID == name
	case *syntax.Sequence:
		return slices.ContainsFunc(e.Items, func(item syntax.Expr) bool { return namesException(item, name) })
	}
	return false
}

// isOldBuiltin reports whether a name is a built-in one of Python 2 only.
func isOldBuiltin(name string) bool {
	return slices.Contains([]string{"apply", "buffer", "cmp", "coerce", "file", "intern", "reduce", "reload", "unichr"}, name)
}

// global returns what a name is bound to in a module, or the built-in function.
func (in *interpreter) global(m *module, name string) value {
	if v, ok := m.scope.get(name); ok {
		return v
	}
	for i := len(m.stars) - 1; i >= 0; i-- {
		if v, ok := in.fromStar(m, m.stars[i], name); ok {
			return v
		}
	}
	if isBuiltin(name) {
		return &library{path: name}
	}
	return data
}

// bind binds a name in the frame that runs.
func (in *interpreter) bind(name string, v value) {
	fr := in.frame
	switch {
	case fr.globals[name]:
		in.set(fr.module.scope, name, v)
		return
	case fr.nonlocal[name]:
		for at := fr.outer; at != nil; at = at.outer {
			if _, ok := at.scope.get(name); ok {
				in.set(at.scope, name, v)
				return
			}
		}
	}
	in.set(fr.scope, name, v)
}

// attribute returns an attribute of an object that has been settled.
func (in *interpreter) attribute(v value, name string) value {
	switch v := v.(type) {
	case *module:
		return in.moduleAttribute(v, name)
	case *library:
		return in.libraryAttribute(v, name)
	case *object:
		if have, ok := v.scope.get(name); ok {
			return have
		}
		return in.objectAttribute(v, name)
	case *instance:
		return in.instanceAttribute(v, name)
	case *class:
		return in.classAttribute(v, name)
	case *parent:
		return in.parentAttribute(v, name)
	case *function:
		if name == "__name__" && v.Name != "" {
			return v.Name
		}
	case string, *list, *dict:
		if l, ok := v.(*list); ok && l.version {
			if number, ok := in.constantOf("sys.version_info." + name); ok {
				return number
			}
		}
		if _, ok := v.(string); ok && name == "value" {
			return v // a member of an enumeration is its value
		}
		return &library{path: builtinType(v) + "." + name, self: v}
	case int64:
		if name == "value" {
			return v
		}
	case none:
		in.throw("AttributeError")
	case *either:
		return in.ofEach(v, func(one value) value { return in.attribute(one, name) })
	}
	return unknownOf(v)
}

func builtinType(v value) string {
	switch v := v.(type) {
	case string:
		return "str"
	case *list:
		switch v.kind {
		case 1:
			return "tuple"
		case 2:
			return "set"
		}
		return "list"
	case *dict:
		return "dict"
	}
	return "object"
}

func (in *interpreter) instanceAttribute(i *instance, name string) value {
	if v, ok := i.scope.get(name); ok {
		return v
	}
	switch name {
	case "__class__":
		return i.class
	case "__dict__":
		return in.live(i.scope, i.open)
	}
	v, from, isUnsure, ok := search(i.class.mro, name)
	if !ok {
		if from != nil { // a base of a library, or one that is not known
			if l, ok := from.(*library); ok {
				return &library{path: canonical(l.path + "." + name), self: i}
			}
		}
		if f, ok := i.class.find("__getattr__"); ok {
			return in.call(&method{self: i, function: f}, positional(name), in.frame.line)
		}
		return data
	}
	return orAnother(in.bound(v, i, i.class), isUnsure)
}

// bound returns what an object hands out of a class's attribute.
func (in *interpreter) bound(v, self value, c *class) value {
	f, ok := v.(*function)
	if !ok {
		return v
	}
	switch f.descriptor {
	case static:
		return f
	case ofClass:
		return &method{self: c, function: f}
	case property:
		return in.call(&method{self: self, function: f}, arguments{}, in.frame.line)
	}
	return &method{self: self, function: f}
}

func (in *interpreter) classAttribute(c *class, name string) value {
	switch name {
	case "__name__":
		return c.name
	case "__mro__", "__bases__", "__subclasses__", "__dict__":
		return data
	}
	v, from, ok := c.lookup(name)
	if !ok {
		if l, ok := from.(*library); ok {
			return &library{path: canonical(l.path + "." + name), self: nil}
		}
		return data
	}
	if f, ok := v.(*function); ok && f.descriptor == ofClass {
		return &method{self: c, function: f}
	}
	return v
}

func (in *interpreter) parentAttribute(p *parent, name string) value {
	v, from, isUnsure, ok := search(p.after(), name)
	if ok {
		c, _ := from.(*class)
		switch self := p.self.(type) {
		case *class:
			c = self
		case *instance:
			c = self.class
		}
		return orAnother(in.bound(v, p.self, c), isUnsure)
	}
	if l, ok := from.(*library); ok {
		return &library{path: canonical(l.path + "." + name), self: p.self}
	}
	return data
}

func (in *interpreter) setAttribute(v value, name string, to value) {
	switch v := v.(type) {
	case *instance:
		if f, ok := v.class.scope.value(name).(*function); ok && f.descriptor == property {
			return
		}
		in.set(v.scope, name, to)
	case *class:
		in.set(v.scope, name, to)
	case *module:
		in.set(v.scope, name, to)
	case *object:
		in.set(v.scope, name, to)
	case *library:
		if l, ok := in.settle(to).(*list); ok && v.path == "sys" && name == "argv" {
			in.setItems(in.commandLine(), l.items, l.open)
		}
	}
}
