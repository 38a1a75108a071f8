// SPDX-License-Identifier: MIT

package workload

import (
	"bytes"
	"path"
	"slices"

	"slurm-mp-policy/workload/python/modules"
)

// Version is the version of a Python interpreter. The zero Version means that it is not
// known.
type Version = modules.Version

// Interpreter describes the program's Python in words, "" for a program without Python.
func (r Result) Interpreter() string {
	if !slices.Contains(r.Tags, TagPython) {
		return ""
	}
	version := "Python " + r.Python.String()
	if r.Python == (Version{}) {
		version = "Python of a version that is not known"
	}
	switch {
	case r.Direct:
		return version + ", started by the step itself"
	case r.Python == (Version{}):
		return "Python not found, or not started by the step itself"
	}
	return version + ", not started by the step itself"
}

// interpreterOf finds the interpreter behind a command word with a name of Python's. program is
// true for a binary. A script with such a name may start anything, also in a container or on other
// CPUs. Only pyenv's scripts are known.
func (w *walker) interpreterOf(word string) (v Version, program bool) {
	exe := w.find(word)
	if exe == "" || !w.files.executable(exe) {
		return Version{}, false
	}
	head, _, err := w.files.read(exe, maxHead)
	if err == nil && bytes.HasPrefix(head, []byte("#!")) && w.machine().Shim(exe) == "" && !isShim(exe, head) {
		return Version{}, false
	}
	if v = w.machine().Interpreter(exe).Version; v.Minor == 0 {
		v = Version{}
	}
	return v, true
}

// isShim reports whether a script is one of pyenv's. It starts an interpreter, and which one does
// not matter.
func isShim(file string, head []byte) bool {
	return path.Base(path.Dir(file)) == "shims" && bytes.Contains(head, []byte("pyenv"))
}

// machine returns the facts that package modules needs about the place where the program starts.
func (w *walker) machine() modules.Machine {
	return modules.Machine{Files: w.files, Env: func(name string) string { v, _ := w.variable(name); return v }, Dir: w.join(".")}
}
