// SPDX-License-Identifier: MIT

package lint

import (
	"os"
	"strings"
	"testing"

	"slurm-mp-policy/policy"
)

// TestEachHarm: testdata/check/harmful.conf has every harm, and none in the rules
// that are called fine.
func TestEachHarm(t *testing.T) {
	text, err := os.ReadFile("../../testdata/check/harmful.conf")
	if err != nil {
		t.Fatal(err)
	}
	site, err := policy.Parse("f", string(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, f := range Check(policy.Rules{}, site, true) {
		for _, h := range harmful {
			said[h.why] = said[h.why] || strings.Contains(f.Text, h.why)
		}
	}
	for _, h := range harmful {
		if !said[h.why] {
			t.Errorf("%v: nothing has it: %s", h.names, h.why)
		}
	}
	head, err := policy.Parse("f", string(text[:strings.Index(string(text), `rule "bad 1"`)]), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Check(policy.Rules{}, head, true) {
		t.Errorf("%s: %s", f.Source, f.Text)
	}
}

func TestNearest(t *testing.T) {
	words := []string{"haswell", "knl", "knm", "zen"}
	for text, want := range map[string]string{"haswel": "haswell", "HASWELL": "haswell", "kln": "", "zenn": "zen", "quantum": "", "": ""} {
		if got := nearest(text, words); got != want {
			t.Errorf("%q: want %q, got %q", text, want, got)
		}
	}
}
