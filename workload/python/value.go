// SPDX-License-Identifier: MIT

package python

import "slurm-mp-policy/workload/python/syntax"

// value is the value of an expression when the program is run on paper: one of the types below, bool,
// int64, float64 or string. Bytes are a string.
type value any

type (
	// unknown is a value that is not known. A setting is an unknown value that decides about the
	// course of the program and is not read here: a configuration file, the number of GPUs.
	// Word is the text of a word of the command line, of which a part is not known.
	unknown struct {
		setting bool
		word    string
	}
	// many is a whole number that is larger than one and depends on the machine: a
	// count of CPUs. Online reports that it is the count of the node's CPUs online.
	many struct{ online bool }
	// none is None.
	none struct{}
	// list is a list, tuple, set or iterator. If it is open, it may have further
	// items, and an order that is not known.
	list struct {
		kind  uint8 // syntax.List, Tuple, Set or Generator
		items []value
		open  bool
		born  int // see interpreter.serial

		version bool // it is sys.version_info, whose items have names
		unclear bool // if it is open, its further items are words of the command line
	}
	// dict is a mapping. If it is open, it may have further entries.
	dict struct {
		order []key
		of    map[key]value
		open  bool
		born  int    // see interpreter.serial
		owner *scope // whose attributes it is, of vars(); nil otherwise
	}
	// function is a function of the program.
	function struct {
		*syntax.Function
		line       int
		module     *module
		closure    *frame
		owner      *class // nil outside of a class
		descriptor uint8  // how a class hands it out
		manager    bool   // decorated with contextlib.contextmanager
		decorated  bool   // it may be another function that a call runs
		command    any    // what a library of options keeps with it
	}
	// method is a function or a library's function with its object.
	method struct {
		self     value
		function value
	}
	// class is a class of the program.
	class struct {
		name   string
		line   int
		module *module
		bases  []value // classes, libraries or unknown values
		mro    []value // itself and all bases, in the order of lookup
		scope  *scope
		fields []field // annotated names, for dataclasses and similar classes
		record bool    // its constructor takes the fields
		extra  any     // what a library keeps with it
	}
	// instance is an object of a class of the program.
	instance struct {
		class *class
		scope *scope
		open  bool // it may have further attributes
		data  any  // what a library keeps with it
		seen  bool // its methods were called back
	}
	// library is a module, class or function of a library by its canonical path, as
	// "multiprocessing.Pool". Self is the object of a method.
	library struct {
		path string
		self value
	}
	// object is the result of a library's call. Data belongs to the library.
	object struct {
		path  string
		scope *scope
		data  any
	}
	// either is one of a few values.
	either struct{ of []value }
	// imported is bound by an import statement: a module, or a name of one. It is looked up when it is
	// used.
	imported struct {
		module string
		name   string // "" for the module
		own    bool   // relative: a module of the program whatever its name
	}
	// parent is super() in a method.
	parent struct {
		class *class
		self  value
	}
)

// How a class hands out a function.
const (
	plain = iota
	static
	ofClass
	property
)

// field is an annotated name in a class.
type field struct {
	name       string
	annotation syntax.Expr
	value      syntax.Expr // nil without a default
	line       int
}

var (
	data    = &unknown{}
	setting = &unknown{setting: true}
	online  = &many{online: true}
	usable  = &many{}
)

// key is a dict's key: text, a number or a bool.
type key struct {
	text   string
	number int64
	kind   byte
}

func keyOf(v value) (key, bool) {
	switch v := v.(type) {
	case string:
		return key{text: v, kind: 's'}, true
	case int64:
		return key{number: v, kind: 'i'}, true
	case bool:
		if v {
			return key{number: 1, kind: 'i'}, true
		}
		return key{kind: 'i'}, true
	case none:
		return key{kind: 'n'}, true
	}
	return key{}, false
}

func (k key) value() value {
	switch k.kind {
	case 's':
		return k.text
	case 'i':
		return k.number
	}
	return none{}
}

func newDict() *dict { return &dict{of: map[key]value{}} }

func (d *dict) get(name string) (value, bool) {
	v, ok := d.of[key{text: name, kind: 's'}]
	return v, ok
}

// truth is the truth of a condition, if it is known.
type truth uint8

const (
	no truth = iota
	yes
	unsure
)

func truthOf(known bool) truth {
	if known {
		return yes
	}
	return no
}

func (t truth) not() truth {
	switch t {
	case yes:
		return no
	case no:
		return yes
	}
	return unsure
}

// isTrue returns the truth of a value, as bool() does.
func isTrue(v value) truth {
	switch v := v.(type) {
	case bool:
		return truthOf(v)
	case int64:
		return truthOf(v != 0)
	case float64:
		return truthOf(v != 0)
	case string:
		return truthOf(v != "")
	case none:
		return no
	case *many, *function, *method, *class, *library:
		return yes
	case *list:
		if len(v.items) > 0 {
			return yes
		}
		if !v.open {
			return no
		}
	case *dict:
		if len(v.of) > 0 {
			return yes
		}
		if !v.open {
			return no
		}
	case *object:
		return yes
	case *instance:
		if _, ok := v.class.find("__len__"); ok {
			return unsure
		}
		if _, ok := v.class.find("__bool__"); !ok {
			return yes
		}
	case *either:
		first := isTrue(v.of[0])
		for _, other := range v.of[1:] {
			if isTrue(other) != first {
				return unsure
			}
		}
		return first
	}
	return unsure
}

// isUnknown reports whether a value is unknown, and whether it is a setting. The unknown items of a list
// that ends in unknown words are a setting, too.
func isUnknown(v value) (is, isSetting bool) {
	switch v := v.(type) {
	case nil:
		return true, false
	case *unknown:
		return true, v.setting
	case *either:
		for _, one := range v.of {
			if _, s := isUnknown(one); s {
				return true, true
			}
		}
		return true, v.differ()
	case *list:
		return false, v.hasUnknownWords()
	}
	return false, false
}

// differ reports whether the alternatives are plain values. A setting mostly chooses one of them then,
// and not data.
func (e *either) differ() bool {
	for _, one := range e.of {
		switch one.(type) {
		case bool, int64, string, none:
			return true
		}
	}
	return false
}

// unknownOf returns an unknown value that is a setting if one of the values is.
func unknownOf(values ...value) value {
	for _, v := range values {
		if _, s := isUnknown(v); s {
			return setting
		}
	}
	return data
}

// areMany reports whether both values are counts of CPUs.
func areMany(a, b value) bool {
	_, okA := a.(*many)
	_, okB := b.(*many)
	return okA && okB
}

// maxEither bounds the values of an either. More values become an unknown one.
const maxEither = 4

// join returns a value that stands for both.
func join(a, b value) value {
	if same(a, b) {
		return a
	}
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	if areMany(a, b) {
		return usable
	}
	if u, s := isUnknown(a); u {
		if _, ok := a.(*either); !ok || s {
			if _, ok := a.(*unknown); ok {
				return unknownOf(a, b)
			}
		}
	}
	if _, ok := b.(*unknown); ok {
		return unknownOf(a, b)
	}
	e := &either{}
	for _, side := range [2]value{a, b} {
		of := []value{side}
		if s, ok := side.(*either); ok {
			of = s.of
		}
		for _, v := range of {
			e.add(v)
		}
	}
	if len(e.of) > maxEither {
		return unknownOf(e.of...)
	}
	return e
}

func (e *either) add(v value) {
	for _, have := range e.of {
		if same(have, v) {
			return
		}
	}
	e.of = append(e.of, v)
}

// same reports whether two values are identical: equal plain values, or the same object.
func same(a, b value) bool {
	switch a := a.(type) {
	case *library:
		b, ok := b.(*library)
		return ok && a.path == b.path && a.self == nil && b.self == nil
	case *imported:
		b, ok := b.(*imported)
		return ok && a.module == b.module && a.name == b.name
	case *many:
		b, ok := b.(*many)
		return ok && a.online == b.online
	}
	return a == b
}
