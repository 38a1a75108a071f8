// SPDX-License-Identifier: MIT

package shell

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWords reads scripts into the words of their commands.
func TestWords(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       [][]string
	}{
		{"separators", "a;b|c&&d||e&f\ng", [][]string{{"a"}, {"b"}, {"c"}, {"d"}, {"e"}, {"f"}, {"g"}}},
		{"comments", "# x\na # b\n#", [][]string{{"a"}}},
		{"a comment ends with its line only", "#\ra\nb", [][]string{{"b"}}},
		{"continued", "a \\\n b\\\nc", [][]string{{"a", "bc"}}},
		{"quotes", `a 'b c' "d 'e'" f\ g "h\"i"`, [][]string{{"a", "b c", "d 'e'", "f g", `h"i`}}},
		{"redirections", "a > b 2>&1 < c 2>d &>e f >>g", [][]string{{"a", "f"}}},
		{"process substitution", "a <(b c) d", [][]string{{"b", "c"}, {"a", "/dev/fd/63", "d"}}},
		{"arguments", `a "$@" $1 ${2} $3 $0`, [][]string{{"a", "one", "two", "one", "two", "/x/run.sh"}}},
		{"all arguments in a word", `a "-$*-"`, [][]string{{"a", "-one two-"}}},
		{"variables", "A=1 B=$A\na ${A}x $B $PWD ${C:-d} ${C-e} ${A:-f}", [][]string{{"a", "1x", "1", "/work", "d", "e", "1"}}},
		{"a command in a variable", "P='time python'\n$P x\n", [][]string{{"time", "python", "x"}}},
		{"not known", "a $X `b` $(c) \"$X\" $? $((1+(2)))", [][]string{{"b"}, {"c"}, {"a", UnknownWords, UnknownWords, "", Unknown, "3"}}},
		{"the script's directory", `a $(dirname "$0") "$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)" ${0%/*}`, [][]string{
			{"dirname", "/x/run.sh"}, {"dirname", "/x/run.sh"}, {"cd", "/x/.."}, {"pwd"}, {"a", "/x", "/", "/x"},
		}},
		{"the way to a program", "$(which python) a; `command -v sh` b", [][]string{{"which", "python"}, {"python", "a"}, {"command", "-v", "sh"}, {"sh", "b"}}},
		{"if", "if a; then b; elif c; then d; else e; fi", [][]string{{"a"}, {"b"}, {"c"}, {"d"}, {"e"}}},
		{"loops", "for i in a b; do c; done; while d; do e; done", [][]string{{"c"}, {"d"}, {"e"}}},
		{"case", "case $1 in\na|b) c;;\n*) d;;\nesac\ne", [][]string{{"d"}, {"e"}}},
		{"exit", "a\nexit 1\nb", [][]string{{"a"}, {"exit", "1"}}},
		{"exit in a list", "a || exit 1\nb", [][]string{{"a"}, {"exit", "1"}, {"b"}}},
		{"exec", "exec >log\nexec a\nb", [][]string{{"exec", "a"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Read(Script{Text: c.text, Name: "/x/run.sh", Args: []string{"one", "two"}, Dir: "/work", Env: environment(map[string]string{"PATH": "/bin"})})
			var have [][]string
			for _, command := range r.Commands {
				have = append(have, command.Words)
			}
			if diff := cmp.Diff(c.want, have); diff != "" || !r.Complete {
				t.Errorf("complete %v (-want +have):\n%s", r.Complete, diff)
			}
		})
	}
}

// TestLast finds the main command of a script.
func TestLast(t *testing.T) {
	for text, want := range map[string]string{
		"a; b; echo done":            "b",
		"a | tee log":                "a",
		"f() { a; b; }; f; echo":     "b",
		"f() { g; }; g() { a; }; f":  "a",
		"f() { f; }; f":              "",
		"echo":                       "",
		"":                           "",
		"conda activate x":           "",
		"conda run a; conda info":    "conda",
		"a; env":                     "a",
		"b; env a":                   "env",
		strings.Repeat("a\n", 5_000): "", // more commands than are read
	} {
		r := Read(Script{Text: text})
		have := ""
		if c := r.Last(); c != nil {
			have = c.Words[0]
		}
		if have != want {
			t.Errorf("%.40q: want %q, have %q", text, want, have)
		}
	}
}
