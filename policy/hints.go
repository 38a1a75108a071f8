// SPDX-License-Identifier: MIT

package policy

import (
	"slices"
	"strconv"
	"strings"
)

// Hint is a line that a step's user may get.
type Hint struct {
	Text string
	// Change is set if the line is about a user's value that was removed or replaced.
	// Such a line is always printed.
	Change bool
}

// texts are the names, in addition to the numbers, that a text may have in braces.
var texts = []string{"script", "pool_at", "python", "program", "binding"}

// bindingNames are the variables that bind workers to CPUs.
var bindingNames = []string{"GOMP_CPU_AFFINITY", "KMP_AFFINITY", "OMP_PLACES", "OMP_PROC_BIND"}

// cpuCountTag is the tag of a pool that is as large as os.cpu_count().
const cpuCountTag = "cpu_count"

// speaks reports whether an action gives a text for people.
func speaks(verb string) bool { return verb == "hint" || verb == "note" || verb == "reason" }

// speak adds the text of a hint or a note if all names in it are known.
func (a *action) speak(r *rule, f *Facts, d *Decision) {
	text, ok := a.expand(f)
	switch {
	case !ok:
	case a.verb == "note":
		d.Notes = append(d.Notes, text)
	case a.verb == "hint":
		about := func(c condition) bool { return c.key == "removed" }
		d.Hints = append(d.Hints, Hint{Text: text, Change: slices.ContainsFunc(r.conditions, about)})
	}
}

// why returns the first reason of the rule in which all names are known, or "".
func (r *rule) why(f *Facts) string {
	for i := range r.actions {
		if r.actions[i].verb != "reason" {
			continue
		}
		if text, ok := r.actions[i].expand(f); ok {
			return text
		}
	}
	return ""
}

// expand replaces the names in braces. It returns false if one of them is not known: a
// variable must not be set to an empty value, a count must not be 0, and a hint must not
// have a gap.
func (a *action) expand(f *Facts) (string, bool) {
	if len(a.names) == 0 {
		return a.value, true
	}
	var b strings.Builder
	rest := a.value
	for _, inner := range a.names {
		before, after, closed := strings.Cut(rest, "{"+inner+"}")
		if !closed {
			break // a brace without an end is an ordinary character
		}
		text, ok := f.standsFor(inner)
		if !ok {
			return "", false
		}
		b.WriteString(before)
		b.WriteString(text)
		rest = after
	}
	return b.String() + rest, true
}

// standsFor returns the text for a name in braces: "cpus" is 4, "cpus CPU" is 4 CPUs.
func (f *Facts) standsFor(inner string) (string, bool) {
	if slices.Contains(texts, inner) {
		text := f.text(inner)
		return text, text != ""
	}
	name, noun, counted := strings.Cut(inner, " ")
	n := f.number(name)
	text := strconv.Itoa(n)
	if counted {
		text += " " + noun
		if n != 1 {
			text += "s"
		}
	}
	return text, n >= 1
}

// text returns the text for {name}, or "" if it is not known.
func (f *Facts) text(name string) string {
	switch name {
	case "script":
		return f.Script
	case "pool_at":
		return f.PoolAt
	case "program":
		return f.Program
	case "binding":
		return f.binding()
	}
	if f.Python == (Version{}) {
		return ""
	}
	return f.Python.String()
}

// binding returns the user's variables that bind workers and that are removed or
// replaced, with their values. If there are none, it returns the binding variables that
// stay.
func (f *Facts) binding() string {
	var removed, kept []string
	for _, name := range bindingNames {
		if was := f.decided[name].Was; was != "" {
			removed = append(removed, name+"="+short(was))
		} else if value, has := f.Env[name]; has {
			kept = append(kept, name+"="+short(value))
		}
	}
	if len(removed) > 0 {
		return strings.Join(removed, " ")
	}
	return strings.Join(kept, " ")
}

// short shortens a long value, so that the rest of the line has room.
func short(value string) string {
	const most = 60
	if len(value) <= most {
		return value
	}
	return value[:most] + "..."
}

// starts returns the number of workers that the task certainly starts. It is the user's
// number, or the program's number, or the value of os.cpu_count(). Before Python 3.13,
// os.cpu_count() returns the CPUs of the node, unless PYTHON_CPU_COUNT is set for a
// site's sitecustomize that reads it. From 3.13 on, pools count the CPUs of their process
// (https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.Pool).
func (f *Facts) starts() int {
	switch {
	case f.Workers > 0:
		return f.Workers
	case f.Pool > 0:
		return f.Pool
	case !slices.Contains(f.Workload, cpuCountTag) || f.Python == (Version{}):
		return 0
	case f.Python.compares('<', Version{3, 13}) && !f.sets("PYTHON_CPU_COUNT"):
		return counted(f.NodeCPUs)
	}
	return f.CPUs
}

// sets reports whether a rule sets the variable, or would set it if the user had not.
func (f *Facts) sets(name string) bool {
	s, ok := f.decided[name]
	return ok && s.Action != Unset
}

// ompThreads returns the first number of the user's own OMP_NUM_THREADS, or 0 if it is
// not set. Source: OpenMP specification, "OMP_NUM_THREADS": a list has one number for
// each level of nested regions.
func (f *Facts) ompThreads() int {
	first, _, _ := strings.Cut(f.Env["OMP_NUM_THREADS"], ",")
	n, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || n < 1 || n > maxWorkers {
		return 0
	}
	return n
}
