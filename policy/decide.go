// SPDX-License-Identifier: MIT

package policy

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Facts has the known facts about one task when its settings are decided.
type Facts struct {
	Node     []string // tags of the node
	Workload []string // tags of the program
	Command  string   // base name of the program

	Partition, Account, QOS string
	Users, Groups           []string // the names that a rule may have
	Affinity                string   // the site's affinity=fix|hint|off

	// Python is the version of the interpreter that the step starts, zero if not known.
	Python Version

	Tasks   int // tasks of the step
	CPUs    int // CPUs of the task
	Workers int // worker processes of the task, 0 if the user did not set it
	// Pool is the number of worker processes that the program certainly starts, 0 if it
	// is not known.
	Pool int
	// Share is the job's CPUs on the node, divided by the tasks of the step there. Each
	// task could have so many CPUs. 0 means not known.
	Share int
	// Cores returns the number of distinct cores in the task's mask, 0 if it is not
	// known. It is called only if a rule asks for it, because it reads files. Nil means
	// not known.
	Cores func() int
	// NodeCPUs returns the number of online CPUs of the node, 0 if it is not known. It is
	// called only if a rule asks for it. Nil means not known.
	NodeCPUs func() int

	// Copies is the number of tasks that run this program side by side, each separately
	// and not as a rank of MPI. 0 means one, or not known.
	Copies int
	// JobCPUs is the number of the job's CPUs on the node, 0 if not known.
	JobCPUs int
	// Given is the value of -c for this step or for its job, 0 if it was not given.
	Given int
	// Sharing is the number of the step's tasks on the node whose masks share CPUs with
	// this task, including this task. 0 means none, or not known.
	Sharing int

	// Script is the name of the program in a text for people. PoolAt is the call that
	// starts its workers, and its place. Program is the command that starts workers, as
	// the batch script has it, if the script also starts other programs. "" means not
	// known.
	Script, PoolAt, Program string

	// Env is the current environment of the task, with the changes of an outer step.
	Env map[string]string
	// Later are the variables that a shell script or env(1) sets to a known value, or
	// removes, between the launch and the program. They are the user's own. A setting of
	// such a variable would not reach the program.
	Later map[string]Later
	// Prefixes are the prefixes with which a variable reaches a program in a container
	// that takes no other variables, the strongest first. If there are none, no prefix is
	// needed.
	Prefixes []string

	decided map[string]Setting // decided so far, by name
}

// has reports whether one of the words of the fact matches.
func (f *Facts) has(key string, p pattern) bool {
	switch key {
	case "node":
		return slices.ContainsFunc(f.Node, p.matches)
	case "workload":
		return slices.ContainsFunc(f.Workload, p.matches)
	case "group":
		return slices.ContainsFunc(f.Groups, p.matches)
	case "user":
		return slices.ContainsFunc(f.Users, p.matches)
	case "command":
		return p.matches(f.Command)
	case "partition":
		return p.matches(f.Partition)
	case "account":
		return p.matches(f.Account)
	case "qos":
		return p.matches(f.QOS)
	case "set":
		return f.hasDecided(p, func(s Setting) bool { return s.Action != Unset })
	case "removed":
		return f.hasDecided(p, func(s Setting) bool { return s.Was != "" })
	}
	return p.matches(f.Affinity)
}

// hasDecided reports whether there is such a setting of a variable that matches.
func (f *Facts) hasDecided(p pattern, is func(Setting) bool) bool {
	if p.literal {
		s, ok := f.decided[p.text]
		return ok && is(s)
	}
	for name, s := range f.decided {
		if is(s) && p.matches(name) {
			return true
		}
	}
	return false
}

// number returns the value of {name}, 0 if it is not known.
func (f *Facts) number(name string) int {
	switch name {
	case "cpus":
		return f.CPUs
	case "cores":
		return counted(f.Cores)
	case "node_cpus":
		return counted(f.NodeCPUs)
	case "pool":
		return f.Pool
	case "tasks":
		return f.Tasks
	case "share":
		return f.Share
	case "workers":
		return f.workers()
	case "copies":
		return f.Copies
	case "job_cpus":
		return f.JobCPUs
	case "given":
		return f.Given
	case "sharing":
		return f.Sharing
	case "starts":
		return f.starts()
	case "omp_threads":
		return f.ompThreads()
	case "all_threads":
		return f.starts() * f.ompThreads()
	}
	// the rest is "threads"
	return max(1, f.CPUs/max(1, f.workers()))
}

func counted(count func() int) int {
	if count == nil {
		return 0
	}
	return count()
}

// workers returns the number of worker processes of the task. It is the user's number, or
// else the program's number, or else one for each CPU, as a pool starts by default.
func (f *Facts) workers() int {
	switch {
	case f.Workers > 0:
		return f.Workers
	case f.Pool > 0:
		return f.Pool
	}
	return f.CPUs
}

// These are the values of Action in a Setting.
const (
	Set    = "set"
	Append = "append" // the value comes last in the user's own list of paths
	Unset  = "unset"
	Keep   = "keep" // the user's own value, which a rule would have set
)

// Setting is one variable, the action on it, and the reason.
type Setting struct {
	Action string `json:"action"`
	Name   string `json:"name"`
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"` // the name of the rule
	// Why is the rule's reason in plain words, "" if it has none.
	Why    string `json:"why,omitempty"`
	Source string `json:"source"`
	// Was is the user's own value, if a forced setting replaces or removes it.
	Was string `json:"was,omitempty"`
}

// Change is one operation on a task's environment.
type Change struct {
	Name, Value string
	// Unset removes the variable.
	Unset bool
	// Replace sets the variable even if it exists. Otherwise it is set only if it does
	// not exist.
	Replace bool
	// Back is set if the value is the user's own value. Such a value may be empty.
	Back bool
}

// Decision is the result for one task.
type Decision struct {
	Settings []Setting // sorted by name
	Hints    []Hint    // the most useful first
	// Notes are only for an explanation.
	Notes []string
	// Left is the name of the rule that leaves the step alone, "" if no rule does. Then
	// there are no Settings and no Hints.
	Left string
	// Changes turn the environment of the Facts into the decided environment.
	Changes []Change
}

// Decide applies the rules to the facts. Without rules, it undoes the changes of an outer
// step.
func (r Rules) Decide(f Facts) Decision {
	actual := f.Env
	base := original(actual)
	f.Env = reaching(base, f.Prefixes, f.Later)
	var d Decision
	if d.Left = r.leaves(&f); d.Left != "" {
		d.Changes = changes(actual, base, nil)
		return d
	}
	settings := map[string]Setting{}
	f.decided = settings
	for _, rule := range r.list {
		if rule.sets && rule.holds(&f) {
			for i := range rule.actions {
				rule.actions[i].decide(rule, &f, settings)
			}
		}
	}
	for _, rule := range r.list { // a hint or a note may depend on the settings
		if rule.speaks && rule.holds(&f) {
			for i := range rule.actions {
				rule.actions[i].speak(rule, &f, &d)
			}
		}
	}
	if len(f.Prefixes) > 0 {
		settings = outside(settings, base, f.Prefixes)
	}
	if len(settings) > maxApplied {
		clear(settings) // the record has no room for them
		d.Hints = []Hint{{Text: "the policy has more than " + strconv.Itoa(maxApplied) + " variables for this step; nothing is set"}}
	}
	d.Settings = slices.SortedFunc(maps.Values(settings), func(a, b Setting) int { return strings.Compare(a.Name, b.Name) })
	d.Changes = changes(actual, base, d.Settings)
	return d
}

// leaves returns the name of the first rule that leaves the step alone, "" if no rule
// does.
func (r Rules) leaves(f *Facts) string {
	for _, rule := range r.list {
		if rule.leaves && rule.holds(f) {
			return rule.name
		}
	}
	return ""
}

func (r *rule) holds(f *Facts) bool {
	for i := range r.conditions {
		if !r.conditions[i].holds(f) {
			return false
		}
	}
	return true
}

func (a *action) decide(r *rule, f *Facts, settings map[string]Setting) {
	if speaks(a.verb) {
		return
	}
	s := Setting{Name: a.name, Reason: r.name, Why: r.why(f), Source: a.source}
	own, has := f.Env[a.name]
	_, isLater := f.Later[a.name]
	switch {
	case isLater && (a.verb == "unset" || !has):
		return
	case isLater:
		s.Action, s.Value = Keep, own
	case a.verb == "unset":
		value, there := own, has
		if earlier, ok := settings[a.name]; ok && earlier.Action != Keep {
			value, there = earlier.Value, earlier.Action == Set
			if earlier.Action == Append {
				value, there = appendTo(own, earlier.Value), true
			}
		}
		if !there || !holds(a.values, func(v *removal) (match, not bool) { return v.matches(value), v.not }) {
			return
		}
		if !has {
			delete(settings, a.name)
			return
		}
		s.Action, s.Was = Unset, own
	case a.verb == "append":
		path, ok := a.expand(f)
		if !ok {
			return
		}
		s = s.withPath(path, settings[a.name], own, has)
	default:
		value, ok := a.expand(f)
		if !ok {
			return
		}
		// a value that an earlier rule removes cannot be kept
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

// changes returns the operations that turn the actual environment into the decided one.
// The decided environment is the user's environment with the settings. The operations are
// about variables that have a setting, and about variables that an outer step has
// changed.
func changes(actual, base map[string]string, settings []Setting) []Change {
	var list []Change
	set := func(name, want string) {
		if have, has := actual[name]; !has || have != want {
			list = append(list, Change{Name: name, Value: want, Replace: has})
		}
	}
	unset := func(name string) {
		if _, has := actual[name]; has {
			list = append(list, Change{Name: name, Unset: true})
		}
	}
	giveBack := func(name string) {
		own, had := base[name]
		if !had {
			unset(name)
		} else if have, has := actual[name]; !has || have != own {
			list = append(list, Change{Name: name, Value: own, Replace: has, Back: true})
		}
	}
	var record []applied
	for _, s := range settings {
		old, had := base[s.Name]
		switch s.Action {
		case Set:
			set(s.Name, s.Value)
			record = append(record, applied{name: s.Name, value: s.Value, old: old, set: true, had: had})
		case Append:
			list := appendTo(old, s.Value)
			set(s.Name, list)
			record = append(record, applied{name: s.Name, value: list, old: old, set: true, had: had})
		case Unset:
			unset(s.Name)
			record = append(record, applied{name: s.Name, old: old, had: had})
		default:
			giveBack(s.Name)
		}
	}
	for _, outer := range parseApplied(actual[AppliedName]) {
		if !slices.ContainsFunc(settings, func(s Setting) bool { return s.Name == outer.name }) {
			giveBack(outer.name)
		}
	}
	if len(record) == 0 {
		unset(AppliedName)
	} else {
		set(AppliedName, formatApplied(record))
	}
	return list
}
