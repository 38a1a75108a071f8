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

	// Env is the task's environment as it is, with what an outer step injected.
	Env map[string]string
}

// has tells whether one of the words of the fact matches.
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
	}
	return p.matches(f.Affinity)
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
	// Replace sets it whatever stands there; else only if there is none.
	Replace bool
	// Back is set if the value is the user's own, which may be empty.
	Back bool
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
		if rule.holds(&f) {
			for i := range rule.actions {
				rule.actions[i].decide(rule.name, &f, settings, &d)
			}
		}
	}
	if len(settings) > maxApplied {
		clear(settings) // the record could not hold them
		d.Hints = []string{"the policy has more than " + strconv.Itoa(maxApplied) + " variables for this step; nothing is set"}
	}
	d.Settings = slices.SortedFunc(maps.Values(settings), func(a, b Setting) int { return strings.Compare(a.Name, b.Name) })
	d.Changes = changes(actual, f.Env, d.Settings)
	return d
}

func (r *rule) holds(f *Facts) bool {
	for i := range r.conditions {
		if !r.conditions[i].holds(f) {
			return false
		}
	}
	return true
}

func (a *action) decide(reason string, f *Facts, settings map[string]Setting, d *Decision) {
	s := Setting{Name: a.name, Reason: reason, Source: a.source}
	own, has := f.Env[a.name]
	switch a.verb {
	case "hint":
		if text, ok := a.expand(f); ok {
			d.Hints = append(d.Hints, text)
		}
		return
	case "unset":
		value, there := own, has
		if earlier, ok := settings[a.name]; ok && earlier.Action != Keep {
			value, there = earlier.Value, earlier.Action == Set
		}
		if !there || !holds(a.values, func(v *removal) (match, not bool) { return v.matches(value), v.not }) {
			return
		}
		if !has {
			delete(settings, a.name)
			return
		}
		s.Action, s.Was = Unset, own
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

// expand fills in the numbers; false where one of them is not known, for a
// variable is never set to an empty value and a count is never 0.
func (a *action) expand(f *Facts) (string, bool) {
	value := a.value
	for _, name := range a.numbers {
		n := f.number(name)
		if n < 1 {
			return "", false
		}
		value = strings.ReplaceAll(value, "{"+name+"}", strconv.Itoa(n))
	}
	return value, true
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
