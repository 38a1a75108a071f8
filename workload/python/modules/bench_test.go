// SPDX-License-Identifier: MIT

package modules

import (
	"archive/zip"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// site makes a site directory of n packages and n modules, and the machine with it.
func site(b *testing.B, n int) (Machine, Interpreter) {
	dir := b.TempDir()
	packages := filepath.Join(dir, "lib/python3.11/site-packages")
	for i := range n {
		d := fmt.Sprintf("%s/package%d", packages, i)
		if err := os.MkdirAll(d, 0o755); err != nil {
			b.Fatal(err)
		}
		for _, name := range []string{d + "/__init__.py", fmt.Sprintf("%s/module%d.py", packages, i)} {
			if err := os.WriteFile(name, nil, 0o600); err != nil {
				b.Fatal(err)
			}
		}
	}
	m := Machine{Files: disk{}, Dir: filepath.Join(dir, "work")}
	return m, Interpreter{Base: dir, Library: dir + "/lib/python3.11", Version: Version{3, 11}, lib: "python3.11", libs: []string{"lib"}}
}

// BenchmarkFind looks up 12 packages in a site directory with 600 names.
func BenchmarkFind(b *testing.B) {
	m, i := site(b, 300)
	calls := 0
	m.Files = disk{calls: &calls}
	defer func() { b.ReportMetric(float64(calls)/float64(b.N), "calls/op") }()
	for b.Loop() {
		p := NewPath(m, i, Start{})
		for n := range 12 {
			if _, ok := p.Find(fmt.Sprintf("package%d", n*20)); !ok {
				b.Fatal("not found")
			}
		}
	}
}

// BenchmarkStat asks for the same packages by name, as the search did without lists:
// 4 questions in each of the 4 directories of sys.path.
func BenchmarkStat(b *testing.B) {
	m, i := site(b, 300)
	calls := 0
	m.Files = disk{calls: &calls}
	defer func() { b.ReportMetric(float64(calls)/float64(b.N), "calls/op") }()
	for b.Loop() {
		for n := range 12 {
			for _, dir := range []string{m.Dir, i.Library, i.Library + "/lib-dynload", i.Library + "/site-packages"} {
				for _, suffix := range []string{"/__init__.py", ".so", ".py", ""} {
					if m.Files.IsRegular(fmt.Sprintf("%s/package%d%s", dir, n*20, suffix)) {
						break
					}
				}
			}
		}
	}
}

// BenchmarkArchive opens a zip file with 10,000 files.
func BenchmarkArchive(b *testing.B) {
	name := filepath.Join(b.TempDir(), "large.zip")
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	w := zip.NewWriter(f)
	for i := range 10000 {
		if _, err := w.Create(fmt.Sprintf("site-packages/package%d/module%d.py", i/20, i)); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		p := NewPath(Machine{Files: disk{}, Dir: "/"}, Interpreter{}, Start{})
		p.Insert(name+"/site-packages", true)
		if _, ok := p.Find("package400.module8000"); ok {
			continue // a namespace package
		}
		b.Fatal("not found")
	}
}
