// SPDX-License-Identifier: MIT

package syntax

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDecode parses texts whose bytes a txtar archive cannot have.
func TestDecode(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"byte order mark", "\xef\xbb\xbfa\n", "a\n"},
		{"CRLF", "if a:\r\n  'b\\\r\nc'\r\nd \\\r\n+ e\r\n", "if a:\n  \"bc\"\n(d + e)\n"},
		{"CR", "if a:\r  b\rc", "if a:\n  b\nc\n"},
		{"form feed", "if a:\n  b\n\f\n\f  c\n  \fd", "if a:\n  b\n  c\nd\n"},
		{"tab is 8 columns", "if a:\n\tb\n        c\n", "if a:\n  b\n  c\n"},
		{"tab after spaces", "if a:\n   \tb\n\tc\nd", "if a:\n  b\n  c\nd\n"},
		{"tab is more than 4 spaces", "if a:\n    if b:\n\tc\n    d", "if a:\n  if b:\n    c\n  d\n"},
		{"tab to the next multiple", "if a:\n\tif b:\n    \tc\n", "if a:\n  if b:\n  c\n"},
		{"blank line with spaces", "if a:\n  b\n      \n  # c\nd", "if a:\n  b\nd\n"},
		{"Latin-1", "a = 'b\xe9'\n\xe9 = c", "a = \"bé\"\né = c\n"},
		{"UTF-8", "a = 'bé'\né = c", "a = \"bé\"\né = c\n"},
		{"NUL", "a\nb\x00\nc\n", "a\nb\n"},
		{"NUL in a string", "a\n'b\x00'\nc\n", "a\nBAD 2\n"},
		{"no text", "", ""},
		{"only a comment", "  # a", ""},
		{"no end of the last line", "def f():\n  return a", "def f():\n  return a\n"},
		{"continuation to the end", "a + \\", "BAD 1\n"},
		{"continuation in the indentation", "if a:\n  b\n\\\n  c\n", "if a:\n  b\nc\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, printTree(Parse("x.py", []byte(test.text)).Body)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestLines names each call in a text after its line.
func TestLines(t *testing.T) {
	const text = `
l2()
def f(a=l3(),
      b=l4()):
    """text
    text
    """

    l9(l9(), # comment
       l10())
    def g(): return l11()
    class C(l12()):
        def h(self):

            return '''
               {''' f'''
               {l17()} {
               l18()
               }
               {a:{b}
               } \
               {a!r} {l22()}''' + l22("""

               """, l24())
    # comment
    @l26()
    # comment

    def i(): '\
'; l30()
    a + \
      l32()
l33(); l33(
  *l34())
bad bad(
)
l37()
if l38(): l38()
elif l39():
    l40()
match l41():
    case 1 if l42():
        l43()
l44()(l44)(
)(l45())
`
	calls := map[string]bool{}
	var see func(v reflect.Value)
	see = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Interface:
			see(v.Elem())
		case reflect.Pointer:
			if v.IsNil() {
				return
			}
			switch n := v.Interface().(type) {
			case *Function:
				see(reflect.ValueOf(n.Statements()))
			case *Call:
				if name, ok := n.Function.(*Name); ok {
					calls[name.ID] = true
					if want := fmt.Sprintf("l%d", n.Line); name.ID != want || name.Line != n.Line {
						t.Errorf("%s has the line %d, its name %d", name.ID, n.Line, name.Line)
					}
				}
			}
			see(v.Elem())
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					see(v.Field(i))
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				see(v.Index(i))
			}
		}
	}
	see(reflect.ValueOf(Parse("x.py", []byte(text)).Body))
	for line, s := range strings.Split(text, "\n") {
		if name := fmt.Sprintf("l%d", line+1); strings.Contains(s, name+"(") && !calls[name] {
			t.Errorf("%s is not a call", name)
		}
	}
}

// TestTextBound reads the lines of a text up to the bound.
func TestTextBound(t *testing.T) {
	line := strings.Repeat("a", 99) + "\n"
	for _, test := range []struct {
		text  string
		lines int
		cut   bool
	}{
		{strings.Repeat(line, maxText/100), maxText / 100, false},
		{strings.Repeat(line, maxText/100+1), maxText / 100, true},
		{strings.Repeat("a", maxText+1), 0, true},
	} {
		f := Parse("x.py", []byte(test.text))
		if len(f.Body) != test.lines || f.Cut != test.cut {
			t.Errorf("%d bytes: %d lines, Cut %v", len(test.text), len(f.Body), f.Cut)
		}
	}
}

// TestStatements parses a body once, and only when it is asked for.
func TestStatements(t *testing.T) {
	p := newParser("x.py", []byte("def f():\n  (yield)\n  def g(): "+strings.Repeat("a(", maxNesting+1)))
	f := p.module().Body[0].(*Def)
	if f.Generator || f.body.parser == nil {
		t.Error("the body was parsed")
	}
	list := f.Statements()
	if !f.Generator || len(list) != 2 || p.file.Cut {
		t.Errorf("%d statements, Generator %v, Cut %v", len(list), f.Generator, p.file.Cut)
	}
	if again := f.Statements(); &again[0] != &list[0] {
		t.Error("the body was parsed twice")
	}
	if list[1].(*Def).Statements(); !p.file.Cut {
		t.Error("a body that is cut does not set Cut")
	}
}
