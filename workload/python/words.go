// SPDX-License-Identifier: MIT

package python

import "strings"

// Unknown stands for an unknown piece of text in a word of a command line, or in a variable's value. Real
// ones cannot have a NUL byte.
const Unknown = "\x00"

// UnknownWords is a word that stands for any number of words, none included.
const UnknownWords = "\x00\x00"

// unclearOption is an option whose name is not known.
const unclearOption = "--" + Unknown

// isUnclear reports whether a part of a word is not known.
func isUnclear(w string) bool { return strings.Contains(w, Unknown) }

// wordOf returns the text of a word. A partly known text keeps its known parts, for the parser that gets
// it.
func wordOf(w string) value {
	if isUnclear(w) {
		return &unknown{setting: true, word: w}
	}
	return w
}

// wordList returns words as a list. The items after UnknownWords are not known.
func wordList(words []string) *list {
	l := &list{}
	for _, w := range words {
		if w == UnknownWords {
			l.open, l.unclear = true, true
			return l
		}
		l.items = append(l.items, wordOf(w))
	}
	return l
}

// hasUnknownWords reports whether words of the command line may follow a list's items.
func (l *list) hasUnknownWords() bool { return l.open && l.unclear }

// isUnclearOption reports whether a word is an option whose name is not known. In "-j\x00" only the value
// is not known.
func (p *parser) isUnclearOption(w string) bool {
	name, _, _ := strings.Cut(w, "=")
	before, _, unclear := strings.Cut(name, Unknown)
	if !unclear || before == "" || !strings.ContainsRune(p.prefix, rune(w[0])) {
		return false
	}
	if len(before) < 2 || before[1] == before[0] || p.hasLonger(before) {
		return true
	}
	for at := 1; at < len(before); at++ {
		o, _ := p.find(before[:1] + before[at:at+1])
		if o == nil {
			return true
		}
		if o.takesValue() {
			return false
		}
	}
	return true
}

// hasLonger reports whether a text is the beginning of an option's word.
func (p *parser) hasLonger(text string) bool {
	for _, o := range p.options {
		for _, words := range [...][]string{o.words, o.off} {
			for _, word := range words {
				if len(word) > len(text) && strings.HasPrefix(word, text) {
					return true
				}
			}
		}
	}
	return false
}

// isFixed reports whether no further word can change an option that was given: a flag
// that has its attribute for itself.
func (r *reading) isFixed(p *parser, o *parsed) bool {
	switch o.action {
	case "store_true", "store_false", "store_const":
	default:
		return false
	}
	if !r.seen[o] || len(o.off) > 0 {
		return false
	}
	for _, other := range p.options {
		if other != o && other.dest == o.dest {
			return false
		}
	}
	return true
}
