// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"strings"
	"testing"

	"slurm-mp-policy/cmd/mp-policy/internal/site"
)

func TestNodeDrawing(t *testing.T) {
	for _, test := range []struct{ machine, cpus string }{
		{"knl-aries", "0-3,68-71"},
		{"epyc-1792", "0-7,896-903"},
		{"hybrid-intel", "0-1,16"},
		{"mi300a-slingshot", ""},
		{"power10-smt8", "8-15"},
		{"power9-offline", "0"},
		{"graviton4", "95"},
		{"numa-overlap", ""},
	} {
		t.Run(test.machine, func(t *testing.T) {
			args := []string{"node", "--root", machine(t, test.machine)}
			if test.cpus != "" {
				args = append(args, "--cpus", test.cpus)
			}
			code, out, errs := runTool(args...)
			if code != 0 {
				t.Fatalf("exit %d: %s", code, errs)
			}
			for line := range strings.Lines(out) {
				if len(line) > drawWidth+1 && strings.ContainsAny(line, "#.") && strings.HasPrefix(line, " ") {
					t.Errorf("wider than %d characters: %s", drawWidth, line)
				}
			}
			golden(t, "node/"+test.machine, out)
		})
	}
}

// TestNodeOwnMask: of the running node, the mask of the process is marked.
func TestNodeOwnMask(t *testing.T) {
	mask, err := site.OwnMask()
	if err != nil {
		t.Fatal(err)
	}
	if _, out, _ := runTool("node"); !strings.Contains(out, fmt.Sprintf("# is in the mask %s, ", mask)) {
		t.Errorf("mask %s is not in\n%s", mask, out)
	}
	if mask.Count() < 1 {
		t.Errorf("no CPU: %q", mask)
	}
}

func TestNodeUsage(t *testing.T) {
	root := machine(t, "grace-hpe")
	for _, test := range []struct{ args, want string }{
		{"--root=", "--root is empty: want a directory"},
		{"--root /nowhere", "--root: stat /nowhere: no such file or directory; want a directory"},
		{"--cpus= --root " + root, "--cpus is empty"},
		{"--cpus x --root " + root, `"x" is not a number; want a list`},
		{"--cpus 9999 --root " + root, "CPU 9999 is not online there"},
		{"--cpus 0 --json", "--cpus and --json exclude each other"},
		{"knl", `node takes no "knl": want mp-policy node`},
	} {
		code, out, errs := runTool(append([]string{"node"}, strings.Fields(test.args)...)...)
		if code != exitUsage || out != "" || !strings.Contains(errs, test.want) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q; want %q", test.args, code, out, errs, test.want)
		}
	}
}
