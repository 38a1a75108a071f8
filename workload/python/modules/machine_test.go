// SPDX-License-Identifier: MIT

package modules

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// interpreters returns the Pythons of this machine: of the distribution, on PATH, and
// those of pyenv.
func interpreters() []string {
	found := []string{}
	seen := map[string]bool{}
	names, _ := filepath.Glob(os.Getenv("HOME") + "/.pyenv/versions/*/bin/python")
	names = append([]string{"/usr/bin/python3", "/usr/bin/python2", "/usr/local/bin/python3"}, names...)
	if name, err := exec.LookPath("python3"); err == nil {
		names = append(names, name)
	}
	for _, name := range names {
		real, err := filepath.EvalSymlinks(name)
		if err == nil && !seen[real] {
			seen[real] = true
			found = append(found, name)
		}
	}
	return found
}

// TestThisMachine compares every top-level module of every interpreter, and the
// submodules of some packages, with what the interpreter itself finds.
func TestThisMachine(t *testing.T) {
	pythons := interpreters()
	if len(pythons) == 0 {
		t.Skip("there is no Python on this machine")
	}
	dir := t.TempDir()
	for _, python := range pythons {
		t.Run(python, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(python, "-c", survey)
			cmd.Dir = dir
			cmd.Env = []string{"HOME=" + os.Getenv("HOME"), "PATH=" + os.Getenv("PATH")}
			var errors strings.Builder
			cmd.Stderr = &errors
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, &errors)
			}
			m := Machine{Files: disk{}, Dir: dir, Env: func(name string) string {
				return map[string]string{"HOME": os.Getenv("HOME"), "PATH": os.Getenv("PATH")}[name]
			}}
			i := m.Interpreter(python)
			p := NewPath(m, i, Start{})
			compared := 0
			for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
				name, want, _ := strings.Cut(line, "\t")
				switch name {
				case "version":
					if got := i.Version.String(); got != want {
						t.Errorf("version %q, want %q", got, want)
					}
					continue
				case "prefix":
					if i.Base != want {
						t.Errorf("prefix %q, want %q", i.Base, want)
					}
					continue
				}
				m, ok := p.Find(name)
				got := origin(m, ok)
				switch want {
				case "built-in":
					// Builds differ in what they have built in: a file of the standard
					// library under the same name would not be used.
					if ok && m.Place != Standard {
						t.Errorf("%s: %s is built in", name, got)
					}
				case "frozen":
					if !ok || m.Place != Standard {
						t.Errorf("%s: %q is no part of the standard library", name, got)
					}
				default:
					if got != want {
						t.Errorf("%s: %q, want %q", name, got, want)
					}
				}
				compared++
			}
			if compared < 150 {
				t.Errorf("%d modules compared", compared)
			}
			t.Logf("%d modules, %d lookups, Python %v", compared, p.Lookups(), i.Version)
		})
	}
}

const survey = `
import sys, os, pkgutil
print("version\t%d.%d" % sys.version_info[:2])
print("prefix\t" + getattr(sys, "base_prefix", sys.prefix))
names = set(name for _, name, _ in pkgutil.iter_modules())
names |= set(getattr(sys, "stdlib_module_names", ())) | set(sys.builtin_module_names)
names -= set(["__main__", "this", "antigravity"])
for package in ("json", "multiprocessing", "email", "xml", "logging", "ctypes", "pip", "numpy", "setuptools"):
    try:
        path = __import__(package).__path__
    except Exception:
        continue
    names |= set(package + "." + name for _, name, _ in pkgutil.iter_modules(path))
names.add("no_such_module")
names.add("json.no_such_module")
if sys.version_info[0] == 2:
    import imp
    def find(name):
        path = None
        if "." in name:
            path = sys.modules[name.split(".")[0]].__path__
        try:
            f, file, (suffix, mode, kind) = imp.find_module(name.split(".")[-1], path)
        except ImportError:
            return "none"
        if kind == imp.C_BUILTIN:
            return "built-in"
        if kind == imp.PKG_DIRECTORY:
            file = os.path.join(file, "__init__.py")
        return file
else:
    import importlib.util
    def find(name):
        try:
            spec = importlib.util.find_spec(name)
        except Exception:
            return "none"
        if spec is None:
            return "none"
        if spec.origin in (None, "namespace") and not spec.submodule_search_locations:
            return "frozen"
        if spec.origin in (None, "namespace"):
            return ":".join(d for d in spec.submodule_search_locations if d.startswith("/"))
        return spec.origin if spec.origin in ("built-in", "frozen") else os.path.normpath(spec.origin)
for name in sorted(names):
    print(name + "\t" + find(name))
`
