// SPDX-License-Identifier: MIT

package python

import (
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

// isBuiltin reports whether a name that nothing binds is a built-in one.
func isBuiltin(name string) bool {
	if builtin(name) != nil {
		return true
	}
	switch name {
	case "object", "bytes", "bytearray", "complex", "type", "frozenset", "memoryview", "slice", "NotImplemented", "Ellipsis",
		"basestring", "unicode", "long", "classmethod", "staticmethod", "property", "BaseException", "SystemExit", "KeyboardInterrupt":
		return true
	}
	return strings.HasSuffix(name, "Error") || strings.HasSuffix(name, "Exception") || strings.HasSuffix(name, "Warning") || name == "StopIteration"
}

// builtin returns the handler of a built-in function. Source: the "Built-in Functions"
// of the Python documentation.
func builtin(name string) handler {
	switch name {
	case "int", "long":
		return toInt
	case "float":
		return toFloat
	case "str", "unicode", "repr":
		return toText
	case "bool":
		return toBool
	case "len":
		return length
	case "range", "xrange":
		return makeRange
	case "min":
		return least
	case "max":
		return greatest
	case "sum":
		return sum
	case "any":
		return anyOf(yes)
	case "all":
		return anyOf(no)
	case "sorted", "reversed":
		return orderedCopy
	case "print", "eval", "open", "execfile", "id", "hash":
		return opaque
	case "abs", "round":
		return absolute
	case "list":
		return toList(syntax.List)
	case "tuple":
		return toList(syntax.Tuple)
	case "set", "frozenset":
		return toList(syntax.Set)
	case "iter":
		return toList(syntax.Generator)
	case "dict":
		return toDict
	case "enumerate":
		return enumerate
	case "zip":
		return zip
	case "map":
		return mapItems
	case "filter":
		return filterItems
	case "next":
		return nextItem
	case "getattr":
		return getAttribute
	case "setattr":
		return setAttribute
	case "hasattr":
		return hasAttribute
	case "isinstance", "issubclass":
		return isInstanceOf
	case "type":
		return typeOf
	case "vars":
		return variables
	case "super":
		return super
	case "callable":
		return callable
	case "exit", "quit":
		return exitWith
	case "__import__":
		return importModule
	case "globals", "locals":
		return globals
	case "exec":
		return execute
	case "input", "raw_input":
		return unknownSetting
	}
	return nil
}

// typeCall returns the handler of a method of Python's own types.
func typeCall(path string) handler {
	switch path {
	case "list.append", "set.add":
		return appendTo
	case "list.extend", "set.update":
		return extendWith
	case "list.insert":
		return insertInto
	case "list.pop":
		return popFrom
	case "list.remove":
		return removeFrom
	case "list.copy", "set.copy", "dict.copy":
		return copyOf
	case "list.sort", "list.reverse":
		return order
	case "list.index", "list.count", "dict.fromkeys":
		return unknownData
	case "dict.get":
		return getEntry
	case "dict.pop":
		return popEntry
	case "dict.setdefault":
		return setDefault
	case "dict.update":
		return updateWith
	case "dict.items":
		return entries
	case "dict.keys":
		return keys
	case "dict.values":
		return valuesOf
	case "str.lower":
		return onText(strings.ToLower)
	case "str.upper":
		return onText(strings.ToUpper)
	case "str.strip":
		return strip(strings.Trim)
	case "str.lstrip":
		return strip(strings.TrimLeft)
	case "str.rstrip":
		return strip(strings.TrimRight)
	case "str.replace":
		return replace
	case "str.split":
		return split
	case "str.startswith":
		return hasAffix(strings.HasPrefix)
	case "str.endswith":
		return hasAffix(strings.HasSuffix)
	case "str.join":
		return joinTexts
	case "str.isdigit", "str.isnumeric", "str.isdecimal":
		return isDigit
	case "str.format":
		return formatText
	}
	return nil
}
