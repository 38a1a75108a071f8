// SPDX-License-Identifier: MIT

package modules

import (
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// one is a machine with one text: each file of a site directory has it.
type one struct{ text string }

func (o one) Read(_ string, most int64) ([]byte, int64, error) {
	return []byte(o.text[:min(int64(len(o.text)), most)]), int64(len(o.text)), nil
}

func (o one) ReadAt(_ string, b []byte, offset int64) (int, error) {
	return strings.NewReader(o.text).ReadAt(b, offset)
}

func (o one) List(dir string, _ int) ([]string, error) {
	if strings.HasSuffix(dir, "site-packages") {
		return []string{"a.pth", "x_editable.py", "tool-1.0.dist-info", "b.egg-link", "c.egg"}, nil
	}
	return []string{"entry_points.txt", "__init__.py", "environment.json", "PEX-INFO", "site-packages", ".deps"}, nil
}
func (o one) IsRegular(string) bool      { return true }
func (o one) IsDir(string) bool          { return true }
func (o one) Resolve(name string) string { return name }

// FuzzInstalled holds any text against what must be so for every one, in each of the
// files that installers write: all names in sys.path are absolute and clean, and a
// module that is found has a file or directories.
func FuzzInstalled(f *testing.F) {
	for _, s := range scripts {
		f.Add(s.text)
	}
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, a := range archive.Files {
			if len(a.Data) > 0 {
				f.Add(string(a.Data))
			}
		}
	}
	f.Add("import x_editable\nMAPPING = {'a': '/a', 'b.c': '/\\x41\\u1234'}\nNAMESPACES = {'b': ['/n', \"/m\"]}\n")
	f.Add("PK\x03\x04")
	f.Fuzz(func(t *testing.T, text string) {
		env := map[string]string{"HOME": "/home/u", "PYTHONPATH": "/own.zip"}
		m := Machine{Files: one{text}, Dir: "/work", Env: func(name string) string { return env[name] }}
		i := m.Interpreter("/home/u/.pyenv/shims/python3")
		if v := i.Version; v != (Version{}) && (v.Major < 2 || v.Major > 3 || v.Minor < 0 || v.Minor > 99) {
			t.Errorf("version %+v", v)
		}
		i.lib, i.Base, i.Library = "python3.11", "/usr", "/usr/lib/python3.11"
		p := NewPath(m, i, Start{Script: "/work/x"})
		e, ok := EntryPoint([]byte(text))
		if ok == (e == Entry{}) || e.Module != "" && (!isDotted(e.Module) || !isDotted(e.Attr)) || e.File != "" && path.Clean(e.File) != e.File {
			t.Errorf("entry point %+v, %v", e, ok)
		}
		bundle, _ := p.Bundle("/work/x")
		for _, e := range []Entry{e, bundle, {Dist: "tool", Group: "console_scripts", Name: "tool"}, {Dist: "b", Group: "g", Name: "n"}} {
			if m, attr, ok := p.Resolve(e); ok && (m.File == "" && len(m.Dirs) == 0 && m.Kind != Builtin && m.Kind != Namespace || attr != "" && !isDotted(attr)) {
				t.Errorf("%+v is %+v %q", e, m, attr)
			}
		}
		p.expandAll()
		for _, r := range p.redirects {
			if m, ok := p.Find(r.name); ok && m.Name != r.name {
				t.Errorf("%s is %+v", r.name, m)
			}
		}
		for _, name := range p.Entries() {
			if !path.IsAbs(name) || path.Clean(name) != name {
				t.Errorf("%q is in sys.path", name)
			}
		}
		if p.lookups > maxLookups+1 {
			t.Errorf("%d lookups", p.lookups)
		}
	})
}
