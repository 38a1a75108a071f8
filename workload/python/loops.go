// SPDX-License-Identifier: MIT

package python

import "slurm-mp-policy/workload/python/syntax"

// forLoop runs a loop over known items round by round, and one over unknown items
// once.
func (in *interpreter) forLoop(s *syntax.For) flow {
	items := in.settle(in.eval(s.Iter))
	if f := in.ended(); f != next {
		return f
	}
	f := in.rounds(items, s.Iter, func(item value) flow {
		in.assign(s.Target, item)
		return in.block(s.Body)
	})
	if f == broke {
		return next
	}
	if f == next {
		return in.block(s.Else)
	}
	return f
}

// rounds runs something for each item. It returns broke after a break.
func (in *interpreter) rounds(items value, iter syntax.Expr, run func(item value) flow) flow {
	defer in.looped()()
	known, count, doubtful := in.items(items)
	if known != nil && len(known) <= maxRounds {
		if count < 0 {
			// there may be further items: what a round starts is not counted
			old := in.repeat
			in.repeat = 0
			defer func() { in.repeat = old }()
		}
		for _, item := range known {
			if f := run(item); f != next && f != continued {
				return f
			}
		}
		if count == len(known) {
			return next
		}
	}
	if count == 0 && known == nil {
		return next
	}
	if l, ok := items.(*list); ok && l.hasUnknownWords() {
		return in.manyRounds(count, true, func(value) flow { return run(setting) })
	}
	if known != nil && len(known) <= maxRounds && count < 0 {
		if len(known) > 0 {
			return next
		}
		// the items of an open list are not known: one round is enough
	}
	return in.manyRounds(count, doubtful || in.doubtfulLoop(iter, items), run)
}

// looped notes a loop that runs until the function it returns is called.
func (in *interpreter) looped() func() {
	in.lastLoop++
	in.loops = append(in.loops, in.lastLoop)
	return func() { in.loops = in.loops[:len(in.loops)-1] }
}

// innermost returns the number of the innermost loop that is running, 0 for none.
func (in *interpreter) innermost() int {
	if len(in.loops) == 0 {
		return 0
	}
	return in.loops[len(in.loops)-1]
}

// items returns the items of an iterable if they are known, and how many there are, -1
// if that is not known.
func (in *interpreter) items(v value) (known []value, count int, doubtful bool) {
	switch v := v.(type) {
	case *list:
		if v.open {
			return v.items, -1, false
		}
		if len(v.items) == 0 {
			return []value{}, 0, false
		}
		return v.items, len(v.items), false
	case *dict:
		if v.open {
			return nil, -1, false
		}
		known = []value{}
		for _, k := range v.order {
			if _, ok := v.of[k]; ok {
				known = append(known, k.value())
			}
		}
		return known, len(known), false
	case string:
		if len(v) > maxRounds {
			return nil, len(v), false
		}
		known = []value{}
		for _, c := range v {
			known = append(known, string(c))
		}
		return known, len(known), false
	case *object:
		if r, ok := v.data.(*numbers); ok {
			return r.items()
		}
	case *unknown:
		return nil, -1, v.setting
	}
	return nil, -1, false
}

// manyRounds runs one round instead of all. The values of names that the round changes are not known
// afterwards.
func (in *interpreter) manyRounds(count int, doubtful bool, run func(item value) flow) flow {
	old := in.repeat
	switch {
	case count < 0:
		in.repeat = 0
	default:
		in.repeat *= count
	}
	if doubtful {
		in.doubt++
	}
	changed, f := in.branch(func() flow { return run(data) })
	if doubtful {
		in.doubt--
	}
	in.repeat = old
	in.allRunning()
	for _, m := range changed {
		v := widen(m.place, in.read(m.place), m.value)
		in.put(m.place, v, v)
	}
	switch f {
	case continued:
		return next
	case raised:
		if in.branches == 0 {
			return in.survive(f)
		}
	}
	return f
}

// widen returns the value of a place after many rounds of which one was run. A plain value that changed
// in the round is not known.
func widen(at place, before, after value) value {
	if at.list != nil {
		l := after.(*list)
		return &list{items: l.items, open: l.open || len(l.items) != len(before.(*list).items)}
	}
	switch after.(type) {
	case int64, float64, string:
		if before != nil && before != after {
			return data
		}
	}
	return after
}

// whileLoop runs a loop as long as its condition is known to hold, some rounds at
// most, and once if the condition is not known.
func (in *interpreter) whileLoop(s *syntax.While) flow {
	defer in.looped()()
	for range maxWhile {
		v := in.settle(in.eval(s.Test))
		if f := in.ended(); f != next {
			return f
		}
		switch isTrue(v) {
		case no:
			return in.block(s.Else)
		case unsure:
			return in.whileOnce(s, v)
		}
		if _, forever := s.Test.(*syntax.Constant); forever {
			return in.forever(s)
		}
		if f := in.block(s.Body); f != next && f != continued {
			if f == broke {
				return next
			}
			return f
		}
	}
	return in.whileOnce(s, data)
}

// maxWhile bounds the rounds of a loop with a known condition that are run one by one. Loops that pop
// options from a list are shorter.
const maxWhile = 24

// forever is a "while True". It starts processes as long as there is work, and the amount of work is not
// known.
func (in *interpreter) forever(s *syntax.While) flow {
	old := in.repeat
	in.repeat = 0
	f := in.block(s.Body)
	in.repeat = old
	if f == broke || f == continued {
		return next
	}
	return f
}

func (in *interpreter) whileOnce(s *syntax.While, v value) flow {
	f := in.manyRounds(-1, in.doubtful(s.Test, v), func(value) flow { return in.block(s.Body) })
	if f == broke || f == next {
		return next
	}
	return f
}

// numbers is a range.
type numbers struct{ start, stop, step value }

// items returns the numbers of a range if there are a few.
func (r *numbers) items() (known []value, count int, doubtful bool) {
	start, ok1 := r.start.(int64)
	stop, ok2 := r.stop.(int64)
	step, ok3 := r.step.(int64)
	if !ok1 || !ok2 || !ok3 || step == 0 {
		_, isSetting := isUnknown(r.stop)
		return nil, -1, isSetting
	}
	n := (stop - start + step - sign(step)) / step
	if n <= 0 {
		return []value{}, 0, false
	}
	if n > maxRange {
		return nil, int(min(n, 1<<30)), false
	}
	for i := range n {
		known = append(known, start+i*step)
	}
	return known, int(n), false
}

// maxRange bounds the numbers of a range that are kept. Longer loops are over data, or start workers whose
// number only matters.
const maxRange = 4

func sign(n int64) int64 {
	if n < 0 {
		return -1
	}
	return 1
}

// comprehension evaluates a comprehension.
func (in *interpreter) comprehension(c *syntax.Comprehension) value {
	fr := in.nested()
	saved := in.frame
	in.frame = fr
	defer func() { in.frame = saved }()
	result := &list{kind: c.Kind, born: in.serial}
	mapping := in.newDict()
	in.loop(c, c.Loops, result, mapping)
	if c.Kind == syntax.Mapping {
		return mapping
	}
	return result
}

func (in *interpreter) loop(c *syntax.Comprehension, loops []syntax.Loop, result *list, mapping *dict) flow {
	if len(loops) == 0 {
		if c.Kind == syntax.Mapping {
			k, ok := keyOf(in.settle(in.eval(c.Result)))
			v := in.eval(c.Value)
			if ok {
				in.setEntry(mapping, k, v)
			} else {
				mapping.open = true
			}
			return in.flowOf()
		}
		in.appendItem(result, in.eval(c.Result))
		return in.flowOf()
	}
	l := &loops[0]
	items := in.settle(in.eval(l.Iter))
	known, count, _ := in.items(items)
	if known == nil || len(known) > maxRounds || count < 0 {
		mapping.open = true
	}
	f := in.rounds(items, l.Iter, func(item value) flow {
		in.assign(l.Target, item)
		for _, test := range l.Tests {
			switch isTrue(in.settle(in.eval(test))) {
			case no:
				return next
			case unsure:
				result.open, mapping.open = true, true
			}
		}
		return in.loop(c, loops[1:], result, mapping)
	})
	if count < 0 || len(known) < count {
		result.open = true
	}
	return f
}

// flowOf is ended for an expression inside another: the statement takes it.
func (in *interpreter) flowOf() flow {
	if in.halted() {
		return stopped
	}
	return in.abrupt
}

// nested returns a frame for a comprehension's names.
func (in *interpreter) nested() *frame {
	fr := in.frame
	outer := fr
	return &frame{
		function: fr.function, module: fr.module, scope: in.newScope(), outer: outer, caller: fr.caller, line: fr.line,
		self: fr.self, branches: fr.branches, inner: true,
	}
}
