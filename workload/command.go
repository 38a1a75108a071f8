// SPDX-License-Identifier: MIT

package workload

import (
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// maxSteps bounds the wrappers, "#!" lines and shells that start one another. It ends a loop of
// them. Real ones are less than five deep.
const maxSteps = 16

// A walker follows a command line. Its dir and path change on the way, for example
// because of env -C and of a container's --pwd.
type walker struct {
	files      files
	start      string // the step's directory
	dir        string
	path       string
	pythonPath string
	variables  map[string]string // of the step's environment
	assigned   map[string]string // what the command line and scripts assign
	removed    map[string]bool   // variables that they remove
	changed    map[string]Later  // changes of variables of the step's environment
	prefixes   []string          // see Result
	mix        *mix              // the programs that a batch script starts, nil for a step

	program  string
	words    []string // the command line of program
	script   string
	evidence []Evidence
	workers  int // of the program's pool, 0 if not known
	// pool is the call that starts the pool. nodeSized is set if the pool is as large as the node.
	pool      string
	nodeSized bool
	notes     []string
	err       error
	steps     int
	argv0     string  // the interpreter's command word, to find its site-packages
	version   Version // the version of the interpreter
	sourced   int     // files that scripts have sourced
	modules   bool    // a script loads modules before the program
	shown     string  // the command of the batch script that leads here, as the script has it
	isRead    bool    // the command is a batch script, whose commands are counted
	ranks     bool    // something on the way starts the ranks of an MPI program
	// isBackground, isRepeated: the script runs the command in the background, or in a loop.
	isBackground, isRepeated bool

	late     func() bool
	direct   bool // the interpreter is not a script
	indirect bool // something on the way may start other programs, or change the mask
}

// fail keeps the first error. Later errors are its consequences.
func (w *walker) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// follow goes from wrapper to wrapper until it reaches a program.
func (w *walker) follow(argv []string) {
	for len(argv) > 0 && w.steps < maxSteps {
		w.steps++
		name := path.Base(argv[0])
		w.program, w.words = name, argv
		switch {
		case isStep(name):
			return // its programs have evaluations of their own; it may be a site's script
		case isPython(name):
			w.python(argv)
			return
		case isShell(name):
			// A script may run anything before the program, also "taskset -p $$". In a batch
			// script each command is followed.
			w.indirect = w.indirect || w.mix == nil
			argv = w.shell(argv)
			continue
		}
		if startsRanks(name) {
			w.ranks = true
			if slices.Contains(argv, ":") {
				w.note(name + " starts several programs in one environment, so nothing is set for them")
				return
			}
		}
		if next, ok := w.followLauncher(name, argv); ok {
			argv = next
			continue
		}
		if next, ok := w.unwrap(name, argv); ok {
			argv = next
			continue
		}
		argv = w.interpreter(argv)
	}
}

// join returns the absolute path of a user's path.
func (w *walker) join(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	dir := w.dir
	if dir == "" {
		dir = "/"
	}
	if !isKnownText(dir) {
		return dir + "/" + name // path.Join would resolve ".." in it
	}
	return path.Join(dir, name)
}

// find looks a command word up as execvp(3) does. It returns "" if there is no such program. The
// working directory comes last: slurmstepd passes a name that is not on PATH to execve, so
// "srun script.py" runs ./script.py.
func (w *walker) find(word string) string {
	if word == "" || len(word) >= unix.PathMax {
		return "" // longer than the kernel allows
	}
	if strings.Contains(word, "/") {
		return w.join(word)
	}
	const most = 64 // directories; each may be a lookup on a network file system
	rest := w.path
	for range most {
		dir, more, found := strings.Cut(rest, ":")
		if dir == "" {
			dir = "."
		}
		if name := w.join(path.Join(dir, word)); w.files.executable(name) {
			return name
		}
		if !found {
			break
		}
		rest = more
	}
	if name := w.join(word); w.steps <= 1 && w.files.executable(name) {
		return name
	}
	return ""
}

// isPython reports whether a command word names a Python interpreter:
// python, python3.12, python3.13t, python3-dbg, pypy3.10, and the interpreters of programs with
// an embedded Python.
func isPython(name string) bool {
	switch name {
	case "ipython", "ipython3", "pvpython", "pvbatch", "gpaw-python", "mpipython", "graalpy", "sage-python":
		return true
	}
	rest, ok := strings.CutPrefix(name, "python")
	if !ok {
		rest, ok = strings.CutPrefix(name, "pypy")
	}
	if !ok {
		return false
	}
	rest = strings.TrimLeft(rest, "0123456789.")
	switch rest {
	case "", "t", "d", "td", "m", "dm", "mu", "u", "-dbg", "-debug", "-mpi", "-intel64":
		return true
	}
	return false
}

func isShell(name string) bool {
	switch name {
	case "sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "rbash":
		return true
	}
	return false
}

// interpreter follows a "#!" line. It returns the command line of the interpreter as the kernel
// builds it, or nil if the command is a binary. Source: execve(2), "Interpreter scripts".
func (w *walker) interpreter(argv []string) []string {
	file := w.find(argv[0])
	if file == "" {
		return nil
	}
	head, _, err := w.files.read(file, maxHead)
	if err != nil {
		w.fail(err)
		return nil
	}
	interp, arg, ok := shebang(head)
	if !ok {
		return nil
	}
	next := make([]string, 0, len(argv)+2)
	next = append(next, interp)
	if arg != "" {
		next = append(next, arg)
	}
	next = append(next, file)
	return append(next, argv[1:]...)
}

// shebang splits a "#!" line into the interpreter and its argument. The kernel makes one argument
// of the rest of the line.
func shebang(head []byte) (interp, arg string, ok bool) {
	text, ok := strings.CutPrefix(string(head), "#!")
	if !ok {
		return "", "", false
	}
	text, _, _ = strings.Cut(text, "\n")
	if strings.IndexByte(text, 0) >= 0 {
		return "", "", false
	}
	text = strings.Trim(text, " \t\r")
	interp, arg = text, ""
	if i := strings.IndexAny(text, " \t"); i >= 0 {
		interp, arg = text[:i], strings.Trim(text[i:], " \t")
	}
	return interp, arg, interp != ""
}
