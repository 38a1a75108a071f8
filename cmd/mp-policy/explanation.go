// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/policy"
)

// explanation is the JSON of explain.
type explanation struct {
	Version    int              `json:"version"`
	Node       nodeinfo.Node    `json:"node"`
	Active     bool             `json:"active"`
	Workload   []string         `json:"workload"`
	Program    string           `json:"program,omitempty"`
	Python     string           `json:"python,omitempty"`
	Direct     bool             `json:"direct"`
	Workers    int              `json:"workers,omitempty"`
	Evidence   []evidence       `json:"evidence"`
	Allocation allocation       `json:"allocation"`
	Settings   []policy.Setting `json:"settings"`
	Hints      []string         `json:"hints"`
	Messages   []string         `json:"messages"`
	Notes      []string         `json:"notes"`
	Restored   []restored       `json:"restored"`

	whyOff      string
	kind        string
	interpreter string
}

type evidence struct {
	Tag  string `json:"tag"`
	File string `json:"file"`
	Line int    `json:"line,omitempty"`
	Text string `json:"text,omitempty"`
	Way  string `json:"way,omitempty"`
}

type allocation struct {
	CPUs  int     `json:"cpus"`
	Cores int     `json:"cores"`
	Mask  string  `json:"mask"`
	Quota float64 `json:"quota,omitempty"`
}

// restored is a variable of an outer step's that this one takes back.
type restored struct {
	Action string `json:"action"`
	Name   string `json:"name"`
	Value  string `json:"value,omitempty"`
}

// fill makes lists that are there and empty of those that are not.
func (x *explanation) fill() {
	for _, list := range []*[]string{&x.Workload, &x.Hints, &x.Messages, &x.Notes} {
		if *list == nil {
			*list = []string{}
		}
	}
	if x.Evidence == nil {
		x.Evidence = []evidence{}
	}
	if x.Settings == nil {
		x.Settings = []policy.Setting{}
	}
	if x.Restored == nil {
		x.Restored = []restored{}
	}
	if x.Node.Tags == nil {
		x.Node.Tags = []string{}
	}
}

func (x *explanation) restored(d policy.Decision) {
	for _, c := range d.Changes {
		if c.Name == policy.AppliedName || slices.ContainsFunc(d.Settings, func(s policy.Setting) bool { return s.Name == c.Name }) {
			continue
		}
		action := policy.Set
		if c.Unset {
			action = policy.Unset
		}
		x.Restored = append(x.Restored, restored{action, c.Name, c.Value})
	}
}

// write is the explanation for people.
func (x *explanation) write(w io.Writer, s screen) {
	var table [][]string
	row := func(name, format string, args ...any) {
		table = append(table, []string{name, printable(fmt.Sprintf(format, args...))})
	}
	row("node", "%s", strings.Join(x.Node.Tags, " "))
	task := plural(x.Allocation.CPUs, "CPU") + " of " + orUnknown(x.Node.CPUs)
	if x.Allocation.Cores > 0 {
		task += ", " + plural(x.Allocation.Cores, "core")
	}
	row("task", "%s (mask %s)", task, x.Allocation.Mask)
	if !x.Active {
		table[1][1] = "mask " + x.Allocation.Mask
	}
	if x.Allocation.Quota > 0 {
		row("quota", "%.4g CPUs, by the cgroups of this process", x.Allocation.Quota)
	}
	switch {
	case !x.Active:
		row("off", "%s", x.whyOff)
	case x.kind != "step" && len(x.Workload) == 0:
		row("program", "not looked at: a %s step may start anything", x.kind)
	case len(x.Workload) == 0:
		row("program", "%s: nothing that rules are about", x.Program)
	default:
		row("program", "%s: %s", x.Program, strings.Join(x.Workload, ", "))
	}
	if x.interpreter != "" {
		row("python", "%s", strings.TrimPrefix(x.interpreter, "Python "))
	}
	if x.Workers > 0 {
		row("workers", "%d, by the program", x.Workers)
	}
	for _, ev := range x.Evidence {
		where := ev.File
		if ev.Line > 0 {
			where += ":" + strconv.Itoa(ev.Line)
		}
		row("", "%s by %s: %s", ev.Tag, where, ev.Text)
		if ev.Way != "" {
			row("", "  way: %s", ev.Way)
		}
	}
	rows(w, "", table)
	x.writeSettings(w, s)
	said := strings.Join(x.Messages, "\n")
	for _, list := range []struct {
		name  string
		lines []string
	}{{"hint", x.Hints}, {stderrName, x.Messages}, {"note", x.Notes}} {
		for _, line := range list.lines {
			if list.name != stderrName && strings.Contains(said, line) {
				continue // the step's user sees it
			}
			fmt.Fprintf(w, "%s: %s\n", s.paint(yellow, list.name), printable(line))
		}
	}
}

const stderrName = "the step's stderr"

// maxValue bounds the column of values; a longer one shifts its own line.
const maxValue = 24

func (x *explanation) writeSettings(w io.Writer, s screen) {
	if len(x.Settings)+len(x.Restored) == 0 {
		return
	}
	fmt.Fprintln(w)
	colours := map[string]string{policy.Set: green, policy.Unset: red, policy.Keep: faint}
	name, value, reason := 0, 0, 0
	reasons := make([]string, len(x.Settings))
	for i, set := range x.Settings {
		reasons[i] = set.Reason
		switch {
		case set.Was != "":
			reasons[i] += fmt.Sprintf(" (was %s)", printable(set.Was))
		case set.Action == policy.Keep:
			reasons[i] = "your own value; the rule is " + set.Reason
		}
		reasons[i] = printable(reasons[i])
		name, reason = max(name, len(set.Name)), max(reason, len(reasons[i]))
		value = max(value, min(len(set.Value), maxValue))
	}
	for i, set := range x.Settings {
		fmt.Fprintf(w, "%s  %s  %s  %s  %s\n", s.paint(colours[set.Action], pad(set.Action, 5)), s.paint(bold, pad(set.Name, name)),
			pad(printable(set.Value), value), pad(reasons[i], reason), s.paint(faint, set.Source))
	}
	for _, r := range x.Restored {
		why := "given back: an outer step had changed it"
		if r.Action == policy.Unset {
			why = "taken back: an outer step had set it"
		}
		fmt.Fprintf(w, "%s  %s  %s  %s\n", s.paint(colours[r.Action], pad(r.Action, 5)), s.paint(bold, pad(r.Name, name)),
			pad(printable(r.Value), value), why)
	}
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func orUnknown(n int) string {
	if n == 0 {
		return "an unknown number"
	}
	return strconv.Itoa(n)
}
