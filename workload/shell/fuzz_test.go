// SPDX-License-Identifier: MIT

package shell

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"mvdan.cc/sh/v3/syntax"
)

// FuzzShell reads any text as a script and checks facts that hold for every text: the
// bounds, the same result twice, no command from inside a comment, and one word from
// inside a quote.
func FuzzShell(f *testing.F) {
	for _, c := range repeated {
		f.Add(c.before+strings.Repeat(c.piece, 3)+c.after, "x")
	}
	f.Add("#!/bin/sh\nexport A=1; cd \"$1\" && python - <<'EOF'\nprint(1)\nEOF\n", "sub")
	f.Add("case $1 in a|b) f() { A=${1:-c} $(dirname $0)/d \"$@\" >e 2>&1; };; esac", "a")
	f.Fuzz(func(t *testing.T, text, argument string) {
		s := Script{Text: text, Name: "/x/run.sh", Args: []string{argument, argument}, Dir: "/work"}
		r := readAll(s)
		checkReading(t, s, r)
		reading := r.reading()
		if diff := cmp.Diff(reading, Read(s)); diff != "" {
			t.Errorf("not the same twice:\n%s", diff)
		}
		_ = reading.Last()

		s.Text = "#" + strings.ReplaceAll(text, "\n", "\n#")
		if inside := Read(s); len(inside.Commands) > 0 {
			t.Errorf("%q from inside a comment", inside.Commands[0].Words)
		}
		if len(text) < MaxText-4 && !strings.Contains(text, "'") {
			s.Text = ": '" + text + "'"
			want := []string{":", strings.ReplaceAll(strings.ReplaceAll(text, "\x00", ""), "\r\n", "\n")}
			if quoted := Read(s); len(quoted.Commands) != 1 || !cmp.Equal(quoted.Commands[0].Words, want) {
				t.Errorf("want %q, have %+v", want, quoted.Commands)
			}
		}
	})
}

func checkReading(t *testing.T, s Script, r *walker) {
	t.Helper()
	if n := sizeOf(r); n > maxWork || len(r.commands) > maxCommands {
		t.Errorf("%d commands and %d bytes are kept", len(r.commands), n)
	}
	for _, c := range r.commands {
		if len(c.Words) == 0 || c.Dir != "" && !strings.HasPrefix(c.Dir, "/") {
			t.Errorf("have the command %+v", c)
		}
		if c.Line < 1 || c.Line > 1+strings.Count(s.Text, "\n") || c.Here.Line > strings.Count(s.Text, "\n")+1 || len(c.Text) > maxShown {
			t.Errorf("have the command %+v", c)
		}
	}
}

// FuzzAgainstParser compares the reader with the parser of mvdan.cc/sh. If a text has
// only plain commands, without expansions and without builtin commands, both must return
// the same words.
func FuzzAgainstParser(f *testing.F) {
	archive, err := txtar.ParseFile("testdata/oracle.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range archive.Files {
		f.Add(string(file.Data))
	}
	f.Add("a 'b' \"c d\" | { e; } && (f) & g >x 2>&1\nh # i")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
		r := readAll(Script{Text: text})
		if r.work > 2*maxWork {
			t.Errorf("the reader has gone on to %d steps", r.work)
		}
		var want [][]string
		if err != nil || len(text) > 4096 || !isASCII(text) || strings.ContainsAny(text, "\r\x00") || !plainStatements(file.Stmts, &want) {
			return
		}
		var have [][]string
		for _, c := range r.commands {
			have = append(have, c.Words)
		}
		if diff := cmp.Diff(want, have); diff != "" || r.stopped() {
			t.Errorf("complete %v (-want +have):\n%s", !r.stopped(), diff)
		}
	})
}

// plainStatements adds the words of commands. It returns false if a command is not plain.
func plainStatements(list []*syntax.Stmt, words *[][]string) bool {
	for _, s := range list {
		if s.Coprocess || s.Negated || !plainRedirects(s.Redirs) || !plainCommand(s.Cmd, words) {
			return false
		}
	}
	return true
}

func plainRedirects(list []*syntax.Redirect) bool {
	for _, r := range list {
		if _, ok := plainWord(r.Word); !ok || r.Hdoc != nil || r.N != nil && strings.HasPrefix(r.N.Value, "{") {
			return false
		}
	}
	return true
}

func plainCommand(c syntax.Command, words *[][]string) bool {
	switch c := c.(type) {
	case *syntax.CallExpr:
		if len(c.Assigns) > 0 || len(c.Args) == 0 {
			return false
		}
		var command []string
		for _, arg := range c.Args {
			word, ok := plainWord(arg)
			if !ok {
				return false
			}
			command = append(command, word)
		}
		switch command[0] {
		case "exit", "return", "exec", "eval", "source", ".", "true", "false", ":", "[", "test", "set", "shift", "echo", "printf", "command", "builtin", "export", "time", "coproc",
			"then", "elif", "else", "fi", "do", "done", "esac", "declare", "typeset", "local", "readonly":
			return false
		}
		*words = append(*words, command)
		return true
	case *syntax.BinaryCmd:
		return plainStatements([]*syntax.Stmt{c.X, c.Y}, words)
	case *syntax.Block:
		return plainStatements(c.Stmts, words)
	case *syntax.Subshell:
		return plainStatements(c.Stmts, words)
	}
	return false
}

func plainWord(w *syntax.Word) (string, bool) {
	const special = "\\*?[]{}~$`\r\x00=+@!("
	text := ""
	for _, part := range w.Parts {
		switch p := part.(type) {
		case *syntax.Lit:
			text += p.Value
			if strings.ContainsAny(p.Value, special) {
				return "", false
			}
		case *syntax.SglQuoted:
			text += p.Value
			if p.Dollar || strings.ContainsAny(p.Value, "\r\x00") {
				return "", false
			}
		case *syntax.DblQuoted:
			if p.Dollar {
				return "", false
			}
			for _, inner := range p.Parts {
				lit, ok := inner.(*syntax.Lit)
				if !ok || strings.ContainsAny(lit.Value, "\\\r\x00") {
					return "", false
				}
				text += lit.Value
			}
		default:
			return "", false
		}
	}
	return text, true
}
