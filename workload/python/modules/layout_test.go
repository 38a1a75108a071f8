// SPDX-License-Identifier: MIT

package modules

import (
	"archive/zip"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// A layout is a tree of files and, in its comment, what is looked up in it:
//
//	root              the tree is a machine of its own, with "/" at its top
//	venv [OPTION]     a virtual environment is made in venv, by a real Python if there is one
//	link NAME TARGET
//	zip NAME DIRECTORY
//	python FILE       the interpreter
//	script FILE       what is run; without it, -c
//	dir DIRECTORY     the working directory
//	flags LETTERS
//	env NAME=VALUE
//	insert NAME       sys.path.insert(0, NAME)
//	NAME => FILE      KIND PLACE, if they are not a source file of a site directory
//	main NAME => FILE
//	bundle => FILE ATTRIBUTE
//	entry DISTRIBUTION GROUP NAME => FILE ATTRIBUTE
//
// In a tree with venv each result is compared with that of the real Python as well.
// PYTHON stands for the directory of its version, "python3.11", in names and texts.
type layout struct {
	t       *testing.T
	dir     string
	real    bool
	machine Machine
	python  string
	start   Start
	insert  []string
	asked   []string
	got     []string
}

func TestLayouts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no layouts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			runLayout(t, archive)
		})
	}
}

func runLayout(t *testing.T, archive *txtar.Archive) {
	comment := string(archive.Comment)
	version := "python3.11"
	python := ""
	if strings.Contains(comment, "\nvenv") {
		if file, number := realPython(); file != "" {
			python, version = file, "python"+number
		}
	}
	for i := range archive.Files {
		f := &archive.Files[i]
		f.Name = strings.ReplaceAll(f.Name, "PYTHON/", version+"/")
		f.Data = []byte(strings.NewReplacer("PYTHON/", version+"/", "$PROBE", probe).Replace(string(f.Data)))
	}
	l := &layout{t: t, dir: unpack(t, archive)}
	env := map[string]string{}
	l.machine = Machine{Files: disk{}, Dir: l.dir, Env: func(name string) string { return env[name] }}
	var want []string
	for _, line := range strings.Split(strings.ReplaceAll(comment, "PYTHON/", version+"/"), "\n") {
		words := strings.Fields(strings.ReplaceAll(line, "$WORK", l.dir))
		if len(words) == 0 {
			continue
		}
		switch words[0] {
		case "root":
			l.machine.Files, l.machine.Dir = disk{root: l.dir}, "/"
		case "venv":
			l.python = l.dir + "/venv/bin/python"
			l.makeVenv(python, version, words[1:])
		case "link":
			l.link(words[1], words[2])
		case "zip":
			l.zip(words[1], words[2])
		case "python":
			l.python = l.file(words[1])
		case "script":
			l.start.Script = l.file(words[1])
		case "dir":
			l.machine.Dir = l.file(words[1])
		case "flags":
			l.start.Flags = words[1]
		case "env":
			name, value, _ := strings.Cut(words[1], "=")
			env[name] = value
		case "insert":
			l.insert = append(l.insert, words[1])
		default:
			if at := strings.Index(line, " => "); at > 0 {
				want = append(want, strings.Join(strings.Fields(line), " "))
				l.asked = append(l.asked, line[:at])
			}
		}
	}
	l.find()
	if diff := cmp.Diff(want, l.got); diff != "" {
		t.Errorf("want - got +\n%s", diff)
	}
	if l.real {
		l.compare(env)
	}
}

func (l *layout) file(name string) string {
	if l.machine.Files.(disk).root != "" {
		return "/" + name
	}
	return l.dir + "/" + name
}

func (l *layout) path() *Path {
	p := NewPath(l.machine, l.machine.Interpreter(l.python), l.start)
	for _, name := range l.insert {
		p.Insert(name, true)
	}
	return p
}

func (l *layout) find() {
	p := l.path()
	for _, name := range l.asked {
		var m Module
		var ok bool
		switch module, isMain := strings.CutPrefix(name, "main "); {
		case name == "version":
			l.got = append(l.got, "version => "+p.Interpreter.Version.String())
			continue
		case name == "bundle", strings.HasPrefix(name, "entry "):
			l.got = append(l.got, name+" => "+l.entry(p, name))
			continue
		case name == "__main__":
			m, ok = p.Script(l.start.Script)
		case isMain:
			m, ok = p.Main(module)
		default:
			m, ok = p.Find(module)
		}
		l.got = append(l.got, l.show(name, m, ok))
	}
}

func (l *layout) entry(p *Path, line string) string {
	var e Entry
	if words := strings.Fields(line); len(words) == 4 {
		e = Entry{Dist: words[1], Group: strings.Trim(words[2], "-"), Name: words[3]}
	} else {
		e, _ = p.Bundle(l.start.Script)
	}
	m, attr, ok := p.Resolve(e)
	return strings.TrimSpace(origin(m, ok) + " " + attr)
}

// zip packs a directory, with its probe as a program.
func (l *layout) zip(name, dir string) {
	f, err := os.Create(filepath.Join(l.dir, name))
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	w := zip.NewWriter(f)
	files := os.DirFS(filepath.Join(l.dir, dir))
	// Only files: an archive need not list its directories.
	err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		out, err := w.Create(name)
		if err != nil {
			return err
		}
		_, err = out.Write(text)
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		l.t.Fatal(err)
	}
}

func (l *layout) show(name string, m Module, ok bool) string {
	if !ok {
		return name + " => none"
	}
	words := []string{name, "=>"}
	if file := strings.ReplaceAll(origin(m, ok), l.dir+"/", ""); m.Kind != Builtin {
		words = append(words, file)
	}
	if m.Kind != Source {
		words = append(words, [...]string{"", "extension", "bytecode", "namespace", "builtin"}[m.Kind])
	}
	if m.Place != Site {
		words = append(words, [...]string{"own", "", "standard"}[m.Place])
	}
	return strings.Join(words, " ")
}

// makeVenv writes what "python3 -m venv --without-pip" makes, of the real Python or of
// an empty file in its place.
func (l *layout) makeVenv(python, version string, options []string) {
	if l.real = python != ""; !l.real {
		l.t.Log("there is no python3: nothing is compared with it")
		python = l.dir + "/usr/bin/python3"
		l.write("usr/bin/python3", "")
		l.write("usr/lib/"+version+"/os.py", "")
	}
	l.write("venv/pyvenv.cfg", fmt.Sprintf("home = %s\ninclude-system-site-packages = %v\nversion = %s.0\n",
		filepath.Dir(python), len(options) > 0, strings.TrimPrefix(version, "python")))
	l.link("venv/bin/python", python)
}

func (l *layout) write(name, text string) {
	name = filepath.Join(l.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
		l.t.Fatal(err)
	}
}

func (l *layout) link(name, target string) {
	name = filepath.Join(l.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		l.t.Fatal(err)
	}
	if err := os.Symlink(target, name); err != nil {
		l.t.Fatal(err)
	}
}

// compare asks the real Python.
func (l *layout) compare(env map[string]string) {
	p := l.path()
	var names, want []string
	for _, name := range l.asked {
		if strings.Contains(name, " ") || name == "version" || name == "__main__" {
			continue
		}
		names = append(names, name)
		want = append(want, origin(p.Find(name)))
	}
	args := append([]string{"-c", probe}, names...)
	if l.start.Script != "" {
		file := l.start.Script
		if st, err := os.Stat(file); err == nil && st.IsDir() {
			file += "/__main__.py"
		}
		if strings.HasSuffix(file, ".pyz") {
			file = "/dev/null" // its __main__.py is the probe already
		}
		if err := os.WriteFile(file, []byte(probe), 0o600); err != nil {
			l.t.Fatal(err)
		}
		args = append([]string{l.start.Script}, names...)
	}
	if l.start.Flags != "" {
		args = append([]string{"-" + l.start.Flags}, args...)
	}
	cmd := exec.Command(l.python, args...)
	cmd.Dir = l.dir
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.Output()
	if err != nil {
		l.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	got := strings.Split(strings.TrimSpace(string(out)), "\n")
	for i := range got {
		if got[i] == "frozen" && i < len(want) {
			got[i] = want[i] // its text lies in the standard library, where it must be found
		}
	}
	if diff := cmp.Diff(got, want); diff != "" {
		l.t.Errorf("Python finds - here +\n%s", diff)
	}
}

// origin returns what the probe prints.
func origin(m Module, ok bool) string {
	switch {
	case !ok:
		return "none"
	case m.Kind == Builtin:
		return "built-in"
	case m.Kind == Namespace:
		return strings.Join(m.Dirs, ":")
	}
	return m.File
}

const probe = `
import importlib.util, os, sys
for name in sys.argv[1:]:
    try:
        spec = importlib.util.find_spec(name)
    except ImportError:
        spec = None
    if spec is None:
        print("none")
    elif spec.origin is None:
        print(":".join(d for d in spec.submodule_search_locations if d.startswith("/")))
    else:
        print(os.path.normpath(spec.origin))
`

// realPython returns a Python 3 of this machine and its version, "" if there is none.
var realPython = sync.OnceValues(func() (file, version string) {
	out, err := exec.Command("python3", "-c", "import sys; print(sys.executable); print('%d.%d' % sys.version_info[:2])").Output()
	words := strings.Fields(string(out))
	if err != nil || len(words) != 2 {
		return "", ""
	}
	return words[0], words[1]
})
