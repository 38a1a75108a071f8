// SPDX-License-Identifier: MIT

// Package workload finds out what kind of program a command line starts.
//
// It follows the command line as the kernel and the shell would (wrappers, PATH, "#!"
// lines, shell scripts) to a Python interpreter. Package python then runs the program
// on paper with its arguments, and package modules finds the modules that it imports.
//
// There are three verdicts. Either the program certainly starts several workers itself.
// Or it may have workers, it has only one, or a library limits the threads of its
// workers. Or no worker was found. If a program is wrongly taken for the first kind, its
// threads are capped and it may become many times slower. So that verdict needs every
// condition on the way to be known.
package workload

import (
	"path"
	"slices"
	"sort"
	"strings"
	"time"
)

// Tags of a program.
const (
	// TagPython marks a program that a Python interpreter runs.
	TagPython = "python"
	// TagMultiprocessing marks a program that certainly starts several worker processes:
	// a Pool, several Process, a ProcessPoolExecutor or classes that are built on them.
	// Only the program itself limits the threads of these workers.
	TagMultiprocessing = "multiprocessing"
	// TagMPI marks a program that initialises MPI.
	TagMPI = "mpi"
	// TagWorkers is a program whose workers must not be bound to one CPU, but whose
	// threads must not be changed. A library looks after the workers' threads (joblib, a
	// PyTorch DataLoader, Dask, Ray), or there is only one worker, or workers depend on a
	// setting that is not read. A program does not have both TagMultiprocessing and this tag.
	TagWorkers = "workers"
	// TagCPUCount is the tag in rules for a [Result] that is NodeSized. It is not among its Tags.
	TagCPUCount = "cpu_count"
	// TagMixed is the tag in rules for a [Result] with a Beside. It is not among its Tags.
	TagMixed = "mixed"
	// TagDirect is the tag in rules for a [Result] that is Direct. It is not among its Tags.
	TagDirect = "direct"
)

// A Command is a command line, with the data that is needed to find its files.
type Command struct {
	Argv []string          // as given to srun
	Dir  string            // working directory of the step
	Env  map[string]string // the step's environment
	Root string            // "" or "/" for the live machine, otherwise the root of a recorded one
	// Deadline is how long the launch may wait. On a slow node, a site makes it longer.
	// Then the program may cost more CPU time. 0 is the default.
	Deadline time.Duration
}

// Evidence is the reason for a tag: the line of a program, or the command
// line, in which case File is "command line" and Line is 0.
type Evidence struct {
	Tag, File string
	Line      int
	Text      string // the text of the line: printable, and at most 120 bytes
	// Way has the calls that lead there and the options that decided, such as "run.py:12
	// main() > core.py:40". It is "" if the line is one of the program's own statements.
	Way string
}

// A Result has the facts that were found about a command line.
type Result struct {
	Tags     []string // sorted
	Program  string   // base name of the program at the end of the wrappers, such as python3.12 or a.out
	Script   string   // path of the program text that was read, "" if no text was read
	Evidence []Evidence
	// Python is the version of the interpreter, zero if it is not known.
	Python Version
	// Direct is set if the step starts Python itself, so that Python has the CPUs of the task.
	Direct bool
	// Workers is the number of worker processes that the program itself starts for certain, 0 if
	// it is not known. It is not known if the program is not Direct: mpirun may start it several
	// times, and on fewer CPUs.
	Workers int
	// NodeSized reports a pool that has as many workers as os.cpu_count() returns.
	NodeSized bool
	// PoolAt is the call that starts the workers and its place, in the form "Pool() at x.py:12",
	// "" if it is not known.
	PoolAt string
	// Beside is the text of the command of a batch script that starts workers, if the
	// script also starts other programs. Then the Result has no tags.
	Beside string
	// Later are the variables that a script or the command line sets or removes before
	// the program starts, sorted by name.
	Later []Later
	// Prefixes are set if the program runs in a container that takes only variables with one of
	// these prefixes.
	Prefixes []string
	// Notes are about a program without workers: what was read, what was passed by, and what
	// could not be read.
	Notes []string
}

// Recognise follows a command line to its program and tags it. If a file could not be read, the
// error names it, and the Result is valid all the same.
//
// It reads files as the process's user, only regular files, and never waits for one. A lookup on
// a file system that hangs does hang, so the caller needs a deadline.
func Recognise(c Command) (Result, error) {
	w := newWalker(c)
	w.follow(c.Argv)
	return w.result(), w.err
}

func newWalker(c Command) walker {
	return walker{files: files{root: c.Root}, start: c.Dir, dir: c.Dir, path: c.Env["PATH"], pythonPath: c.Env["PYTHONPATH"], variables: c.Env, late: late(c.Deadline)}
}

const commandLine = "command line"

// clean makes a part of a user's file printable on a terminal.
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
	w.evidence = append(w.evidence, Evidence{Tag: tag, File: file, Line: line, Text: clean(text)})
}

// note adds a note, if the Result does not have it yet.
func (w *walker) note(text string) {
	if !slices.Contains(w.notes, text) {
		w.notes = append(w.notes, text)
	}
}

func (w *walker) result() Result {
	r := Result{
		Program: w.program, Script: w.script, Python: w.version, Direct: w.direct && !w.indirect,
		Later: w.changes(), Prefixes: w.prefixes,
	}
	if isStep(w.program) {
		r.Later = nil // they belong to the step that it starts
	}
	if w.modules && !path.IsAbs(w.argv0) {
		r.Python = Version{} // a module may have put another interpreter first on PATH
	}
	if r.Direct {
		r.Workers = w.workers
	}
	r.Notes = w.notes
	pool := slices.ContainsFunc(w.evidence, func(e Evidence) bool { return e.Tag == TagMultiprocessing })
	for _, e := range w.evidence {
		if e.Tag == TagWorkers && pool {
			continue // the pool's workers need the cap
		}
		if e.Tag == TagMultiprocessing {
			r.NodeSized, r.PoolAt = w.nodeSized, poolAt(w.pool, e)
		}
		r.Evidence = append(r.Evidence, e)
		r.Tags = append(r.Tags, e.Tag)
	}
	sort.Strings(r.Tags)
	return r
}
