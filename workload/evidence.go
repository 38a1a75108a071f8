// SPDX-License-Identifier: MIT

package workload

import (
	"fmt"
	"path"
	"strings"

	"slurm-mp-policy/workload/python"
)

// take keeps the results of a run on paper.
func (w *walker) take(r python.Result) {
	tag := TagWorkers
	if r.Verdict == python.Pool {
		tag = TagMultiprocessing
		w.workers = r.Workers
	}
	for _, e := range r.Evidence {
		last := e.Way[len(e.Way)-1]
		line := last.Line
		if last.File == commandLine {
			line = 0
		}
		of := tag
		if e.MPI {
			of = TagMPI
		}
		at := len(w.evidence)
		w.add(of, last.File, line, e.Text)
		if len(w.evidence) > at {
			w.evidence[at].Way = w.way(e)
			if of == TagMultiprocessing {
				w.pool, w.nodeSized = r.Pool, r.Size == python.SizeNode
			}
		}
	}
	if r.Verdict == python.None {
		w.say(r)
	}
}

// poolAt returns the name of a call and its place, or "" if the call is not known.
func poolAt(call string, e Evidence) string {
	switch {
	case call == "":
		return ""
	case e.Line == 0:
		return call + " in the " + commandLine
	}
	return clean(fmt.Sprintf("%s at %s:%d", call, path.Base(e.File), e.Line))
}

// maxHops bounds the calls that the evidence names. These are the first calls and the
// last ones.
const maxHops = 6

// way returns the calls that lead to a place, and the options that decided.
func (w *walker) way(e python.Evidence) string {
	if len(e.Way) == 1 && len(e.Options) == 0 {
		return ""
	}
	var parts []string
	for i, h := range e.Way {
		if i >= maxHops/2 && i < len(e.Way)-maxHops/2 {
			if i == maxHops/2 {
				parts = append(parts, "...")
			}
			continue
		}
		part := fmt.Sprintf("%s:%d", w.short(h.File), h.Line)
		if i+1 < len(e.Way) && e.Way[i+1].Function != "" {
			part += " " + e.Way[i+1].Function + "()"
		}
		parts = append(parts, part)
	}
	text := strings.Join(parts, " > ")
	for _, o := range e.Options {
		text += ", " + o
	}
	return text
}

// short returns the name of a file relative to the program's directory, or else its last
// two parts.
func (w *walker) short(file string) string {
	if rest, ok := strings.CutPrefix(file, path.Dir(w.script)+"/"); ok {
		return rest
	}
	dir, name := path.Split(file)
	return path.Join(path.Base(dir), name)
}

// say adds a note about a program in which no worker was found.
func (w *walker) say(r python.Result) {
	files := "1 file that was"
	if len(r.Read) != 1 {
		files = fmt.Sprintf("%d files that were", len(r.Read))
	}
	w.notes = append(w.notes, "no worker processes were found in "+files+" read")
	if r.Cut {
		w.notes = append(w.notes, "the program is larger than what is followed; --mp-policy=multiprocessing says that it has workers")
	}
	for _, p := range r.Passed {
		note := fmt.Sprintf("%s:%d would start workers, if the condition in line %d held", w.short(p.File), p.Line, p.Condition)
		if p.Option != "" {
			note += " (" + clean(p.Option) + ")"
		}
		w.notes = append(w.notes, note)
	}
}

// shift moves evidence by so many lines. Its text is a part of another text.
func (w *walker) shift(file string, lines int) {
	for i := range w.evidence {
		if w.evidence[i].File == file && w.evidence[i].Line > 0 {
			w.evidence[i].Line += lines
		}
	}
}
