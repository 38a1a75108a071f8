// SPDX-License-Identifier: MIT

// Package workload recognises what kind of program a command line starts.
//
// It follows the command line as the kernel, the shell and Python would
// (wrappers, PATH, "#!" lines, -m, -c) to one Python program text, and reads
// that text once. It decides by what the text does, not by what it mentions:
// a pool counts where it is created in code that can run.
//
// How many workers is often an option of the program. Where its default is one or
// none, and the command line does not give it, the program has no pool.
//
// It answers "no" where it cannot tell. A program taken for multiprocessing
// has its threads capped and may become many times slower; one that is missed
// runs as it would without us.
//
// What a program imports of its own is not followed. That a module has a pool
// does not say that this program makes it, and each module is some lookups more
// on the users' file system at every launch. The one exception is the script
// that an installer writes for an entry point: it is a name, and what it names
// is the program.
package workload

import (
	"sort"
	"strings"
)

// Tags that [Recognise] gives.
const (
	// TagPython is a program that a Python interpreter runs.
	TagPython = "python"
	// TagMultiprocessing is a program that creates worker processes itself:
	// a Pool, a Process, a ProcessPoolExecutor or what is built on them.
	TagMultiprocessing = "multiprocessing"
	// TagMPI is a program that initialises MPI.
	TagMPI = "mpi"
	// TagWorkers is a program whose only worker processes are those of a library
	// that looks after their threads itself: joblib, a PyTorch DataLoader, Dask,
	// Ray, scikit-learn's n_jobs. Their workers must not be bound to one CPU
	// either, but the program's own threads are to be left alone. It stands
	// beside TagMultiprocessing where the program calls joblib.Parallel: that is
	// a pool of processes, but one that needs no cap from us. A program that
	// creates an ordinary pool too is not tagged so: its workers do need the cap.
	TagWorkers = "workers"
)

// A Command is a command line, and what is needed to find its files.
type Command struct {
	Argv       []string // as srun was given it
	Dir        string   // working directory of the step
	Path       string   // PATH of the step's environment
	PythonPath string   // PYTHONPATH of the step's environment, for -m; may be empty
	Root       string   // "" or "/" for the live machine; a recorded root otherwise, below which files are looked up
}

// Evidence says why a tag was given: the line of a program, or the command
// line, in which case File is "command line" and Line is 0.
type Evidence struct {
	Tag, File string
	Line      int
	Text      string // the line's text: printable, and at most 120 bytes
}

// A Result is what a command line was recognised as.
type Result struct {
	Tags     []string // sorted
	Program  string   // base name of the program at the end of the wrappers, as python3.12 or a.out
	Script   string   // path of the program text that was read, "" if none
	Evidence []Evidence
}

// Recognise follows a command line to its program and tags it. An error says
// that something could not be read; the Result stands all the same.
//
// It reads files as the process's user, regular files only, and never waits for
// one, but a lookup on a file system that hangs does hang: the caller needs a
// deadline of its own.
func Recognise(c Command) (Result, error) {
	w := walker{files: files{root: c.Root}, dir: c.Dir, path: c.Path, pythonPath: c.PythonPath}
	w.follow(c.Argv)
	return w.result(), w.err
}

const commandLine = "command line"

// clean makes a piece of a user's file fit to be printed on a terminal.
func clean(s string) string {
	const most = 120
	s = strings.TrimSpace(s)
	if len(s) > most {
		s = s[:most]
	}
	s = strings.ToValidUTF8(s, "?")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069':
			return '?' // control characters, and those that reorder a line
		}
		return r
	}, s)
}

func (w *walker) add(tag, file string, line int, text string) {
	for _, e := range w.evidence {
		if e.Tag == tag {
			return
		}
	}
	w.evidence = append(w.evidence, Evidence{tag, file, line, clean(text)})
}

func (w *walker) result() Result {
	r := Result{Program: w.program, Script: w.script}
	for _, e := range w.evidence {
		if e.Tag == TagWorkers && w.pool {
			continue // these workers' library looks after them, but the others have nobody
		}
		r.Evidence = append(r.Evidence, e)
		r.Tags = append(r.Tags, e.Tag)
	}
	sort.Strings(r.Tags)
	return r
}
