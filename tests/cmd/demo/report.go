// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"slurm-mp-policy/plaintext"
	"slurm-mp-policy/tests/cluster"
)

// shownWorkers is the number of workers that have a line of their own, for the
// whole to fit a screen.
const shownWorkers = 8

// report returns the screen that compares the two runs.
func report(c *cluster.Cluster, without, with *result) string {
	var b strings.Builder
	binding := "tasks are confined to their CPUs by cpuset cgroups"
	if !c.Cgroup {
		binding = "tasks are not confined to their CPUs (" + c.WhyNoCgroup + ")"
	}
	fmt.Fprintf(&b, "A numpy program that multiplies matrices in a multiprocessing pool of %d workers,\n", with.Workers)
	fmt.Fprintf(&b, "in an environment such as a site's modules leave behind: %s\n", strings.Join(left, " "))
	fmt.Fprintf(&b, "Slurm %s, a node of %d CPUs, %s.\n\n", c.Version, c.CPUs, binding)

	if said := messages(with.stderr); said != "" {
		fmt.Fprintf(&b, "The step said:\n%s\n", said)
	}
	fmt.Fprintf(&b, "%s\n\n", conclusion(without, with))

	row := func(name, a, b string) string {
		return strings.TrimRight(fmt.Sprintf("%-24s%-28s%s", name, a, b), " ") + "\n"
	}
	b.WriteString(row("", "without the plugin", "as everybody would run it"))
	b.WriteString(row("", "srun --no-mp-policy ...", "srun ..."))
	b.WriteString("\n")
	for _, name := range variables(without, with) {
		b.WriteString(row(name, value(without, name), value(with, name)))
	}
	b.WriteString("\n")
	for i := range max(len(without.Processes), len(with.Processes)) {
		if i == shownWorkers {
			b.WriteString(row("...", "", ""))
			break
		}
		b.WriteString(row(fmt.Sprintf("worker %d", i+1), without.worker(i), with.worker(i)))
	}
	longest := max(without.Seconds, with.Seconds)
	fmt.Fprintf(&b, "\ntime without  %s\n", bar(without.Seconds, longest))
	fmt.Fprintf(&b, "time with     %s\n", bar(with.Seconds, longest))
	if without.Seconds > with.Seconds && with.Seconds > 0 {
		fmt.Fprintf(&b, "              The same command is %.1f times as fast with the plugin.\n", without.Seconds/with.Seconds)
	}
	return b.String()
}

// bar draws a time to the scale of the longest one.
func bar(seconds, longest float64) string {
	const width = 56
	return fmt.Sprintf("%s %.2f s", strings.Repeat("#", int(width*seconds/max(longest, seconds, 0.001))), seconds)
}

// variables returns the names that either run had.
func variables(runs ...*result) []string {
	names := map[string]bool{}
	for _, r := range runs {
		for name := range r.Variables {
			// a record of the others
			if name != "MP_POLICY_APPLIED" {
				names[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func value(r *result, name string) string {
	if v, ok := r.Variables[name]; ok {
		return v
	}
	return "-"
}

func (r *result) worker(i int) string {
	if i >= len(r.Processes) {
		return ""
	}
	w := r.Processes[i]
	return fmt.Sprintf("CPUs %s, %s", w.CPUs, plaintext.Plural(w.Threads, "thread"))
}

// messages leaves out the lines of srun about a job that had to wait.
func messages(stderr string) string {
	var b strings.Builder
	for line := range strings.Lines(stderr) {
		if !strings.HasPrefix(line, "srun: job ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// conclusion puts into words what the two columns show, and no more.
func conclusion(without, with *result) string {
	var s []string
	if cpus := without.Processes[0].CPUs; without.sameCPU() && !with.sameCPU() {
		s = append(s, fmt.Sprintf("Without the plugin all %d workers share CPU %s: to import numpy is to load the OpenMP", without.Workers, cpus),
			"library, which binds the whole process to one place, and every worker inherits that.")
	}
	if a, b := without.threads(), with.threads(); a > b {
		s = append(s, fmt.Sprintf("Without it the workers have %d threads, with it %d, on %s.", a, b, plaintext.Plural(without.Workers, "CPU")))
	}
	if s == nil {
		return "The two runs do not differ on this machine."
	}
	s = append(s, "srun --mp-policy=explain ... prints the reason of each variable.")
	return strings.Join(s, "\n")
}

// sameCPU reports whether several workers share one CPU.
func (r *result) sameCPU() bool {
	for _, w := range r.Processes {
		if w.CPUs != r.Processes[0].CPUs || strings.ContainsAny(w.CPUs, "-,") {
			return false
		}
	}
	return len(r.Processes) > 1
}

func (r *result) threads() int {
	n := 0
	for _, w := range r.Processes {
		n += w.Threads
	}
	return n
}
