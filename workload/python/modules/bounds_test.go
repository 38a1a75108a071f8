// SPDX-License-Identifier: MIT

package modules

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// hostile is a machine on which everything exists: each name is a directory with many
// names, and a regular file with the same text.
type hostile struct {
	calls *int
	names []string
	text  string
}

func (h hostile) Read(_ string, most int64) ([]byte, int64, error) {
	*h.calls++
	return []byte(h.text[:min(int64(len(h.text)), most)]), int64(len(h.text)), nil
}

func (h hostile) ReadAt(string, []byte, int64) (int, error) {
	*h.calls++
	return 0, errors.New("no zip file")
}

func (h hostile) List(_ string, most int) ([]string, error) {
	*h.calls++
	return h.names[:min(len(h.names), most)], nil
}

func (h hostile) IsRegular(string) bool      { *h.calls++; return true }
func (h hostile) IsDir(string) bool          { *h.calls++; return true }
func (h hostile) Resolve(name string) string { *h.calls++; return name }

// TestBounds holds the number of calls against the bound on machines that offer more
// than any real one.
func TestBounds(t *testing.T) {
	var paths, python, modules strings.Builder
	names := make([]string, 2*maxNames)
	for i := range names {
		names[i] = fmt.Sprintf("x%d.pth", i)
		fmt.Fprintf(&paths, "/site/%d\nimport site; site.addsitedir('/more/%d')\n", i, i)
		fmt.Fprintf(&python, ":/own/%d", i)
		fmt.Fprintf(&modules, ".map_module('m%d', '/x/%d')\n", i, i)
	}
	machines := map[string]hostile{
		"directories with many names": {names: names, text: paths.String()},
		"few names":                   {names: names[:100], text: paths.String()},
		"everything is an archive":    {names: names, text: "PK\x03\x04" + paths.String()},
		"finders":                     {names: []string{"a.pth"}, text: "import x_editable\n" + modules.String()},
		"empty directories":           {},
	}
	for name, h := range machines {
		calls := 0
		h.calls = &calls
		env := map[string]string{"PYTHONPATH": python.String(), "HOME": "/home/u"}
		m := Machine{Files: h, Dir: "/work", Env: func(name string) string { return env[name] }}
		p := NewPath(m, m.Interpreter("/usr/bin/python3.11"), Start{Script: "/work/run"})
		for i := range 1000 {
			p.Find(fmt.Sprintf("m%d%s", i, strings.Repeat(".sub", i%50)))
			p.Resolve(Entry{Dist: fmt.Sprintf("x%d", i), Group: "console_scripts", Name: "x"})
		}
		p.Bundle("/work/run")
		// The interpreter and the start of the path are not counted: they take a few.
		if calls > maxLookups+50 {
			t.Errorf("%s: %d calls, want at most %d", name, calls, maxLookups)
		}
		if p.compared > maxCompared+4*maxNames+maxEntries {
			t.Errorf("%s: %d names compared, want at most %d", name, p.compared, maxCompared)
		}
		if len(p.entries) > maxEntries || len(p.redirects) > maxPairs {
			t.Errorf("%s: %d entries, %d redirects", name, len(p.entries), len(p.redirects))
		}
	}
}

// TestEachBound meets one bound at a time.
func TestEachBound(t *testing.T) {
	calls := 0
	names := make([]string, maxNames-1)
	for i := range names {
		names[i] = fmt.Sprintf("data%d.csv", i)
	}
	for name, find := range map[string]func(p *Path, i int){
		"questions": func(p *Path, i int) { p.Find(fmt.Sprintf("m%d", i)) },
		"names":     func(p *Path, i int) { p.has(p.dir("/data"), fmt.Sprintf("m%d", i)) },
	} {
		p := NewPath(Machine{Files: hostile{calls: &calls, names: names}, Dir: "/data"}, Interpreter{}, Start{})
		for i := range maxLookups / 2 {
			find(p, i)
		}
		if name == "questions" && p.Exhausted() {
			t.Error("half of the questions are too many")
		}
		for i := range maxLookups {
			find(p, i+maxLookups)
		}
		if !p.Exhausted() {
			t.Errorf("%s have no bound: %d questions, %d names", name, p.lookups, p.compared)
		}
	}
}

// reversed lists directories in the reverse of their order.
type reversed struct{ disk }

func (r reversed) List(dir string, most int) ([]string, error) {
	names, err := r.disk.List(dir, most)
	slices.Sort(names)
	slices.Reverse(names)
	return names, err
}

// TestPthOrder takes the .pth files by their names, whatever the directory's order.
func TestPthOrder(t *testing.T) {
	dir := unpack(t, txtar.Parse([]byte(`
-- lib/python3.11/site-packages/a.pth --
/a
-- lib/python3.11/site-packages/b.pth --
/b
`)))
	i := Interpreter{Base: dir, Version: Version{3, 11}, lib: "python3.11", libs: []string{"lib"}}
	p := NewPath(Machine{Files: reversed{}, Dir: "/nowhere"}, i, Start{})
	p.Find("missing")
	want := []string{"/nowhere", dir + "/lib/python3.11/site-packages", "/a", "/b"}
	if diff := cmp.Diff(want, p.Entries()); diff != "" {
		t.Error(diff)
	}
}

// TestLongNames holds names that no module has against the search.
func TestLongNames(t *testing.T) {
	calls := 0
	m := Machine{Files: hostile{calls: &calls}, Dir: "/"}
	p := NewPath(m, Interpreter{}, Start{})
	for _, name := range []string{"", ".", "a.", ".a", "a..b", "a/b", "../x", "a\x00", strings.Repeat("a.", 1000) + "a"} {
		if m, ok := p.Find(name); ok {
			t.Errorf("%q is found: %+v", name, m)
		}
	}
	if calls > 0 {
		t.Errorf("%d calls", calls)
	}
}

// TestLargeDirectory finds modules in a directory with more names than are listed.
func TestLargeDirectory(t *testing.T) {
	calls := 0
	names := make([]string, maxNames)
	for i := range names {
		names[i] = fmt.Sprintf("data%d.csv", i)
	}
	m := Machine{Files: hostile{calls: &calls, names: names}, Dir: "/data"}
	p := NewPath(m, Interpreter{}, Start{})
	got, ok := p.Find("helper")
	if !ok || got.File != "/data/helper/__init__.py" {
		t.Errorf("%v %+v", ok, got)
	}
}

// TestLookups pins what an ordinary search costs: CPython lists the same directories.
func TestLookups(t *testing.T) {
	calls := 0
	m := Machine{Files: disk{calls: &calls}, Dir: t.TempDir()}
	p := NewPath(m, Interpreter{}, Start{})
	for _, name := range []string{"a", "b", "c.d", "a", "e"} {
		p.Find(name)
	}
	// 2 names of files, and the list
	if calls != 3 {
		t.Errorf("%d calls for names in one directory, want 3", calls)
	}
}
