// SPDX-License-Identifier: MIT

package python

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// call is one call of a library's function, as its handler sees it.
type call struct {
	*interpreter
	arguments
	path string // canonical
	self value  // of a method: an object, or an instance of a class that inherits it
	line int
}

// handler applies the known effects of a call of a library's function. It returns the result of the
// call.
type handler func(c *call) value

// arg returns an argument that has been settled, nil if the call does not give it. An argument that may
// be among unknown ones has an unknown value.
func (c *call) arg(at int, name string) value {
	v, given := c.get(at, name)
	if given == no {
		return nil
	}
	return c.settle(v)
}

// text returns a known text among the arguments.
func (c *call) text(at int, name string) (string, bool) {
	s, ok := c.arg(at, name).(string)
	return s, ok
}

// isSet reports whether an argument is given and not None or False.
func (c *call) isSet(at int, name string) truth {
	v := c.arg(at, name)
	if v == nil {
		return no
	}
	return isTrue(v)
}

// payload returns the data that a handler keeps with an object or an instance.
func payload[T any](self value) (T, bool) {
	switch s := self.(type) {
	case *object:
		d, ok := s.data.(T)
		return d, ok
	case *instance:
		d, ok := s.data.(T)
		return d, ok
	}
	var none T
	return none, false
}

// keep stores the data of a handler with the instance whose constructor is running, or with a new
// object.
func (c *call) keep(data any) value {
	if i, ok := c.self.(*instance); ok {
		i.data = data
		return i
	}
	return &object{path: c.path, scope: newScope(), data: data}
}

// made returns an object of a library's class.
func (c *call) made(path string) value { return &object{path: path, scope: newScope()} }

// callLibrary applies the known effects of a call of a library's function.
func (in *interpreter) callLibrary(l *library, a arguments, line int) value {
	in.frame.line = line
	in.resumeArguments(&a)
	path, isConstructor := strings.CutSuffix(l.path, ".__init__")
	c := &call{interpreter: in, arguments: a, path: path, self: l.self, line: line}
	if isConstructor && l.self == nil && len(a.positional) > 0 { // Base.__init__(self)
		if i, ok := in.settle(a.positional[0]).(*instance); ok {
			c.self, c.positional = i, a.positional[1:]
		}
	}
	if isPure(path) && !a.more && !a.moreNamed && (l.self == nil || in.allKnown(l.self)) && in.allKnown(a.positional...) &&
		in.allKnown(a.valuesOfNamed()...) {
		return ofPure(path, in.libraryResult(c))
	}
	return in.libraryResult(c)
}

// libraryResult runs a handler, or applies the effects that any call may have.
func (in *interpreter) libraryResult(c *call) value {
	a, path := c.arguments, c.path
	if h := handlerOf(path); h != nil {
		return h(c)
	}
	if isRecordDecorator(path) {
		return decorator(c)
	}
	if v, ok := c.listed(); ok {
		return v
	}
	in.callbacks(&a)
	if !readsOnly(path) {
		in.escape(&a)
	}
	c.keywords()
	if isSettings(path) {
		return setting
	}
	if isClassName(path) {
		return &object{path: path, scope: newScope()}
	}
	if o, ok := c.self.(*object); ok && o.path == path {
		return data
	}
	return unknownOf(c.self)
}

// readsOnly reports whether a function of a library does not change the lists and
// dicts that it is given.
func readsOnly(path string) bool {
	root, rest, _ := strings.Cut(path, ".")
	switch root {
	case "logging", "pprint", "math", "numpy", "warnings", "string", "re", "random", "time", "datetime", "shutil", "subprocess":
		return true
	case "json":
		return strings.HasPrefix(rest, "dump")
	}
	return strings.HasPrefix(rest, "path.")
}

// isClassName reports whether a path ends in a name that is written as classes are.
func isClassName(path string) bool {
	_, last, _ := cutLast(path)
	first, _ := utf8.DecodeRuneInString(last)
	return unicode.IsUpper(first)
}

// handlerOf returns the handler of a path: of a library's function, or of a built-in
// one.
func handlerOf(path string) handler {
	if !strings.Contains(path, ".") {
		return builtin(path)
	}
	for _, handlers := range [...]func(path string) handler{typeCall, systemCall, processCall, environmentCall, joblibCall, daskCall} {
		if h := handlers(path); h != nil {
			return h
		}
	}
	return optionCall(path)
}

// isKnown reports whether a path has a handler or a row.
func isKnown(path string) bool {
	return rowOf(path).effect != effectNone || handlerOf(path) != nil || importsMPI(path)
}

func (in *interpreter) libraryAttribute(l *library, name string) value {
	path := canonical(l.path + "." + name)
	if v, ok := in.constantOf(path); ok {
		return v
	}
	if strings.HasPrefix(path, "mpi4py.MPI.") {
		in.sight(effectMPI, path, nil)
	}
	if len(path) > maxPath {
		return data
	}
	return &library{path: path, self: l.self}
}

// maxPath is longer than any path that is known.
const maxPath = 200

func (in *interpreter) objectAttribute(o *object, name string) value {
	if h := attributeOf(o.path); h != nil {
		if v := h(in, o, name); v != nil {
			return v
		}
	}
	if len(o.path) > maxPath {
		return data
	}
	return &library{path: o.path + "." + name, self: o}
}

// objectItem returns o[index].
func (in *interpreter) objectItem(o *object, index value) value {
	if name, ok := index.(string); ok {
		if h := attributeOf(o.path + "[]"); h != nil {
			if v := h(in, o, name); v != nil {
				return v
			}
		}
	}
	if _, ok := o.data.(ofKnown); ok || isSettings(o.path) {
		return setting
	}
	return unknownOf(index)
}

func (in *interpreter) setObjectItem(o *object, index, v value) {
	name, ok := index.(string)
	if ok && o.path == environPath {
		in.set(o.scope, name, v)
	}
}

// inObject returns the truth of "item in object", if it is known.
func inObject(o *object, item value) truth {
	name, ok := item.(string)
	if e, isEnvironment := o.data.(*environment); ok && isEnvironment {
		if v, ok := o.scope.get(name); ok {
			if u, isUnknown := v.(*unknown); isUnknown && u == removed {
				return no
			}
			return yes
		}
		return e.has(name)
	}
	return unsure
}

// decorator is a call of a decorator with options: @dataclass(frozen=True).
func decorator(c *call) value {
	if k, ok := c.arg(0, "").(*class); ok {
		k.record = true
		return k
	}
	return &object{path: c.path, scope: newScope()}
}

// throw raises an exception that is built in.
func (in *interpreter) throw(name string) {
	in.thrown = &library{path: name}
	if in.isCaught() {
		in.abrupt = raised
	}
}

// exit ends the program. An exit with a message or another status than zero refuses
// something, and a program that is run as its documentation says is not refused: see
// survive.
func (in *interpreter) exit(isRefusal bool) value {
	if !isRefusal || in.branches > 0 {
		in.abrupt = exited
	}
	return data
}

// exitWith is sys.exit(status).
func exitWith(c *call) value {
	switch status := c.arg(0, "").(type) {
	case string:
		return c.exit(true)
	case int64:
		return c.exit(status != 0)
	}
	return c.exit(false)
}

// refuse is a function of a library that ends the program with a message.
func refuse(c *call) value { return c.exit(true) }

// isException reports whether a value is an exception of a built-in class.
func (in *interpreter) isException(v value, name string) bool {
	switch v := v.(type) {
	case *library:
		return v.path == name
	case *object:
		return v.path == name
	case *instance:
		return v.class.isA(name)
	case *class:
		return v.isA(name)
	}
	return false
}

// isInstance returns the truth of isinstance(v, t), if it is known.
func (in *interpreter) isInstance(v, t value) truth {
	return in.isInstanceWithin(v, t, maxCompareDepth)
}

// isInstanceWithin looks into nested tuples of classes up to a depth, because a list may hold itself.
func (in *interpreter) isInstanceWithin(v, t value, depth int) truth {
	switch t := t.(type) {
	case *list:
		if depth <= 0 {
			return unsure
		}
		result := no
		for _, one := range t.items {
			if !in.spend() {
				return unsure
			}
			switch in.isInstanceWithin(v, in.settle(one), depth-1) {
			case yes:
				return yes
			case unsure:
				result = unsure
			}
		}
		return result
	case *class:
		c, ok := v.(*class)
		if i, isInstance := v.(*instance); isInstance {
			c, ok = i.class, true
		}
		if !ok {
			if is, _ := isUnknown(v); is {
				return unsure
			}
			return no
		}
		if c == t || c.inherits(t) {
			return yes
		}
		return no
	case *library:
		return in.isOf(v, t.path)
	}
	return unsure
}

// isOf reports whether a value is of a built-in or a library's class.
func (in *interpreter) isOf(v value, path string) truth {
	switch path {
	case "object", "Exception", "BaseException":
		return yes
	case "LookupError":
		if in.isException(v, "KeyError") || in.isException(v, "IndexError") {
			return yes
		}
	}
	types := typesOf(v)
	for _, t := range types {
		if t == path {
			return yes
		}
	}
	switch v := v.(type) {
	case *instance:
		if v.class.isA(path) {
			return yes
		}
		if v.open {
			return unsure
		}
		return no
	case *class:
		if v.isA(path) {
			return yes
		}
	}
	if types != nil {
		return no
	}
	return unsure
}

// typesOf returns the names of the built-in classes that a known value is of.
func typesOf(v value) []string {
	switch v := v.(type) {
	case string:
		return []string{"str", "basestring", "unicode", "bytes"}
	case bool:
		return []string{"bool", "int"}
	case int64:
		return []string{"int", "long", "numbers.Number"}
	case *many:
		return []string{"int", "long", "numbers.Number"}
	case float64:
		return []string{"float", "numbers.Number"}
	case none:
		return []string{"NoneType"}
	case *dict:
		return []string{"dict", "collections.abc.Mapping", "collections.OrderedDict"}
	case *list:
		return []string{builtinType(v), "collections.abc.Sequence", "collections.abc.Iterable"}
	case *function, *method:
		return []string{"types.FunctionType"}
	case *library:
		if !strings.Contains(v.path, ".") {
			return []string{v.path}
		}
	case *object:
		if strings.HasSuffix(v.path, "Error") || strings.HasSuffix(v.path, "Exception") {
			return []string{v.path}
		}
	}
	return nil
}
