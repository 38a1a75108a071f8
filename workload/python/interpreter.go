// SPDX-License-Identifier: MIT

// Package python finds out whether a Python program starts worker processes when it is run with
// given arguments, how many, and whether it initialises MPI.
//
// It runs the program on paper, as an abstract interpreter does: values are known or
// unknown, a known condition takes one branch, an unknown one takes both. Calls are
// followed with their arguments, and a module is read when a call needs it. Nothing
// of the program is executed.
package python

import (
	"slurm-mp-policy/workload/python/syntax"
)

// Bounds of one run. A program that meets one is not followed further.
const (
	// maxFiles is well above what following calls needs: where the pool is two
	// imports away, the median of real programs is 12 files read breadth-first.
	maxFiles = 40
	// maxForeignFiles, maxForeignText and maxForeignSteps are the share of installed libraries in
	// these bounds.
	maxForeignFiles = 12
	maxForeignText  = 256 << 10
	maxForeignSteps = 20_000
	// MaxText is for all files together, in bytes: a user's large data module must not
	// cost more than the launch itself.
	MaxText = 1 << 20
	// maxSteps is the number of statements and expressions, some 20 ms of them.
	maxSteps = 400_000
	// maxExplored is the bound for one function that a library may call, one thread or one child.
	maxExplored = 6_000
	// maxExploredInAll is the bound for all of these together.
	maxExploredInAll = 40_000
	// maxDepth is the depth of calls; real programs start their workers within 20.
	maxDepth = 60
	// maxActive is the number of times that one function may be active at once, because a recursion
	// on unknown values does not end by itself.
	maxActive = 2
	// maxRounds bounds the rounds of a loop over known items. Loops that declare options or start
	// helpers are shorter.
	maxRounds = 64
	// maxJournal bounds the writes of unknown branches that are kept.
	maxJournal = 200_000
)

// flow is the way in which a statement or a call ends.
type flow uint8

const (
	next flow = iota
	broke
	continued
	returned
	raised
	exited
	stopped // a bound was met
)

// interpreter runs one program.
type interpreter struct {
	program                                 *Program
	modules                                 map[string]*module
	trees                                   map[string]*syntax.File // by file
	texts                                   map[string]string       // by file
	tool                                    map[string]bool         // root packages that belong to the program, an installed tool
	files                                   int
	size                                    int // bytes read
	steps                                   int
	foreignFiles, foreignSize, foreignSteps int
	depth                                   int
	active                                  map[*syntax.Function]int
	frame                                   *frame

	abrupt    flow  // the end of the expression that is evaluated; next without one
	thrown    value // the exception of raised
	attempts  []attempt
	out       bool // a bound was met
	fence     int  // the step at which the exploration ends, 0 for none
	fenced    bool // it was met
	explored  int  // steps of all explorations
	cut       bool // a text was not read to its end
	isFair    bool // calls below unknown conditions have a share of the steps
	curtailed bool // one of them has met its share
	uses      map[*syntax.Function]*use

	branches    int     // unknown branches that are being run
	serial      int     // counts the branches so far; new objects get the number
	began       int     // of the innermost branch
	decorated   []value // functions that a library was given as a decorator
	journal     []write
	doubt       int          // conditions about workers that are not known
	repeat      int          // rounds of the loops around, 0 if not known
	loops       []int        // the loops that are running, the innermost last
	dropped     *syntax.Call // the call of a statement, whose value is not used
	lastLoop    int          // the number of the loop that started last
	elifs       int          // depth of unknown conditions
	nesting     int          // depth of expressions
	starring    int          // depth of "from ... import *"
	choices     int          // depth of calls of one of a few functions
	joblib      string       // the backend of a joblib context: "process", "pool", "other", "" for none
	dask        string       // "other" if not the default scheduler computes
	ray         bool         // ray.init was called
	environment *object
	argv        *list
	context     value   // of the command of click that runs, nil without one
	absl        *object // absl.flags.FLAGS
	abslRead    *reading
	abslWords   []value // that abslRead has read

	found
	main *module
}

// frame is one call.
type frame struct {
	function *function // nil for a module's or a class's statements
	module   *module
	scope    *scope
	outer    *frame // for names that are not found in scope
	caller   *frame
	line     int
	globals  map[string]bool
	nonlocal map[string]bool
	returns  value
	returned bool
	yields   *list
	self     value
	doubt    int // of the interpreter, that ends with the call
	class    *class
	branches int  // unknown branches that ran when the call was made
	inner    bool // a comprehension, which is no call of its own
}

// spend counts one step, and reports whether the run goes on.
func (in *interpreter) spend() bool {
	in.steps++
	if in.frame != nil && in.frame.module.foreign {
		in.foreignSteps++
	}
	if in.halted() {
		return false
	}
	if in.fence > 0 && in.steps > in.fence {
		in.fenced = true
		in.abrupt = stopped
		return false
	}
	if in.steps > maxSteps || len(in.journal) > maxJournal || in.steps&255 == 0 && in.program.late() {
		in.stop()
		return false
	}
	return true
}

// halted reports whether a bound was met, of the whole run or of an exploration, so that nothing more is
// run.
func (in *interpreter) halted() bool { return in.out || in.fenced }

// explore runs code that a library or another process may call, for so many steps at most. It must not
// use up the steps that the program itself needs.
func (in *interpreter) explore(steps int, run func()) {
	outer := in.fence
	in.fence = in.steps + steps
	if outer > 0 {
		in.fence = min(in.fence, outer)
	}
	if in.explored >= maxExploredInAll {
		in.fence = outer
		return
	}
	start := in.steps
	run()
	if outer == 0 {
		in.explored += in.steps - start
	}
	in.fence = outer
	if in.fenced && (outer == 0 || in.steps <= outer) {
		in.fenced = false
		if in.abrupt == stopped {
			in.abrupt = next
		}
	}
}

func (in *interpreter) stop() {
	in.out = true
	in.abrupt = stopped
}

// ended returns the end of an expression to its statement.
func (in *interpreter) ended() flow {
	f := in.abrupt
	in.abrupt = next
	if in.halted() {
		return stopped
	}
	return f
}

// branch runs code whose writes can be taken back, and returns the writes.
func (in *interpreter) branch(run func() flow) ([]made, flow) {
	mark, began := len(in.journal), in.began
	in.branches++
	in.serial++
	in.began = in.serial
	f := run()
	in.branches--
	in.began = began
	if f == next && in.abrupt != next {
		f = in.ended()
	}
	return in.undo(mark), f
}

// both runs two branches, because it is not known which one runs, and continues with the facts that
// both have in common. doubtful is true if the condition is about workers.
func (in *interpreter) both(doubtful bool, first, second func() flow) flow {
	if doubtful {
		in.doubt++
	}
	before := in.contexts()
	a, flowA := in.branch(first)
	afterFirst := in.contexts()
	in.joblib, in.dask = before[0], before[1]
	if in.halted() {
		if doubtful {
			in.doubt--
		}
		return stopped
	}
	b, flowB := in.branch(second)
	in.joinContexts(afterFirst)
	if doubtful {
		in.doubt--
	}
	if in.halted() {
		return stopped
	}
	goesA, goesB := goesOn(flowA), goesOn(flowB)
	switch {
	case goesA && goesB:
		in.merge(a, b)
		return next
	case goesA:
		in.replay(a)
		in.sinceReturn(doubtful, flowB)
		return next
	case goesB:
		in.replay(b)
		in.sinceReturn(doubtful, flowA)
		return next
	case flowA == raised && flowB == raised && in.branches == 0 && !in.isCaught():
		in.merge(a, b)
		return next
	case flowA == flowB, flowA == returned:
		return flowA
	}
	return flowB
}

// goesOn reports whether the statements after an unknown branch run. A break in a branch is as a last
// round.
func goesOn(f flow) bool { return f == next || f == broke || f == continued }

// sinceReturn is for the statements after a return below a condition about workers: they may not be
// reached. An exit or an exception in such a place mostly refuses bad options, and does not count.
func (in *interpreter) sinceReturn(doubtful bool, f flow) {
	if doubtful && f == returned && in.frame != nil {
		in.doubt++
		in.frame.doubt++
	}
}
