// SPDX-License-Identifier: MIT

package python

import (
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

// define binds a function.
func (in *interpreter) define(s *syntax.Def) flow {
	f := &function{Function: s.Function, line: s.Position(), module: in.frame.module, closure: in.frame, decorated: len(s.Decorators) > 0}
	if in.frame.class != nil {
		f.owner, f.closure = in.frame.class, in.frame.outer
		if s.Name == "__new__" {
			f.descriptor = static
		}
	}
	if f.closure != nil && f.closure.function == nil && f.closure.outer == nil {
		f.closure = nil // the names of a module are found without it
	}
	v := value(f)
	for i := len(s.Decorators) - 1; i >= 0; i-- {
		v = in.decorate(s.Decorators[i], v, f)
		if end := in.ended(); end != next {
			return end
		}
	}
	in.bind(s.Name, v)
	return next
}

// decorate returns the result of a decorator. An unknown decorator returns the function.
func (in *interpreter) decorate(e syntax.Expr, v value, f *function) value {
	if a, ok := e.(*syntax.Attribute); ok {
		switch a.Name {
		case "setter", "deleter":
			if base, ok := a.Value.(*syntax.Name); ok {
				if old, ok := in.frame.scope.get(base.ID); ok {
					return old // the property's getter stays
				}
			}
		}
	}
	d := in.settle(in.eval(e))
	if l, ok := d.(*library); ok {
		switch l.path {
		case "staticmethod":
			f.descriptor = static
			return v
		case "classmethod":
			f.descriptor = ofClass
			return v
		case "property", "functools.cached_property", "abc.abstractproperty":
			f.descriptor = property
			return v
		case "contextlib.contextmanager", "contextlib.asynccontextmanager":
			f.manager = true
			return v
		}
	}
	if is, _ := isUnknown(d); is {
		return v
	}
	if !in.isFollowed(d) {
		in.decorated = append(in.decorated, v)
		return v
	}
	made := in.settle(in.call(d, positional(v), e.Position()))
	switch made.(type) {
	case *function, *method, *class, *instance, *object, *library:
		return made
	}
	return v
}

// isFollowed reports whether the effect of a decorator is known: the program defines it, or it is a
// library's that has a handler. Any other one returns the function.
func (in *interpreter) isFollowed(d value) bool {
	path := ""
	switch d := d.(type) {
	case *library:
		path = d.path
	case *object:
		if d.path == "functools.partial" {
			return true
		}
		path = d.path + ".__call__"
	default:
		return true
	}
	listed := rowOf(path).effect != effectNone
	return listed || handlerOf(path) != nil || isRecordDecorator(path)
}

// runDecorated runs the functions that a library's decorators were given. The library may call them
// when the program calls it, and then the program itself does little else.
func (in *interpreter) runDecorated() {
	if len(in.sightings) > 0 {
		return
	}
	left := maxCallbacks
	for _, v := range in.decorated {
		if f, ok := v.(*function); ok && f.module == in.main {
			in.callback(f, &left)
		}
	}
}

// defineClass runs the statements of a class and binds it.
func (in *interpreter) defineClass(s *syntax.Class) flow {
	c := &class{name: s.Name, line: s.Position(), module: in.frame.module, scope: in.newScope()}
	for _, a := range s.Arguments {
		if a.Name != "" || a.Star != 0 {
			continue
		}
		base := in.settle(in.eval(a.Value))
		if f := in.ended(); f != next {
			return f
		}
		switch b := base.(type) {
		case *class:
			c.record = c.record || b.record
			c.fields = append(c.fields, b.fields...)
			c.extra = b.extra
		case *library:
			c.record = c.record || isRecord(b.path)
		case *either:
			base = in.settle(b.of[0])
		}
		c.bases = append(c.bases, base)
	}
	c.linearise()
	outer := in.frame
	if outer.class != nil {
		outer = outer.outer
	}
	if outer != nil && outer.function == nil && outer.outer == nil && outer.class == nil && !outer.inner {
		outer = nil
	}
	fr := &frame{module: in.frame.module, scope: c.scope, outer: outer, caller: in.frame.caller, line: s.Position(), branches: in.branches, class: c}
	saved := in.frame
	in.frame = fr
	f := in.block(s.Body)
	in.frame = saved
	in.doubt -= fr.doubt // the parser accepts a return in a class
	if f != next {
		return f
	}
	v := value(c)
	for i := len(s.Decorators) - 1; i >= 0; i-- {
		d := in.settle(in.eval(s.Decorators[i]))
		if l, ok := d.(*library); ok && isRecordDecorator(l.path) {
			c.record = true
			continue
		}
		if o, ok := d.(*object); ok && isRecordDecorator(o.path) {
			c.record = true
			continue
		}
		if is, _ := isUnknown(d); is {
			continue
		}
		if made, ok := in.settle(in.call(d, positional(v), s.Position())).(*class); ok {
			v = made
		}
		if f := in.ended(); f != next {
			return f
		}
	}
	in.bind(s.Name, v)
	return next
}

// isRecord reports whether a library's class has a constructor with the annotated names as
// parameters.
func isRecord(path string) bool {
	switch path {
	case "typing.NamedTuple", "pydantic.BaseModel", "pydantic.BaseSettings", "pydantic_settings.BaseSettings", "msgspec.Struct",
		"tap.Tap", "simple_parsing.Serializable":
		return true
	}
	return false
}

func isRecordDecorator(path string) bool {
	switch path {
	case "dataclasses.dataclass", "dataclasses.dataclass()", "attr.s", "attr.s()", "attr.define", "attr.define()", "attrs.define", "attrs.define()",
		"attr.dataclass", "attrs.frozen", "attrs.frozen()", "attr.attrs", "attr.attrs()", "pydantic.dataclasses.dataclass", "pydantic.dataclasses.dataclass()",
		"chz.chz", "flax.struct.dataclass", "jax_dataclasses.pytree_dataclass":
		return true
	}
	return false
}

// namedTuple is collections.namedtuple(name, fields), whose class has no other methods here.
func namedTuple(c *call) value {
	name, ok := c.text(0, "typename")
	var names []string
	switch fields := c.arg(1, "field_names").(type) {
	case string:
		names = strings.Fields(strings.ReplaceAll(fields, ",", " "))
	case *list:
		var known bool
		names, known = texts(c.interpreter, fields, 0)
		ok = ok && known
	default:
		ok = false
	}
	if !ok || len(c.order) > 0 || len(c.positional) != 2 || c.moreNamed || len(names) > maxItems {
		return data // defaults, or names that are changed
	}
	k := &class{name: name, line: c.line, module: c.frame.module, scope: c.newScope(), record: true}
	for _, n := range names {
		k.fields = append(k.fields, field{name: n, line: c.line})
	}
	k.linearise()
	return k
}

// construct makes an instance of a class of the program.
func (in *interpreter) construct(c *class, a arguments, line int) value {
	i := &instance{class: c, scope: in.newScope()}
	for _, base := range c.mro {
		if is, _ := isUnknown(base); is {
			i.open = true
		}
	}
	f, ok := c.find("__init__")
	switch {
	case ok && in.isPool(c):
		in.constructPool(f, i, a)
	case ok:
		in.run(f, i, a)
	case c.record:
		in.fill(i, a)
	default:
		if _, from, _ := c.lookup("__init__"); from != nil {
			in.constructLibrary(from, i, a, line)
		}
	}
	if in.abrupt != next {
		return data
	}
	if f, ok := c.find("__post_init__"); ok && c.record {
		in.run(f, i, arguments{})
	}
	return i
}

// isPool reports whether a class is built on a library's pool.
func (in *interpreter) isPool(c *class) bool {
	_, from, _ := c.lookup("no such name")
	l, ok := from.(*library)
	return ok && rowOf(l.path).effect == effectPool
}

// constructPool makes a pool whose constructor the program defines. If that does not call the
// library's constructor, the pool starts the workers by itself.
func (in *interpreter) constructPool(f *function, i *instance, a arguments) {
	seen := len(in.sightings)
	in.explore(maxExplored, func() { in.run(f, i, a) })
	if len(in.sightings) > seen {
		return
	}
	_, from, _ := i.class.lookup("no such name")
	r := rowOf(from.(*library).path)
	count, given := a.get(r.at, r.count)
	if given == no {
		count = none{}
	}
	in.sight(effectPool, i.class.name, count)
}

// constructLibrary calls the constructor that a class inherits from a library.
func (in *interpreter) constructLibrary(from value, i *instance, a arguments, line int) {
	if l, ok := from.(*library); ok {
		in.callLibrary(&library{path: canonical(l.path + ".__init__"), self: i}, a, line)
	}
}

// fill gives a record its fields.
func (in *interpreter) fill(i *instance, a arguments) {
	for at := range i.class.fields {
		f := &i.class.fields[at]
		v, given := a.get(at, f.name)
		if given == no && f.value != nil {
			v = in.fieldDefault(i.class, f)
		} else if given == unsure && f.value != nil {
			v = join(in.settle(in.fieldDefault(i.class, f)), data)
		}
		if v == nil {
			v = data
		}
		in.set(i.scope, f.name, v)
	}
}

// fieldDefault evaluates the default of a field, also in the form field(default=...,
// default_factory=...).
func (in *interpreter) fieldDefault(c *class, f *field) value {
	saved := in.frame
	in.frame = &frame{module: c.module, scope: in.newScope(), caller: saved, line: f.line, branches: in.branches, inner: true}
	defer func() { in.frame = saved }()
	call, ok := f.value.(*syntax.Call)
	if !ok {
		return in.eval(f.value)
	}
	if l, ok := in.settle(in.eval(call.Function)).(*library); ok && isField(l.path) {
		a := in.evalArguments(call.Arguments)
		if v, given := a.get(-1, "default"); given == yes {
			return v
		}
		if v, given := a.get(0, ""); given == yes && l.path == "pydantic.Field" {
			return v
		}
		for _, name := range [2]string{"default_factory", "factory"} {
			if v, given := a.get(-1, name); given == yes {
				return in.call(in.settle(v), arguments{}, f.line)
			}
		}
		return data
	}
	return in.eval(f.value)
}

func isField(path string) bool {
	switch path {
	case "dataclasses.field", "attr.ib", "attr.field", "attrs.field", "pydantic.Field", "attr.attrib", "simple_parsing.field", "simple_parsing.helpers.field":
		return true
	}
	return false
}
