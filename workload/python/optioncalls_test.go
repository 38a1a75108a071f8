// SPDX-License-Identifier: MIT

package python

import (
	"strings"
	"testing"
)

// TestOptionTables holds the tables against the roots that lead to them: a handler whose
// root is not named would never be found.
func TestOptionTables(t *testing.T) {
	for at := range numberOfTables {
		for path := range makeOptionTable(at) {
			root, _, _ := strings.Cut(path, ".")
			if first, second := optionTablesOf(root); first != at && second != at {
				t.Errorf("%s is in table %d, and its root leads to %d and %d", path, at, first, second)
			}
		}
	}
}
