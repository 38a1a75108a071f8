// SPDX-License-Identifier: MIT

package workload

import (
	"fmt"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"slurm-mp-policy/workload/python"
	"slurm-mp-policy/workload/python/modules"
)

// python follows a Python interpreter's command line to the program and runs the program
// on paper. Source: "Command line and environment" of the Python documentation. -Q, -3
// and -t are options of Python 2; --jit is an option of PyPy.
func (w *walker) python(argv []string) {
	w.add(TagPython, commandLine, 0, strings.Join(argv[:shownWords(argv)], " "))
	if w.argv0 == "" {
		w.argv0 = argv[0]
		w.version, w.direct = w.interpreterOf(argv[0])
	}
	if argv[0] == "gpaw-python" {
		w.add(TagMPI, commandLine, 0, argv[0])
	}
	s := syntax{short: "WXQ", long: []string{"check-hash-based-pycs", "jit"}, stop: "cm"}
	given, rest := s.parse(argv[1:])
	start := modules.Start{Flags: flags(given)}
	if n := len(given); n > 0 {
		switch last := given[n-1]; last.name {
		case "c":
			w.runIn(start, modules.Module{Name: "__main__", File: commandLine}, []byte(last.value), append([]string{"-c"}, rest...), "")
			return
		case "m":
			w.module(start, last.value, rest)
			return
		}
	}
	for _, o := range given {
		if o.name == "V" || o.name == "h" || o.name == "version" || o.name == "help" {
			return
		}
	}
	if len(rest) > 0 && rest[0] != "-" {
		w.indirect = w.indirect || startsOthers(path.Base(rest[0]))
		w.pythonFile(start, rest)
		return
	}
	// If it were read here, the program could not read it.
	w.notRead("the program comes from standard input, which is not read")
}

// shownWords returns how many words of a Python's command line name the program. These
// words end with the script, or with the module after -m.
func shownWords(argv []string) int {
	for i, word := range argv {
		if i > 0 && !strings.HasPrefix(word, "-") {
			break
		}
		if word == "-m" && i+1 < len(argv) {
			return i + 2
		}
	}
	return min(2, len(argv))
}

// flags returns the letters of the options that decide where modules are looked up.
func flags(given []option) string {
	var letters strings.Builder
	for _, o := range given {
		if strings.Contains("EIPsS", o.name) {
			letters.WriteString(o.name)
		}
	}
	return letters.String()
}

// searchPath returns the interpreter's search path of modules.
func (w *walker) searchPath(start modules.Start) *modules.Path {
	m := w.machine()
	return modules.NewPath(m, m.Interpreter(w.find(w.argv0)), start)
}

// module follows -m.
func (w *walker) module(start modules.Start, name string, rest []string) {
	if w.crew(name, rest) {
		return
	}
	w.indirect = w.indirect || startsOthers(name)
	if l, ok := findLauncher(name); ok {
		w.indirect = w.indirect || !l.inside
		if next := w.launched(name, l, rest); next != nil {
			program := w.program
			w.follow(next)
			if next[0] == "python" {
				w.program = program
			}
		}
		return
	}
	if why := unread(name); why != "" {
		w.notRead(why)
		return
	}
	p := w.searchPath(start)
	m, ok := p.Main(name)
	if !ok {
		return
	}
	w.runModule(p, m, append([]string{m.File}, rest...), "")
}

// isCopy reports whether a program that does not exist is in the directory in which the
// script began. It may be copied before it starts: "cp x.py $TMPDIR; cd $TMPDIR".
func (w *walker) isCopy(name string) bool {
	if w.dir == w.start || path.IsAbs(name) || strings.HasPrefix(path.Clean(name), "..") || !isKnownText(name) {
		return false
	}
	return !w.files.isRegular(w.join(name)) && w.files.isRegular(path.Join(w.start, name))
}

// pythonFile follows a script, a directory or a zip file with a __main__.py.
func (w *walker) pythonFile(start modules.Start, words []string) {
	if len(words[0]) >= unix.PathMax {
		w.fail(fmt.Errorf("can't read a script whose name has %d bytes: %w", len(words[0]), unix.ENAMETOOLONG))
		return
	}
	if w.isCopy(words[0]) {
		w.dir = w.start
	}
	start.Script = w.join(words[0])
	p := w.searchPath(start)
	m, ok := p.Script(start.Script)
	if !ok {
		if _, _, err := w.files.read(start.Script, 1); err != nil {
			w.fail(err)
		}
		return
	}
	text, ok := w.text(p, m)
	if !ok {
		return
	}
	if e, ok := modules.EntryPoint(text); ok {
		if named, function, ok := p.Resolve(e); ok {
			w.runModule(p, named, words, function)
			return
		}
	}
	w.runText(p, m, text, words, "")
}

func (w *walker) text(p *modules.Path, m modules.Module) ([]byte, bool) {
	if m.Kind != modules.Source {
		return nil, false
	}
	text, _, err := p.Read(m, python.MaxText)
	if err != nil {
		w.fail(err)
		return nil, false
	}
	return text, true
}

func (w *walker) runModule(p *modules.Path, m modules.Module, argv []string, function string) {
	if text, ok := w.text(p, m); ok {
		w.runText(p, m, text, argv, function)
	}
}

func (w *walker) runIn(start modules.Start, m modules.Module, text []byte, argv []string, function string) {
	w.runText(w.searchPath(start), m, text, argv, function)
}

// runText runs a program on paper.
func (w *walker) runText(p *modules.Path, m modules.Module, text []byte, argv []string, function string) {
	if m.File != commandLine {
		w.script = m.File
	}
	version := p.Interpreter.Version
	program := python.Program{
		Name: m.Name, File: m.File, IsPackage: m.IsPackage, Text: text, Arguments: argv, Function: function,
		Environment: w.variable, Find: w.finder(p), Owns: owner(p), Late: w.late,
		AddPath: func(dir string, first bool) { p.Insert(w.join(dir), first) },
		Open: func(file string) (python.Module, bool) {
			m, ok := p.Script(w.join(file))
			return w.moduleOf(p, m), ok && m.Kind == modules.Source
		},
	}
	program.Python.Major, program.Python.Minor = version.Major, version.Minor
	w.take(python.Run(program))
}

func (w *walker) finder(p *modules.Path) func(name string) (python.Module, bool) {
	return func(name string) (python.Module, bool) {
		m, ok := p.Find(name)
		if !ok || m.Kind != modules.Source && m.Kind != modules.Namespace || m.Place == modules.Standard {
			return python.Module{}, false
		}
		return w.moduleOf(p, m), true
	}
}

// owner reports whether a module lies beside the program.
func owner(p *modules.Path) func(root string) bool {
	return func(root string) bool {
		m, ok := p.Find(root)
		return ok && m.Place == modules.Own && m.Kind != modules.Namespace
	}
}

func (w *walker) moduleOf(p *modules.Path, m modules.Module) python.Module {
	found := python.Module{File: m.File, IsPackage: m.IsPackage, IsInstalled: m.Place == modules.Site && isPackages(m.File)}
	if m.Kind == modules.Source {
		found.Text = func() ([]byte, error) {
			text, _, err := p.Read(m, python.MaxText)
			return text, err
		}
	}
	return found
}

// isPackages reports whether a file is below a directory of installed packages. The files
// of an editable install lie elsewhere: they belong to the user.
func isPackages(file string) bool {
	return strings.Contains(file, "/site-packages/") || strings.Contains(file, "/dist-packages/")
}
