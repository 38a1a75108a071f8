// SPDX-License-Identifier: MIT

package workload

import (
	"time"

	"golang.org/x/sys/unix"
)

// variable returns a variable of the environment that the program gets.
func (w *walker) variable(name string) (string, bool) {
	switch name {
	case "PATH":
		return w.path, w.path != ""
	case "PYTHONPATH":
		return w.pythonPath, w.pythonPath != ""
	}
	if v, ok := w.assigned[name]; ok {
		return v, true
	}
	if w.removed[name] {
		return "", false
	}
	v, ok := w.variables[name]
	return v, ok
}

// assign sets a variable for the program, as "env NAME=VALUE" does.
func (w *walker) assign(name, value string) {
	if w.assigned == nil {
		w.assigned = map[string]string{}
	}
	w.assigned[name] = value
}

// unset removes a variable, as "env -u NAME" does.
func (w *walker) unset(name string) {
	switch name {
	case "PATH":
		w.path = ""
	case "PYTHONPATH":
		w.pythonPath = ""
	}
	delete(w.assigned, name)
	if w.removed == nil {
		w.removed = map[string]bool{}
	}
	w.removed[name] = true
}

// Following one program may take so much CPU time, because the launch waits for it. CPU time does
// not depend on other load. With a deadline longer than the default of 500 ms it is a share of the
// deadline: on a slow node 20 ms are not enough for the first file.
const (
	minCPU = 20 * time.Millisecond
	share  = 25 // the deadline is divided by it
)

// late returns a function that reports whether this CPU time is used up.
func late(deadline time.Duration) func() bool {
	start, most := cpuTime(), max(minCPU, deadline/share)
	return func() bool { return cpuTime()-start > most }
}

// cpuTime returns the CPU time of this process, and not of a thread, because a goroutine may
// change its thread.
func cpuTime() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
