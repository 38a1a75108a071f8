// SPDX-License-Identifier: MIT

package main

import (
	"strings"

	"slurm-mp-policy/policy"
)

// rulesVersion is the version of the JSON of rules, docs/rules.schema.json. It rises with
// every change.
const rulesVersion = 1

// rulesList is the JSON of rules.
type rulesList struct {
	Version int        `json:"version"`
	Policy  string     `json:"policy,omitempty"`
	Rules   []ruleJSON `json:"rules"`
	Off     []offRule  `json:"off"`
	Errors  []string   `json:"errors"`
	Notes   []string   `json:"notes"`
}

type ruleJSON struct {
	Name       string       `json:"name"`
	Source     string       `json:"source"`
	Replaces   []string     `json:"replaces"`
	Why        string       `json:"why,omitempty"`
	Protected  bool         `json:"protected"`
	Conditions []string     `json:"conditions"`
	Actions    []actionJSON `json:"actions"`
}

type actionJSON struct {
	Verb     string   `json:"verb"`
	Name     string   `json:"name,omitempty"`
	Value    string   `json:"value,omitempty"`
	Patterns []string `json:"patterns,omitempty"`
	Source   string   `json:"source"`
}

func (r *rulesRead) list() rulesList {
	l := rulesList{
		Version: rulesVersion, Policy: r.policy, Rules: []ruleJSON{}, Off: r.off(),
		Errors: []string{}, Notes: append([]string{}, r.notes...),
	}
	if r.refused != nil {
		l.Errors = append(l.Errors, r.refused.Error())
	}
	for _, err := range r.errs {
		l.Errors = append(l.Errors, err.Error())
	}
	for _, rule := range r.inForce {
		j := ruleJSON{
			Name: rule.Name, Source: rule.Source, Replaces: append([]string{}, r.replaced(rule)...),
			Why: strings.ReplaceAll(policy.BuiltinComment(rule.Source), "\n\n", "\n"), Protected: rule.Protected,
			Conditions: []string{}, Actions: []actionJSON{},
		}
		for _, c := range rule.Conditions {
			j.Conditions = append(j.Conditions, c.String())
		}
		for _, a := range rule.Actions {
			j.Actions = append(j.Actions, actionJSON{a.Verb, a.Name, a.Value, a.Values, a.Source})
		}
		l.Rules = append(l.Rules, j)
	}
	return l
}
