// SPDX-License-Identifier: MIT

// Package lint looks for legal rules that are probably mistakes: rules that can never match or never
// count, tags that no node and no program has, variables that do harm. policy.Parse reports the
// errors of the language.
package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/policy"
	"slurm-mp-policy/workload"
)

// Level of a Finding.
const (
	Warning = "warning" // legal, and probably a mistake
	Note    = "note"    // worth knowing
)

// Finding is about one line.
type Finding struct {
	Level  string
	Source string // file:line
	Text   string // what is wrong, and what to do
}

// Check checks a site's rules, which policy.Parse has read, beside the built-in rules. whole is false
// if a part of the site's rules could not be read.
func Check(builtin, site policy.Rules, whole bool) []Finding {
	c := checker{builtin: builtin.All(), site: site.All()}
	builtin.Add(site)
	c.inForce = builtin.All()
	c.index()
	for i, r := range c.site {
		c.names(i, r)
		if r.Off {
			continue
		}
		if len(r.Actions) == 0 && whole {
			c.warn(r.Source, "the rule %q has no actions and does nothing: give it some, or the word off alone to turn the earlier rule of its name off", r.Name)
		}
		c.tags(r)
		c.reach(r)
		for _, a := range r.Actions {
			c.action(r, a)
		}
	}
	c.shadowed()
	return c.findings
}

type checker struct {
	builtin, site, inForce []policy.Rule
	findings               []Finding

	// for policies of many rules
	builtinNames []string
	named        map[string][]int // the site's rules of a name
	ofSite       map[string]bool  // by source
	changes      map[string][]int // the rules in force with an action on a variable
	conditions   [][]string       // of each rule in force, as texts
}

func (c *checker) index() {
	c.builtinNames = namesOf(c.builtin)
	c.named, c.ofSite, c.changes = map[string][]int{}, map[string]bool{}, map[string][]int{}
	for i, r := range c.site {
		c.named[r.Name] = append(c.named[r.Name], i)
		c.ofSite[r.Source] = true
	}
	for i, r := range c.inForce {
		var texts []string
		for _, condition := range r.Conditions {
			texts = append(texts, condition.String())
		}
		c.conditions = append(c.conditions, texts)
		for _, a := range r.Actions {
			if of := c.changes[a.Name]; len(of) == 0 || of[len(of)-1] != i {
				c.changes[a.Name] = append(of, i)
			}
		}
	}
}

func (c *checker) warn(source, format string, args ...any) {
	c.findings = append(c.findings, Finding{Warning, source, fmt.Sprintf(format, args...)})
}

func (c *checker) note(source, format string, args ...any) {
	c.findings = append(c.findings, Finding{Note, source, fmt.Sprintf(format, args...)})
}

// names checks the effect of a rule's name on the rules before it.
func (c *checker) names(at int, r policy.Rule) {
	same := c.named[r.Name]
	if i := slices.Index(same, at); i+1 < len(same) {
		later := c.site[same[i+1]]
		c.warn(r.Source, "the rule %q never counts: the one of the same name at %s takes its place; give one of them another name", r.Name, later.Source)
	}
	earlier := ""
	if i := slices.Index(c.builtinNames, r.Name); i >= 0 {
		earlier = c.builtin[i].Source
	} else if same[0] < at {
		earlier = c.site[same[0]].Source
	}
	switch {
	case earlier != "" && r.Off:
		c.note(r.Source, "the rule %q of %s is off", r.Name, earlier)
	case earlier != "":
		c.note(r.Source, "the rule %q takes the place of the one at %s", r.Name, earlier)
	default:
		near := nearest(r.Name, c.builtinNames)
		switch {
		case r.Off && near != "":
			c.warn(r.Source, "there is no rule %q to turn off; there is %q", r.Name, near)
		case r.Off:
			c.warn(r.Source, "there is no rule %q to turn off; mp-policy rules lists them", r.Name)
		case near != "":
			c.warn(r.Source, "the rule %q is a new one, beside %q: a rule takes another's place only by the very same name", r.Name, near)
		}
	}
}

func namesOf(rules []policy.Rule) []string {
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = r.Name
	}
	return names
}

// tags looks for tags that nothing has.
func (c *checker) tags(r policy.Rule) {
	for _, cond := range r.Conditions {
		var known []string
		var what string
		switch cond.Key {
		case "node":
			known, what = nodeinfo.KnownTags(), "no node that is known has the tag"
		case "workload":
			known, what = workload.KnownTags(), "no program has the tag"
		case "affinity":
			known, what = []string{"fix", "hint", "off"}, "affinity= of plugstack.conf is never"
		default:
			continue
		}
		for _, a := range cond.Alternatives {
			for _, word := range a.Words {
				if matchesOne(cond.Key, word, known) {
					continue
				}
				instead := "known are " + strings.Join(known, ", ")
				if near := nearest(word, known); near != "" {
					instead = fmt.Sprintf("did you mean %q?", near)
				} else if len(known) > 8 {
					instead = "mp-policy node prints the tags of a node"
				}
				c.warn(r.Source, "%s %q; %s", what, word, instead)
			}
		}
	}
}

// matchesOne reports whether the pattern of a condition matches one of the words.
func matchesOne(key, pattern string, words []string) bool {
	rules, err := policy.Parse("", fmt.Sprintf("rule r '%s=%s'", key, pattern), nil)
	if err != nil || len(rules.All()) != 1 {
		return true // another check reports it
	}
	cond := rules.All()[0].Conditions[0]
	return slices.ContainsFunc(words, func(word string) bool {
		return cond.Holds(policy.Facts{Node: []string{word}, Workload: []string{word}, Affinity: word})
	})
}

// nearest returns the word that a mistyped text is likely to stand for, "" if there is none.
func nearest(text string, words []string) string {
	best, least := "", 1+min(2, len(text)/3)
	for _, word := range words {
		distance := levenshtein.ComputeDistance(strings.ToLower(text), strings.ToLower(word))
		if distance < least {
			best, least = word, distance
		}
	}
	return best
}

// shadowed looks for actions that never count. A later rule changes the same variable and holds
// whenever the rule of the action holds.
func (c *checker) shadowed() {
	for i, r := range c.inForce {
		if !c.ofSite[r.Source] {
			continue
		}
		for j, a := range r.Actions {
			if a.Name == "" {
				continue
			}
			if later, ok := c.overridden(i, a, r.Actions[j+1:]); ok {
				c.warn(a.Source, "%s %s never counts: %s changes it later, and whenever this rule holds", a.Verb, a.Name, later)
			}
		}
	}
}

// overridden reports whether later rules override an action of a rule in force.
func (c *checker) overridden(rule int, a policy.Action, rest []policy.Action) (string, bool) {
	for _, b := range rest {
		if overrides(a, b) {
			return b.Source, true
		}
	}
	for _, later := range c.changes[a.Name] {
		if later <= rule || !within(c.conditions[later], c.conditions[rule]) {
			continue
		}
		for _, b := range c.inForce[later].Actions {
			if overrides(a, b) {
				return b.Source, true
			}
		}
	}
	return "", false
}

// overrides reports whether the later action b leaves no effect of a.
func overrides(a, b policy.Action) bool {
	switch {
	case a.Name != b.Name || b.Name == "":
		return false
	case b.Verb == "append":
		return false
	case b.Verb == "unset":
		return len(b.Values) == 0
	}
	// a set does not keep a value that was removed before
	return a.Verb != "unset" || b.Verb == "force"
}

// within reports whether each condition of some is also one of all.
func within(some, all []string) bool {
	return !slices.ContainsFunc(some, func(condition string) bool { return !slices.Contains(all, condition) })
}
