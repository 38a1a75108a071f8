// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"slurm-mp-policy/plaintext"
	"slurm-mp-policy/policy"
)

// rulesPage prints rules in the policy language.
type rulesPage struct {
	w      io.Writer
	screen screen
	// fold breaks lines that are wider than a page, which the language does not have.
	fold bool
}

func writeRules(w io.Writer, s screen, r *rulesRead) {
	p := rulesPage{w, s, s.terminal}
	for i, rule := range r.inForce {
		reason := policy.BuiltinComment(rule.Source)
		if i > 0 && (reason != "" || !strings.HasPrefix(rule.Source, policy.BuiltinName+":")) {
			fmt.Fprintln(w)
		}
		for i, paragraph := range strings.Split(reason, "\n\n") {
			if i > 0 {
				fmt.Fprintln(w, s.paint(faint, "#"))
			}
			p.comment("", paragraph)
		}
		source := rule.Source
		for _, old := range r.replaced(rule) {
			source += ", in the place of " + old
		}
		p.line("", ruleLine(rule), source)
		for _, a := range rule.Actions {
			p.line("    ", actionLine(a), a.Source)
		}
	}
	off := r.off()
	if len(off) > 0 {
		fmt.Fprintln(w)
	}
	for _, o := range off {
		if strings.HasPrefix(o.Of, policy.BuiltinName+":") {
			p.line("", "rule "+always(o.Name)+" off", o.Source+", the rule of "+o.Of)
			continue
		}
		p.comment("", fmt.Sprintf("rule %s of %s is off: %s", always(o.Name), o.Of, o.Source))
	}
}

// comment prints a text as comment lines.
func (p rulesPage) comment(indent, text string) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(wrap(indent+"# "+plaintext.Printable(text), indent+"# "), "\n") {
		fmt.Fprintln(p.w, p.screen.paint(faint, line))
	}
}

// line prints a line of the language with its source: behind it if there is room, else above it.
func (p rulesPage) line(indent, text, source string) {
	text, note := indent+plaintext.Printable(text), "# "+plaintext.Printable(source)
	if utf8.RuneCountInString(text)+2+utf8.RuneCountInString(note) <= drawWidth {
		note = "  " + p.screen.paint(faint, note)
	} else {
		p.comment(indent, source)
		note = ""
	}
	lines := []string{text}
	if p.fold {
		lines = folded(text, indent+"        ", drawWidth)
	}
	if strings.HasPrefix(text, "rule ") {
		for i := range lines {
			lines[i] = p.screen.paint(bold, lines[i])
		}
	}
	fmt.Fprintln(p.w, strings.Join(lines, "\n")+note)
}

// folded breaks a line behind blanks and commas, so that no piece is wider than so many
// characters if it has one of them.
func folded(line, indent string, width int) (pieces []string) {
	rest := []rune(line)
	start := len(rest) - len([]rune(strings.TrimLeft(line, " ")))
	for len(rest) > width {
		end := width
		for end > start && rest[end-1] != ' ' && rest[end-1] != ',' {
			if end == width && rest[end] == ' ' {
				break
			}
			end--
		}
		if end <= start {
			break
		}
		pieces = append(pieces, strings.TrimRight(string(rest[:end]), " "))
		rest = []rune(indent + strings.TrimLeft(string(rest[end:]), " "))
		start = len([]rune(indent))
	}
	return append(pieces, string(rest))
}

func ruleLine(r policy.Rule) string {
	line := "rule " + always(r.Name)
	if r.Protected {
		line += " protected"
	}
	for _, c := range r.Conditions {
		line += " " + quoted(c.String())
	}
	return line
}

func actionLine(a policy.Action) string {
	words := []string{a.Verb}
	switch {
	case a.Speaks():
		words = append(words, always(a.Value))
	case a.Verb == "leave":
	case a.Verb == "unset":
		words = append(words, a.Name)
		for _, v := range a.Values {
			words = append(words, quoted(v))
		}
	default:
		words = append(words, a.Name, quoted(a.Value))
	}
	return strings.Join(words, " ")
}

// quoted is a word as a policy file has it, in quotes only if it needs them.
func quoted(word string) string {
	if policy.Plain(word) {
		return word
	}
	return always(word)
}

// always is a word in quotes.
func always(word string) string {
	switch {
	case !strings.ContainsAny(word, "\"\\"):
		return `"` + word + `"`
	case !strings.Contains(word, "'"):
		return "'" + word + "'"
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word) + `"`
}
