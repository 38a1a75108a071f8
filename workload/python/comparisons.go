// SPDX-License-Identifier: MIT

package python

import (
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

func (in *interpreter) comparison(e *syntax.Compare) value {
	left := in.settle(in.eval(e.Left))
	result := yes
	unknown := value(data)
	for i, op := range e.Ops {
		right := in.settle(in.eval(e.Rights[i]))
		if in.abrupt != next {
			return data
		}
		switch in.compare(op, left, right) {
		case no:
			return false
		case unsure:
			result = unsure
			unknown = in.computed(unknownOf(unknown, left, right), left, right)
		}
		left = right
	}
	if result == unsure {
		return unknown
	}
	return true
}

// A list may hold itself, and a few lists that hold each other have more items than can be compared.
// A comparison beyond these bounds has no known result.
const (
	maxCompareDepth = 8
	maxCompared     = 1024 // a few lists of maxItems items
	// comparedPerStep is the number of comparisons that cost as much as one step
	comparedPerStep = 4
)

// comparer is one comparison of two values and of their items.
type comparer struct {
	depth int
	left  int // comparisons that may still be made
}

// equal returns the truth of "a == b", if it is known.
func equal(a, b value) truth {
	c := comparer{left: maxCompared}
	return c.equal(a, b)
}

// compare returns the truth of "a op b", if it is known. Long comparisons cost steps.
func (in *interpreter) compare(op string, a, b value) truth {
	c := comparer{left: maxCompared}
	t := c.compare(op, a, b)
	for range (maxCompared - max(c.left, 0)) / comparedPerStep {
		if !in.spend() {
			return unsure
		}
	}
	return t
}

func (c *comparer) compare(op string, a, b value) truth {
	if c.left--; c.left < 0 || c.depth >= maxCompareDepth {
		return unsure
	}
	c.depth++
	defer func() { c.depth-- }()
	switch op {
	case "!=":
		return c.compare("==", a, b).not()
	case "not in":
		return c.compare("in", a, b).not()
	case "is not":
		return c.compare("is", a, b).not()
	}
	if e, ok := a.(*either); ok {
		return ofAll(e, func(one value) truth { return c.compare(op, one, b) })
	}
	if e, ok := b.(*either); ok {
		return ofAll(e, func(one value) truth { return c.compare(op, a, one) })
	}
	switch op {
	case "in":
		return c.contains(b, a)
	case "==", "is":
		return c.equal(a, b)
	}
	if x, ok := a.(string); ok {
		if y, ok := b.(string); ok {
			return ordered(op, strings.Compare(x, y))
		}
		return unsure
	}
	if x, ok := a.(*list); ok {
		if y, ok := b.(*list); ok {
			return c.sequences(op, x, y)
		}
		return unsure
	}
	x, okX := number(a)
	y, okY := number(b)
	switch {
	case okX && okY:
		return ordered(op, sign3(x-y))
	case okY:
		if _, ok := a.(*many); ok {
			return manyThan(op, y)
		}
	case okX:
		if _, ok := b.(*many); ok {
			return manyThan(mirrored[op], x)
		}
	}
	return unsure
}

var mirrored = map[string]string{"<": ">", ">": "<", "<=": ">=", ">=": "<="}

// manyThan compares a number above one with n.
func manyThan(op string, n float64) truth {
	switch {
	case n < 2 && op == ">", n <= 2 && op == ">=":
		return yes
	case n <= 2 && op == "<", n < 2 && op == "<=":
		return no
	}
	return unsure
}

func ofAll(e *either, run func(one value) truth) truth {
	first := run(e.of[0])
	for _, one := range e.of[1:] {
		if run(one) != first {
			return unsure
		}
	}
	return first
}

func number(v value) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

func sign3(d float64) int {
	switch {
	case d < 0:
		return -1
	case d > 0:
		return 1
	}
	return 0
}

func ordered(op string, sign int) truth {
	switch op {
	case "<":
		return truthOf(sign < 0)
	case ">":
		return truthOf(sign > 0)
	case "<=":
		return truthOf(sign <= 0)
	case ">=":
		return truthOf(sign >= 0)
	}
	return unsure
}

// sequences compares known lists of plain values, as sys.version_info with (3, 8).
func (c *comparer) sequences(op string, a, b *list) truth {
	for i := range min(len(a.items), len(b.items)) {
		switch c.compare("==", a.items[i], b.items[i]) {
		case no:
			return c.compare(op, a.items[i], b.items[i])
		case unsure:
			return unsure
		}
	}
	switch {
	case a.open && !b.open && len(a.items) > len(b.items): // the longer one is greater, whatever follows
		return ordered(op, 1)
	case b.open && !a.open && len(b.items) > len(a.items):
		return ordered(op, -1)
	case a.open || b.open:
		return unsure
	}
	return ordered(op, len(a.items)-len(b.items))
}

func (c *comparer) equal(a, b value) truth {
	x, okX := number(a)
	y, okY := number(b)
	if okX && okY {
		return truthOf(x == y)
	}
	if l, ok := a.(*library); ok {
		if other, ok := b.(*library); ok && l.self == nil && other.self == nil {
			return truthOf(l.path == other.path)
		}
		if _, isNone := b.(none); isNone && l.self == nil && (isKnown(l.path) || isClassName(l.path)) {
			return no
		}
		return unsure
	}
	if l, ok := a.(*list); ok {
		if other, ok := b.(*list); ok {
			return c.sequencesEqual(l, other)
		}
	}
	if _, ok := a.(*many); ok && okY {
		if y < 2 {
			return no
		}
		return unsure
	}
	if _, ok := b.(*many); ok && okX {
		return c.equal(b, a)
	}
	ka, kindA := kindOf(a)
	kb, kindB := kindOf(b)
	if !kindA || !kindB {
		return unsure
	}
	if ka != kb {
		return no
	}
	switch a.(type) {
	case string, none:
		return truthOf(a == b)
	}
	if a == b {
		return yes
	}
	return unsure
}

func (c *comparer) sequencesEqual(a, b *list) truth {
	if a.open || b.open {
		return unsure
	}
	if len(a.items) != len(b.items) {
		return no
	}
	for i := range a.items {
		if t := c.compare("==", a.items[i], b.items[i]); t != yes {
			return t
		}
	}
	return yes
}

// kindOf returns a number for the kind of a value. Values of different kinds are never equal.
func kindOf(v value) (int, bool) {
	switch v.(type) {
	case none:
		return 1, true
	case string:
		return 2, true
	case int64, float64, bool, *many:
		return 3, true
	case *list:
		return 4, true
	case *dict:
		return 5, true
	case *function, *method, *class:
		return 6, true
	case *instance, *object:
		return 7, true
	}
	return 0, false
}

// contains returns the truth of "item in container", if it is known.
func (c *comparer) contains(container, item value) truth {
	switch held := container.(type) {
	case *list:
		found := no
		for _, have := range held.items {
			switch c.compare("==", have, item) {
			case yes:
				return yes
			case unsure:
				found = unsure
			}
		}
		if held.open {
			return unsure
		}
		return found
	case *dict:
		k, ok := keyOf(item)
		if !ok {
			return unsure
		}
		if _, ok := held.of[k]; ok {
			return yes
		}
		if held.open {
			return unsure
		}
		return no
	case string:
		if s, ok := item.(string); ok {
			return truthOf(strings.Contains(held, s))
		}
	case *object:
		return inObject(held, item)
	}
	return unsure
}
