// SPDX-License-Identifier: MIT

package policy

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// condition is one word of a rule line: key=alternative,alternative,...
type condition struct {
	key          string
	alternatives []alternative
}

// alternative is one value of a condition.
type alternative struct {
	not      bool
	patterns []string // joined by +: all of them must be there
	compare  byte     // '<', '>' or '=', for numbers
	number   int
}

var (
	textKeys   = []string{"node", "workload", "command", "partition", "account", "qos", "user", "group", "affinity", "env"}
	numberKeys = []string{"tasks", "cpus"}
)

// parseCondition reads key=a,b or, for numbers, also key<n and key>n.
func parseCondition(word string) (condition, error) {
	end := strings.IndexAny(word, "=<>")
	if end < 0 {
		return condition{}, errors.New("neither a condition (key=value) nor a single \"off\"")
	}
	c := condition{key: word[:end]}
	values := word[end:]
	values = strings.TrimPrefix(values, "=")
	isNumber := slices.Contains(numberKeys, c.key)
	if !isNumber && !slices.Contains(textKeys, c.key) {
		return c, fmt.Errorf("no such condition as %q; there are %s", c.key,
			strings.Join(append(slices.Clone(textKeys), numberKeys...), ", "))
	}
	for text := range strings.SplitSeq(values, ",") {
		var a alternative
		text, a.not = strings.CutPrefix(text, "!")
		if text == "" {
			return c, errors.New("an empty value")
		}
		if isNumber {
			a.compare = '='
			if text[0] == '<' || text[0] == '>' {
				a.compare, text = text[0], text[1:]
			}
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				return c, fmt.Errorf("%q is no number", text)
			}
			a.number = n
		} else if c.key == "env" {
			a.patterns = []string{text}
		} else {
			a.patterns = strings.Split(text, "+")
		}
		for _, pattern := range a.patterns {
			if _, err := path.Match(pattern, ""); err != nil {
				return c, fmt.Errorf("%q is no pattern", pattern)
			}
		}
		c.alternatives = append(c.alternatives, a)
	}
	return c, nil
}

func (c condition) holds(f *Facts) bool {
	return holds(c.alternatives, func(a alternative) (match, not bool) { return a.matches(c.key, f), a.not })
}

// holds: none of the negated alternatives matches, and one of the others does,
// if there are any.
func holds[T any](alternatives []T, look func(T) (match, not bool)) bool {
	positive, matched := false, false
	for _, a := range alternatives {
		match, not := look(a)
		if not && match {
			return false
		}
		positive = positive || !not
		matched = matched || !not && match
	}
	return matched || !positive
}

func (a alternative) matches(key string, f *Facts) bool {
	switch key {
	case "tasks":
		return a.compareWith(f.Tasks)
	case "cpus":
		return a.compareWith(f.CPUs)
	case "env":
		name, value, valued := strings.Cut(a.patterns[0], "=")
		have, ok := f.Env[name]
		return ok && (!valued || glob(value, have))
	}
	for _, pattern := range a.patterns {
		if !slices.ContainsFunc(f.words(key), func(w string) bool { return glob(pattern, w) }) {
			return false
		}
	}
	return true
}

func (a alternative) compareWith(n int) bool {
	switch a.compare {
	case '<':
		return n < a.number
	case '>':
		return n > a.number
	}
	return n == a.number
}

// glob is path.Match with '*' also for slashes, as in shells' case patterns:
// no value here is a path to be walked.
func glob(pattern, text string) bool {
	ok, _ := path.Match(strings.ReplaceAll(pattern, "/", "\x01"), strings.ReplaceAll(text, "/", "\x01"))
	return ok
}
