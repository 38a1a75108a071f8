// SPDX-License-Identifier: MIT

package python

import (
	"slices"
	"strings"
)

// Verdict is whether a program starts worker processes.
type Verdict uint8

const (
	// None is a program in which no workers were found.
	None Verdict = iota
	// May is a program that may or may not start workers, that has only one, or whose workers a library
	// looks after. Their threads must not be changed.
	May
	// Pool is a program that certainly starts several workers itself.
	Pool
)

// Result is the result of a run on paper.
type Result struct {
	Verdict Verdict
	// Workers is the number of workers if it is certain, else 0.
	Workers int
	// Size is the origin of the number of workers, if the verdict is Pool.
	Size Size
	// Pool is the usual name of the call that starts the workers: "Pool()". Its place is
	// the last hop of the first Evidence. It is "" if the verdict is not Pool, or if the
	// workers are processes without a pool.
	Pool string
	// MPI reports whether the program initialises MPI.
	MPI bool
	// Evidence is the places that decided: the workers' first, then MPI's.
	Evidence []Evidence
	// Read is the files that were read, the program first.
	Read []string
	// Cut reports that a bound was met: the program was not followed to its end.
	Cut bool
	// Passed is the places that would start workers with other arguments.
	Passed []Passed
}

// Evidence is a place that has an effect, and the way there.
type Evidence struct {
	MPI     bool
	Certain bool
	Way     []Hop    // from the program's first call to the place
	Text    string   // the line of the last hop
	Options []string // that the lines on the way name, as given or with their default
}

// Passed is a place that was not reached.
type Passed struct {
	File      string
	Line      int
	Condition int    // line of the condition that was not met
	Option    string // the option that decided, "" if none is known
}

func (in *interpreter) result() Result {
	r := Result{Read: in.filesRead, Cut: in.out || in.cut}
	pool := in.pool()
	var best *sighting
	for i := range in.sightings {
		s := &in.sightings[i]
		if s.effect == effectMPI {
			r.MPI = true
			continue
		}
		if better(s, best, pool) {
			best = s
		}
	}
	if best == nil && r.Cut {
		best = in.mentioned()
	}
	switch {
	case best == nil:
		r.Passed = in.notRun()
	case pool:
		r.Verdict, r.Workers = Pool, in.workers()
		r.Size = in.sizeOfAll(best)
		if best.effect == effectPool {
			r.Pool = callName(best.what)
		}
	default:
		r.Verdict = May
	}
	if best != nil {
		r.Evidence = append(r.Evidence, in.evidence(best))
	}
	for i := range in.sightings {
		if s := &in.sightings[i]; s.effect == effectMPI {
			r.Evidence = append(r.Evidence, in.evidence(s))
			break
		}
	}
	return r
}

// pool reports whether the program certainly starts several workers itself.
func (in *interpreter) pool() bool {
	if in.starts > 1 || in.manyStart > 0 {
		return true
	}
	for _, s := range in.sightings {
		if s.effect == effectPool && s.certain {
			return true
		}
	}
	return false
}

// better reports whether a sighting is stronger than the best one so far.
func better(s, best *sighting, pool bool) bool {
	if best == nil {
		return true
	}
	return pool && decides(s) && !decides(best)
}

func decides(s *sighting) bool {
	return s.certain && (s.effect == effectPool || s.effect == effectStart)
}

// workers returns the number of workers if it is certain: of pools that all have the same
// size, since each may have its turn, or of processes and no pool. It is 0 if the program
// was not followed to its end, or a call of it was not.
func (in *interpreter) workers() int {
	if in.out || in.cut || in.curtailed || in.manyStart > 0 {
		return 0
	}
	n := in.starts
	for _, s := range in.sightings {
		switch {
		case s.effect == effectMPI, s.effect == effectStart && s.certain:
		case s.effect != effectPool, !s.certain, n != 0 && n != s.count:
			return 0
		default:
			n = s.count
		}
	}
	return n
}

func (in *interpreter) evidence(s *sighting) Evidence {
	last := s.hops[len(s.hops)-1]
	e := Evidence{MPI: s.effect == effectMPI, Certain: s.certain, Way: s.hops, Text: in.line(last.File, last.Line)}
	if !e.MPI {
		e.Options = in.optionsOn(s.hops)
	}
	return e
}

// maxOptions bounds the options that the evidence names.
const maxOptions = 3

// optionsOn returns the options that the lines on the way name: as given, or with
// their default.
func (in *interpreter) optionsOn(hops []Hop) []string {
	var list []string
	for _, h := range slices.Backward(hops) {
		line := in.line(h.File, h.Line)
		for _, o := range in.options {
			if len(list) == maxOptions || o.dest == "" || !mentions(line, o.dest) {
				continue
			}
			if text := o.describe(); !slices.Contains(list, text) {
				list = append(list, text)
			}
		}
	}
	return list
}

// mentions reports whether a line has a name as a whole word.
func mentions(line, name string) bool {
	for {
		i := strings.Index(line, name)
		if i < 0 {
			return false
		}
		end := i + len(name)
		if (i == 0 || !isNamePart(line[i-1])) && (end == len(line) || !isNamePart(line[end])) {
			return true
		}
		line = line[end:]
	}
}

func isNamePart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// describe returns an option as the command line gives it, or with its default.
func (o *parsed) describe() string {
	word := o.dest
	for _, w := range o.words {
		word = w
		if strings.HasPrefix(w, "--") {
			break
		}
	}
	if isUnclear(o.given) {
		return word + ", whose value is not known"
	}
	if o.given != "" {
		return strings.TrimSpace(word + " " + o.given)
	}
	if s, ok := display(o.missing); ok {
		return word + ", whose default is " + s
	}
	return word
}
