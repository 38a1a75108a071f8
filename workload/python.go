// SPDX-License-Identifier: MIT

package workload

import (
	"bytes"
	"errors"
	"path"
	"strings"
)

// python follows a Python interpreter's command line to the program text.
// Source: "Command line and environment" of the Python documentation; -Q, -3, -t
// are Python 2's, --jit is PyPy's.
func (w *walker) python(argv []string) {
	w.add(TagPython, commandLine, 0, strings.Join(argv[:min(2, len(argv))], " "))
	if w.argv0 == "" {
		w.argv0 = argv[0]
	}
	if argv[0] == "gpaw-python" {
		w.add(TagMPI, commandLine, 0, argv[0])
	}
	s := syntax{short: "WXQ", long: " check-hash-based-pycs jit ", stop: "cm"}
	given, rest := s.parse(argv[1:])
	if n := len(given); n > 0 {
		switch last := given[n-1]; last.name {
		case "c":
			w.args = rest
			w.scan([]byte(last.value), source{file: commandLine})
			return
		case "m":
			w.module(last.value, rest)
			return
		}
	}
	for _, o := range given {
		if o.name == "V" || o.name == "h" || o.name == "version" || o.name == "help" {
			return
		}
	}
	if len(rest) > 0 && rest[0] != "-" {
		w.args = rest[1:]
		w.pythonFile(w.join(rest[0]), "")
	}
	// What comes from standard input is not ours to read: it would be gone.
}

// module follows -m.
func (w *walker) module(name string, rest []string) {
	if l, ok := launches(name); ok {
		if next := w.launch(name, l, rest); next != nil {
			program := w.program
			w.follow(next)
			if next[0] == "python" {
				w.program = program
			}
		}
		return
	}
	if file := w.findModule(name, true); file != "" {
		w.args = rest
		w.pythonFile(file, "")
	}
}

// findModule gives the file that "import name" would run, or for -m the
// package's __main__.py. It looks in the working folder, as -m does, in
// PYTHONPATH, and in the site-packages of the interpreter's own environment.
func (w *walker) findModule(name string, run bool) string {
	if !isDotted(name) {
		return ""
	}
	tail := strings.ReplaceAll(name, ".", "/")
	if file := w.moduleIn(w.join("."), tail, run); file != "" {
		return file
	}
	const most = 8
	for i, dir := range strings.SplitN(w.pythonPath, ":", most+1) {
		if dir != "" && i < most {
			if file := w.moduleIn(w.join(dir), tail, run); file != "" {
				return file
			}
		}
	}
	if exe := w.find(w.argv0); exe != "" {
		return w.moduleInPrefix(path.Dir(path.Dir(exe)), path.Base(exe), tail, run)
	}
	return ""
}

// moduleIn looks in one folder of sys.path. The first part of the name decides
// whether it is worth looking further, as it does for Python.
func (w *walker) moduleIn(dir, tail string, run bool) string {
	if first, _, nested := strings.Cut(tail, "/"); nested && !w.files.isDir(path.Join(dir, first)) {
		return ""
	}
	base := path.Join(dir, tail)
	candidates := [...]string{base + "/__main__.py", base + ".py"}
	if !run {
		candidates[0] = base + "/__init__.py"
	}
	for _, file := range candidates {
		if w.files.isRegular(file) {
			return file
		}
	}
	return ""
}

func (w *walker) moduleInPrefix(prefix, interpreter, tail string, run bool) string {
	if version := strings.TrimRight(strings.TrimPrefix(interpreter, "python"), "tdmu"); strings.Contains(version, ".") {
		return w.moduleIn(path.Join(prefix, "lib", "python"+version, "site-packages"), tail, run)
	}
	for _, dir := range w.files.list(path.Join(prefix, "lib"), "python3.") {
		if file := w.moduleIn(path.Join(dir, "site-packages"), tail, run); file != "" {
			return file
		}
	}
	return ""
}

func isDotted(name string) bool {
	for _, part := range strings.Split(name, ".") {
		if part == "" {
			return false
		}
		for i := range len(part) {
			if !isNamePart(part[i]) {
				return false
			}
		}
	}
	return true
}

// pythonFile reads and scans what Python is told to run: a script, a folder or
// zip file with a __main__.py, a compiled file. entry is the function that is
// called from outside, "" for a program.
func (w *walker) pythonFile(file, entry string) {
	text, size, err := w.files.read(file, maxText)
	if errors.Is(err, errNotRegular) && w.files.isDir(file) {
		file = path.Join(file, "__main__.py")
		text, size, err = w.files.read(file, maxText)
	}
	if err == nil && isCompiled(text) {
		// The instructions of a .pyc differ from one Python version to the next,
		// and its names alone do not tell use from import. Its source beside it
		// does.
		if file = sourceOf(file); file == "" || !w.files.isRegular(file) {
			return
		}
		text, size, err = w.files.read(file, maxText)
	}
	if err != nil {
		w.fail(err)
		return
	}
	w.script = file
	src := source{file: file, entry: entry}
	if isZip(text, size) {
		main, name, entry, err := zipMain(zipReader{w.files, file}, size)
		if err != nil {
			w.fail(err)
			return
		}
		text, src = main, source{file: path.Join(file, name), entry: entry}
	}
	if bytes.IndexByte(text[:min(len(text), maxHead)], 0) >= 0 {
		return // Python refuses it
	}
	if module, function, ok := entryPoint(text); ok && src.entry == "" {
		w.entryPoint(file, module, function)
		return
	}
	w.scan(text, src)
}

// isCompiled tells a .pyc by its magic number, which ends in CR LF in every
// version.
func isCompiled(text []byte) bool {
	return len(text) > 16 && text[2] == '\r' && text[3] == '\n' && bytes.IndexByte(text[4:16], 0) >= 0
}

// sourceOf gives the source file that Python compiled (PEP 3147), or "".
func sourceOf(file string) string {
	dir, name := path.Split(file)
	stem, ok := strings.CutSuffix(name, ".pyc")
	if !ok {
		return ""
	}
	if path.Base(dir) == "__pycache__" {
		stem, _, _ = strings.Cut(stem, ".")
		dir = path.Dir(path.Clean(dir))
	}
	return path.Join(dir, stem+".py")
}
