// SPDX-License-Identifier: MIT

package python

import (
	"strings"
	"unicode"

	"slurm-mp-policy/workload/python/syntax"
)

// doubtful reports whether an unknown condition is about workers: whether to start them, how many, or
// with which library. It is if a setting decides it, or if it names such a thing. A condition about
// data (does a file exist?) is not: the program mostly goes on to its workers in both cases.
func (in *interpreter) doubtful(test syntax.Expr, v value) bool {
	if _, isSetting := isUnknown(in.settle(v)); isSetting {
		return true
	}
	switch e := test.(type) {
	case *syntax.Logical:
		return false // its value is a setting if one of its unknown operands is
	case *syntax.Unary:
		return in.doubtful(e.Value, v)
	}
	left := maxWords
	return aboutWorkers(test, &left)
}

// doubtfulLoop reports whether it is a setting how often a loop runs.
func (in *interpreter) doubtfulLoop(iter syntax.Expr, items value) bool {
	_, isSetting := isUnknown(items)
	return isSetting
}

// bySize reports whether a condition asks for the size of an input, to work on a small input without
// workers. It returns false if a branch refuses an input that is too small, or if the condition asks
// for one item and has no other way to work on it.
func bySize(s *syntax.If) bool {
	c, ok := s.Test.(*syntax.Compare)
	if !ok || len(c.Ops) != 1 {
		return false
	}
	size, limit := c.Left, c.Rights[0]
	if !isSize(size) {
		size, limit = limit, size
	}
	n, ok := limit.(*syntax.Int)
	if !ok || n.Value < 1 || !isSize(size) || refuses(s.Body) || refuses(s.Else) {
		return false
	}
	switch c.Ops[0] {
	case "<", ">", "<=", ">=":
		return n.Value > 1 || hasOther(s)
	case "==", "!=":
		return n.Value == 1 && hasOther(s)
	}
	return false
}

// hasOther reports whether a condition has a second branch: an else, or the statements after a branch
// that returns.
func hasOther(s *syntax.If) bool {
	return len(s.Else) > 0 || givesBack(s.Body)
}

// givesBack reports whether a block ends with the return of something that it computes.
func givesBack(list []syntax.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	r, ok := list[len(list)-1].(*syntax.Return)
	if !ok {
		return false
	}
	switch r.Value.(type) {
	case *syntax.Call, *syntax.Comprehension:
		return true
	}
	return false
}

// isSize reports whether an expression is a length: len(x), x.size or x.shape[0].
func isSize(e syntax.Expr) bool {
	switch e := e.(type) {
	case *syntax.Call:
		name, ok := e.Function.(*syntax.Name)
		return ok && name.ID == "len"
	case *syntax.Attribute:
		return e.Name == "size"
	case *syntax.Subscript:
		shape, ok := e.Value.(*syntax.Attribute)
		return ok && shape.Name == "shape"
	}
	return false
}

// refuses reports whether a block ends the call or the program without a computed result.
func refuses(list []syntax.Stmt) bool {
	if len(list) == 0 || givesBack(list) {
		return false
	}
	switch last := list[len(list)-1].(type) {
	case *syntax.Return, *syntax.Raise, *syntax.Continue:
		return true
	case *syntax.ExprStmt:
		call, ok := last.Value.(*syntax.Call)
		if !ok {
			return false
		}
		switch f := call.Function.(type) {
		case *syntax.Name:
			return f.ID == "exit" || f.ID == "quit"
		case *syntax.Attribute:
			return f.Name == "exit" || f.Name == "_exit"
		}
	}
	return false
}

// maxWords bounds the parts of a condition that are looked at.
const maxWords = 32

func aboutWorkers(e syntax.Expr, left *int) bool {
	if *left--; *left < 0 || e == nil {
		return false
	}
	switch e := e.(type) {
	case *syntax.Name:
		return isWorkerWord(e.ID)
	case *syntax.Attribute:
		return isWorkerWord(e.Name) || aboutWorkers(e.Value, left)
	case *syntax.String:
		return len(e.Value) < 40 && isWorkerWord(e.Value)
	case *syntax.Subscript:
		return aboutWorkers(e.Value, left) || aboutWorkers(e.Index, left)
	case *syntax.Call:
		if aboutWorkers(e.Function, left) {
			return true
		}
		for _, a := range e.Arguments {
			if aboutWorkers(a.Value, left) {
				return true
			}
		}
	case *syntax.Compare:
		if aboutWorkers(e.Left, left) {
			return true
		}
		for _, right := range e.Rights {
			if aboutWorkers(right, left) {
				return true
			}
		}
	case *syntax.Unary:
		return aboutWorkers(e.Value, left)
	case *syntax.Binary:
		return aboutWorkers(e.Left, left) || aboutWorkers(e.Right, left)
	case *syntax.Logical:
		for _, v := range e.Values {
			if aboutWorkers(v, left) {
				return true
			}
		}
	}
	return false
}

// isWord reports whether a part of a name stands for workers, or for a thing that decides about them.
func isWord(part string) bool {
	switch part {
	case "proc", "procs", "nproc", "nprocs", "processes", "nprocesses", "worker", "workers", "nworkers", "job", "jobs", "njobs", "pool",
		"parallel", "parallelize", "parallelism", "thread", "threads", "nthreads", "nthread", "multi", "multiprocess", "multiprocessing",
		"multiprocessed", "mp", "cpu", "cpus", "ncpu", "ncpus", "core", "cores", "ncores", "ncore", "fork", "concurrent", "concurrency",
		"distributed", "distribute", "gpu", "gpus", "ngpu", "ngpus", "cuda", "mpi", "serial", "sequential", "backend", "executor",
		"scheduler", "cluster", "ray", "dask", "joblib", "np", "async":
		return true
	}
	return false
}

// isWorkerWord reports whether a name has such a part: parts are separated by "_", "-"
// or a change to upper case.
func isWorkerWord(name string) bool {
	start := 0
	for i, c := range name {
		cut := c == '_' || c == '-' || c == '.' || c == ' '
		if cut || i > start && unicode.IsUpper(c) && !unicode.IsUpper(rune(name[i-1])) {
			if isWord(strings.ToLower(name[start:i])) {
				return true
			}
			start = i
			if cut {
				start++
			}
		}
	}
	return name != "np" && isWord(strings.ToLower(name[start:]))
}
