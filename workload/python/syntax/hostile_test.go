// SPDX-License-Identifier: MIT

package syntax

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// indented joins the lines, each indented by one more than the one before.
func indented(n int, line func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + line(i) + "\n")
	}
	return b.String()
}

func lines(n int, line func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(line(i) + "\n")
	}
	return b.String()
}

func same(s string) func(int) string { return func(int) string { return s } }

// hostile has texts whose size n scales, and whether n = 1000 is beyond a bound.
var hostile = []struct {
	name string
	text func(n int) string
	cut  bool
}{
	{"functions", func(n int) string {
		return lines(n, func(i int) string { return fmt.Sprintf("def a%d(): return a%d()", i+1, i) })
	}, false},
	{"nested functions", func(n int) string { return indented(n, same("def a():")) }, true},
	{"nested classes", func(n int) string { return indented(n, same("class a:")) }, true},
	{"nested loops", func(n int) string { return indented(n, same("while a:")) }, true},
	{"classes in a row", func(n int) string { return strings.Repeat("class a:", n) }, false},
	{"functions without a body", func(n int) string { return strings.Repeat(" def f\n", n) }, false},
	{"arms", func(n int) string { return "if a: b\n" + strings.Repeat("elif a.b.c(d): e\n", n) + "else: f" }, false},
	{"bad arms", func(n int) string { return "if a: b\n" + strings.Repeat("elif a b:\n  c\n", n) }, false},
	{"nested arms", func(n int) string { return indented(n, same("if a: b\n")) }, false},
	{"list", func(n int) string { return "[" + strings.Repeat("a,\n", n) + "]" }, false},
	{"dict", func(n int) string { return "{" + strings.Repeat("a: 'b',", n) + "}" }, false},
	{"strings", func(n int) string { return "(" + strings.Repeat("'a' f'{b}' ", n) + ")" }, false},
	{"parentheses", func(n int) string { return strings.Repeat("(", n) }, true},
	{"closed parentheses", func(n int) string { return strings.Repeat("(", n) + strings.Repeat(")", n) }, true},
	{"calls", func(n int) string { return strings.Repeat("a(", n) }, true},
	{"trailers", func(n int) string { return "a" + strings.Repeat("()", n+1) }, true},
	{"attributes", func(n int) string { return "if " + strings.Repeat("a.", n+2) + "a:\n b" }, true},
	{"sum", func(n int) string { return "a" + strings.Repeat("+a", n+1) }, true},
	{"powers", func(n int) string { return "a" + strings.Repeat("**a", n) }, true},
	{"or", func(n int) string { return "a" + strings.Repeat(" or a", n) }, false},
	{"not", func(n int) string { return strings.Repeat("not ", n) + "a" }, true},
	{"not (", func(n int) string { return "if " + strings.Repeat("not (", n) + "a" }, true},
	{"await", func(n int) string { return strings.Repeat("await ", n) + "a" }, true},
	{"lambda", func(n int) string { return strings.Repeat("lambda:", n) + "a" }, true},
	{"lambda defaults", func(n int) string { return strings.Repeat("lambda a=", n) }, true},
	{"conditions", func(n int) string { return strings.Repeat("a if b else ", n) + "a" }, true},
	{"slashes", func(n int) string { return "def f(a" + strings.Repeat(",a,/", n) + "): pass" }, false},
	{"formats", func(n int) string { return "f'" + strings.Repeat("{a}", n) + "'" }, false},
	{"nested formats", func(n int) string { return strings.Repeat("f'{", n) }, false},
	{"closed formats", func(n int) string { return strings.Repeat("f'{", n) + strings.Repeat("}'", n) }, false},
	{"nested specifications", func(n int) string { return "f'" + strings.Repeat("{a:", n) }, false},
	{"open formats", func(n int) string { return strings.Repeat("f'{\n", n) }, false},
	{"open strings", func(n int) string { return strings.Repeat("'''a\n\"\"\"\n", n) }, false},
	{"backticks", func(n int) string { return strings.Repeat("`", n) }, true},
	{"match", func(n int) string { return strings.Repeat("match (a):\n b\n", n) }, false},
	{"nested match", func(n int) string { return indented(n, same("match a:")) }, false},
	{"nested cases", func(n int) string {
		return indented(n, func(i int) string { return []string{"match a:", "case b:"}[i%2] })
	}, true},
	{"with", func(n int) string { return strings.Repeat("with (a, b).c: d\n", n) }, false},
	{"nested with", func(n int) string { return strings.Repeat("with (", n) }, false},
	{"decorators", func(n int) string { return strings.Repeat("@a\n", n) }, false},
	{"tries", func(n int) string { return strings.Repeat("try: a\nexcept b c: d\n", n) }, false},
	{"indentation", func(n int) string { return indented(n, same("a")) }, false},
	{"indentation of functions", func(n int) string { return indented(n, same("def a(): b\n")) }, false},
	{"continued", func(n int) string { return strings.Repeat("\\\n", n) }, false},
	{"patterns", func(n int) string { return "match a:\n case " + strings.Repeat("[", n) }, true},
	{"targets", func(n int) string { return strings.Repeat("a = ", n) + "a" }, false},
	{"open brackets before a keyword", func(n int) string { return strings.Repeat("a(\ndef\n", n) }, false},
}

// TestHostile parses texts of one kind in three sizes: the largest costs as much for
// each byte as the others, and the bounds are kept.
func TestHostile(t *testing.T) {
	for _, h := range hostile {
		t.Run(h.name, func(t *testing.T) {
			if p := forced(h.text(1000)); p.file.Cut != h.cut {
				t.Errorf("Cut is %v", p.file.Cut)
			}
			for _, n := range []int{100, 1000, 20000} {
				text := h.text(min(n, 1000))
				if len(text) < 100_000 {
					text = h.text(n)
				}
				p := forced(text)
				if most := stepsPerByte * (len(p.whole) + 10); p.steps > most {
					t.Errorf("%d steps for %d bytes, at most %d are allowed", p.steps, len(p.whole), most)
				}
				if n == 20000 {
					continue // the comparison takes longer than the parse
				}
				if e := eager(text); !reflect.DeepEqual(p.file.Body, e.file.Body) {
					t.Errorf("n = %d: the tree differs if bodies are not skipped", n)
				}
			}
		})
	}
}
