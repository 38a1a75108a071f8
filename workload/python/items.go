// SPDX-License-Identifier: MIT

package python

import (
	"slurm-mp-policy/workload/python/syntax"
)

func (in *interpreter) subscript(e *syntax.Subscript) value {
	container := in.settle(in.eval(e.Value))
	if s, ok := e.Index.(*syntax.Slice); ok {
		return in.slice(container, s)
	}
	index := in.settle(in.eval(e.Index))
	if in.abrupt != next {
		return data
	}
	return in.item(container, index)
}

// item returns container[index].
func (in *interpreter) item(container, index value) value {
	switch c := container.(type) {
	case *list:
		i, ok := index.(int64)
		if !ok {
			return in.anyItem(c.items, index)
		}
		if i < 0 && !c.open {
			i += int64(len(c.items))
		}
		if i >= 0 && i < int64(len(c.items)) {
			return c.items[i]
		}
		if !c.open {
			in.throw("IndexError")
		}
	case *dict:
		k, ok := keyOf(index)
		if !ok {
			return in.anyItem(c.values(), index)
		}
		if v, ok := c.of[k]; ok {
			return v
		}
		if !c.open {
			in.throw("KeyError")
		}
	case string:
		i, ok := index.(int64)
		if ok && i < 0 {
			i += int64(len(c))
		}
		if ok && i >= 0 && i < int64(len(c)) {
			return c[i : i+1]
		}
	case *library, *class:
		return container // a type with parameters: List[int]
	case *object:
		return in.objectItem(c, index)
	case *instance:
		if f, ok := c.class.find("__getitem__"); ok {
			return in.call(&method{self: c, function: f}, positional(index), in.frame.line)
		}
	}
	return in.computed(unknownOf(container, index), container, index)
}

// anyItem returns an item whose index is not known: one of a few, or an unknown one.
func (in *interpreter) anyItem(items []value, index value) value {
	if len(items) == 0 || len(items) > maxEither {
		return unknownOf(index)
	}
	v := in.settle(items[0])
	for _, item := range items[1:] {
		v = join(v, in.settle(item))
	}
	return v
}

func (d *dict) values() []value {
	var list []value
	for _, k := range d.order {
		if v, ok := d.of[k]; ok {
			list = append(list, v)
		}
	}
	return list
}

func (in *interpreter) slice(container value, s *syntax.Slice) value {
	bound := func(e syntax.Expr, missing int64) (int64, bool) {
		if e == nil {
			return missing, true
		}
		n, ok := in.settle(in.eval(e)).(int64)
		return n, ok
	}
	size := int64(0)
	l, isList := container.(*list)
	t, isText := container.(string)
	switch {
	case isList && !l.open:
		size = int64(len(l.items))
	case isText:
		size = int64(len(t))
	case isList && l.hasUnknownWords() && s.Upper == nil && s.Step == nil:
		if from, ok := bound(s.Lower, 0); ok && from >= 0 {
			return &list{kind: l.kind, items: l.items[min(from, int64(len(l.items))):], open: true, unclear: true}
		}
		return setting
	default:
		bound(s.Lower, 0)
		bound(s.Upper, 0)
		return unknownOf(container)
	}
	from, ok1 := bound(s.Lower, 0)
	to, ok2 := bound(s.Upper, size)
	if !ok1 || !ok2 {
		return data
	}
	if s.Step != nil {
		var lower, upper value
		if s.Lower != nil {
			lower = from
		}
		if s.Upper != nil {
			upper = to
		}
		return in.stepped(container, lower, upper, in.settle(in.eval(s.Step)))
	}
	from, to = clamp(from, size), clamp(to, size)
	to = max(from, to)
	if isText {
		return t[from:to]
	}
	return &list{kind: l.kind, items: l.items[from:to:to]}
}

func clamp(n, size int64) int64 {
	if n < 0 {
		n += size
	}
	return min(max(n, 0), size)
}

// assign binds a target.
func (in *interpreter) assign(target syntax.Expr, v value) {
	switch t := target.(type) {
	case *syntax.Name:
		in.bind(t.ID, v)
	case *syntax.Attribute:
		in.setAttribute(in.settle(in.eval(t.Value)), t.Name, v)
	case *syntax.Subscript:
		container := in.settle(in.eval(t.Value))
		if _, ok := t.Index.(*syntax.Slice); ok {
			if l, ok := container.(*list); ok {
				in.setItems(l, l.items, true)
			}
			return
		}
		in.setItem(container, in.settle(in.eval(t.Index)), v)
	case *syntax.Sequence:
		in.unpack(t, in.settle(v))
	case *syntax.Starred:
		in.assign(t.Value, v)
	}
}

func (in *interpreter) setItem(container, index, v value) {
	switch c := container.(type) {
	case *dict:
		if k, ok := keyOf(index); ok && len(c.of) < maxItems {
			in.setEntry(c, k, v)
		} else {
			in.openDict(c)
		}
	case *list:
		i, ok := index.(int64)
		if ok && i < 0 {
			i += int64(len(c.items))
		}
		if !ok || i < 0 || i >= int64(len(c.items)) {
			in.setItems(c, c.items, true)
			return
		}
		items := append([]value(nil), c.items...)
		items[i] = v
		in.setItems(c, items, c.open)
	case *object:
		in.setObjectItem(c, index, v)
	}
}

// unpack binds the targets of a sequence.
func (in *interpreter) unpack(t *syntax.Sequence, v value) {
	l, ok := v.(*list)
	star := -1
	for i, item := range t.Items {
		if _, ok := item.(*syntax.Starred); ok {
			star = i
		}
	}
	if !ok || l.open || star < 0 && len(l.items) != len(t.Items) || star >= 0 && len(l.items) < len(t.Items)-1 {
		for i, item := range t.Items {
			known := value(unknownOf(v))
			if ok && (star < 0 || i < star) && i < len(l.items) {
				known = l.items[i]
			}
			in.assign(item, known)
		}
		return
	}
	rest := len(l.items) - len(t.Items) + 1
	at := 0
	for i, item := range t.Items {
		if i == star {
			in.assign(item, &list{items: l.items[at : at+rest : at+rest]})
			at += rest
			continue
		}
		in.assign(item, l.items[at])
		at++
	}
}
