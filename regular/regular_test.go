// SPDX-License-Identifier: MIT

package regular

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	file, fifo := filepath.Join(dir, "file"), filepath.Join(dir, "fifo")
	if err := os.WriteFile(file, []byte("12345"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(fifo, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		most int64
		want string // the text, or a part of the error
	}{
		{file, 5, "12345"},
		{file, 4, file + ": longer than 4 bytes"},
		{fifo, 5, fifo + ": not a regular file"},
		{dir, 5, dir + ": not a regular file"},
		{"/dev/zero", 5, "/dev/zero: not a regular file"},
		{file + "s", 5, "no such file or directory"},
	} {
		text, err := Read(test.name, test.most)
		if err != nil {
			text = err.Error()
		}
		if !strings.Contains(text, test.want) || (err == nil) != (test.want == "12345") {
			t.Errorf("%s, %d bytes: %q, want %q", test.name, test.most, text, test.want)
		}
	}
	if text, err := Begin(file, 2); string(text) != "12" || err != nil {
		t.Errorf("the first 2 bytes: %q, %v", text, err)
	}
}
