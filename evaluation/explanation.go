// SPDX-License-Identifier: MIT

package evaluation

import (
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/plaintext"
	"slurm-mp-policy/policy"
	"slurm-mp-policy/workload"
)

// Line is one line of an explanation. srun --mp-policy=explain and mp-policy explain print the
// same lines, each with its own layout: see Layout.
type Line struct {
	// Label is the subject: node, task (or tasks with their ranks), quota, off, left, program,
	// python, workers, why, set, append, unset, keep, hint or note. It is "" if the line
	// continues the one before.
	Label string
	Text  string
}

// maxGroups bounds the groups of tasks of an explanation, and the masks in one of its
// lines. On a wide node, every task may have a different mask.
const maxGroups = 16

// Explain returns the lines about the settings of each task, with the reasons. The
// further notes come last.
func (e *Evaluation) Explain(results []Result, tasks []Task, further ...string) []Line {
	var x lines
	if why := e.WhyOff(); why != "" {
		x.add("off", "%s", why)
	} else {
		x.add("node", "%s", strings.Join(e.Node.Tags, " "))
	}
	if e.Observed {
		x.add("note", "%s", Observing)
	}
	groups := alike(results)
	for i, group := range groups {
		if i == maxGroups {
			x.add("tasks", "%d more groups, each with its own settings or program", len(groups)-i)
			break
		}
		r := &group[0]
		if e.Active {
			x.add(ranks(group, tasks), "%s", e.allocations(group))
			if text := quotaText(r.Allocation); text != "" {
				x.add("quota", "%s", text)
			}
			e.explainProgram(r.Workload, &x)
		}
		if r.Left != "" {
			x.add("left", "alone, by the site's rule %s", printable(r.Left))
		}
		explainSettings(r.Decision, &x)
		for _, h := range r.Hints {
			x.add("hint", "%s", shown(h.Text, maxHint))
		}
		for _, text := range r.Notes {
			x.add("note", "%s", shown(text, maxHint))
		}
	}
	for _, text := range e.Notes(further...) {
		x.add("note", "%s", shown(text, maxHint))
	}
	return x
}

// Notes returns the notes of an explanation, each once: what could not be read, what was
// ignored, and the further ones.
func (e *Evaluation) Notes(further ...string) (notes []string) {
	for _, text := range slices.Concat([]string{e.ignored}, e.notes, e.Warnings, further) {
		if text != "" && !slices.Contains(notes, text) {
			notes = append(notes, text)
		}
	}
	return notes
}

// quotaText names the quota of a task, and what is left of its mask if the quota is the
// reason. It is empty without a quota.
func quotaText(a nodeinfo.Allocation) string {
	if !a.Limited() {
		return ""
	}
	text := fmt.Sprintf("%.4g CPUs, by the cgroups", a.Quota)
	if all := a.Mask.Count(); a.CPUs < all && a.CPUs == int(math.Ceil(a.Quota)) {
		text += fmt.Sprintf(": so %d of the %d in the mask count", a.CPUs, all)
	}
	return text
}

type lines []Line

func (x *lines) add(label, format string, args ...any) {
	*x = append(*x, Line{label, fmt.Sprintf(format, args...)})
}

// WhyOff returns why the rules do not apply to this step, and "" if they do.
func (e *Evaluation) WhyOff() string {
	if e.Active {
		return ""
	}
	if e.Choice.Off {
		return e.from + " says so"
	}
	return "the site's default is off; --mp-policy=on turns it on"
}

func (e *Evaluation) explainProgram(w workload.Result, x *lines) {
	if e.Request.Kind == "interactive" && len(w.Tags) == 0 {
		x.add("program", "not looked at: what is typed into a shell is not known")
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
	isCommand := func(ev workload.Evidence) bool { return ev.Tag == workload.TagPython && ev.Line == 0 }
	if at := slices.IndexFunc(w.Evidence, isCommand); at >= 0 && w.Evidence[at].Text != "" {
		name = printable(w.Evidence[at].Text) // with the script or the module
	}
	x.add("program", "%s: %s", name, tags)
	if text := w.Interpreter(); text != "" {
		x.add("python", "%s", strings.TrimPrefix(text, "Python "))
	}
	switch {
	case e.Choice.Workers > 0 && e.describes(w):
		x.add("workers", "%d, by --mp-policy or MP_POLICY", e.Choice.Workers)
	case w.Workers > 0:
		x.add("workers", "%d, by the program", w.Workers)
	}
	label := "why"
	for _, ev := range w.Evidence {
		if isCommand(ev) {
			continue
		}
		where := printable(e.short(ev.File))
		if ev.Line > 0 {
			where = fmt.Sprintf("%s:%d", where, ev.Line)
		}
		x.add(label, "%s: %s: %s", ev.Tag, where, printable(ev.Text))
		label = ""
		if ev.Way != "" {
			x.add("", "way: %s", printable(ev.Way))
		}
	}
}

// short returns the name of a file relative to the step's working directory, or its last
// two parts.
func (e *Evaluation) short(file string) string {
	if !filepath.IsAbs(file) {
		return file
	}
	if rest, ok := strings.CutPrefix(file, filepath.Clean(e.Request.Dir)+"/"); ok {
		return rest
	}
	return filepath.Join(filepath.Base(filepath.Dir(file)), filepath.Base(file))
}

func explainSettings(d policy.Decision, x *lines) {
	settled := map[string]bool{policy.AppliedName: true}
	for _, s := range d.Settings {
		settled[s.Name] = true
		text := s.Name
		if s.Action != policy.Unset {
			text += "=" + printable(s.Value)
		}
		if s.Was != "" {
			text += fmt.Sprintf(" (was %s)", printable(s.Was))
		}
		source := fmt.Sprintf("[%s, %s]", printable(s.Reason), printable(filepath.Base(s.Source)))
		switch {
		case s.Action == policy.Keep:
			x.add(s.Action, "%s: your own value", text)
			source = "the rule is " + source
		case s.Why != "":
			x.add(s.Action, "%s: %s", text, printable(s.Why))
		default:
			x.add(s.Action, "%s", text)
		}
		x.add("", "%s", source)
	}
	for _, c := range d.Changes {
		switch {
		case settled[c.Name]:
		case c.Unset:
			x.add(policy.Unset, "%s: taken back, since an outer step had set it", c.Name)
		default:
			x.add(policy.Set, "%s=%s: given back, since an outer step had changed it", c.Name, printable(c.Value))
		}
	}
}

// alike joins the groups of tasks that differ only in their masks.
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

// allocations returns the CPUs of each task of a group, as text.
func (e *Evaluation) allocations(group []Result) string {
	a, each, shared := group[0].Allocation, "", ""
	if a.Shared {
		shared = ", shared with other tasks"
	}
	masks := []string{"mask " + a.Mask.String()}
	if len(group) > 1 {
		each, masks[0] = " each", "masks "+a.Mask.String()
	}
	for i, r := range group[1:] {
		if i+1 == maxGroups {
			masks = append(masks, fmt.Sprintf("%d more", len(group)-maxGroups))
			break
		}
		masks = append(masks, r.Allocation.Mask.String())
	}
	of := "an unknown number"
	if n := e.nodeCPUs(); n > 0 {
		of = fmt.Sprint(n)
	}
	text := plaintext.Plural(a.CPUs, "CPU") + each + " of " + of
	if a.Cores > 0 {
		text += ", " + plaintext.Plural(a.Cores, "core") + each
	}
	return fmt.Sprintf("%s (%s%s)", text, strings.Join(masks, "; "), shared)
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
