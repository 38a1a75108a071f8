// SPDX-License-Identifier: MIT

package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOriginal(t *testing.T) {
	for _, test := range []struct {
		name      string
		env, want map[string]string
	}{
		{
			"what is ours is taken back, whatever malformed words stand before it",
			map[string]string{AppliedName: "%zz=1 B=%4 C=1<%x =1 1A=1 nothing A=1 D<old", "A": "1", "B": "4", "C": "1", "1A": "1", "": "1"},
			map[string]string{"B": "4", "C": "1", "1A": "1", "": "1", "D": "old"},
		},
		{
			"what the user changed since stays, and what stands behind it is looked at",
			map[string]string{AppliedName: "A=1 B=2<3 C<4 D=5", "A": "9", "B": "2", "C": "7", "D": "5"},
			map[string]string{"A": "9", "B": "3", "C": "7"},
		},
		{
			"an empty value is not given back",
			map[string]string{AppliedName: "A=1< B<", "A": "1"},
			map[string]string{},
		},
		{
			"the first word of a name counts",
			map[string]string{AppliedName: "A=1<2 A=1<3", "A": "1"},
			map[string]string{"A": "2"},
		},
		{
			"a value's end may look like an escape",
			map[string]string{AppliedName: "A=%2 B=%25 C=1%", "A": "%2", "B": "%", "C": "1%"},
			map[string]string{"A": "%2", "C": "1%"},
		},
		{
			"the record does not name itself",
			map[string]string{AppliedName: AppliedName + "<x A=1", "A": "1"},
			map[string]string{},
		},
	} {
		if diff := cmp.Diff(test.want, original(test.env)); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", test.name, diff)
		}
	}
}
