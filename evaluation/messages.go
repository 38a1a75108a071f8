// SPDX-License-Identifier: MIT

package evaluation

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"slurm-mp-policy/policy"
	"slurm-mp-policy/workload"
)

// Prefix begins every line that a user sees.
const Prefix = "mp-policy: "

// addMessages gives the lines for the user to one task of the step: that of the
// lowest rank on its first node, among those that the lines are about.
func (e *Evaluation) addMessages(results []Result, tasks []Task) {
	if e.Request.Node != 0 || len(results) == 0 {
		return
	}
	if e.Choice.Explain {
		first := slices.MinFunc(index(results), func(a, b int) int {
			return tasks[results[a].Tasks[0]].Rank - tasks[results[b].Tasks[0]].Rank
		})
		results[first].Messages = e.explain(results, tasks)
		return
	}
	if len(e.says) > 0 {
		results[0].Messages = []string{Prefix + e.says[0]}
	}
	if !e.Request.Hints {
		return
	}
	for i := range results {
		if line := hint(&results[i]); line != "" {
			results[i].Messages = append(results[i].Messages, Prefix+line)
			return
		}
	}
}

func index(results []Result) []int {
	list := make([]int, len(results))
	for i := range list {
		list[i] = i
	}
	return list
}

// binding are the variables that bind workers to CPUs.
var binding = []string{"GOMP_CPU_AFFINITY", "KMP_AFFINITY", "OMP_PLACES", "OMP_PROC_BIND"}

// hint is the one line that a step's user may get, the most important first.
func hint(r *Result) string {
	var bound, other []string
	for _, s := range r.Settings {
		switch {
		case s.Was == "":
		case slices.Contains(binding, s.Name):
			bound = append(bound, s.Name+"="+printable(s.Was))
		default:
			other = append(other, fmt.Sprintf("%s=%s (%s)", s.Name, printable(s.Was), s.Source))
		}
	}
	switch {
	case len(bound) > 0:
		return strings.Join(bound, " ") + " would keep all workers of this program on one CPU; " +
			"set aside for this step (--no-mp-policy or MP_POLICY=off keeps it)"
	case len(other) > 0:
		return "the site's policy does not keep " + strings.Join(other, ", ") + "; --no-mp-policy or MP_POLICY=off does"
	case len(r.Hints) > 0:
		return printable(r.Hints[0])
	}
	return ""
}

// printable keeps a value that a user chose from steering a terminal (so do
// U+0080 to U+009F, and what turns the direction of writing) or beginning a line of
// its own.
func printable(text string) string {
	clean := strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return '?'
		}
		return c
	}, text)
	if len(clean) > 200 {
		clean = strings.ToValidUTF8(clean[:200], "") + "..."
	}
	return clean
}

// maxGroups bounds the table of explain, and the masks that a line of it names: on
// a wide node every task may have one of its own.
const maxGroups = 16

// explain is the table of --mp-policy=explain.
func (e *Evaluation) explain(results []Result, tasks []Task) []string {
	var lines []string
	add := func(format string, args ...any) {
		lines = append(lines, strings.TrimRight(Prefix+fmt.Sprintf(format, args...), " "))
	}
	for _, text := range e.says {
		add("%s", text)
	}
	if !e.Active {
		add("off for this step: %s", e.whyOff())
	} else {
		add("node: %s", strings.Join(e.Node.Tags, ", "))
	}
	groups := alike(results)
	for i, group := range groups {
		if i == maxGroups {
			add("and %d groups of tasks more, each with its own settings or program", len(groups)-i)
			break
		}
		r := &group[0]
		if e.Active {
			add("%s: %s", ranks(group, tasks), allocations(group))
			e.explainProgram(r.Workload, add)
		}
		explainSettings(r.Decision, add)
		for _, text := range r.Hints {
			add("  hint: %s", printable(text))
		}
	}
	for _, text := range slices.Concat(e.notes, e.Warnings) {
		add("note: %s", printable(text))
	}
	return lines
}

func (e *Evaluation) whyOff() string {
	if e.Choice.Off {
		return e.from + " says so"
	}
	return "the site's default is off; --mp-policy=on turns it on"
}

func (e *Evaluation) explainProgram(w workload.Result, add func(string, ...any)) {
	if e.Request.Kind != "step" && len(w.Tags) == 0 {
		add("  program: not looked at: a %s step may start anything", e.Request.Kind)
		return
	}
	tags := "nothing that rules are about"
	if len(w.Tags) > 0 {
		tags = strings.Join(w.Tags, ", ")
	}
	name := printable(w.Program)
	if name == "" {
		name = "not looked at"
	}
	add("  program: %s: %s", name, tags)
	if text := w.Interpreter(); text != "" {
		add("  interpreter: %s", text)
	}
	if w.Workers > 0 {
		add("  workers: %d, by the program", w.Workers)
	}
	for _, ev := range w.Evidence {
		where := printable(ev.File)
		if ev.Line > 0 {
			where = fmt.Sprintf("%s:%d", where, ev.Line)
		}
		add("  %s: %s: %s", ev.Tag, where, printable(ev.Text))
		if ev.Way != "" {
			add("    way: %s", printable(ev.Way))
		}
	}
}

func explainSettings(d policy.Decision, add func(string, ...any)) {
	width, values := 0, 0
	for _, s := range d.Settings {
		width, values = max(width, len(s.Name)), max(values, min(len(s.Value), 24))
	}
	settled := map[string]bool{policy.AppliedName: true}
	for _, s := range d.Settings {
		settled[s.Name] = true
		reason := s.Reason
		switch {
		case s.Was != "":
			reason += fmt.Sprintf(" (was %s)", printable(s.Was))
		case s.Action == policy.Keep:
			reason = "your own value; the rule is " + reason
		}
		add("  %-5s %-*s %-*s  %s  [%s]", s.Action, width, s.Name, values, printable(s.Value), reason, s.Source)
	}
	for _, c := range d.Changes {
		if settled[c.Name] {
			continue
		}
		if c.Unset {
			add("  unset %s  taken back: an outer step had set it", c.Name)
		} else {
			add("  set   %s %s  given back: an outer step had changed it", c.Name, printable(c.Value))
		}
	}
}

// alike puts together the groups of tasks that differ in their masks alone.
func alike(results []Result) [][]Result {
	var groups [][]Result
	for _, r := range results {
		at := slices.IndexFunc(groups, func(group []Result) bool {
			other := &group[0]
			return other.Allocation.CPUs == r.Allocation.CPUs && other.Allocation.Cores == r.Allocation.Cores && other.Allocation.Shared == r.Allocation.Shared &&
				reflect.DeepEqual(other.Workload, r.Workload) && reflect.DeepEqual(other.Decision, r.Decision)
		})
		if at < 0 {
			at = len(groups)
			groups = append(groups, nil)
		}
		groups[at] = append(groups[at], r)
	}
	return groups
}

// allocations returns the CPUs of each task of a group.
func allocations(group []Result) string {
	a, shared := group[0].Allocation, ""
	if a.Shared {
		shared = ", shared with other tasks"
	}
	if len(group) == 1 {
		return fmt.Sprintf("%d CPUs (mask %s%s), %d cores", a.CPUs, a.Mask, shared, a.Cores)
	}
	var masks []string
	for i, r := range group {
		if i == maxGroups {
			masks = append(masks, fmt.Sprintf("%d more", len(group)-i))
			break
		}
		masks = append(masks, r.Allocation.Mask.String())
	}
	return fmt.Sprintf("%d CPUs each (masks %s%s), %d cores each", a.CPUs, strings.Join(masks, "; "), shared, a.Cores)
}

// ranks names the tasks of a group: "task 3", "tasks 0-7,9".
func ranks(group []Result, tasks []Task) string {
	var list []int
	for _, r := range group {
		for _, at := range r.Tasks {
			list = append(list, tasks[at].Rank)
		}
	}
	slices.Sort(list)
	var parts []string
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		if i == j {
			parts = append(parts, fmt.Sprint(list[i]))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", list[i], list[j]))
		}
		i = j + 1
	}
	if len(list) == 1 {
		return "task " + parts[0]
	}
	return "tasks " + strings.Join(parts, ",")
}
