// SPDX-License-Identifier: MIT

package workload

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

func TestModuleFiles(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		if err := os.WriteFile(fmt.Sprintf("%s/file%d", dir, i), []byte("0123456789"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{"link": "other", "other": "/file1", "loop": "loop", "outside": "../../../../file2", "gone": "/gone"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	recorded := files{root: dir}
	for name, want := range map[string]string{
		"/link": "/file1", "/file1": "/file1", "/loop": "", "/outside": "/file2", "/gone": "", "/missing": "",
		"/fifo": "/fifo", "/": "/", "/file1\x00": "",
	} {
		if got := recorded.Resolve(name); got != want {
			t.Errorf("%q resolves to %q, want %q", name, got, want)
		}
	}
	if got := (files{}).Resolve(dir + "/file3"); got != dir+"/file3" {
		t.Errorf("%q", got)
	}
	names, err := recorded.List("/", 2000)
	if err != nil || len(names) != 1006 || slices.Contains(names, ".") || !slices.Contains(names, "file999") {
		t.Errorf("%d names, %v", len(names), err)
	}
	if names, err := recorded.List("/", 7); err != nil || len(names) != 7 {
		t.Errorf("%d names of at most 7, %v", len(names), err)
	}
	for _, name := range []string{"/file1", "/fifo", "/missing"} {
		if names, err := recorded.List(name, 10); err == nil {
			t.Errorf("%s: %q", name, names)
		}
	}
	b := make([]byte, 4)
	if n, err := recorded.ReadAt("/link", b, 3); err != nil || string(b[:n]) != "3456" {
		t.Errorf("%q %v", b[:n], err)
	}
	if n, err := recorded.ReadAt("/link", b, 8); err == nil || string(b[:n]) != "89" {
		t.Errorf("%q %v", b[:n], err)
	}
	if _, err := recorded.ReadAt("/fifo", b, 0); err == nil {
		t.Error("a FIFO was read")
	}
}
