// SPDX-License-Identifier: MIT

package site

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFIFO: nothing waits for the writer of a FIFO that stands for a file of Slurm.
func TestFIFO(t *testing.T) {
	for _, name := range []string{"plugstack.conf", "slurm.conf"} {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, "etc/slurm"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(filepath.Join(dir, "etc/slurm", name), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := (Host{Prefix: dir}).Read(); err == nil || !strings.Contains(err.Error(), name+": not a regular file") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
