// SPDX-License-Identifier: MIT

package doctor

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"slurm-mp-policy/policy"
	"slurm-mp-policy/regular"
)

// maxProlog bounds a TaskProlog, in bytes.
const maxProlog = 1 << 20

// printed is what slurmstepd takes from the standard output of a TaskProlog, see TaskProlog in slurm.conf(5).
var printed = regexp.MustCompile(`\b(?:export\s+([A-Za-z_][A-Za-z0-9_]*)=|unset\s+([A-Za-z_][A-Za-z0-9_]*))`)

// lookAtTaskProlog looks whether the TaskProlog, which slurmstepd runs after the
// plugin, prints one of the variables that the rules set or remove.
func (d *doctor) lookAtTaskProlog(rules policy.Rules) {
	name := d.conf.Values["taskprolog"]
	begin, err := regular.Begin(d.at(name), maxProlog)
	text := string(begin)
	if err != nil {
		return // no file, or a binary
	}
	ours := variables(rules)
	var found []string
	hereDocument := strings.Contains(text, "<<")
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		for _, m := range printed.FindAllStringSubmatchIndex(line, -1) {
			// at the beginning it is a command of the script itself, unless the line is text
			own := m[0] == 0 && !hereDocument
			variable := strings.TrimSuffix(line[max(m[2], m[4]):max(m[3], m[5])], "=")
			if !own && !strings.HasPrefix(line, "#") && slices.Contains(ours, variable) {
				found = append(found, fmt.Sprintf("%s (line %d)", variable, n))
			}
		}
	}
	if len(found) > 0 {
		d.add(Note, "TaskProlog", "", "%s sets or removes %s after the plugin, and wins", name, strings.Join(found, ", "))
	}
}

// builtinNames are the variables that the built-in rules set or remove.
func builtinNames() []string {
	builtin, err := policy.Builtin()
	if err != nil {
		return nil // lookAtPolicy has said so
	}
	var names []string
	for _, rule := range builtin.All() {
		names = appendNames(names, rule)
	}
	return names
}

// appendNames adds the variables that a rule sets or removes, each once.
func appendNames(names []string, rule policy.Rule) []string {
	for _, a := range rule.Actions {
		if a.Name != "" && !slices.Contains(names, a.Name) {
			names = append(names, a.Name)
		}
	}
	return names
}
