// SPDX-License-Identifier: MIT

package shim

import (
	"os"
	"path/filepath"
	"testing"
)

// No process that the user stops holds a task or stays after the step, nor does one that a
// task which was killed never sends away.
func TestProcessesThatPrint(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("the writer becomes the user, which only root can do")
	}
	program := compile(t, "programs/say.c", "../../cshim/process.c", "../../cshim/end.c", "../../cshim/user.c", "../../cshim/cgroup.c", "-ldl")
	for _, c := range []struct{ name, want, written string }{
		{"between", "no child is left\n", ""},
		{"none", "no desk\n", ""},
		{"running", "left\n", "a line\n"},
		{"stopped", "killed\n", "a line\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "stderr")
			if got := run(t, "", program, c.name, file); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if text, err := os.ReadFile(file); err != nil || string(text) != c.written {
				t.Errorf("the file has %q, want %q: %v", text, c.written, err)
			}
		})
	}
}
