// SPDX-License-Identifier: MIT

package python

import (
	"strconv"
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

func opaque(c *call) value {
	c.callbacks(&c.arguments)
	return data
}

func unknownSetting(*call) value { return setting }

func toInt(c *call) value {
	switch v := c.arg(0, "").(type) {
	case nil:
		return int64(0)
	case int64, *many:
		return v
	case bool:
		n, _ := number(v)
		return int64(n)
	case float64:
		return int64(v)
	case string:
		n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
		if err != nil {
			if c.arg(1, "base") == nil {
				c.throw("ValueError")
			}
			return data
		}
		return n
	case none:
		c.throw("TypeError")
		return data
	case *either:
		return c.ofEach(v, func(one value) value {
			if s, ok := one.(string); ok {
				if n, err := strconv.ParseInt(s, 10, 64); err == nil {
					return n
				}
				return data
			}
			return one
		})
	default:
		return unknownOf(v)
	}
}

func toFloat(c *call) value {
	switch v := c.arg(0, "").(type) {
	case int64:
		return float64(v)
	case float64, *many:
		return v
	case string:
		if f, err := strconv.ParseFloat(strings.TrimSpace(v), 64); err == nil {
			return f
		}
		return data
	default:
		return unknownOf(v)
	}
}

func toText(c *call) value {
	v := c.arg(0, "")
	if v == nil {
		return ""
	}
	if s, ok := display(v); ok {
		return s
	}
	return unknownOf(v)
}

func toBool(c *call) value {
	v := c.arg(0, "")
	if v == nil {
		return false
	}
	switch isTrue(v) {
	case yes:
		return true
	case no:
		return false
	}
	return unknownOf(v)
}

func length(c *call) value {
	switch v := c.arg(0, "").(type) {
	case string:
		return int64(len(v))
	case *list:
		if !v.open {
			return int64(len(v.items))
		}
	case *dict:
		if !v.open {
			return int64(len(v.of))
		}
	case *instance:
		if f, ok := v.class.find("__len__"); ok {
			return c.call(&method{self: v, function: f}, arguments{}, c.line)
		}
	}
	if l, ok := c.arg(0, "").(*list); ok {
		return unknownOf(l)
	}
	return data
}

func makeRange(c *call) value {
	r := &numbers{start: int64(0), step: int64(1)}
	switch len(c.positional) {
	case 0:
		r.stop = value(data)
	case 1:
		r.stop = c.arg(0, "")
	default:
		r.start, r.stop = c.arg(0, ""), c.arg(1, "")
		if step := c.arg(2, ""); step != nil {
			r.step = step
		}
	}
	return &object{path: "range", scope: newScope(), data: r}
}

func least(c *call) value    { return extreme(c, "<") }
func greatest(c *call) value { return extreme(c, ">") }

// extreme is min() and max(). Some arguments may be unknown.
func extreme(c *call, op string) value {
	args := c.positional
	if len(args) == 1 {
		l, ok := c.settle(args[0]).(*list)
		if !ok || l.open {
			return unknownOf(args[0])
		}
		args = l.items
	}
	if len(args) == 0 {
		return data
	}
	var best, unknown value
	for _, v := range args {
		v = c.settle(v)
		if is, _ := isUnknown(v); is {
			unknown = join(unknown, v)
			continue
		}
		if best == nil {
			best = v
			continue
		}
		switch c.compare(op, v, best) {
		case yes:
			best = v
		case unsure:
			best = bestOfUnsure(op, v, best)
		}
	}
	if unknown == nil {
		return best
	}
	// a number of workers is at least one, whatever the other arguments are
	if n, ok := best.(int64); ok && op == "<" && n <= 1 {
		return n
	}
	if _, ok := best.(*many); ok && op == ">" {
		return usable // the unknown one may be greater
	}
	return unknownOf(unknown)
}

// bestOfUnsure is min or max of a count of CPUs and a number above one: some number
// above one.
func bestOfUnsure(op string, a, b value) value {
	_, okA := a.(*many)
	_, okB := b.(*many)
	if okA || okB {
		return usable
	}
	return data
}

func absolute(c *call) value {
	switch v := c.arg(0, "").(type) {
	case int64:
		return max(v, -v)
	case float64:
		if c.path == "round" {
			return int64(v + 0.5)
		}
		return max(v, -v)
	case *many:
		return v
	default:
		return unknownOf(v)
	}
}

func toList(kind uint8) handler {
	return func(c *call) value {
		l := &list{kind: kind}
		v := c.arg(0, "")
		if v == nil {
			return l
		}
		if _, ok := c.arg(-1, "key").(*function); ok {
			return &list{kind: kind, open: true}
		}
		known, count, _ := c.items(v)
		l.open = known == nil || count < 0
		if from, ok := v.(*list); ok {
			l.unclear = from.unclear
		}
		l.items = append(l.items, known...)
		if kind == syntax.Set {
			kept, sure := c.withoutDoubles(l.items)
			l.items, l.open = kept, l.open || !sure
		}
		if is, s := isUnknown(v); is && s {
			return setting
		}
		return l
	}
}

func toDict(c *call) value {
	d := newDict()
	switch v := c.arg(0, "").(type) {
	case nil:
	case *dict:
		c.update(d, v)
	case *list:
		for _, item := range v.items {
			pair, ok := c.settle(item).(*list)
			if !ok || len(pair.items) != 2 {
				d.open = true
				continue
			}
			if k, ok := keyOf(c.settle(pair.items[0])); ok {
				c.setEntry(d, k, pair.items[1])
			}
		}
		d.open = d.open || v.open
	default:
		d.open = true
	}
	for _, name := range c.order {
		c.setEntry(d, key{text: name, kind: 's'}, c.named[name])
	}
	d.open = d.open || c.moreNamed
	return d
}

func enumerate(c *call) value {
	known, count, _ := c.items(c.arg(0, ""))
	l := &list{kind: syntax.Generator, open: known == nil || count < 0}
	for i, v := range known {
		l.items = append(l.items, &list{kind: syntax.Tuple, items: []value{int64(i), v}})
	}
	return l
}

func zip(c *call) value {
	l := &list{kind: syntax.Generator}
	for i, v := range c.positional {
		known, count, _ := c.items(c.settle(v))
		l.open = l.open || known == nil || count < 0
		for j, item := range known {
			switch {
			case i == 0:
				l.items = append(l.items, &list{kind: syntax.Tuple, items: []value{item}})
			case j < len(l.items):
				t := l.items[j].(*list)
				t.items = append(t.items, item)
			}
		}
		if i > 0 && len(known) < len(l.items) {
			l.items = l.items[:len(known)]
		}
	}
	return l
}

func mapItems(c *call) value {
	f := c.arg(0, "")
	result := &list{kind: syntax.Generator}
	if f == nil {
		return result
	}
	items := c.arg(1, "")
	known, count, _ := c.items(items)
	result.open = known == nil || count < 0 || len(known) < count
	c.rounds(items, nil, func(item value) flow {
		v := c.call(f, positional(item), c.line)
		c.appendItem(result, v)
		return c.flowOf()
	})
	return result
}

func filterItems(c *call) value {
	v := c.arg(1, "")
	if l, ok := v.(*list); ok {
		return &list{kind: syntax.Generator, items: l.items, open: true}
	}
	return unknownOf(v)
}

func nextItem(c *call) value {
	if l, ok := c.arg(0, "").(*list); ok && len(l.items) > 0 {
		return l.items[0]
	}
	return data
}
