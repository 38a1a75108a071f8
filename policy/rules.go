// SPDX-License-Identifier: MIT

package policy

import "slices"

// Rules are the rules in force, in their order. A later rule's setting of a
// variable replaces an earlier one's.
type Rules struct {
	list []rule
}

// rule is one block of a policy file.
type rule struct {
	name       string
	off        bool
	protected  bool   // may change the variables that isProtected names
	source     string // file:line
	conditions []condition
	actions    []action
}

// action is one line below a rule.
type action struct {
	verb   string // set, force, unset or hint
	name   string
	value  string  // of set and force; the text of hint
	values []value // of unset: those that are removed; none are all
	source string  // file:line

	numbers []string // that value has in braces
}

// value is a word below unset: a pattern, or what it must not be.
type value struct {
	pattern
	not bool
}

// Add appends more rules in their order; one with the name of an earlier rule
// takes its place, and one that is off removes it.
func (r *Rules) Add(more Rules) {
	for _, n := range more.list {
		at := slices.IndexFunc(r.list, func(old rule) bool { return old.name == n.name })
		switch {
		case at >= 0 && n.off:
			r.list = slices.Delete(r.list, at, at+1)
		case at >= 0:
			r.list[at] = n
		case !n.off:
			r.list = append(r.list, n)
		}
	}
}

// Names tells whether a rule asks for the user's or a group's name; what costs
// reading is read only then.
func (r Rules) Names() bool {
	return slices.ContainsFunc(r.list, func(rule rule) bool {
		return slices.ContainsFunc(rule.conditions, func(c condition) bool { return c.key == "user" || c.key == "group" })
	})
}
