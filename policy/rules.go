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
	source     string // file:line
	conditions []condition
	actions    []action
}

// action is one line below a rule.
type action struct {
	verb   string // set, force, unset or hint
	name   string
	value  string   // of set and force; the text of hint
	values []string // of unset: patterns of the values that are removed
	source string   // file:line
}

// Add appends more rules; one with the name of an earlier rule takes its
// place, and one that is off removes it.
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

// Uses tells whether a value or condition of the rules needs the named number,
// such as cores; what costs reading is read only then.
func (r Rules) Uses(number string) bool {
	for _, rule := range r.list {
		for _, a := range rule.actions {
			if slices.Contains(placeholders(a.value), number) {
				return true
			}
		}
	}
	return false
}
