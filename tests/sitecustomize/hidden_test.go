// SPDX-License-Identifier: MIT

package sitecustomize

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// probe prints what a program sees of the modules that Python loads at its start, except
// for the directory that is given to it.
const probe = `
import sys
def show(name):
    module = sys.modules.get(name)
    sys.stdout.write("%s: %s %s\n" % (name, getattr(module, "__file__", None), getattr(module, "mark", None)))
show("sitecustomize")
show("usercustomize")
try:
    import sitecustomize
except Exception as err:
    sys.stdout.write("%s: %s\n" % (type(err).__name__, err))
show("sitecustomize")
sys.stdout.write("%s\n" % [d for d in sys.path if d != sys.argv[1]])
`

// TestHidden: a program sees the same with our directory on its path as without it, and
// so does the user on stderr.
func TestHidden(t *testing.T) {
	ours := cure(t)
	program := filepath.Join(directory(t, "probe.py", probe), "probe.py")
	lib := directory(t, "other.py", "")
	inserted := directory(t, "other.py", "")
	each(t, func(t *testing.T, p python) {
		hidden := func(text string) []string { return []string{directory(t, "sitecustomize.py", text)} }
		for _, test := range []struct {
			name          string
			before, after []string // on PYTHONPATH, of our directory
			args          []string
		}{
			{name: "nothing"},
			{name: "a user's own path", before: []string{lib}},
			{name: "a user's own module before", before: hidden("mark = 1\n")},
			{name: "a module", after: hidden("mark = 1\n")},
			{name: "a package", after: []string{directory(t, "sitecustomize/__init__.py", "mark = 1\n")}},
			{name: "one of two modules", after: append(hidden("mark = 1\n"), hidden("mark = 2\n")...)},
			{name: "a module that raises", after: hidden("raise ValueError('of its own')\n")},
			{name: "a module that imports what is not there", after: hidden("import not_there\n")},
			{name: "a module that ends the program", after: hidden("raise SystemExit(3)\n")},
			{name: "a module with an error", after: hidden("x = (\n")},
			{name: "a module that changes the path", after: hidden(fmt.Sprintf("import sys\nsys.path.insert(0, %q)\n", inserted))},
			{name: "a module that makes a new path", after: hidden(fmt.Sprintf("import sys\nsys.path = [%q] + sys.path\n", inserted))},
			{name: "a module that prints", after: hidden("import sys\nsys.stdout.write('printed\\n')\n")},
			{name: "-s", after: hidden("mark = 1\n"), args: []string{"-s"}},
			{name: "-S", after: hidden("mark = 1\n"), args: []string{"-S"}},
			{name: "-E", after: hidden("mark = 1\n"), args: []string{"-E"}},
			{name: "-O", after: hidden("mark = 1\n"), args: []string{"-O"}},
		} {
			compare(t, p, test.name, nil, test.before, test.after, ours, append(test.args, program))
		}
		compare(t, p, "twice", nil, []string{cure(t)}, hidden("mark = 1\n"), ours, []string{program})
	})
}

// compare runs a program with our directory between the others on PYTHONPATH, and without it.
func compare(t *testing.T, p python, name string, env, before, after []string, ours string, args []string) {
	t.Helper()
	args = append(append([]string{"-B"}, args...), ours) // -B: no bytecode, which would load differently the second time
	dirs := append(append([]string{}, before...), after...)
	want := p.run(t, append([]string{pythonPath(dirs...)}, env...), args...)
	with := append(append(append([]string{}, before...), ours), after...)
	got := p.run(t, append([]string{pythonPath(with...), "PYTHON_CPU_COUNT=3"}, env...), args...)
	got.Err = ownFrames(ours).ReplaceAllString(got.Err, "")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: without -, with +:\n%s", name, diff)
	}
}

// TestBesideOthers: a copy among other modules does not hide them.
func TestBesideOthers(t *testing.T) {
	ours := cure(t)
	write(t, filepath.Join(ours, "other.py"), "mark = 'other'\n")
	each(t, func(t *testing.T, p python) {
		got := p.run(t, []string{pythonPath(ours)}, "-B", "-c", "import other, sys; sys.stdout.write(other.mark)")
		if want := (outcome{Out: "other"}); got != want {
			t.Errorf("want %+v, got %+v", want, got)
		}
	})
}

// ownFrames are those of a traceback that are ours: there they stand between Python's and
// those of the module that raises.
func ownFrames(ours string) *regexp.Regexp {
	return regexp.MustCompile(`(?m)^  File "` + regexp.QuoteMeta(ours) + `/.*\n(    .*\n)*`)
}

// TestPrefixes: what the environment of a venv and the user's site-packages have is loaded.
func TestPrefixes(t *testing.T) {
	ours := cure(t)
	program := filepath.Join(directory(t, "probe.py", probe), "probe.py")
	each(t, func(t *testing.T, p python) {
		base := directory(t, "other.py", "")
		user := strings.TrimSpace(p.run(t, []string{"PYTHONUSERBASE=" + base}, "-m", "site", "--user-site").Out)
		write(t, filepath.Join(user, "usercustomize.py"), "mark = 'user'\n")
		write(t, filepath.Join(user, "sitecustomize.py"), "mark = 'site'\n")
		compare(t, p, "usercustomize", []string{"PYTHONUSERBASE=" + base}, nil, nil, ours, []string{program})

		dir := filepath.Join(base, "venv")
		if made := p.run(t, nil, "-m", "venv", "--without-pip", dir); made.Code != 0 {
			t.Skipf("no venv: %s%s", made.Out, made.Err)
		}
		venv := python{filepath.Join(dir, "bin", "python"), p.version, p.major, p.minor}
		compare(t, venv, "an empty venv", nil, nil, nil, ours, []string{program})
		site := filepath.Join(dir, "lib", fmt.Sprintf("python%d.%d", p.major, p.minor), "site-packages")
		if _, err := os.Stat(site); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(site, "sitecustomize.py"), "mark = 'venv'\n")
		compare(t, venv, "a venv", nil, nil, nil, ours, []string{program})
		if got := venv.run(t, []string{"PYTHON_CPU_COUNT=3", pythonPath(ours)}, "-c", count); got != (outcome{Out: "3\n"}) {
			t.Errorf("in a venv: %+v", got)
		}
	})
}
