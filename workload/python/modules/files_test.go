// SPDX-License-Identifier: MIT

package modules

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// disk is Files of the machine that runs the tests, or of a directory below it as if it
// were "/". It counts the calls.
type disk struct {
	root  string
	calls *int
}

func (d disk) count() {
	if d.calls != nil {
		*d.calls++
	}
}

func (d disk) Read(name string, most int64) ([]byte, int64, error) {
	d.count()
	if st, err := os.Stat(d.root + name); err != nil || !st.Mode().IsRegular() {
		return nil, 0, errors.New("not a regular file")
	}
	text, err := os.ReadFile(d.root + name)
	return text[:min(int64(len(text)), most)], int64(len(text)), err
}

func (d disk) ReadAt(name string, text []byte, offset int64) (int, error) {
	d.count()
	f, err := os.Open(d.root + name)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	n, err := f.ReadAt(text, offset)
	if errors.Is(err, io.EOF) && n > 0 {
		err = nil
	}
	return n, err
}

func (d disk) IsRegular(name string) bool {
	d.count()
	st, err := os.Stat(d.root + name)
	return err == nil && st.Mode().IsRegular()
}

func (d disk) IsDir(name string) bool {
	d.count()
	st, err := os.Stat(d.root + name)
	return err == nil && st.IsDir()
}

func (d disk) List(dir string, most int) ([]string, error) {
	d.count()
	f, err := os.Open(d.root + dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	names, err := f.Readdirnames(most)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return names, err
}

func (d disk) Resolve(name string) string {
	d.count()
	real, err := filepath.EvalSymlinks(d.root + name)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(real, d.root)
}

// unpack writes the files of an archive into a new directory. "$WORK" in a text stands
// for the directory.
func unpack(t testing.TB, archive *txtar.Archive) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		text := os.Expand(string(f.Data), func(v string) string {
			if v == "WORK" {
				return dir
			}
			return "$" + v
		})
		if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
