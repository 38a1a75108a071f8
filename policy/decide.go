// SPDX-License-Identifier: MIT

package policy

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Facts is what is known of one task when its settings are decided.
type Facts struct {
	Node     []string // tags of the node
	Workload []string // tags of the program
	Command  string   // base name of the program

	Partition, Account, QOS string
	Users, Groups           []string // as a rule may call them
	Affinity                string   // the site's affinity=fix|hint|off

	Tasks   int // of the step
	CPUs    int // of the task
	Cores   int // distinct cores in the task's mask; 0 if not known
	Workers int // worker processes of the task, 0 if the user did not say

	// Env is the task's environment as it is, with what an outer step injected.
	Env map[string]string
}

func (f *Facts) words(key string) []string {
	switch key {
	case "node":
		return f.Node
	case "workload":
		return f.Workload
	case "group":
		return f.Groups
	case "command":
		return []string{f.Command}
	case "partition":
		return []string{f.Partition}
	case "account":
		return []string{f.Account}
	case "qos":
		return []string{f.QOS}
	case "user":
		return f.Users
	}
	return []string{f.Affinity}
}

// Action of a Setting.
const (
	Set   = "set"
	Unset = "unset"
	Keep  = "keep" // the user's own value, which a rule would have set
)

// Setting is one variable, what is done with it, and why.
type Setting struct {
	Action string `json:"action"`
	Name   string `json:"name"`
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"`
	Source string `json:"source"`
	// Was is the user's own value that a forced setting replaces or removes.
	Was string `json:"was,omitempty"`
}

// Change is one operation on a task's environment.
type Change struct {
	Name, Value string
	// Unset removes the variable.
	Unset bool
	// Replace sets it whatever stands there; else only where there is none.
	Replace bool
}

// Decision is what one task gets.
type Decision struct {
	Settings []Setting // sorted by name
	Hints    []string
	// Changes turn the environment of the Facts into the decided one.
	Changes []Change
}

// Decide applies the rules to the facts. Without rules it takes back what an
// outer step has injected.
func (r Rules) Decide(f Facts) Decision {
	actual := f.Env
	f.Env = original(actual)
	var d Decision
	settings := map[string]Setting{}
	for _, rule := range r.list {
		if !slices.ContainsFunc(rule.conditions, func(c condition) bool { return !c.holds(&f) }) {
			for _, a := range rule.actions {
				a.decide(rule.name, &f, settings, &d)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		d.Settings = append(d.Settings, settings[name])
	}
	d.Changes = changes(actual, f.Env, settings)
	return d
}

func (a action) decide(reason string, f *Facts, settings map[string]Setting, d *Decision) {
	s := Setting{Name: a.name, Reason: reason, Source: a.source}
	own, has := f.Env[a.name]
	switch a.verb {
	case "hint":
		if text, ok := expand(a.value, f); ok {
			d.Hints = append(d.Hints, text)
		}
		return
	case "unset":
		if !has {
			delete(settings, a.name) // an earlier rule's set
			return
		}
		if !holds(a.values, func(pattern string) (match, not bool) {
			pattern, not = strings.CutPrefix(pattern, "!")
			return glob(pattern, own), not
		}) {
			return
		}
		s.Action, s.Was = Unset, own
	default:
		value, ok := expand(a.value, f)
		if !ok {
			return
		}
		// a value that an earlier rule removes is not there to be kept
		removed := settings[a.name].Action == Unset
		s.Action, s.Value = Set, value
		if has && (own == value || a.verb == "set" && !removed) {
			s.Action, s.Value = Keep, own
		} else if has {
			s.Was = own
		}
	}
	settings[a.name] = s
}

// expand fills in the numbers; false where one of them is not known, for a
// variable is never set to an empty value and a count is never 0.
func expand(value string, f *Facts) (string, bool) {
	for _, name := range placeholders(value) {
		n := f.number(name)
		if n < 1 {
			return "", false
		}
		value = strings.ReplaceAll(value, "{"+name+"}", strconv.Itoa(n))
	}
	return value, true
}

func (f *Facts) number(name string) int {
	switch name {
	case "cpus":
		return f.CPUs
	case "cores":
		return f.Cores
	case "tasks":
		return f.Tasks
	case "workers":
		if f.Workers == 0 {
			return f.CPUs
		}
		return f.Workers
	case "threads":
		if f.Workers == 0 {
			return 1
		}
		return max(1, f.CPUs/f.Workers)
	}
	return 0
}

// changes are the operations from the environment as it is to the one that the
// settings make of the user's own.
func changes(actual, base map[string]string, settings map[string]Setting) []Change {
	want := maps.Clone(base)
	record := map[string]applied{}
	for name, s := range settings {
		old, had := base[name]
		switch s.Action {
		case Set:
			want[name] = s.Value
			record[name] = applied{value: s.Value, old: old, set: true, had: had}
		case Unset:
			delete(want, name)
			record[name] = applied{old: old, had: had}
		}
	}
	if len(record) > 0 {
		want[AppliedName] = formatApplied(record)
	}
	var list []Change
	for _, name := range slices.Sorted(maps.Keys(actual)) {
		if _, ok := want[name]; !ok {
			list = append(list, Change{Name: name, Unset: true})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		have, ok := actual[name]
		if !ok || have != want[name] {
			list = append(list, Change{Name: name, Value: want[name], Replace: ok})
		}
	}
	return list
}
