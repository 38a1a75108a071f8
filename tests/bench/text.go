// SPDX-License-Identifier: MIT

package bench

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The ways to launch a step.
const (
	WayEmpty    = "an empty plugstack.conf"
	WayNothing  = "a plugin that does nothing"
	WayPlugin   = "slurm-mp-policy"
	WayProlog   = "a TaskProlog script"
	WayEachTask = "the engine in each task"
)

// NearWays is the number of ways, the first ones, that differ little in time. They are measured in
// every round, and slurmstepd is looked at only with them.
const NearWays = 2

// The clusters on which steps are launched.
const (
	ClusterCgroups = "with cgroups"
	ClusterPlain   = "without cgroups"
)

// The commands whose launch is measured, or which are looked into.
const (
	CommandBinary  = "/bin/true"
	CommandShell   = "sh -c true"
	CommandPool    = "python3 pool.py 1"
	CommandModules = "python3 modules.py 1" // a pool whose modules are 12 files and 150 KB
)

// ProgramBound is the program whose workers the picture of README.md shows.
const ProgramBound = "a pool, OMP_PLACES=cores OMP_PROC_BIND=close"

// The other ways to run a program; WayPlugin is one too.
const (
	WayPlain   = "as it is"
	WayExpert  = "tuned by hand"
	WayWorkers = "workers=N"
)

// table is text in columns; the first row is the head.
type table [][]string

func (t *table) row(cells ...string) { *t = append(*t, cells) }

// markdown writes it as a table of GitHub's Markdown.
func (t table) markdown() string {
	var b strings.Builder
	for i, row := range t {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return b.String()
}

// plain writes it in columns of equal width.
func (t table) plain() string {
	var widths []int
	for _, row := range t {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range t {
		line := ""
		for i, cell := range row {
			line += cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// number writes the significant digits.
func number(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v >= 100 || v <= -100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10 || v <= -10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func (s Spread) number() string { return number(s.Median) }

func (s Spread) spread() string {
	if s == (Spread{}) {
		return "" // not measured
	}
	return fmt.Sprintf("%s (%s to %s)", number(s.Median), number(s.Q1), number(s.Q3))
}

// ratio has three decimals: budgets are of a hundredth.
func (s Spread) ratio() string { return fmt.Sprintf("%.3f (%.3f to %.3f)", s.Median, s.Q1, s.Q3) }
