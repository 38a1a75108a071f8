// SPDX-License-Identifier: MIT

package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestApply(t *testing.T) {
	env := []string{"A=1", "odd", "B=2", "A=3", "AB=4"}
	for _, c := range []struct {
		name    string
		changes []Change
		want    []string
	}{
		{"none", nil, env},
		{"set does not replace", []Change{{Name: "A", Value: "9"}}, env},
		{"set appends", []Change{{Name: "C", Value: "9"}}, []string{"A=1", "odd", "B=2", "A=3", "AB=4", "C=9"}},
		{"replace takes the first", []Change{{Name: "A", Value: "9", Replace: true}}, []string{"A=9", "odd", "B=2", "A=3", "AB=4"}},
		{"unset takes all", []Change{{Name: "A", Unset: true}}, []string{"odd", "B=2", "AB=4"}},
		{"back may be empty", []Change{{Name: "C", Back: true}}, []string{"A=1", "odd", "B=2", "A=3", "AB=4", "C="}},
		{"an entry without = is no variable", []Change{{Name: "odd", Unset: true}}, env},
		{"a NUL", []Change{{Name: "B", Unset: true}, {Name: "C", Value: "\x00"}}, env},
	} {
		if diff := cmp.Diff(c.want, Apply(env, c.changes)); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", c.name, diff)
		}
	}
}
