// SPDX-License-Identifier: MIT

package shell

import (
	"os/exec"
	"strings"
	"testing"
)

// TestDeps checks that the binaries do not contain the shell interpreter that the tests
// compare with. It would cost half a megabyte in every launch.
func TestDeps(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "slurm-mp-policy/plugin", "slurm-mp-policy/cmd/mp-policy").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.Lines(string(out)) {
		if strings.HasPrefix(name, "mvdan.cc/") {
			t.Errorf("%s is linked", strings.TrimSpace(name))
		}
	}
}
