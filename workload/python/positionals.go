// SPDX-License-Identifier: MIT

package python

import (
	"slices"
)

// places returns the positional arguments.
func (p *parser) places() []*parsed {
	var list []*parsed
	for _, o := range p.options {
		if len(o.words) == 0 && o.action != "context" && len(o.off) == 0 {
			list = append(list, o)
		}
	}
	return list
}

// takesRest reports whether the positional argument at an index takes all words that
// follow, options too.
func takesRest(places []*parsed, at int) bool {
	if at >= len(places) {
		return false
	}
	return places[at].nargs == "..." || places[at].nargs == "A..."
}

// needs returns the number of words that a positional argument takes at least.
func (o *parsed) needs() int {
	switch n := o.nargs.(type) {
	case nil:
		return 1
	case int64:
		return max(int(n), 0)
	case string:
		if n == "+" || n == "A..." {
			return 1
		}
	}
	return 0
}

// positional gives the words that are no options to the positional arguments.
func (r *reading) positional(p *parser, words []string) {
	places := p.places()
	if r.lost || slices.Contains(words, UnknownWords) {
		for _, o := range places {
			r.in.set(r.scope, o.dest, setting)
		}
		if !r.lost {
			r.extra = append(r.extra, words...)
		}
		return
	}
	all := words
	for i, o := range places {
		after := 0 // words that the later ones need
		for _, later := range places[i+1:] {
			after += later.needs()
		}
		n := o.needs()
		if s, ok := o.nargs.(string); ok {
			n = max(len(words)-after, 0)
			if s == "?" {
				n = min(n, 1)
			}
		}
		n = min(n, len(words))
		if n > 0 {
			r.store(o, words[:n])
			words = words[n:]
		}
	}
	if len(words) > 0 && r.strict && slices.ContainsFunc(all, isUnclear) {
		r.unclear(p) // there is no place for all of them: one is an option
		for _, o := range places {
			r.in.set(r.scope, o.dest, setting)
		}
		return
	}
	r.extra = append(r.extra, words...)
}
