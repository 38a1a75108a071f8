// SPDX-License-Identifier: MIT

package python

import (
	"math"
	"slices"
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

// A result that is computed only from known values is not data: the text of the program and its command
// line decide it, although the result is not known here. It is a setting.

// maxKnown bounds the values that are looked at to find out whether all are known.
const maxKnown = 64

// allKnown reports whether values are fully known, with their items.
func (in *interpreter) allKnown(values ...value) bool {
	left := maxKnown
	return in.areKnown(values, &left)
}

func (in *interpreter) areKnown(values []value, left *int) bool {
	for _, v := range values {
		if *left--; *left < 0 {
			return false
		}
		switch v := in.settle(v).(type) {
		case bool, int64, float64, string, none:
		case *unknown:
			if !v.setting {
				return false
			}
		case *list:
			if v.open || !in.areKnown(v.items, left) {
				return false
			}
		case *dict:
			if v.open || !in.areKnown(v.values(), left) {
				return false
			}
		case *object:
			if _, ok := v.data.(ofKnown); !ok {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// ofKnown marks a library's object that was made only from known values.
type ofKnown struct{}

// computed returns the result of an operation: a setting if it is not known although the
// operands are.
func (in *interpreter) computed(result value, operands ...value) value {
	if result == value(data) && in.allKnown(operands...) {
		return setting
	}
	return result
}

// isPure reports whether a function computes its result only from its arguments. A function that reads a
// file or asks the machine is not pure: its result is data. The functions of itertools do not count as
// pure, because a loop over their results nearly always has a first round.
func isPure(path string) bool {
	root, rest, dotted := strings.Cut(path, ".")
	if !dotted {
		switch path {
		case "sum", "any", "all", "abs", "round", "min", "max", "divmod", "pow", "ord", "chr", "bin", "hex", "oct", "ascii", "format", "float",
			"int", "str", "repr", "bool", "eval", "sorted", "reversed":
			return true
		}
		return false
	}
	switch root {
	case "str", "list", "tuple", "set", "dict", "math", "re", "operator", "string", "fractions", "enum", "platform", "keyword", "fnmatch":
		return true
	case "pathlib":
		return rest == "Path" || rest == "PurePath"
	case "collections":
		return strings.HasPrefix(rest, "ChainMap")
	}
	return path == "functools.reduce"
}

// ofPure returns the result of a call of a pure function whose arguments are known.
func ofPure(path string, result value) value {
	if o, ok := result.(*object); ok && o.data == nil {
		o.data = ofKnown{}
	}
	if result == value(data) {
		return setting
	}
	return result
}

// knownAttribute returns a part of a path's text; nil if the path is not known.
func knownAttribute(_ *interpreter, o *object, name string) value {
	if _, ok := o.data.(ofKnown); !ok {
		return nil
	}
	switch name {
	case "suffix", "suffixes", "stem", "name", "parts":
		return setting
	}
	return nil
}

// anyOf is any() and all(): the first item that decides gives the result.
func anyOf(decides truth) handler {
	return func(c *call) value {
		v := c.arg(0, "")
		known, count, _ := c.items(v)
		sure := known != nil && count >= 0 && count == len(known)
		var open []value
		for _, item := range known {
			item = c.settle(item)
			switch isTrue(item) {
			case decides:
				return decides == yes
			case unsure:
				open = append(open, item)
			}
		}
		if sure && len(open) == 0 {
			return decides != yes
		}
		return unknownOf(append(open, v)...)
	}
}

func sum(c *call) value {
	v := c.arg(0, "")
	known, count, _ := c.items(v)
	if known == nil || count != len(known) {
		return unknownOf(v)
	}
	total := value(int64(0))
	if start := c.arg(1, "start"); start != nil {
		total = start
	}
	for _, item := range known {
		if b, ok := c.settle(item).(bool); ok {
			n, _ := number(b)
			item = int64(n)
		}
		total = c.binary("+", total, item)
	}
	return total
}

// ordering is sorted(), reversed(), list.sort and list.reverse of items: in their new
// order if it is known, else each may be any of them.
func (c *call) ordering(items []value, open bool) []value {
	items = slices.Clone(items)
	for i, v := range items {
		items[i] = c.settle(v)
	}
	if strings.HasPrefix(c.path, "list.reverse") || c.path == "reversed" {
		if !open {
			slices.Reverse(items)
			return items
		}
	} else if key := c.arg(-1, "key"); !open && !c.moreNamed && (key == nil || key == value(none{})) {
		comparable := true
		slices.SortStableFunc(items, func(a, b value) int {
			switch {
			case c.compare("==", a, b) == yes:
				return 0
			case c.compare("<", a, b) == yes:
				return -1
			case c.compare("<", a, b) == no:
				return 1
			}
			comparable = false
			return 0
		})
		switch {
		case comparable && c.isSet(-1, "reverse") == no:
			return items
		case comparable && c.isSet(-1, "reverse") == yes:
			slices.Reverse(items)
			return items
		}
	}
	index := value(data)
	if !open && c.allKnown(items...) {
		index = setting
	}
	one := c.anyItem(items, index)
	for i := range items {
		items[i] = one
	}
	return items
}

func orderedCopy(c *call) value {
	v := c.arg(0, "")
	if is, s := isUnknown(v); is && s {
		return setting
	}
	known, count, _ := c.items(v)
	open := known == nil || count != len(known)
	if len(known) > maxItems {
		return &list{open: true}
	}
	c.callbacks(&arguments{named: c.named})
	return &list{kind: syntax.List, items: c.ordering(known, open), open: open}
}

func order(c *call) value {
	if l, ok := c.self.(*list); ok {
		c.callbacks(&arguments{named: c.named})
		c.setItems(l, c.ordering(l.items, l.open), l.open)
	}
	return none{}
}

// withoutDoubles removes equal items of a set. If it is not known whether two items are equal, the number
// of items is not known.
func (in *interpreter) withoutDoubles(items []value) (kept []value, sure bool) {
	sure = true
	for _, v := range items {
		double := false
		for _, have := range kept {
			switch in.compare("==", have, v) {
			case yes:
				double = true
			case unsure:
				sure = false
			}
		}
		if !double {
			kept = append(kept, v)
		}
	}
	return kept, sure
}

func rounded(f func(float64) float64) handler {
	return func(c *call) value {
		switch v := c.arg(0, "").(type) {
		case int64, *many:
			return v
		case float64:
			if n := f(v); math.Abs(n) < 1<<53 {
				return int64(n)
			}
			return data
		default:
			return unknownOf(v)
		}
	}
}

// stepped is a slice with a step.
func (in *interpreter) stepped(container, from, to, step value) value {
	n, ok := step.(int64)
	known, count, _ := in.items(container)
	if !ok || n == 0 || known == nil || count != len(known) {
		return data
	}
	size := int64(len(known))
	bound := func(v value, missing int64) int64 {
		i, ok := v.(int64)
		if !ok {
			return missing
		}
		if i < 0 {
			i += size
		}
		if n < 0 {
			return min(max(i, -1), size-1)
		}
		return min(max(i, 0), size)
	}
	first, last := bound(from, 0), bound(to, size)
	if n < 0 {
		first, last = bound(from, size-1), bound(to, -1)
	}
	var items []value
	if n > size {
		n = size + 1
	}
	if n < -size {
		n = -size - 1
	}
	for i := first; n > 0 && i < last || n < 0 && i > last; i += n {
		items = append(items, known[i])
	}
	switch c := container.(type) {
	case string:
		var b strings.Builder
		for _, item := range items {
			b.WriteString(item.(string))
		}
		return b.String()
	case *list:
		return &list{kind: c.kind, items: items}
	}
	return data
}
