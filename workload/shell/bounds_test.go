// SPDX-License-Identifier: MIT

package shell

import (
	"fmt"
	"strings"
	"testing"
)

// repeated has texts whose reading would cost the square of their length if the reader
// looked at a part of them again for each piece. A text is before, then n times piece,
// then after.
var repeated = map[string]struct{ before, piece, after string }{
	"arguments in a word":   {"echo ", "x$@", ""},
	"arguments as words":    {"echo ", `"$@" `, ""},
	"arguments as command":  {"", "$@ ", ""},
	"dirname":               {"$(", "dirname ", ")"},
	"dirname of nothing":    {"A=$(", "dirname $0 ", ""},
	"dirnames":              {"", "$(dirname $0)", ""},
	"parents":               {"$(cd $(dirname $0)", "/..", ")"},
	"which":                 {"A=$(type ", "which", ")"},
	"one activate":          {"", ". /a/activate\n", "python x.py"},
	"exports":               {"A=1\n", "export A\n", ""},
	"here-documents":        {"", "cat <<E\nE\n", ""},
	"pending here":          {"cat ", "<<E ", "\n"},
	"open here":             {"cat <<E\n", "EE\n", ""},
	"tabs in here":          {"cat <<-E\n", "\t", "E\n"},
	"comments":              {"", "#\r", ""},
	"single quotes":         {"", "'", ""},
	"double quotes":         {"", `"`, ""},
	"backticks":             {"", "`", ""},
	"backslashes":           {"", `\`, ""},
	"substitutions":         {"", "$(", ""},
	"quotes in one":         {"$(", "'x", ""},
	"arithmetic":            {"", "$((", ""},
	"parameters":            {"", "${", ""},
	"defaults":              {"A=", "${A:-", "}"},
	"names":                 {"", "$A", ""},
	"digits":                {"", "1", ">x"},
	"parentheses":           {"", "a(", ""},
	"blanks before one":     {"a(", " ", ")"},
	"redirections":          {"a ", "<", " x"},
	"processes":             {"a ", "<(", ""},
	"pipes":                 {"", "a|", ""},
	"functions":             {"", "f() { ", ""},
	"assignments":           {"", "A=1 ", ""},
	"braces":                {"f() { ", "{ ", ""},
	"ifs":                   {"", "if ", ""},
	"for":                   {"for ", "$a ", ""},
	"case":                  {"case ", "x ", ""},
	"patterns":              {"case x in ", "a) b;; ", ""},
	"words":                 {"", "a ", ""},
	"quotes inside":         {"a ", `"$(`, ""},
	"closed quotes inside":  {"a ", `"$(b "c")" `, ""},
	"defaults in quotes":    {"a ", `"${A:-`, `}"`},
	"quoted braces":         {`a "${A:-`, "'}", `}"`},
	"arrays":                {"A=(", "a ", ")\n"},
	"array of arrays":       {"", "A=(", ""},
	"array after array":     {"", "A=(a b)\n", ""},
	"items":                 {"A=(x)\n", "a ${A[0]} \"${A[@]}\" ", ""},
	"indexes":               {"a ", "${A[", ""},
	"assigned indexes":      {"", "a[", ""},
	"sequences":             {"a ", "{1..1000000} ", ""},
	"alternatives":          {"a ", "{a,b} ", ""},
	"open alternatives":     {"a ", "{a, ", ""},
	"merges":                {"", "if a; then A=1; else A=2; fi\n", ""},
	"elifs":                 {"if a; then b\n", "elif c; then A=1\n", "fi"},
	"chains":                {"a ", "&& A=1 ", ""},
	"arms":                  {"case $X in ", "a) A=1;; ", "esac"},
	"falling arms":          {"case $X in ", "a) A=1;& ", "esac"},
	"loops":                 {"", "for i in a b; do A=$i; done\n", ""},
	"loops inside":          {"", "while a; do ", ""},
	"tests":                 {"[[ a ", "&& b ", "]]"},
	"tests inside":          {"[[ ", "( ", ""},
	"words of test":         {"[ a ", "-o b ", "]"},
	"test of test":          {"[ ", "! ", "]"},
	"nested here":           {"", "$(cat <<E\n", ""},
	"expanded here":         {"cat <<E\n", "$A ${B:-c} `d`\n", "E\n"},
	"sums":                  {"a $((1", "+1", "))"},
	"sums inside":           {"a $((", "(", "))"},
	"numbers inside":        {"a ", "$((1+", ""},
	"closed numbers":        {"a ", "$((1+1)) ", ""},
	"pattern":               {"A=aaaa\na ${A##", "*a", "}"},
	"replaced":              {"A=a\n", "a ${A//a/b}\n", ""},
	"evals":                 {"", "eval 'a b'\n", ""},
	"subshells":             {"", "(A=1; b)\n", ""},
	"calls":                 {"f() { local A=1; B=2; }\n", "f\n", ""},
	"sources":               {"", "source x\n", ""},
	"functions of one line": {"", "f() { a; }\n", ""},
}

// environment returns a function for Script.Env that looks a variable up in a table.
func environment(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
}

func readAll(s Script) *walker {
	w := newWalker(s)
	w.run()
	return w
}

// TestLinear compares the steps for n pieces with the steps for 2n pieces.
func TestLinear(t *testing.T) {
	for name, c := range repeated {
		t.Run(name, func(t *testing.T) {
			n := 1000
			work := func(n int) int {
				r := readAll(Script{Text: c.before + strings.Repeat(c.piece, n) + c.after, Name: "/x/run.sh", Args: []string{"one", "two"}, Dir: "/work"})
				if r.work > maxWork || len(r.commands) >= maxCommands {
					t.Fatalf("%d pieces meet a bound: %d steps, %d commands", n, r.work, len(r.commands))
				}
				if !r.stopped() && r.work < n*len(c.piece)/2 {
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

// TestTextWork compares the cost of a byte of the text with the share of the text in
// maxWork. The expansions of its texts add nothing.
func TestTextWork(t *testing.T) {
	for name, c := range repeated {
		if name == "calls" { // they add the commands of the function
			continue
		}
		text := c.before + strings.Repeat(c.piece, 2000) + c.after
		if r := readAll(Script{Text: text}); r.work > textWork*len(text) {
			t.Errorf("%s: %d bytes take %d steps, more than %d each", name, len(text), r.work, textWork)
		}
	}
}

// TestBounds has scripts that would cost more than the reading may take. Then it is not
// known which commands they run.
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
		"parents":             {Text: many("$(cd $(dirname $0)/.. && pwd)"), Name: deep},
		"directories":         {Text: strings.Repeat("cd "+long[:100]+"\n", 1000), Dir: "/"},
		"working directory":   {Text: many("$PWD"), Dir: deep},
		"activates":           {Text: strings.Repeat(". /a/bin/activate\n. /b/bin/activate\n", 1000), Path: activating(deep)},
		"commands":            {Text: many("a;")},
		"a long script":       {Text: many("#") + "\npython pool.py"},
		"a tree of calls":     {Text: tree("a")},
		"an empty tree":       {Text: tree("A=1")},
		"variables":           {Text: variablesOf(2000)},
		"growing array":       {Text: many("A+=(a)\n")},
		"products":            {Text: "a " + many("{a,b}")},
		"alternatives":        {Text: "A=" + long + "\n" + "a " + strings.Repeat("{a,b}", 11) + strings.Repeat("$A", 100)},
		"recursion":           {Text: "f() { f; }\nf"},
		"evals inside":        {Text: "A='eval \"$A\"'\neval \"$A\""},
		"deep groups":         {Text: many("{ ")},
		"deep subshells":      {Text: many("( ")},
		"an archive":          {Text: "python pool.py\n" + many("#") + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			r := readAll(s)
			if !r.stopped() {
				t.Errorf("the reading is complete after %d steps", r.work)
			}
			reading := r.reading()
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

// tree returns functions that each call the next one twice: 2^14 calls of the last
// function.
func tree(last string) string {
	var b strings.Builder
	for i := range 14 {
		fmt.Fprintf(&b, "f%d() { f%d; f%d; %s%s }\n", i, i+1, i+1, strings.Repeat("A=1; ", 20), strings.Repeat("B=1; ", 20))
	}
	return b.String() + "f14() { " + last + "; }\nf0\n"
}

// variablesOf returns a text that assigns n variables, with a command after each.
func variablesOf(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "A%d=1; a\n", i)
	}
	return b.String()
}

// activating returns a hook that puts a directory on PATH.
func activating(path string) func([]string, string, string) (string, bool) {
	return func(words []string, _, old string) (string, bool) { return words[1] + ":" + path + old, true }
}

// sizeOf counts the bytes that a reading keeps. "export A" keeps the existing value of A.
func sizeOf(r *walker) int {
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
	for _, v := range r.order {
		n += len(v.text)
	}
	return n
}

// TestLongScript shows that an archive after "exit" does no harm.
func TestLongScript(t *testing.T) {
	script := Read(Script{Text: "python pool.py\nexit\n" + strings.Repeat("\x1f\x8b", MaxText)})
	if c := script.Last(); c == nil || c.Words[1] != "pool.py" {
		t.Errorf("have %v", c)
	}
}
