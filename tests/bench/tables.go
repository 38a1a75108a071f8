// SPDX-License-Identifier: MIT

package bench

import (
	"fmt"
	"slices"
	"strings"

	"slurm-mp-policy/plaintext"
)

// tables are those of a run, by the name that a document calls them with.
func (r *Run) tables() []struct {
	name, title string
	table       table
} {
	return []struct {
		name, title string
		table       table
	}{
		{"budgets", "Budgets", r.budgets()},
		{"launch", "srun's wall time, in ms, and its ratio to that with a plugin that does nothing", r.launchTable()},
		{"cpu", "CPU time of a launch, in ms: srun, the daemons, slurmstepd, the tasks", r.cpuTable()},
		{"inside", "Within a step, in µs", r.insideTable()},
		{"evaluator", "The evaluator's CPU in slurmstepd, in µs", r.evaluatorTable()},
		{"other", "Other costs, in ms", r.otherTable()},
		{"engine", "The engine and an empty Go library outside of Slurm, CPU in µs", r.engineTable()},
		{"slurmstepd", "slurmstepd while a step runs", r.stepdTable()},
		{"gain", "What a program gains", r.gainTable()},
		{"growth", "Growth", r.growthTable()},
	}
}

// Caption describes the machine, the programs and the date of the run.
func (r *Run) Caption() string {
	m := r.Machine
	return fmt.Sprintf("%s, %d CPUs, Linux %s, %s; Slurm %s, Go %s, Python %s, NumPy %s; commit %s, %s, load average %s at the start; a page fault takes %s µs.",
		m.CPU, m.CPUs, m.Kernel, m.System, m.Slurm, m.Go, m.Python, m.NumPy, m.Commit, m.Date, m.Load, number(m.PageFault))
}

// Text is the whole run as text.
func (r *Run) Text() string {
	var b strings.Builder
	b.WriteString(r.Caption() + "\nMedians, in parentheses the quartiles.\n")
	for _, t := range r.tables() {
		if len(t.table) > 1 {
			b.WriteString("\n" + t.title + "\n\n" + t.table.plain())
		}
	}
	return b.String()
}

// budget is what a step of a command may cost: the ratio of srun's wall time, and milliseconds.
var budget = map[string]struct{ wall, cpu, wait string }{
	CommandBinary:  {"1.01", "1.0", "0.3"},
	CommandPool:    {"", "3.5", "1.5"},
	CommandModules: {"1.05", "12", "10"},
}

// budgets compares the costs of a launch with their budgets.
func (r *Run) budgets() table {
	t := table{{"what", "budget", "measured"}}
	for _, l := range r.Launch {
		if limit := budget[l.Command].wall; l.Way == WayPlugin && limit != "" {
			t.row(fmt.Sprintf("srun's wall time %s, %s, %s, to that with a plugin that does nothing", l.Cluster, plaintext.Plural(l.Tasks, "task"), l.Command),
				limit, fmt.Sprintf("%s, ± %.3f", l.Ratio.ratio(), l.Ratio.Error(l.Rounds)))
		}
	}
	for _, in := range r.Inside {
		limits, ok := budget[in.Command]
		if !ok || in.Tasks > 1 {
			continue
		}
		t.row("CPU of one evaluation, "+in.Command, limits.cpu+" ms", in.CPU.in(1000)+" ms")
		t.row("the wait in the last task_post_fork, "+in.Command, limits.wait+" ms", in.Wait.in(1000)+" ms")
		if in.Command == CommandPool {
			t.row("task_init, CPU in the task, "+in.Command, "20 µs", in.TaskCPU.spread()+" µs")
		}
	}
	if len(r.Stepd) == NearWays {
		nothing, ours := r.Stepd[0], r.Stepd[1]
		t.row("growth of slurmstepd", "128 KiB, no thread, no descriptor", fmt.Sprintf("%d KiB, %s, %s",
			ours.PrivateKiB-nothing.PrivateKiB, plaintext.Plural(ours.Threads-nothing.Threads, "thread"), plaintext.Plural(ours.Descriptors-nothing.Descriptors, "descriptor")))
	}
	return t
}

func (s Spread) in(by float64) string {
	return Spread{s.Q1 / by, s.Median / by, s.Q3 / by}.spread()
}

// launchTable has a row for each cluster, command and number of tasks.
func (r *Run) launchTable() table {
	return r.launchRows(func(l Launch) string {
		if l.Way == WayNothing {
			return l.Wall.number() + " ms"
		}
		return l.Ratio.ratio()
	})
}

func (r *Run) cpuTable() table {
	return r.launchRows(func(l Launch) string { return l.CPU.spread() })
}

func (r *Run) launchRows(cell func(Launch) string) table {
	ways := []string{WayNothing, WayPlugin, WayEmpty, WayProlog, WayEachTask}
	t := table{append([]string{"cluster", "command", "tasks"}, ways...)}
	for _, l := range r.Launch {
		if l.Way == WayNothing {
			t.row(append([]string{l.Cluster, l.Command, fmt.Sprint(l.Tasks)}, make([]string, len(ways))...)...)
		}
		t[len(t)-1][3+slices.Index(ways, l.Way)] = cell(l)
	}
	return t
}

func (r *Run) insideTable() table {
	t := table{{"command", "tasks", "steps", "user_init", "task_post_fork but the last", "the last task_post_fork", "of which the wait", "task_init", "its CPU"}}
	for _, in := range r.Inside {
		t.row(in.Command, fmt.Sprint(in.Tasks), fmt.Sprint(in.Steps), in.UserInit.spread(), in.Posts.spread(), in.Last.spread(),
			in.Wait.spread(), in.TaskInit.spread(), in.TaskCPU.spread())
	}
	return t
}

func (r *Run) evaluatorTable() table {
	t := table{{"command", "tasks", "becoming the user", "dlopen", "Go's start", "reading", "deciding", "all, by wait4(2)"}}
	for _, in := range r.Inside {
		t.row(in.Command, fmt.Sprint(in.Tasks), in.Fork.spread(), in.Load.spread(), in.Start.spread(), in.Prepare.spread(), in.Decide.spread(), in.CPU.spread())
	}
	return t
}

func (r *Run) engineTable() table {
	t := table{{"library", "KiB", "dlopen", "Go's start", "of which init functions", "reading", "deciding", "the process", "page faults"}}
	for _, e := range r.Engine {
		t.row(e.Name, fmt.Sprint(e.KiB), e.Load.spread(), e.Start.spread(), e.Inits.number(), e.Prepare.spread(), e.Decide.spread(), e.Process.spread(), e.Faults.number())
	}
	return t
}

func (r *Run) otherTable() table {
	t := table{{"what", "of", "runs", "without", "with", "difference"}}
	for _, o := range r.Other {
		t.row(o.Name, o.What, fmt.Sprint(o.Runs), o.Without.spread(), o.With.spread(), fmt.Sprintf("%s ± %s", o.Difference.number(), number(o.Difference.Error(o.Runs))))
	}
	return t
}

func (r *Run) stepdTable() table {
	t := table{{"plugin", "private memory, KiB", "threads", "descriptors"}}
	for _, s := range r.Stepd {
		t.row(s.Way, fmt.Sprint(s.PrivateKiB), fmt.Sprint(s.Threads), fmt.Sprint(s.Descriptors))
	}
	return t
}

func (r *Run) gainTable() table {
	t := table{{"program", "way", "pieces a second", "to the expert's", "threads at the peak", "involuntary switches"}}
	last := ""
	for _, g := range r.Gain {
		name := g.Program
		if name == last {
			name = ""
		}
		last = g.Program
		t.row(name, g.Way, g.Throughput.spread(), g.Expert.ratio(), g.Threads.number(), g.Switches.number())
	}
	return t
}

// growthTable has a row for each curve.
func (r *Run) growthTable() table {
	t := table{{"cost", "in", "at: value"}}
	for _, c := range r.Growth {
		var points []string
		for _, p := range c.Points {
			points = append(points, fmt.Sprintf("%.0f: %s", p.X, p.Y.number()))
		}
		t.row(c.Name, c.Y, strings.Join(points, ", "))
	}
	return t
}
