// SPDX-License-Identifier: MIT

package python

import (
	"slices"
	"strings"
)

// hydraCalls returns the handlers of Hydra's main, whose function gets a configuration from files. Only
// what the command line overrides is known. Source:
// https://hydra.cc/docs/advanced/override_grammar/basic/
const configurationPath = "omegaconf.DictConfig"

func hydraCalls() map[string]handler {
	calls := map[string]handler{
		"hydra.main": func(c *call) value { return &object{path: "hydra.main()", scope: newScope()} },
		"hydra.main().__call__": func(c *call) value {
			return &object{path: "hydra.function", scope: newScope(), data: orUnknown(c.arg(0, ""))}
		},
		"hydra.function.__call__": runHydra,
	}
	return calls
}

func runHydra(c *call) value {
	o, ok := c.self.(*object)
	if !ok {
		return data
	}
	if len(c.positional) > 0 {
		return c.call(o.data, c.arguments, c.line)
	}
	words, known := c.wordsOf(nil)
	// a value that is overridden twice is the later one
	known = known && !slices.ContainsFunc(words, func(w string) bool {
		name, _, _ := strings.Cut(w, "=")
		return isUnclear(name)
	})
	configuration := &object{path: configurationPath, scope: newScope()}
	for _, w := range words {
		name, v, ok := strings.Cut(w, "=")
		if !known || !ok || strings.HasPrefix(name, "-") {
			continue
		}
		c.override(configuration, strings.Split(strings.TrimLeft(name, "+"), "."), v)
		c.options = append(c.options, &parsed{dest: name[strings.LastIndexByte(name, '.')+1:], words: []string{name}, given: v})
	}
	return c.call(o.data, positional(configuration), c.line)
}

// override sets a value that the command line gives. Commas make a sweep: several runs.
func (c *call) override(at *object, names []string, word string) {
	for _, name := range names[:len(names)-1] {
		inner, ok := at.scope.value(name).(*object)
		if !ok {
			inner = &object{path: configurationPath, scope: newScope()}
			at.scope.put(name, inner)
		}
		at = inner
	}
	v := literalOf(word)
	switch word {
	case "true":
		v = true
	case "false":
		v = false
	case "null":
		v = none{}
	}
	if strings.Contains(word, ",") {
		v = setting
	}
	at.scope.put(names[len(names)-1], v)
}

// configured is an attribute or an item of a configuration that nothing overrides.
func configured(in *interpreter, o *object, name string) value {
	if v, ok := o.scope.get(name); ok {
		return v
	}
	if name == "get" {
		return nil
	}
	return setting
}
