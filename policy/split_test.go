// SPDX-License-Identifier: MIT

package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	for _, test := range []struct {
		line string
		want []string
	}{
		{``, nil},
		{`  # only a comment`, nil},
		{`set A 1 # why`, []string{"set", "A", "1"}},
		{`set A x#y`, []string{"set", "A", "x#y"}},
		{`set A "x # y" 'z # "'# w`, []string{"set", "A", "x # y", `z # "#`, "w"}},
		{`set A "x # y" 'z # "' # w`, []string{"set", "A", "x # y", `z # "`}},
		{`set A x\ y`, []string{"set", "A", "x y"}},
		{`set A \# # w`, []string{"set", "A", "#"}},
		{`set A "x\" # y" # w`, []string{"set", "A", `x" # y`}},
		{`set A 'x\' # y`, []string{"set", "A", `x\`}},
		{`set A x" y "z`, []string{"set", "A", "x y z"}},
		{`set A ''`, []string{"set", "A", ""}},
		{"set\tA\t'>'", []string{"set", "A", ">"}},
	} {
		got, err := split(test.line, nil)
		if err != nil {
			t.Errorf("%s: %v", test.line, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", test.line, diff)
		}
	}
}
