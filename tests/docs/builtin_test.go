// SPDX-License-Identifier: MIT

package docs_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the built-in rules into docs/policy.md")

const (
	begin = "<!-- from policy/builtin.conf, by go test ./tests/docs -update -->\n"
	end   = "<!-- end of the built-in rules -->\n"
)

// asProse turns a policy file into text: its comments are paragraphs, and its
// rules stand as they are written. What stands before the first empty line is
// about the file itself.
func asProse(conf string) string {
	_, conf, _ = strings.Cut(conf, "\n\n")
	var b strings.Builder
	was := ' ' // what the last line was: a comment, a rule or an empty line
	for line := range strings.Lines(conf) {
		text, comment := strings.CutPrefix(line, "#")
		is := 'r'
		switch {
		case comment:
			is = '#'
			line = strings.TrimPrefix(text, " ")
		case line == "\n":
			is = ' '
		default:
			line = "    " + line
		}
		if is != was && was != ' ' && is != ' ' {
			b.WriteString("\n")
		}
		b.WriteString(line)
		was = is
	}
	return b.String()
}

func TestPolicyHasTheBuiltinRules(t *testing.T) {
	conf, err := os.ReadFile(filepath.Join(top, "policy/builtin.conf"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(top, "docs/policy.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	have, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the built-in rules: the lines\n%s%s", path, begin, end)
	}
	want := "\n" + asProse(string(conf)) + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("docs/policy.md has other rules than policy/builtin.conf (go test ./tests/docs -update): want -, got +:\n%s", diff)
	}
}
