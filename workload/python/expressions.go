// SPDX-License-Identifier: MIT

package python

import (
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

// maxExpression bounds how deep expressions nest; the reader of the text has a bound
// of its own.
const maxExpression = 200

// eval returns the value of an expression, as far as it is known. It may be an import that has not been
// looked up; see settle.
func (in *interpreter) eval(e syntax.Expr) value {
	if in.abrupt != next || !in.spend() || in.nesting > maxExpression {
		return data
	}
	in.nesting++
	v := in.evalKind(e)
	in.nesting--
	return v
}

func (in *interpreter) evalKind(e syntax.Expr) value {
	switch e := e.(type) {
	case *syntax.Name:
		return in.lookup(e.ID)
	case *syntax.String:
		return e.Value
	case *syntax.Int:
		return e.Value
	case *syntax.Float:
		return e.Value
	case *syntax.Constant:
		return constant(e.Value)
	case *syntax.Format:
		return in.format(e)
	case *syntax.FormatField:
		return in.formatted(e)
	case *syntax.Attribute:
		return in.attribute(in.settle(in.eval(e.Value)), e.Name)
	case *syntax.Call:
		return in.evalCall(e)
	case *syntax.Subscript:
		return in.subscript(e)
	case *syntax.Unary:
		return in.unary(e)
	case *syntax.Binary:
		a, b := in.eval(e.Left), in.eval(e.Right)
		return in.computed(in.binary(e.Op, a, b), a, b)
	case *syntax.Logical:
		return in.logical(e)
	case *syntax.Compare:
		return in.comparison(e)
	case *syntax.Conditional:
		return in.choice(e)
	case *syntax.Sequence:
		return in.sequence(e)
	case *syntax.Dict:
		return in.dictDisplay(e)
	case *syntax.Comprehension:
		return in.comprehension(e)
	case *syntax.Lambda:
		return &function{Function: e.Function, line: e.Position(), module: in.frame.module, closure: in.frame}
	case *syntax.Starred:
		return in.eval(e.Value)
	case *syntax.Await:
		return in.eval(e.Value)
	case *syntax.Yield:
		return in.yield(e)
	case *syntax.Walrus:
		v := in.eval(e.Value)
		in.set(in.frame.scope, e.Name, v)
		return v
	}
	return data
}

func constant(name string) value {
	switch name {
	case "True":
		return true
	case "False":
		return false
	case "None":
		return none{}
	}
	return data
}

// format joins a formatted string if all of its fields are known.
func (in *interpreter) format(e *syntax.Format) value {
	var b strings.Builder
	known := true
	parts := make([]value, 0, len(e.Parts))
	for _, part := range e.Parts {
		v := in.settle(in.eval(part))
		s, ok := display(v)
		if known = known && ok && b.Len()+len(s) <= maxText; known {
			b.WriteString(s)
		}
		parts = append(parts, v)
	}
	if !known {
		return in.computed(data, parts...)
	}
	return b.String()
}

// formatted is a field with a conversion or a specification: only its calls count.
func (in *interpreter) formatted(e *syntax.FormatField) value {
	return in.computed(data, in.eval(e.Value))
}

func (in *interpreter) sequence(e *syntax.Sequence) value {
	l := &list{kind: e.Kind, born: in.serial}
	for _, item := range e.Items {
		if len(l.items) >= maxItems {
			l.open = true
			break
		}
		if s, ok := item.(*syntax.Starred); ok {
			l.extend(in.settle(in.eval(s.Value)))
			continue
		}
		l.items = append(l.items, in.eval(item))
	}
	if e.Kind == syntax.Set {
		kept, sure := in.withoutDoubles(l.items)
		l.items, l.open = kept, l.open || !sure
	}
	return l
}

// extend appends the items of a value to a list that nothing else refers to yet.
func (l *list) extend(v value) {
	if more, ok := v.(*list); ok && len(l.items)+len(more.items) <= maxItems {
		l.items = append(l.items, more.items...)
		l.open, l.unclear = l.open || more.open, l.unclear || more.unclear
		return
	}
	l.open = true
}

func (in *interpreter) dictDisplay(e *syntax.Dict) value {
	d := in.newDict()
	for i, k := range e.Keys {
		v := in.eval(e.Values[i])
		if k == nil {
			in.update(d, in.settle(v))
			continue
		}
		name, ok := keyOf(in.settle(in.eval(k)))
		if !ok || len(d.of) >= maxItems {
			d.open = true
			continue
		}
		in.setEntry(d, name, v)
	}
	return d
}

// update puts the entries of a value into a dict.
func (in *interpreter) update(d *dict, v value) {
	more, ok := v.(*dict)
	if !ok {
		in.overwrite(d, v)
		return
	}
	for _, k := range more.order {
		if v, ok := more.of[k]; ok {
			in.setEntry(d, k, v)
		}
	}
	d.open = d.open || more.open
}

// logical is "and" and "or". A value that decides ends it. An unknown value makes the result unknown.
func (in *interpreter) logical(e *syntax.Logical) value {
	stop := yes
	if e.Op == "and" {
		stop = no
	}
	var sure value
	doubtful, unclear := false, false
	for i, operand := range e.Values {
		var v value
		if unclear {
			// It may not be evaluated, so its effects are not certain.
			changed, ended := in.branch(func() flow { v = in.settle(in.eval(operand)); return in.ended() })
			if ended == next {
				in.merge(changed, nil)
			}
		} else {
			v = in.settle(in.eval(operand))
		}
		if in.abrupt != next {
			return data
		}
		t := isTrue(v)
		last := i == len(e.Values)-1
		if t == stop {
			if !unclear {
				return v
			}
			if doubtful {
				return setting
			}
			return unknownIfDifferent(sure, v)
		}
		if t == unsure {
			unclear = true
			doubtful = doubtful || in.doubtful(operand, v)
		}
		if last && !unclear {
			return v
		}
		sure = v
	}
	if doubtful {
		return setting
	}
	return data
}

// unknownIfDifferent is the result of "x or v" with an unknown x: v, or x.
func unknownIfDifferent(x, v value) value {
	if _, s := isUnknown(x); s {
		return setting
	}
	return data
}

// choice is a conditional expression.
func (in *interpreter) choice(e *syntax.Conditional) value {
	test := in.eval(e.Test)
	if in.abrupt != next {
		return data
	}
	switch isTrue(in.settle(test)) {
	case yes:
		return in.eval(e.Body)
	case no:
		return in.eval(e.Else)
	}
	var a, b value
	doubtful := in.doubtful(e.Test, test)
	f := in.both(doubtful,
		func() flow { in.assume(e.Test, true); a = in.eval(e.Body); return in.ended() },
		func() flow { in.assume(e.Test, false); b = in.eval(e.Else); return in.ended() })
	if f != next {
		in.abrupt = f
		return data
	}
	v := join(in.settle(a), in.settle(b))
	if _, s := isUnknown(v); !s && doubtful {
		if _, ok := v.(*unknown); ok {
			return setting
		}
	}
	return v
}

func (in *interpreter) yield(e *syntax.Yield) value {
	var v value = none{}
	if e.Value != nil {
		v = in.eval(e.Value)
	}
	fr := in.frame
	for fr.inner {
		fr = fr.outer
	}
	if fr.yields != nil {
		if e.From {
			fr.yields.extend(in.settle(v))
		} else {
			in.appendItem(fr.yields, v)
		}
	}
	return data
}
