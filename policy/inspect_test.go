// SPDX-License-Identifier: MIT

package policy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAll writes the rules of All as a policy file, and reads this file again.
func TestAll(t *testing.T) {
	site := `rule "a" node=knl,!x* workload=mpi+python "tasks=>3" cpus=4,!8
  set A {cpus}
  force B "two words"
  unset C !x* y
rule "b" env=A,!B=x/*
  reason "{cpus CPU}"
  hint "text"
  note "{script}'s"
rule "c" protected "cores<workers,>7" share=!cpus
  set SLURM_X 1
rule "d" off
`
	for name, text := range map[string]string{"builtin": builtin, "site": site} {
		rules, err := Parse("f", text, nil)
		if err != nil {
			t.Fatal(err)
		}
		written := write(rules)
		again, err := Parse("f", written, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(written, write(again)); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", name, diff)
		}
		if name == "builtin" && rules.Decide(aries).Settings == nil {
			t.Fatal("nothing is decided")
		}
		want, got := rules.Decide(aries), again.Decide(aries)
		for _, d := range []*Decision{&want, &got} {
			for i := range d.Settings {
				d.Settings[i].Source = ""
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", name, diff)
		}
	}
}

// aries returns facts that many of the built-in rules are about.
var aries = Facts{
	Node: []string{"x86_64", "knl", "aries"}, Workload: []string{"mpi", "multiprocessing", "python"},
	Affinity: "fix", Tasks: 4, CPUs: 8, Env: map[string]string{"OMP_PLACES": "cores", "A": "1"},
}

func write(rules Rules) string {
	var b strings.Builder
	for _, r := range rules.All() {
		fmt.Fprintf(&b, "rule %q", r.Name)
		if r.Off {
			b.WriteString(" off")
		}
		if r.Protected {
			b.WriteString(" protected")
		}
		for _, c := range r.Conditions {
			fmt.Fprintf(&b, " '%s'", c)
		}
		b.WriteByte('\n')
		for _, a := range r.Actions {
			fmt.Fprintf(&b, "  %s", a.Verb)
			for _, word := range append([]string{a.Name, a.Value}, a.Values...) {
				quote := "'"
				if strings.Contains(word, quote) {
					quote = `"`
				}
				if word != "" {
					b.WriteString(" " + quote + word + quote)
				}
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}
