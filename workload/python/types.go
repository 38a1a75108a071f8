// SPDX-License-Identifier: MIT

package python

import (
	"slices"
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

func sortedNames[V any](of map[string]V) []string {
	names := make([]string, 0, len(of))
	for name := range of {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func unknownData(*call) value { return data }
func nothing(*call) value     { return none{} }

func appendTo(c *call) value {
	if l, ok := c.self.(*list); ok {
		c.appendItem(l, c.arg(0, ""))
	}
	return none{}
}

func extendWith(c *call) value {
	l, ok := c.self.(*list)
	if !ok {
		return none{}
	}
	if more, ok := c.arg(0, "").(*list); ok && len(l.items)+len(more.items) <= maxItems {
		c.setItems(l, append(l.items[:len(l.items):len(l.items)], more.items...), l.open || more.open)
	} else {
		c.setItems(l, l.items, true)
	}
	return none{}
}

func insertInto(c *call) value {
	l, ok := c.self.(*list)
	if !ok {
		return none{}
	}
	at, ok := c.arg(0, "").(int64)
	if !ok || l.open {
		c.setItems(l, l.items, true)
		return none{}
	}
	i := int(clamp(at, int64(len(l.items))))
	c.setItems(l, slices.Insert(slices.Clone(l.items), i, c.arg(1, "")), false)
	return none{}
}

func popFrom(c *call) value {
	l, ok := c.self.(*list)
	if !ok || l.open || len(l.items) == 0 {
		return data
	}
	at := int64(len(l.items) - 1)
	if v := c.arg(0, ""); v != nil {
		n, ok := v.(int64)
		if n < 0 {
			n += int64(len(l.items))
		}
		if !ok || n < 0 || n >= int64(len(l.items)) {
			c.setItems(l, l.items, true)
			return data
		}
		at = n
	}
	v := l.items[at]
	c.setItems(l, slices.Delete(slices.Clone(l.items), int(at), int(at)+1), false)
	return v
}

func removeFrom(c *call) value {
	l, ok := c.self.(*list)
	if !ok {
		return none{}
	}
	v := c.arg(0, "")
	for i, have := range l.items {
		if c.compare("==", have, v) == yes {
			c.setItems(l, slices.Delete(slices.Clone(l.items), i, i+1), l.open)
			return none{}
		}
	}
	c.setItems(l, l.items, true)
	return none{}
}

func copyOf(c *call) value {
	switch v := c.self.(type) {
	case *list:
		return &list{kind: v.kind, items: v.items, open: v.open, unclear: v.unclear}
	case *dict:
		d := newDict()
		c.update(d, v)
		return d
	}
	return data
}

func getEntry(c *call) value {
	d, ok := c.self.(*dict)
	if !ok {
		return data
	}
	k, ok := keyOf(c.arg(0, ""))
	if !ok {
		return unknownOf(c.arg(0, ""))
	}
	if v, ok := d.of[k]; ok {
		return c.settle(v)
	}
	missing := c.arg(1, "default")
	if missing == nil {
		missing = none{}
	}
	if d.open {
		return join(missing, data)
	}
	return missing
}

func popEntry(c *call) value {
	v := getEntry(c)
	if d, ok := c.self.(*dict); ok {
		if k, ok := keyOf(c.arg(0, "")); ok {
			if _, there := d.of[k]; there {
				c.setEntry(d, k, nil)
			} else if !d.open && c.arg(1, "default") == nil {
				c.throw("KeyError")
			}
		}
	}
	return v
}

func setDefault(c *call) value {
	d, ok := c.self.(*dict)
	k, known := keyOf(c.arg(0, ""))
	if !ok || !known {
		return data
	}
	if v, ok := d.of[k]; ok {
		return c.settle(v)
	}
	v := c.arg(1, "")
	if v == nil {
		v = none{}
	}
	if d.open {
		v = join(v, data)
	}
	c.setEntry(d, k, v)
	return v
}

func updateWith(c *call) value {
	d, ok := c.self.(*dict)
	if !ok {
		return none{}
	}
	if v := c.arg(0, ""); v != nil {
		c.update(d, v)
	}
	for _, name := range c.order {
		c.setEntry(d, key{text: name, kind: 's'}, c.named[name])
	}
	if c.moreNamed {
		c.openDict(d)
	}
	return none{}
}

func entries(c *call) value {
	d, ok := c.self.(*dict)
	if !ok {
		return data
	}
	l := &list{kind: syntax.Generator, open: d.open}
	for _, k := range d.order {
		if v, ok := d.of[k]; ok {
			l.items = append(l.items, &list{kind: syntax.Tuple, items: []value{k.value(), v}})
		}
	}
	return l
}

func keys(c *call) value {
	d, ok := c.self.(*dict)
	if !ok {
		return data
	}
	l := &list{kind: syntax.Generator, open: d.open}
	for _, k := range d.order {
		if _, ok := d.of[k]; ok {
			l.items = append(l.items, k.value())
		}
	}
	return l
}

func valuesOf(c *call) value {
	d, ok := c.self.(*dict)
	if !ok {
		return data
	}
	return &list{kind: syntax.Generator, open: d.open, items: d.values()}
}

func onText(f func(string) string) handler {
	return func(c *call) value {
		if s, ok := c.self.(string); ok {
			return bounded(f(s))
		}
		return data
	}
}

func strip(f func(s, cut string) string) handler {
	return func(c *call) value {
		s, ok := c.self.(string)
		if !ok {
			return data
		}
		if v := c.arg(0, ""); v != nil {
			cut, ok := v.(string)
			if !ok {
				return data
			}
			return f(s, cut)
		}
		return f(s, " \t\r\n\v\f")
	}
}

func replace(c *call) value {
	s, ok := c.self.(string)
	old, ok1 := c.text(0, "")
	with, ok2 := c.text(1, "")
	if !ok || !ok1 || !ok2 || len(s) > maxText || len(s)+(strings.Count(s, old)*(len(with)-len(old))) > maxText {
		return data
	}
	return strings.ReplaceAll(s, old, with)
}

func split(c *call) value {
	s, ok := c.self.(string)
	if !ok || len(s) > maxText {
		return data
	}
	parts := strings.Fields(s)
	if v := c.arg(0, "sep"); v != nil {
		sep, ok := v.(string)
		if !ok || sep == "" {
			return data
		}
		parts = strings.Split(s, sep)
	}
	if c.arg(1, "maxsplit") != nil {
		return data
	}
	l := &list{}
	for _, p := range parts {
		l.items = append(l.items, p)
	}
	return l
}

func hasAffix(f func(s, affix string) bool) handler {
	return func(c *call) value {
		s, ok := c.self.(string)
		if !ok {
			return data
		}
		switch v := c.arg(0, "").(type) {
		case string:
			return f(s, v)
		case *list:
			for _, item := range v.items {
				affix, ok := item.(string)
				if !ok {
					return data
				}
				if f(s, affix) {
					return true
				}
			}
			return false
		}
		return data
	}
}

func joinTexts(c *call) value {
	sep, ok := c.self.(string)
	l, isList := c.arg(0, "").(*list)
	if !ok || !isList || l.open {
		return data
	}
	parts := make([]string, 0, len(l.items))
	size := 0
	for _, item := range l.items {
		s, ok := c.settle(item).(string)
		if !ok {
			return data
		}
		if size += len(s) + len(sep); size-len(sep) > maxText {
			return data
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, sep)
}

func isDigit(c *call) value {
	s, ok := c.self.(string)
	if !ok {
		return data
	}
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func formatText(c *call) value {
	s, ok := c.self.(string)
	if !ok || strings.Count(s, "{}") != strings.Count(s, "{") || strings.Count(s, "{}") != len(c.positional) {
		return data
	}
	for i := range c.positional {
		part, ok := display(c.arg(i, ""))
		if !ok || len(s)+len(part) > maxText {
			return data
		}
		s = strings.Replace(s, "{}", part, 1)
	}
	return s
}
