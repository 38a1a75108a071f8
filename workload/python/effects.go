// SPDX-License-Identifier: MIT

package python

import (
	"slices"
	"strings"
)

// effect is the kind of an effect of a call or an import that matters to the policy.
type effect uint8

const (
	effectNone    effect = iota
	effectWorkers        // workers of a library that looks after their threads
	effectPool           // workers that only this program looks after
	effectStart          // one process more: several of them are a pool
	effectMPI            // initialises MPI
)

// sighting is a place that has an effect.
type sighting struct {
	effect  effect
	certain bool
	count   int // workers, 0 if not known
	size    Size
	what    string
	hops    []Hop
}

// found has the results of a run.
type found struct {
	sightings []sighting
	seen      int // the number of sightings
	running   int // processes that were started for certain and not waited for
	starts    int // the most of them at once
	manyStart int // starts in loops whose rounds are not counted
	// interpreters counts those that were started to run beside the program
	interpreters int
	options      []*parsed
	filesRead    []string // files that were read
	passedBy     []passed
	forks        map[Hop]int // calls of os.fork, by line
	errors       []error     // of texts that could not be read
}

// maxSightings bounds the sightings that are kept. The first of a kind decides.
const maxSightings = 64

// sight records an effect at the line that runs. count is the program's number of workers, nil without
// one: then there are as many as CPUs.
func (in *interpreter) sight(e effect, what string, count value) {
	in.seen++
	if len(in.sightings) >= maxSightings {
		return
	}
	s := sighting{effect: e, certain: in.doubt == 0, what: what}
	switch e {
	case effectPool, effectWorkers:
		count = in.settle(count)
		s.size = sizeOf(what, count)
		n, known, isSetting := workers(count)
		switch {
		case known && n < 1:
			return
		case known && n == 1:
			s.effect = effectWorkers // it must not be bound, and has all CPUs for itself
			s.count = 1
		case known:
			s.count = n
		case isSetting:
			s.certain = false
		}
	case effectStart:
		if s.certain {
			in.started(in.repeat)
		}
	}
	if in.duplicate(s) {
		return
	}
	s.hops = in.hops()
	in.sightings = append(in.sightings, s)
}

// started counts processes. n is 0 for an unknown number. In a loop of which one round is run, only
// the first counts at once: a round may wait for its process, which is known only at the end of the
// loop. See allRunning.
func (in *interpreter) started(n int) {
	if n == 0 {
		in.manyStart++
		return
	}
	in.starts = max(in.starts, in.running+1)
	in.running += n
}

// allRunning counts the processes that a loop has not waited for.
func (in *interpreter) allRunning() { in.starts = max(in.starts, in.running) }

// waited takes back n starts, because the program waits for them. An unknown number of starts is taken
// back only while the loop that makes them runs: the program then waits before it starts the next
// one.
func (in *interpreter) waited(n, loop int) {
	isRunning := loop == 0 || slices.Contains(in.loops, loop)
	switch {
	case n == 0 && isRunning:
		in.manyStart--
		in.starts = max(in.starts, in.running+1)
	case n > 0 && (isRunning || n == in.repeat):
		in.running -= n
	}
}

// duplicate reports whether the line was seen with the same effect.
func (in *interpreter) duplicate(s sighting) bool {
	return slices.ContainsFunc(in.sightings, func(have sighting) bool {
		last := have.hops[len(have.hops)-1]
		return have.effect == s.effect && have.certain == s.certain && have.count == s.count && have.size == s.size &&
			last.Line == in.frame.line && last.File == in.frame.module.file
	})
}

// workers returns the number of workers of a value.
func workers(count value) (n int, known, isSetting bool) {
	switch v := count.(type) {
	case int64:
		return int(min(v, 1<<20)), true, false
	case float64:
		return int(min(v, 1<<20)), true, false
	case bool:
		if v {
			return 1, true, false
		}
		return 0, true, false
	case *unknown:
		return 0, false, v.setting
	case *either:
		return 0, false, !v.several()
	}
	return 0, false, false
}

// several reports whether each alternative is more than one worker: a number above one,
// or None, which stands for the CPUs.
func (e *either) several() bool {
	for _, one := range e.of {
		switch n := one.(type) {
		case int64:
			if n < 2 {
				return false
			}
		case *many, none:
		default:
			return false
		}
	}
	return true
}

// Hop is one place on the way from the program's first line to an effect.
type Hop struct {
	File     string
	Line     int
	Function string // that the line is in, "" for a module's statements
}

// hops returns the calls that lead to the line that runs, the outermost first.
func (in *interpreter) hops() []Hop {
	var list []Hop
	for fr := in.frame; fr != nil; fr = fr.caller {
		h := Hop{File: fr.module.file, Line: fr.line}
		if fr.function != nil {
			h.Function = fr.function.Name
		}
		list = append(list, h)
	}
	slices.Reverse(list)
	return list
}

// line returns the text of a line of a module that was read.
func (in *interpreter) line(file string, number int) string {
	text := in.texts[file]
	for range number - 1 {
		text = text[endOfLine(text):]
		if text == "" {
			return ""
		}
		text = strings.TrimPrefix(strings.TrimPrefix(text, "\r"), "\n")
	}
	return strings.TrimSpace(text[:endOfLine(text)])
}

// endOfLine returns where the first line of a text ends.
func endOfLine(text string) int {
	if i := strings.IndexAny(text, "\r\n"); i >= 0 {
		return i
	}
	return len(text)
}
