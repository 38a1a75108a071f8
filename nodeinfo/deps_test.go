// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestDependencies keeps the engine lean: it starts at every launch.
func TestDependencies(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	deps := strings.Fields(string(out))
	for _, heavy := range []string{"net", "regexp", "encoding/json", "os/exec", "github.com/prometheus/procfs"} {
		if slices.Contains(deps, heavy) {
			t.Errorf("%s is linked into the engine", heavy)
		}
	}
}
