// SPDX-License-Identifier: MIT

package lint

import (
	"slices"
	"strconv"
	"strings"

	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/policy"
)

// reach reports a rule that can never match, with the reason.
func (c *checker) reach(r policy.Rule) {
	if possible(r.Conditions, policy.Facts{}) {
		return
	}
	for i, one := range r.Conditions {
		if !possible(r.Conditions[i:i+1], policy.Facts{}) {
			c.warn(r.Source, "the rule %q can never match: nothing is %s", r.Name, one)
			return
		}
	}
	for i, one := range r.Conditions {
		for _, two := range r.Conditions[i+1:] {
			if !possible([]policy.Condition{one, two}, policy.Facts{}) {
				c.warn(r.Source, "the rule %q can never match: %s and %s exclude each other", r.Name, one, two)
				return
			}
		}
	}
	c.warn(r.Source, "the rule %q can never match: its conditions exclude one another", r.Name)
}

// maxTried bounds the combinations of alternatives that are tried.
const maxTried = 4096

// possible reports whether there are facts, with those given among them, for which
// all conditions hold. If it is not sure, it returns true.
func possible(conditions []policy.Condition, given policy.Facts) bool {
	for _, c := range conditions {
		if isVersion(c) && !versionPossible(conditions) || isNumber(c) && !numbersPossible(c.Key, conditions) {
			return false
		}
	}
	var texts []policy.Condition
	for _, c := range conditions {
		if !isNumber(c) && !isVersion(c) {
			texts = append(texts, c)
		}
	}
	tried := 0
	return try(texts, given, &tried, func(f policy.Facts, sure bool) bool {
		if !sure {
			return true
		}
		archs := 0
		for _, tag := range f.Node {
			if slices.Contains(nodeinfo.Architectures(), tag) {
				archs++
			}
		}
		return archs <= 1 && !slices.ContainsFunc(texts, func(c policy.Condition) bool { return !c.Holds(f) })
	})
}

// try makes facts of one positive alternative of each condition, in all combinations, until one
// fulfils all conditions. sure is false if a word for a pattern was only guessed.
func try(conditions []policy.Condition, f policy.Facts, tried *int, do func(f policy.Facts, sure bool) bool) bool {
	if *tried++; *tried > maxTried {
		return true
	}
	if len(conditions) == 0 {
		return do(f, true)
	}
	c, rest := conditions[0], conditions[1:]
	positive := false
	for _, a := range c.Alternatives {
		if a.Not {
			continue
		}
		positive = true
		with, sure := add(f, c.Key, a)
		if try(rest, with, tried, func(f policy.Facts, s bool) bool { return do(f, sure && s) }) {
			return true
		}
	}
	return !positive && try(rest, f, tried, do)
}

// add makes the alternative true. A fact that is only one word gets the second word. The condition
// with the first word does not hold then.
func add(f policy.Facts, key string, a policy.Alternative) (_ policy.Facts, sure bool) {
	sure = !slices.ContainsFunc(a.Words, func(word string) bool { return strings.ContainsAny(word, `*?[\`) })
	switch key {
	case "node":
		f.Node = slices.Concat(f.Node, a.Words)
	case "workload":
		f.Workload = slices.Concat(f.Workload, a.Words)
	case "user":
		f.Users = slices.Concat(f.Users, a.Words)
	case "group":
		f.Groups = slices.Concat(f.Groups, a.Words)
	case "command":
		f.Command = a.Words[0]
	case "partition":
		f.Partition = a.Words[0]
	case "account":
		f.Account = a.Words[0]
	case "qos":
		f.QOS = a.Words[0]
	case "affinity":
		f.Affinity = a.Words[0]
		sure = true // there are three words
		for _, word := range []string{"fix", "hint", "off"} {
			if matchesOne(key, a.Words[0], []string{word}) {
				f.Affinity = word
			}
		}
	case "set", "removed":
		return f, false // it depends on the rules before
	case "env":
		env := map[string]string{}
		for name, value := range f.Env {
			env[name] = value
		}
		for _, word := range a.Words {
			name, value, valued := strings.Cut(word, "=")
			if _, there := env[name]; there && !valued {
				continue
			}
			env[name] = value
		}
		f.Env = env
	}
	return f, sure
}

func isNumber(c policy.Condition) bool {
	return c.Alternatives[0].Compare != 0 && !isVersion(c)
}

func isVersion(c policy.Condition) bool { return c.Alternatives[0].Version != (policy.Version{}) }

// versionPossible reports whether one version of Python fits all conditions about it.
func versionPossible(conditions []policy.Condition) bool {
	var of []policy.Condition
	candidates := []policy.Version{{}}
	for _, c := range conditions {
		if !isVersion(c) {
			continue
		}
		of = append(of, c)
		for _, a := range c.Alternatives {
			// the version itself, and one on each side of it
			v := a.Version
			candidates = append(candidates, policy.Version{Major: v.Major - 1}, policy.Version{Major: v.Major + 1})
			for _, minor := range []int{v.Minor - 1, v.Minor, v.Minor + 1} {
				candidates = append(candidates, policy.Version{Major: v.Major, Minor: max(minor, 0)})
			}
		}
	}
	return slices.ContainsFunc(candidates, func(v policy.Version) bool {
		return v.Major >= 0 && !slices.ContainsFunc(of, func(c policy.Condition) bool { return !c.Holds(policy.Facts{Python: v}) })
	})
}

// numbersPossible reports whether one number, from 1, fits all conditions of the key.
// It does not look at numbers that are compared with one another.
func numbersPossible(key string, conditions []policy.Condition) bool {
	var of []policy.Condition
	candidates := []int{1}
	for _, c := range conditions {
		if c.Key != key || slices.ContainsFunc(c.Alternatives, func(a policy.Alternative) bool { return a.NumberOf != "" }) {
			continue
		}
		of = append(of, c)
		for _, a := range c.Alternatives {
			candidates = append(candidates, a.Number-1, a.Number, a.Number+1)
		}
	}
	return slices.ContainsFunc(candidates, func(n int) bool {
		count := func() int { return n }
		f := policy.Facts{
			Tasks: n, CPUs: n, Workers: n, Share: n, Pool: n, Cores: count, NodeCPUs: count, Copies: n, JobCPUs: n, Given: n, Sharing: n,
			Env: map[string]string{"OMP_NUM_THREADS": strconv.Itoa(n)},
		}
		if key == "all_threads" {
			f.Workers = 1 // it is a product
		}
		return n >= 1 && !slices.ContainsFunc(of, func(c policy.Condition) bool { return !c.Holds(f) })
	})
}
