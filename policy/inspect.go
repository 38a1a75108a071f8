// SPDX-License-Identifier: MIT

package policy

import (
	"strconv"
	"strings"
)

// Rule is one rule as its file has it, for code that shows rules or checks them.
type Rule struct {
	Name   string
	Source string // file:line
	// Off removes the earlier rule of this name.
	Off bool
	// Protected is set if the rule may change variables of Slurm, the loader and PATH.
	Protected  bool
	Conditions []Condition
	Actions    []Action
}

// Condition is one word of a rule's line.
type Condition struct {
	Key          string
	Alternatives []Alternative
	condition    condition
}

// Alternative is one value of a Condition.
type Alternative struct {
	Not bool
	// Words are patterns that must all match. For the key env, each is NAME or
	// NAME=PATTERN.
	Words []string
	// Compare is '<', '>' or '='; 0 if the key is neither a number nor a version.
	Compare byte
	// Number is the number that it is compared with, unless NumberOf names one.
	Number   int
	NumberOf string
	// Version is the version that the key python is compared with.
	Version Version
}

// Action is one line below a rule.
type Action struct {
	Verb   string // set, force, append, unset, hint, note, reason or leave
	Name   string
	Value  string   // value of set, force and append; text of hint, note and reason
	Values []string // of unset: patterns of the removed values
	Source string   // file:line
}

// Speaks reports whether the action is a text for people and not about a variable.
func (a Action) Speaks() bool { return speaks(a.Verb) }

// All returns the rules in their order: all rules of one file, or after Add those in force.
func (r Rules) All() []Rule {
	list := make([]Rule, len(r.list))
	for i, rule := range r.list {
		list[i] = Rule{Name: rule.name, Source: rule.source, Off: rule.off, Protected: rule.protected}
		for _, c := range rule.conditions {
			list[i].Conditions = append(list[i].Conditions, inspect(c))
		}
		for _, a := range rule.actions {
			action := Action{Verb: a.verb, Name: a.name, Value: a.value, Source: a.source}
			for _, v := range a.values {
				action.Values = append(action.Values, negated(v.not)+v.String())
			}
			list[i].Actions = append(list[i].Actions, action)
		}
	}
	return list
}

func inspect(c condition) Condition {
	shown := Condition{Key: c.key, condition: c}
	for _, a := range c.alternatives {
		alternative := Alternative{Not: a.not, Compare: a.compare, Number: a.number, NumberOf: a.numberOf, Version: a.version}
		for _, p := range a.patterns {
			word := p.String()
			if a.name != "" {
				word = a.name + "=" + word
			}
			alternative.Words = append(alternative.Words, word)
		}
		if a.name != "" && len(a.patterns) == 0 {
			alternative.Words = []string{a.name}
		}
		shown.Alternatives = append(shown.Alternatives, alternative)
	}
	return shown
}

// String returns the pattern as a file has it.
func (p pattern) String() string { return strings.ReplaceAll(p.text, "\x01", "/") }

func negated(not bool) string {
	if not {
		return "!"
	}
	return ""
}

// Plain reports whether a file may have the word without quotes.
func Plain(word string) bool {
	for _, c := range []byte(word) {
		if !plain[c] {
			return false
		}
	}
	return word != ""
}

// BuiltinComment returns the comment directly above a built-in rule, by the source of the rule,
// with an empty line between paragraphs. It returns "" for other rules, and for a rule that
// shares the comment of the rule before it.
func BuiltinComment(source string) string {
	number, ofBuiltin := strings.CutPrefix(source, BuiltinName+":")
	line, err := strconv.Atoi(number)
	lines := strings.Split(builtin, "\n")
	if !ofBuiltin || err != nil || line < 1 || line > len(lines) {
		return ""
	}
	first := line - 1 // first line of the comment
	for first > 0 && strings.HasPrefix(lines[first-1], "#") {
		first--
	}
	var text strings.Builder
	for _, comment := range lines[first : line-1] {
		comment = strings.TrimSpace(strings.TrimPrefix(comment, "#"))
		switch {
		case comment == "":
			text.WriteString("\n\n")
		case text.Len() > 0 && !strings.HasSuffix(text.String(), "\n"):
			text.WriteString(" " + comment)
		default:
			text.WriteString(comment)
		}
	}
	return text.String()
}

// Holds reports whether the condition holds for these facts.
func (c Condition) Holds(f Facts) bool { return c.condition.holds(&f) }

// String returns the condition as a file may have it, without quotes.
func (c Condition) String() string {
	words := make([]string, len(c.Alternatives))
	for i, a := range c.Alternatives {
		words[i] = a.String()
	}
	text := strings.Join(words, ",")
	if text[0] == '<' || text[0] == '>' {
		return c.Key + text
	}
	return c.Key + "=" + text
}

// String returns the value as a file may have it.
func (a Alternative) String() string {
	text := strings.Join(a.Words, "+")
	if a.Compare != 0 {
		switch {
		case a.Version != (Version{}):
			text = a.Version.String()
		case a.NumberOf != "":
			text = a.NumberOf
		default:
			text = strconv.Itoa(a.Number)
		}
		if a.Compare != '=' {
			text = string(a.Compare) + text
		}
	}
	return negated(a.Not) + text
}
