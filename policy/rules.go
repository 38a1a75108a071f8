// SPDX-License-Identifier: MIT

package policy

import "slices"

// Rules are the rules in force, in their order. A later rule's setting of a variable
// replaces an earlier rule's setting.
type Rules struct {
	list []*rule
}

// rule is one block of a policy file.
type rule struct {
	name       string
	off        bool
	protected  bool   // may change the variables that isProtected names
	source     string // file:line
	conditions []condition
	actions    []action
	leaves     bool // has the action leave
	// sets: there are actions about variables. speaks: there are hints or notes.
	sets, speaks bool
}

// action is one line below a rule.
type action struct {
	verb   string // set, force, append, unset, hint, note, reason or leave
	name   string
	value  string    // value of set, force and append; text of hint, note and reason
	values []removal // of unset: the values to remove; nil means all
	source string    // file:line

	names []string // names in braces in the value
}

// removal is a word of an unset. It is a pattern that the value must match, or must not
// match.
type removal struct {
	pattern
	not bool
}

// Add appends more rules in their order. A rule with the name of an earlier rule takes
// the earlier rule's place. A rule that is off removes the earlier rule.
func (r *Rules) Add(more Rules) {
	at := make(map[string]int, len(r.list)+len(more.list))
	for i, old := range r.list {
		at[old.name] = i
	}
	for _, n := range more.list {
		i, replaces := at[n.name]
		switch {
		case replaces && n.off:
			r.list[i] = nil
			delete(at, n.name)
		case replaces:
			r.list[i] = n
		case !n.off:
			at[n.name] = len(r.list)
			r.list = append(r.list, n)
		}
	}
	r.list = slices.DeleteFunc(r.list, func(old *rule) bool { return old == nil })
}

// Names reports whether a rule asks for the name of the user or of a group. The names are read
// only then, because reading them costs time.
func (r Rules) Names() bool {
	return slices.ContainsFunc(r.list, func(rule *rule) bool {
		return slices.ContainsFunc(rule.conditions, func(c condition) bool { return c.key == "user" || c.key == "group" })
	})
}
