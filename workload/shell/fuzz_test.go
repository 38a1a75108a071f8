// SPDX-License-Identifier: MIT

package shell

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzShell reads any text as a script, and holds the reading against what must
// be so for every one: its bounds, the same result twice, nothing from inside a
// comment, and one word from inside a quote.
func FuzzShell(f *testing.F) {
	for _, c := range repeated {
		f.Add(c.before+strings.Repeat(c.piece, 3)+c.after, "x")
	}
	f.Add("#!/bin/sh\nexport A=1; cd \"$1\" && python - <<'EOF'\nprint(1)\nEOF\n", "sub")
	f.Add("case $1 in a|b) f() { A=${1:-c} $(dirname $0)/d \"$@\" >e 2>&1; };; esac", "a")
	f.Fuzz(func(t *testing.T, text, argument string) {
		s := Script{Text: text, Name: "/x/run.sh", Args: []string{argument, argument}, Dir: "/work", Path: "/bin"}
		r := readAll(s)
		checkReading(t, s, r)
		reading := Reading{r.commands, r.complete()}
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
			want := []string{":", text}
			if quoted := Read(s); len(quoted.Commands) != 1 || !cmp.Equal(quoted.Commands[0].Words, want) {
				t.Errorf("want %q, have %+v", want, quoted.Commands)
			}
		}
	})
}

func checkReading(t *testing.T, s Script, r *reader) {
	t.Helper()
	if n := sizeOf(r); n > maxWork || len(r.commands) > maxCommands {
		t.Errorf("%d commands and %d bytes are kept", len(r.commands), n)
	}
	if !r.ended && !r.stopped() && r.work < len(r.text) {
		t.Errorf("%d steps for %d bytes", r.work, len(r.text))
	}
	for _, c := range r.commands {
		if len(c.Words) == 0 || !strings.HasPrefix(c.Dir, "/") {
			t.Errorf("have the command %+v", c)
		}
		if !strings.Contains(s.Text, c.Here.Text) || c.Here.Line > strings.Count(s.Text, "\n") {
			t.Errorf("have the here-document %+v", c.Here)
		}
	}
}
