// SPDX-License-Identifier: MIT

package python

// suspended is the result of the call of a generator function. Its body does not run at the call. It
// runs when something iterates over it: when the value is settled.
type suspended struct {
	function  value
	arguments arguments
	result    value // the yielded values, nil before it has run
	doubt     int   // of the interpreter when it ran
}

// isGenerator reports whether a value is a function of the program whose call returns a generator. A
// decorator may replace it.
func isGenerator(v value) bool {
	if m, ok := v.(*method); ok {
		v = m.function
	}
	f, ok := v.(*function)
	if !ok || f.decorated || f.manager || f.Function == nil {
		return false
	}
	f.Statements()
	return f.Generator && !f.Async
}

// resume runs the body of a generator, and returns the values that it yields. A body that ran in doubt
// runs again without doubt.
func (in *interpreter) resume(s *suspended) value {
	if s.result != nil && s.doubt <= in.doubt {
		return s.result
	}
	s.result, s.doubt = data, in.doubt // for a body that iterates over itself
	s.result = in.call(s.function, s.arguments, in.frame.line)
	return s.result
}

// resumeEach runs the generators among a value's alternatives.
func (in *interpreter) resumeEach(e *either) {
	for _, one := range e.of {
		if s, ok := one.(*suspended); ok {
			in.resume(s)
		}
	}
}

// resumeArguments runs the generators that a library is given: it may iterate over them.
func (in *interpreter) resumeArguments(a *arguments) {
	for _, v := range a.positional {
		if s, ok := v.(*suspended); ok {
			in.resume(s)
		}
	}
	for _, name := range a.order {
		if s, ok := a.named[name].(*suspended); ok {
			in.resume(s)
		}
	}
}
