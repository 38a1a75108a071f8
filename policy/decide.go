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

	// Python is the version of the interpreter that the step starts, zero if not known.
	Python Version

	Tasks   int // of the step
	CPUs    int // of the task
	Workers int // worker processes of the task, 0 if the user did not say
	// Pool is the number of worker processes that the program starts for certain, 0 if
	// it is not known.
	Pool int
	// Share is the job's CPUs on the node, divided by the tasks of the step
	// there: what each task could have. 0 is not known.
	Share int
	// Cores counts the distinct cores in the task's mask, 0 if not known. It is
	// called where a rule asks for it: counting takes reading. Nil is not known.
	Cores func() int
	// NodeCPUs counts the CPUs of the node that are online. It is called and not
	// known as Cores.
	NodeCPUs func() int

	// Copies is the number of tasks that run this program side by side, each on its own
	// and not as a rank of MPI; 0 is one, or not known.
	Copies int
	// JobCPUs is the number of the job's CPUs on the node, 0 if not known.
	JobCPUs int
	// Given is what -c says for this step or for its job, 0 if it was not given.
	Given int
	// Sharing is the number of the step's tasks on the node whose masks have CPUs of this
	// task's, itself included; 0 is none, or not known.
	Sharing int

	// Script is what the program is called in a text for people, PoolAt the call that
	// starts its workers and its place, Program the command as a batch script has it in
	// which it stands beside others. "" is not known.
	Script, PoolAt, Program string

	// Env is the task's environment as it is, with what an outer step injected.
	Env map[string]string
	// Later are the variables that something between the launch and the program sets to
	// a known value, or removes: a shell script, or env(1). They are the user's own, and
	// nothing that is set here would reach the program.
	Later map[string]Later
	// Prefixes are those with which a variable reaches a program in a container that takes
	// no other one, the strongest first. None are needed if there are none.
	Prefixes []string

	decided map[string]Setting // so far, by name
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

// number is what {name} stands for, 0 if it is not known.
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
	// threads
	return max(1, f.CPUs/max(1, f.workers()))
}

func counted(count func() int) int {
	if count == nil {
		return 0
	}
	return count()
}

// workers is the number of worker processes of the task: the user's, else the
// program's, else one for each CPU, which is what a pool starts by default.
func (f *Facts) workers() int {
	switch {
	case f.Workers > 0:
		return f.Workers
	case f.Pool > 0:
		return f.Pool
	}
	return f.CPUs
}

// Action of a Setting.
const (
	Set    = "set"
	Append = "append" // the value comes last in the user's own list of paths
	Unset  = "unset"
	Keep   = "keep" // the user's own value, which a rule would have set
)

// Setting is one variable, what is done with it, and why.
type Setting struct {
	Action string `json:"action"`
	Name   string `json:"name"`
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"` // the rule's name
	// Why is the rule's reason in words of users, "" if it has none.
	Why    string `json:"why,omitempty"`
	Source string `json:"source"`
	// Was is the user's own value that a forced setting replaces or removes.
	Was string `json:"was,omitempty"`
}

// Change is one operation on a task's environment.
type Change struct {
	Name, Value string
	// Unset removes the variable.
	Unset bool
	// Replace sets it whatever stands there; else only if there is none.
	Replace bool
	// Back is set if the value is the user's own, which may be empty.
	Back bool
}

// Decision is what one task gets.
type Decision struct {
	Settings []Setting // sorted by name
	Hints    []Hint    // the most useful first
	// Notes are for an explanation only.
	Notes []string
	// Left is the name of the rule that leaves the step alone, "" if none does. There are
	// no Settings and no Hints then.
	Left string
	// Changes turn the environment of the Facts into the decided one.
	Changes []Change
}

// Decide applies the rules to the facts. Without rules it takes back what an
// outer step has injected.
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
	for _, rule := range r.list { // which may be about the settings
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
		clear(settings) // the record could not hold them
		d.Hints = []Hint{{Text: "the policy has more than " + strconv.Itoa(maxApplied) + " variables for this step; nothing is set"}}
	}
	d.Settings = slices.SortedFunc(maps.Values(settings), func(a, b Setting) int { return strings.Compare(a.Name, b.Name) })
	d.Changes = changes(actual, base, d.Settings)
	return d
}

// leaves returns the name of the first rule that leaves the step alone, "" if none does.
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

// changes are the operations from the environment as it is to the one that the
// settings make of the user's own: of the variables that have a setting, and of
// those that an outer step has changed.
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
