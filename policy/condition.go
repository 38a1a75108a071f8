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
	patterns []pattern // joined by +: all of them must be there
	name     string    // of key env: the variable; without patterns, it only has to be set
	compare  byte      // of a number: '<', '>' or '='
	number   int       // that it is compared with
	numberOf string    // or the name of the number that it is compared with
	version  Version   // of key python: that it is compared with
}

var (
	textKeys   = []string{"node", "workload", "command", "partition", "account", "qos", "user", "group", "affinity", "set", "removed", "env"}
	numberKeys = []string{"tasks", "cpus", "cores", "workers", "share", "pool", "node_cpus", "copies", "job_cpus", "given", "sharing", "starts", "omp_threads", "all_threads"}
)

// versionKey is the key of the interpreter's version.
const versionKey = "python"

// parseCondition reads key=a,b or, for numbers and versions, also key<n and key>n.
func (b *book) parseCondition(word string) (condition, error) {
	end := strings.IndexAny(word, "=<>")
	if end < 0 {
		return condition{}, errors.New("neither a condition (key=value) nor \"protected\" or a single \"off\"")
	}
	c := condition{key: word[:end]}
	values := strings.TrimPrefix(word[end:], "=")
	read := parseText
	switch {
	case slices.Contains(numberKeys, c.key):
		read = parseNumber
	case c.key == versionKey:
		read = parseVersionWord
	case !slices.Contains(textKeys, c.key):
		return c, fmt.Errorf("no such condition as %q; there are %s, %s, %s", c.key,
			strings.Join(textKeys, ", "), versionKey, strings.Join(numberKeys, ", "))
	case word[end] != '=':
		return c, fmt.Errorf("%s is no number to compare with; want %s=", c.key, c.key)
	case c.key == "env":
		read = parseEnv
	}
	c.alternatives = make([]alternative, 0, 1+strings.Count(values, ","))
	for text := range strings.SplitSeq(values, ",") {
		text, not := strings.CutPrefix(text, "!")
		if text == "" {
			return c, errors.New("an empty value")
		}
		words, err := b.expandWord(c.key, text)
		if err != nil {
			return c, err
		}
		for _, word := range words {
			a, err := read(word)
			if err != nil {
				return c, err
			}
			a.not = not
			c.alternatives = append(c.alternatives, a)
		}
	}
	return c, nil
}

// expandWord is like expand, but for an alternative of a condition. The alternative is
// "@SET", or "NAME=@SET" for the key env.
func (b *book) expandWord(key, word string) ([]string, error) {
	if key != "env" {
		return b.expand(word)
	}
	name, value, _ := strings.Cut(word, "=")
	if !strings.HasPrefix(value, "@") {
		return []string{word}, nil
	}
	list, err := b.expand(value)
	words := make([]string, len(list))
	for i, pattern := range list {
		words[i] = name + "=" + pattern
	}
	return words, err
}

func parseText(text string) (alternative, error) {
	var a alternative
	for text := range strings.SplitSeq(text, "+") {
		p, err := parsePattern(text)
		if err != nil {
			return a, err
		}
		a.patterns = append(a.patterns, p)
	}
	return a, nil
}

func parseEnv(text string) (alternative, error) {
	name, value, valued := strings.Cut(text, "=")
	if !validName(name) {
		return alternative{}, fmt.Errorf("%q is no name of a variable", name)
	}
	a := alternative{name: name}
	if valued {
		p, err := valuePattern(value)
		if err != nil {
			return a, err
		}
		a.patterns = []pattern{p}
	}
	return a, nil
}

func parseNumber(text string) (alternative, error) {
	a := alternative{compare: '='}
	if text[0] == '<' || text[0] == '>' {
		a.compare, text = text[0], text[1:]
	}
	if slices.Contains(numbers, text) {
		a.numberOf = text
		return a, nil
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return a, fmt.Errorf("%q is no number, nor the name of one (%s)", text, strings.Join(numbers, ", "))
	}
	a.number = int(n)
	return a, nil
}

func parseVersionWord(text string) (alternative, error) {
	a := alternative{compare: '='}
	if text[0] == '<' || text[0] == '>' {
		a.compare, text = text[0], text[1:]
	}
	var err error
	a.version, err = parseVersion(text)
	return a, err
}

func (c *condition) holds(f *Facts) bool {
	return holds(c.alternatives, func(a *alternative) (match, not bool) { return a.matches(c.key, f), a.not })
}

// holds reports whether none of the negated alternatives matches and one of the others does, if
// there are others.
func holds[T any](alternatives []T, look func(*T) (match, not bool)) bool {
	positive, matched := false, false
	for i := range alternatives {
		match, not := look(&alternatives[i])
		if not && match {
			return false
		}
		positive = positive || !not
		matched = matched || !not && match
	}
	return matched || !positive
}

func (a *alternative) matches(key string, f *Facts) bool {
	switch {
	case key == versionKey:
		return f.Python.compares(a.compare, a.version)
	case a.compare != 0:
		return a.comparesWith(key, f)
	case a.name != "":
		have, ok := f.Env[a.name]
		return ok && (len(a.patterns) == 0 || a.patterns[0].matches(have))
	}
	for _, p := range a.patterns {
		if !f.has(key, p) {
			return false
		}
	}
	return true
}

// comparesWith compares a number. A number that is not known matches nothing.
func (a *alternative) comparesWith(key string, f *Facts) bool {
	n, with := f.number(key), a.number
	if a.numberOf != "" {
		if with = f.number(a.numberOf); with < 1 {
			return false
		}
	}
	switch {
	case n < 1:
		return false
	case a.compare == '<':
		return n < with
	case a.compare == '>':
		return n > with
	}
	return n == with
}

// pattern is a word that may have *, ? and [...].
type pattern struct {
	text    string
	literal bool // it has no such character
	fold    bool // it is in small letters, and is compared with small letters
}

func parsePattern(text string) (pattern, error) {
	return newPattern(text, false)
}

// valuePattern returns a pattern for the value of a variable. The case of letters does not
// matter, as in OpenMP's variables (OpenMP specification, "Environment Variables").
func valuePattern(text string) (pattern, error) {
	return newPattern(strings.ToLower(text), true)
}

func newPattern(text string, fold bool) (pattern, error) {
	if text == "" {
		return pattern{}, errors.New("an empty value")
	}
	// The '*' of path.Match stops at a slash. Here a slash is a character like others, as in
	// the patterns of a shell's case.
	p := pattern{strings.ReplaceAll(text, "/", "\x01"), !strings.ContainsAny(text, `*?[\`), fold}
	if p.literal {
		return p, nil
	}
	if _, err := path.Match(p.text, ""); err != nil {
		return p, fmt.Errorf("%q is no pattern", text)
	}
	return p, nil
}

func (p pattern) matches(text string) bool {
	text = strings.ReplaceAll(text, "/", "\x01")
	if p.fold {
		text = strings.ToLower(text)
	}
	if p.literal {
		return p.text == text
	}
	ok, _ := path.Match(p.text, text)
	return ok
}
