// SPDX-License-Identifier: MIT

package python

import (
	"strings"
	"testing"
)

// TestAliases has the roots that canonical looks at agree with its table.
func TestAliases(t *testing.T) {
	for _, a := range aliases {
		if root, _, _ := strings.Cut(a[0], "."); !hasAlias(root) {
			t.Errorf("hasAlias does not know %q, the root of the alias %q", root, a[0])
		}
		want := a[1]
		if want == "" {
			want = "x"
		} else {
			want = canonical(want + ".x")
		}
		if got := canonical(a[0] + ".x"); got != want {
			t.Errorf("canonical(%q) is %q, want %q", a[0]+".x", got, want)
		}
	}
}
