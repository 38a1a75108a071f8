// SPDX-License-Identifier: MIT

package evaluation

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"slurm-mp-policy/plaintext"
	"slurm-mp-policy/workload"
)

// Prefix begins every line that a user sees.
const Prefix = "mp-policy: "

// Observing is the text of explain for a step that is only observed.
const Observing = "observed: nothing is set, the site has default=observe; --mp-policy=on would set what follows"

// addMessages gives the lines for the user to one task on the step's first node: of the tasks
// that the lines are about, the one with the lowest rank.
func (e *Evaluation) addMessages(results []Result, tasks []Task) {
	if e.Request.Node != 0 || len(results) == 0 {
		return
	}
	if e.Choice.Explain {
		results[byRank(results, tasks)[0]].Messages = plain(e.Explain(results, tasks))
		return
	}
	if e.ignored != "" {
		results[0].Messages = []string{Prefix + e.ignored}
	}
	if !e.Request.Hints || e.Observed {
		return
	}
	for _, i := range byRank(results, tasks) {
		if lines := hints(&results[i]); len(lines) > 0 {
			results[i].Messages = append(results[i].Messages, lines...)
			return
		}
	}
}

// byRank returns the indices of the groups, ordered by their lowest ranks.
func byRank(results []Result, tasks []Task) []int {
	order := make([]int, len(results))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return tasks[results[a].Tasks[0]].Rank - tasks[results[b].Tasks[0]].Rank
	})
	return order
}

// binding has the variables that bind workers to CPUs.
var binding = []string{"GOMP_CPU_AFFINITY", "KMP_AFFINITY", "OMP_PLACES", "OMP_PROC_BIND"}

// maxHints bounds the number of lines that a step prints without a request of the user.
const maxHints = 2

// hints returns the lines that a step's user may get, the most useful first. A line about
// a change of the user's own values is always among them.
func hints(r *Result) []string {
	var lines []string
	if text := replaced(r); text != "" {
		lines = append(lines, Prefix+text)
	}
	change := false // the last line is about a change
	for _, h := range r.Hints {
		line := Prefix + shown(h.Text, maxHint)
		switch {
		case len(lines) < maxHints:
			lines = append(lines, line)
			change = h.Change
		case h.Change && !change:
			lines[maxHints-1] = line
			change = true
		}
	}
	return lines
}

// replaced names the user's values that the site's rules replace or remove. The binding
// is left out if the program has workers, because it then has a separate hint.
func replaced(r *Result) string {
	workers := slices.Contains(r.Workload.Tags, workload.TagMultiprocessing) || slices.Contains(r.Workload.Tags, workload.TagWorkers)
	var list []string
	for _, s := range r.Settings {
		if s.Was != "" && !(workers && slices.Contains(binding, s.Name)) {
			list = append(list, fmt.Sprintf("%s=%s (%s)", s.Name, printable(s.Was), s.Source))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "the site's policy does not keep " + strings.Join(list, ", ") + "; --no-mp-policy or MP_POLICY=off does"
}

// scriptName returns the name of the program for a text for people.
func scriptName(program workload.Result) string {
	name := filepath.Base(program.Script)
	switch {
	case program.Script == "":
		return program.Program
	case name == "__main__.py": // the main file of a package or a directory
		return filepath.Base(filepath.Dir(program.Script))
	}
	return name
}

// These constants are the lengths, in bytes, of a user's value in a line, and of a hint.
// A hint may have several such values.
const (
	maxShown = 200
	maxHint  = 400
)

// printable makes a user's value printable, and cuts a long value.
func printable(text string) string { return shown(text, maxShown) }

func shown(text string, most int) string {
	clean := plaintext.Printable(text)
	if len(clean) > most {
		clean = strings.ToValidUTF8(clean[:most], "") + "..."
	}
	return clean
}
