// SPDX-License-Identifier: MIT

package policy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// KMPBinding is the name of the built-in set of those values of KMP_AFFINITY that bind.
const KMPBinding = "KMP_BINDING"

// parseValues reads the words after "values": the name of a set, and its patterns. A set
// is known in the lines below it, in whatever file they are.
func (p *parser) parseValues(line string, words []string) {
	p.begin(line, nil)
	if len(words) < 2 || !validName(words[0]) {
		p.fail(line, "values takes the name of a set and its patterns")
		return
	}
	if _, ok := p.sets[words[0]]; ok {
		p.fail(line, "a second set of this name")
		return
	}
	for _, word := range words[1:] {
		_, err := parsePattern(word)
		if err == nil && strings.ContainsAny(word, ",+!@") {
			err = errors.New("a pattern of a set has no comma, +, ! or @")
		}
		if err != nil {
			p.fail(word, "%v", err)
			return
		}
	}
	if p.sets == nil {
		p.sets = map[string][]string{}
	}
	p.sets[words[0]] = slices.Clone(words[1:])
}

// expand returns the patterns of the set that a word such as "@KMP_BINDING" names. For
// another word, it returns the word itself.
func (b *book) expand(word string) ([]string, error) {
	name, ok := strings.CutPrefix(word, "@")
	if !ok {
		return []string{word}, nil
	}
	if list, ok := b.sets[name]; ok {
		return list, nil
	}
	var builtin map[string][]string
	if b.open[0] != BuiltinName {
		builtin = builtinSets()
	}
	if list, ok := builtin[name]; ok {
		return list, nil
	}
	known := slices.Concat(slices.Collect(maps.Keys(b.sets)), slices.Collect(maps.Keys(builtin)))
	slices.Sort(known)
	return nil, fmt.Errorf("no line \"values %s\" stands above; the sets are %s", name, strings.Join(slices.Compact(known), ", "))
}

// builtinSets returns the sets of the built-in rules. A site's file may also use them. A
// set there has no word in quotes.
var builtinSets = sync.OnceValue(func() map[string][]string {
	sets := map[string][]string{}
	for line := range strings.Lines(builtin) {
		if words := strings.Fields(line); len(words) > 2 && words[0] == "values" {
			sets[words[1]] = words[2:]
		}
	}
	return sets
})

// InSet reports whether a value of a variable matches a pattern of a set of the built-in
// rules, in capital or small letters.
func InSet(set, value string) bool {
	return slices.ContainsFunc(builtinSets()[set], func(text string) bool {
		p, err := valuePattern(text)
		return err == nil && p.matches(value)
	})
}
