// SPDX-License-Identifier: MIT

package shell

import (
	"strconv"
	"strings"
)

// arithmetic runs ((...)) or let.
func (w *walker) arithmetic(text string) truth {
	n, ok := w.calculate(text)
	if !ok {
		return unsure
	}
	return truthOf(n != 0)
}

// calculate evaluates an arithmetic text. If the text assigns variables, their values
// and its own value are not known afterwards.
func (w *walker) calculate(text string) (int64, bool) {
	names := arithmeticNames(text)
	w.spend(len(text))
	expanded := strings.TrimSpace(w.expanded(text, 1))
	for _, name := range names {
		w.set(name, Unknown, true) // a number
	}
	if len(names) > 0 || !known(expanded) || w.stopped() {
		return 0, false
	}
	c := calculation{w: w, text: strings.Trim(expanded, `"`), ok: true}
	n := c.choice()
	c.blanks()
	if c.text != "" {
		return 0, false
	}
	return n, c.ok
}

// arithmeticNames returns the variables that an arithmetic text assigns.
func arithmeticNames(text string) []string {
	var names []string
	if !strings.ContainsAny(text, "=+-") {
		return nil
	}
	for i := 0; i < len(text); {
		n := nameLength(text[i:])
		if n == 0 {
			i++
			continue
		}
		before, after := strings.TrimRight(text[:i], " \t"), strings.TrimLeft(text[i+n:], " \t")
		if strings.HasSuffix(before, "++") || strings.HasSuffix(before, "--") || assigns(after) {
			names = append(names, text[i:i+n])
		}
		i += n
	}
	return names
}

// assigns reports whether an operator that assigns stands here.
func assigns(s string) bool {
	if strings.HasPrefix(s, "++") || strings.HasPrefix(s, "--") {
		return true
	}
	if strings.HasPrefix(s, "[") {
		_, s, _ = strings.Cut(s, "]")
		s = strings.TrimLeft(s, " ")
	}
	n := len(s) - len(strings.TrimLeft(s, "+-*/%&|^<>"))
	if op := s[:n]; op == "<" || op == ">" { // <= and >=
		return false
	}
	return strings.HasPrefix(s[n:], "=") && !strings.HasPrefix(s[n:], "==")
}

// A calculation evaluates a text without expansions.
type calculation struct {
	w     *walker
	text  string
	depth int
	ok    bool
}

func (c *calculation) blanks() { c.text = strings.TrimLeft(c.text, " \t\n") }

// levels are the operators with two operands, the weakest binding first.
var levels = [...][]string{
	{"||"},
	{"&&"},
	{"|"},
	{"^"},
	{"&"},
	{"==", "!="},
	{"<=", ">=", "<", ">"},
	{"<<", ">>"},
	{"+", "-"},
	{"*", "/", "%"},
}

// operator takes one of a level's operators, if there is one at the position.
func (c *calculation) operator(level int) string {
	c.blanks()
	for _, op := range levels[level] {
		rest, ok := strings.CutPrefix(c.text, op)
		if !ok || len(op) == 1 && rest != "" && strings.IndexByte("|&<>*", op[0]) >= 0 && rest[0] == op[0] {
			continue
		}
		c.text = rest
		return op
	}
	return ""
}

// choice evaluates "a ? b : c", or one value.
func (c *calculation) choice() int64 {
	if c.depth++; c.depth > maxNest {
		c.ok = false
	}
	defer func() { c.depth-- }()
	n := c.binary(0)
	c.blanks()
	rest, ok := strings.CutPrefix(c.text, "?")
	if !ok || !c.ok {
		return n
	}
	c.text = rest
	a := c.choice()
	c.blanks()
	if c.text, ok = strings.CutPrefix(c.text, ":"); !ok {
		c.ok = false
	}
	b := c.choice()
	if n != 0 {
		return a
	}
	return b
}

func (c *calculation) binary(level int) int64 {
	if level == len(levels) {
		return c.unary()
	}
	a := c.binary(level + 1)
	for c.ok {
		op := c.operator(level)
		if op == "" {
			break
		}
		a = c.operate(op, a, c.binary(level+1))
	}
	return a
}

func (c *calculation) operate(op string, a, b int64) int64 {
	truth := func(t bool) int64 {
		if t {
			return 1
		}
		return 0
	}
	switch op {
	case "||":
		return truth(a != 0 || b != 0)
	case "&&":
		return truth(a != 0 && b != 0)
	case "|":
		return a | b
	case "^":
		return a ^ b
	case "&":
		return a & b
	case "==":
		return truth(a == b)
	case "!=":
		return truth(a != b)
	case "<=":
		return truth(a <= b)
	case ">=":
		return truth(a >= b)
	case "<":
		return truth(a < b)
	case ">":
		return truth(a > b)
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "<<", ">>":
		if b < 0 || b > 63 {
			break
		}
		if op == "<<" {
			return a << b
		}
		return a >> b
	case "/", "%":
		if b == 0 {
			break
		}
		if op == "/" {
			return a / b
		}
		return a % b
	}
	c.ok = false
	return 0
}

func (c *calculation) unary() int64 {
	if c.depth++; c.depth > maxNest {
		c.ok = false
	}
	defer func() { c.depth-- }()
	c.blanks()
	if !c.ok || c.text == "" {
		return 0
	}
	switch ch := c.text[0]; {
	case ch == '(':
		c.text = c.text[1:]
		n := c.choice()
		c.blanks()
		var ok bool
		if c.text, ok = strings.CutPrefix(c.text, ")"); !ok {
			c.ok = false
		}
		return n
	case ch == '-':
		c.text = c.text[1:]
		return -c.unary()
	case ch == '+':
		c.text = c.text[1:]
		return c.unary()
	case ch == '!':
		c.text = c.text[1:]
		if c.unary() == 0 {
			return 1
		}
		return 0
	case ch == '~':
		c.text = c.text[1:]
		return ^c.unary()
	case ch >= '0' && ch <= '9':
		return c.number()
	}
	n := nameLength(c.text)
	if n == 0 {
		c.ok = false
		return 0
	}
	f := c.w.get(c.text[:n])
	c.text = c.text[n:]
	c.blanks()
	if strings.HasPrefix(c.text, "[") {
		c.ok = false
		return 0
	}
	return c.value(f.text)
}

// value returns the number that a variable's text means.
func (c *calculation) value(text string) int64 {
	if text = strings.TrimSpace(text); text == "" {
		return 0
	}
	c.w.spend(len(text))
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || len(text) > 1 && (text[0] == '0' || strings.HasPrefix(text, "-0")) {
		c.ok = false // another name, or another base
	}
	return n
}

// number reads a number: 10, 0x10, 010 or 2#10.
func (c *calculation) number() int64 {
	n := 0
	for n < len(c.text) && (c.text[n] >= '0' && c.text[n] <= '9' || c.text[n] >= 'a' && c.text[n] <= 'z' || c.text[n] >= 'A' && c.text[n] <= 'Z' || c.text[n] == '#') {
		n++
	}
	digits := c.text[:n]
	c.text = c.text[n:]
	base := 10
	if before, after, ok := strings.Cut(digits, "#"); ok {
		b, err := strconv.Atoi(before)
		if err != nil || b < 2 || b > 36 {
			c.ok = false
			return 0
		}
		base, digits = b, after
	} else if after, ok := strings.CutPrefix(strings.ToLower(digits), "0x"); ok {
		base, digits = 16, after
	} else if len(digits) > 1 && digits[0] == '0' {
		base = 8
	}
	v, err := strconv.ParseInt(digits, base, 64)
	if err != nil {
		c.ok = false
	}
	return v
}
