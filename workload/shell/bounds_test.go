// SPDX-License-Identifier: MIT

package shell

import (
	"strings"
	"testing"
)

// repeated are texts whose reading would cost the square of their length if the
// reader looked at a part of them again for each piece. A text is before, then n
// times piece, then after.
var repeated = map[string]struct{ before, piece, after string }{
	"arguments in a word":  {"echo ", "x$@", ""},
	"arguments as words":   {"echo ", `"$@" `, ""},
	"arguments as command": {"", "$@ ", ""},
	"dirname":              {"$(", "dirname ", ")"},
	"dirname of nothing":   {"A=$(", "dirname $0 ", ""},
	"dirnames":             {"", "$(dirname $0)", ""},
	"parents":              {"$(cd $(dirname $0)", "/..", ")"},
	"which":                {"A=$(type ", "which", ")"},
	"one activate":         {"", ". /a/activate\n", "python x.py"},
	"exports":              {"A=1\n", "export A\n", ""},
	"here-documents":       {"", "cat <<E\nE\n", ""},
	"pending here":         {"cat ", "<<E ", "\n"},
	"open here":            {"cat <<E\n", "EE\n", ""},
	"tabs in here":         {"cat <<-E\n", "\t", "E\n"},
	"comments":             {"", "#\r", ""},
	"single quotes":        {"", "'", ""},
	"double quotes":        {"", `"`, ""},
	"backticks":            {"", "`", ""},
	"backslashes":          {"", `\`, ""},
	"substitutions":        {"", "$(", ""},
	"quotes in one":        {"$(", "'x", ""},
	"arithmetic":           {"", "$((", ""},
	"parameters":           {"", "${", ""},
	"defaults":             {"A=", "${A:-", "}"},
	"names":                {"", "$A", ""},
	"digits":               {"", "1", ">x"},
	"parentheses":          {"", "a(", ""},
	"blanks before one":    {"a(", " ", ")"},
	"redirections":         {"a ", "<", " x"},
	"processes":            {"a ", "<(", ""},
	"pipes":                {"", "a|", ""},
	"functions":            {"", "f() { ", ""},
	"assignments":          {"", "A=1 ", ""},
	"braces":               {"f() { ", "{ ", ""},
	"ifs":                  {"", "if ", ""},
	"for":                  {"for ", "$a ", ""},
	"case":                 {"case ", "x ", ""},
	"patterns":             {"case x in ", "a) b;; ", ""},
	"words":                {"", "a ", ""},
}

func readAll(s Script) *reader {
	r := newReader(s)
	r.read()
	return r
}

// TestLinear compares the steps that n pieces take with those of 2n pieces.
func TestLinear(t *testing.T) {
	for name, c := range repeated {
		t.Run(name, func(t *testing.T) {
			n := 1000
			work := func(n int) int {
				r := readAll(Script{Text: c.before + strings.Repeat(c.piece, n) + c.after, Name: "/x/run.sh", Args: []string{"one", "two"}, Dir: "/work", Path: "/bin"})
				if r.stopped() {
					t.Fatalf("%d pieces meet a bound: %d steps, %d commands", n, r.work, len(r.commands))
				}
				if r.work < n*len(c.piece) {
					t.Fatalf("%d pieces take %d steps: the reader does not count", n, r.work)
				}
				return r.work
			}
			once, twice := work(n), work(2*n)
			if most := 2*once + 100; twice > most {
				t.Errorf("%d pieces take %d steps, %d pieces %d: want %d at most", n, once, 2*n, twice, most)
			}
		})
	}
}

// TestTextWork holds what a byte of the text costs against the share of it in
// maxWork, on texts whose expansions add nothing.
func TestTextWork(t *testing.T) {
	for name, c := range repeated {
		text := c.before + strings.Repeat(c.piece, 2000) + c.after
		if r := readAll(Script{Text: text}); r.work > textWork*len(text) {
			t.Errorf("%s: %d bytes take %d steps, more than %d each", name, len(text), r.work, textWork)
		}
	}
}

// TestBounds has scripts that would cost more than the reading may take. What
// they run is then not known.
func TestBounds(t *testing.T) {
	many := func(piece string) string { return strings.Repeat(piece, MaxText/len(piece)) }
	long := strings.Repeat("y", 10_000)
	deep := strings.Repeat("/y", 50_000)
	for name, s := range map[string]Script{
		"arguments in a word": {Text: "python " + many("x$@"), Args: []string{long}},
		"arguments as words":  {Text: "python " + many("$@ "), Args: make([]string, 10_000)},
		"one argument":        {Text: "python " + many("$1"), Args: []string{long}},
		"doubling":            {Text: "A=xx\n" + strings.Repeat("A=$A$A\n", 100) + "python $A"},
		"part of a variable":  {Text: "A=/" + long + "\n" + strings.Repeat("B=${A%/*}\n", 1000)},
		"name of the script":  {Text: many("$0"), Name: deep},
		"dirnames":            {Text: many("$(dirname $0)"), Name: "/" + long},
		"parents":             {Text: "$(dirname $0)" + "$(cd $(dirname $0)" + strings.Repeat("/..", 10_000) + ")", Name: deep},
		"directories":         {Text: strings.Repeat("cd "+long[:100]+"\n", 1000)},
		"working directory":   {Text: many("$PWD"), Dir: deep},
		"activates":           {Text: strings.Repeat(". /a/bin/activate\n. /b/bin/activate\n", 1000), Path: deep},
		"commands":            {Text: many("a;")},
		"a long script":       {Text: many("#") + "\npython pool.py"},
		"an archive":          {Text: "python pool.py\n" + many("#") + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			r := readAll(s)
			if r.complete() {
				t.Errorf("the reading is complete after %d steps", r.work)
			}
			reading := Reading{r.commands, r.complete()}
			if c := reading.Last(); c != nil {
				t.Errorf("have a last command %.100q", c.Words)
			}
			if r.work > 2*maxWork {
				t.Errorf("the reader has gone on to %d steps", r.work)
			}
			if n := sizeOf(r); n > maxWork {
				t.Errorf("%d bytes are kept", n)
			}
			if len(r.commands) > maxCommands {
				t.Errorf("%d commands are kept", len(r.commands))
			}
		})
	}
}

// sizeOf counts the bytes that a reading keeps. "export A" keeps the value that A
// has already.
func sizeOf(r *reader) int {
	n, dir := 0, ""
	for _, c := range r.commands {
		for _, word := range c.Words {
			n += len(word)
		}
		if c.Dir != dir {
			n += len(c.Dir)
		}
		dir = c.Dir
	}
	values := map[string]string{}
	for _, a := range r.assigned {
		if values[a.Name] != a.Value {
			n += len(a.Value)
		}
		values[a.Name] = a.Value
	}
	return n
}

// TestLongScript shows that an archive behind "exit" does no harm.
func TestLongScript(t *testing.T) {
	script := Read(Script{Text: "python pool.py\nexit\n" + strings.Repeat("\x1f\x8b", MaxText)})
	if c := script.Last(); c == nil || c.Words[1] != "pool.py" {
		t.Errorf("have %v", c)
	}
}
