// SPDX-License-Identifier: MIT

package shell

import (
	"strconv"
	"strings"
)

// holds evaluates [[ ... ]].
func (w *walker) holds(c *condition) truth {
	if c == nil || !w.spend(1) {
		return unsure
	}
	switch c.op {
	case "&&":
		left := w.holds(c.left)
		if left == no {
			return no
		}
		return both(left, w.holds(c.right))
	case "||":
		left := w.holds(c.left)
		if left == yes {
			return yes
		}
		return both(left.not(), w.holds(c.right).not()).not()
	case "!":
		return w.holds(c.left).not()
	}
	a := w.string(c.a.parts)
	switch c.op {
	case "":
		return full(a)
	case "=", "==":
		return w.matches(w.pattern(c.b.parts), a)
	case "!=":
		return w.matches(w.pattern(c.b.parts), a).not()
	case "=~":
		return unsure
	}
	if len(c.b.parts) == 0 {
		return w.unaryTest(c.op, a)
	}
	b := w.string(c.b.parts)
	if strings.HasPrefix(c.op, "-") {
		m, ok := w.calculate(a)
		n, ok2 := w.calculate(b)
		if !ok || !ok2 {
			return unsure
		}
		return compare(c.op, m, n)
	}
	return unsure
}

func both(a, b truth) truth {
	switch {
	case a == no || b == no:
		return no
	case a == yes && b == yes:
		return yes
	}
	return unsure
}

// full reports whether a text is not empty.
func full(text string) truth {
	switch {
	case strings.Trim(text, Unknown) != "":
		return yes
	case text == "":
		return no
	}
	return unsure
}

func (w *walker) unaryTest(op, a string) truth {
	switch op {
	case "-n":
		return full(a)
	case "-z":
		return full(a).not()
	case "-v":
		if isVariable(a) {
			return w.get(a).set
		}
	}
	return unsure
}

func compare(op string, a, b int64) truth {
	switch op {
	case "-eq":
		return truthOf(a == b)
	case "-ne":
		return truthOf(a != b)
	case "-lt":
		return truthOf(a < b)
	case "-le":
		return truthOf(a <= b)
	case "-gt":
		return truthOf(a > b)
	case "-ge":
		return truthOf(a >= b)
	}
	return unsure
}

// bracket evaluates test and [.
func (w *walker) bracket(name string, args []string) truth {
	if name == "[" {
		if len(args) == 0 || args[len(args)-1] != "]" {
			return unsure
		}
		args = args[:len(args)-1]
	}
	for _, a := range args {
		if a == UnknownWords {
			return unsure
		}
	}
	w.spend(len(args))
	t := tester{w: w, args: args}
	status := t.either()
	if len(t.args) > 0 || t.failed {
		return unsure
	}
	return status
}

// A tester evaluates the words of test. POSIX decides by the number of words. Only if
// there are more than four words, the operators decide.
type tester struct {
	w      *walker
	args   []string
	failed bool
	depth  int
}

func (t *tester) either() truth {
	status := t.both()
	for len(t.args) > 0 && t.args[0] == "-o" {
		t.args = t.args[1:]
		status = both(status.not(), t.both().not()).not()
	}
	return status
}

func (t *tester) both() truth {
	status := t.primary()
	for len(t.args) > 0 && t.args[0] == "-a" {
		t.args = t.args[1:]
		status = both(status, t.primary())
	}
	return status
}

func (t *tester) primary() truth {
	if t.depth++; t.depth > maxNest {
		t.failed = true
	}
	defer func() { t.depth-- }()
	args := t.args
	switch {
	case t.failed:
		return unsure
	case len(args) == 0:
		return no
	case len(args) >= 3 && isBinary(args[1]):
		t.args = args[3:]
		return binaryTest(args[1], args[0], args[2])
	case args[0] == "!" && len(args) > 1:
		t.args = args[1:]
		return t.primary().not()
	case args[0] == "(" && len(args) > 1:
		t.args = args[1:]
		status := t.either()
		if len(t.args) == 0 || t.args[0] != ")" {
			t.failed = true
			return unsure
		}
		t.args = t.args[1:]
		return status
	case len(args) >= 2 && len(args[0]) == 2 && args[0][0] == '-' && args[0] != "-a" && args[0] != "-o" && args[1] != "-a" && args[1] != "-o":
		t.args = args[2:]
		return t.w.unaryTest(args[0], args[1])
	}
	t.args = args[1:]
	return full(args[0])
}

func isBinary(op string) bool {
	switch op {
	case "=", "==", "!=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef", "<", ">":
		return true
	}
	return false
}

func binaryTest(op, a, b string) truth {
	if !known(a) || !known(b) {
		return unsure
	}
	switch op {
	case "=", "==":
		return truthOf(a == b)
	case "!=":
		return truthOf(a != b)
	}
	m, err := strconv.ParseInt(strings.TrimSpace(a), 10, 64)
	n, err2 := strconv.ParseInt(strings.TrimSpace(b), 10, 64)
	if err != nil || err2 != nil {
		return unsure
	}
	return compare(op, m, n)
}
