// SPDX-License-Identifier: MIT

package python

import (
	"math"
	"strconv"
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

func (in *interpreter) unary(e *syntax.Unary) value {
	v := in.settle(in.eval(e.Value))
	switch e.Op {
	case "not":
		switch isTrue(v) {
		case yes:
			return false
		case no:
			return true
		}
		if in.doubtful(e.Value, v) {
			return setting
		}
		return data
	case "-":
		switch n := v.(type) {
		case int64:
			return -n
		case float64:
			return -n
		}
	case "+":
		switch v.(type) {
		case int64, float64, *many:
			return v
		}
	}
	return unknownOf(v)
}

// binary returns the result of an arithmetic operator.
func (in *interpreter) binary(op string, a, b value) value {
	a, b = in.settle(a), in.settle(b)
	if alternatives, ok := a.(*either); ok {
		return in.ofEach(alternatives, func(one value) value { return in.binary(op, one, b) })
	}
	if alternatives, ok := b.(*either); ok {
		return in.ofEach(alternatives, func(one value) value { return in.binary(op, a, one) })
	}
	switch x := a.(type) {
	case int64:
		switch y := b.(type) {
		case int64:
			if y == 0 && (op == "/" || op == "//" || op == "%") {
				in.throw("ZeroDivisionError")
			}
			return integers(op, x, y)
		case float64:
			return floats(op, float64(x), y)
		case *many:
			return aboutMany(op)
		}
	case float64:
		switch y := b.(type) {
		case int64:
			return floats(op, x, float64(y))
		case float64:
			return floats(op, x, y)
		case *many:
			return aboutMany(op)
		}
	case *many:
		switch b.(type) {
		case int64, float64, *many:
			return aboutMany(op)
		}
	case string:
		if y, ok := b.(string); ok && op == "+" {
			return bounded(x, y)
		}
		if op == "%" {
			return percent(x, b)
		}
	case *list:
		if y, ok := b.(*list); ok && op == "+" {
			l := &list{kind: x.kind, open: x.open}
			l.extend(x)
			l.extend(y)
			return l
		}
		if n, ok := b.(int64); ok && op == "*" && len(x.items) == 0 {
			return &list{kind: x.kind, open: x.open}
		} else if ok && op == "*" && n >= 0 && n <= maxItems/int64(len(x.items)) {
			l := &list{kind: x.kind, open: x.open}
			for range n {
				l.items = append(l.items, x.items...)
			}
			return l
		}
		if op == "*" {
			return &list{kind: x.kind, items: x.items, open: true}
		}
	case *object:
		if op == "/" && strings.HasPrefix(x.path, "pathlib.") { // what is asked of the path is data
			path := &object{path: x.path, scope: newScope()}
			if in.allKnown(a, b) {
				path.data = ofKnown{}
			}
			return path
		}
	case *dict:
		if y, ok := b.(*dict); ok && op == "|" {
			d := newDict()
			in.update(d, x)
			in.update(d, y)
			return d
		}
	}
	return unknownOf(a, b)
}

// ofEach joins the results of an operation on each alternative.
func (in *interpreter) ofEach(e *either, run func(one value) value) value {
	v := run(in.settle(e.of[0]))
	for _, one := range e.of[1:] {
		v = join(v, run(in.settle(one)))
	}
	return v
}

// aboutMany is the result of arithmetic on a count of CPUs: "cpu_count() - 1" is still
// a number of workers that keeps the machine busy.
func aboutMany(op string) value {
	switch op {
	case "+", "-", "*", "/", "//":
		return usable
	}
	return data
}

// arithmetic has the operations that are the same for integers and floats.
func arithmetic[T int64 | float64](op string, a, b T) value {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		if b != 0 {
			return float64(a) / float64(b)
		}
	case "//":
		if b != 0 {
			return T(math.Floor(float64(a) / float64(b)))
		}
	}
	return data
}

func integers(op string, a, b int64) value {
	switch op {
	case "%":
		if b != 0 {
			return a - b*int64(math.Floor(float64(a)/float64(b)))
		}
	case "**":
		if p := math.Pow(float64(a), float64(b)); b >= 0 && math.Abs(p) < 1<<53 {
			return int64(p)
		}
	case "&":
		return a & b
	case "|":
		return a | b
	case "^":
		return a ^ b
	case "<<":
		if b >= 0 && b < 62 {
			return a << b
		}
	case ">>":
		if b >= 0 && b < 63 {
			return a >> b
		}
	default:
		return arithmetic(op, a, b)
	}
	return data
}

func floats(op string, a, b float64) value {
	if op == "**" {
		return math.Pow(a, b)
	}
	return arithmetic(op, a, b)
}

// percent formats a text with %s and %d; another specification is not known.
func percent(format string, v value) value {
	args := []value{v}
	if l, ok := v.(*list); ok && l.kind == syntax.Tuple {
		if l.open {
			return data
		}
		args = l.items
	}
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		i++
		if i == len(format) {
			return data
		}
		switch format[i] {
		case '%':
			b.WriteByte('%')
		case 's', 'd', 'i':
			if len(args) == 0 {
				return data
			}
			s, ok := display(args[0])
			if !ok {
				return data
			}
			if b.WriteString(s); b.Len() > maxText {
				return data
			}
			args = args[1:]
		default:
			return data
		}
	}
	return bounded(b.String())
}

// maxText bounds a text that the program makes, in bytes: a path, a host list or a usage
// text is shorter, and a text that doubles in a loop would fill the memory.
const maxText = 4096

// bounded returns the parts as one text, which is not known if it is too long.
func bounded(parts ...string) value {
	size := 0
	for _, part := range parts {
		if size += len(part); size > maxText {
			return data
		}
	}
	return strings.Join(parts, "")
}

// display returns str() of a known plain value.
func display(v value) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	case bool:
		if v {
			return "True", true
		}
		return "False", true
	case none:
		return "None", true
	}
	return "", false
}
