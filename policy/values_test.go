// SPDX-License-Identifier: MIT

package policy

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A condition or an unset with the name of a set means the same as one with the patterns
// of the set.
func TestSets(t *testing.T) {
	load := func(string) ([]File, error) {
		return []File{{Name: "/more", Text: "rule c partition=!@PILOT"}}, nil
	}
	rules, err := Parse("/f", `values PILOT debug short-*
rule a partition=@PILOT,long env=!PARTITION=@PILOT
    unset PARTITION @PILOT !@PILOT
include more
`, load)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rules.All() {
		for _, c := range r.Conditions {
			got = append(got, c.String())
		}
		for _, a := range r.Actions {
			got = append(got, a.Values...)
		}
	}
	want := []string{
		"partition=debug,short-*,long", "env=!PARTITION=debug,!PARTITION=short-*",
		"debug", "short-*", "!debug", "!short-*",
		"partition=!debug,!short-*",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

// A file may use the built-in sets, but not change them. They are then read in another
// way.
func TestBuiltinSets(t *testing.T) {
	var b book
	b.read(File{Name: BuiltinName, Text: builtin})
	if diff := cmp.Diff(b.sets, builtinSets()); diff != "" || len(b.sets) == 0 {
		t.Errorf("the parser -, builtinSets +:\n%s", diff)
	}
	rules, err := Parse("/f", "rule a env=KMP_AFFINITY=@KMP_BINDING", nil)
	if err != nil || len(rules.All()) != 1 || len(rules.All()[0].Conditions[0].Alternatives) != len(b.sets[KMPBinding]) {
		t.Errorf("%v, %+v", err, rules.All())
	}
}

func TestInSet(t *testing.T) {
	binds := []string{"compact", "granularity=fine,COMPACT", "verbose,proclist=[0]", "Scatter,1"}
	for _, value := range append(slices.Clone(binds), "none", "Disabled", "verbose", "") {
		if got, want := InSet(KMPBinding, value), slices.Contains(binds, value); got != want {
			t.Errorf("%q: %v", value, got)
		}
	}
	if InSet("NO_SUCH_SET", "compact") {
		t.Error("a value is in a set that is not there")
	}
}
