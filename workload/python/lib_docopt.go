// SPDX-License-Identifier: MIT

package python

import (
	"regexp"
	"slices"
	"strings"
)

// docoptCalls returns the handlers of docopt's. Source: http://docopt.org and docopt.py.
func docoptCalls() map[string]handler {
	calls := map[string]handler{"docopt.docopt": parseDocopt, "docopt.magic": parseDocopt}
	return calls
}

// maxUsage bounds the text that is read for options, in bytes.
const maxUsage = 1 << 14

var docoptDefault = regexp.MustCompile(`(?i)\[default: (.*?)\]`)

// parseDocopt gives a dict of the options, commands and arguments that a text shows.
func parseDocopt(c *call) value {
	text, ok := c.text(0, "doc")
	if !ok || len(text) > maxUsage {
		return setting
	}
	args := c.arg(1, "argv")
	words, known := c.wordsOf(args)
	p := &parser{style: style{greedy: true}, prefix: "-", defaults: map[string]value{}, noHelp: c.arg(2, "help") == false}
	p.early = c.isSet(-1, "options_first") == yes
	p.docoptOptions(text, c.line)
	u := p.docoptUsage(text, c.line)
	r := &reading{in: c.interpreter, scope: newScope(), known: known, line: c.line}
	r.all(p, words)
	if r.helped {
		return c.exit(false)
	}
	d := newDict()
	for _, o := range p.options {
		c.setEntry(d, key{text: o.dest, kind: 's'}, r.scope.value(o.dest))
		shown := *o // the program's lines name it without dashes
		shown.dest = strings.ReplaceAll(strings.TrimLeft(o.dest, "-"), "-", "_")
		c.options = append(c.options, &shown)
	}
	set, matched := map[string]value{}, false
	if known && !r.lost && !u.isAmbiguous(c.interpreter, r.extra) {
		set, matched = u.matchLine(c.interpreter, r.extra)
	}
	u.each(func(leaf *usage) {
		v, given := set[leaf.name]
		switch {
		case !matched:
			v = setting // refused, or not known
		case given:
		case leaf.kind == 'c':
			v = false
		case leaf.repeats:
			v = &list{}
		default:
			v = none{}
		}
		c.setEntry(d, key{text: leaf.name, kind: 's'}, v)
	})
	return d
}

// docoptOptions adds the options that the lines of a text which start with "-"
// describe.
func (p *parser) docoptOptions(text string, line int) {
	var last *parsed
	for l := range strings.Lines(text) {
		l = strings.TrimSpace(l)
		if !strings.HasPrefix(l, "-") {
			if m := docoptDefault.FindStringSubmatch(l); m != nil && last != nil && last.missing == (none{}) && l != "" {
				last.missing = m[1]
			}
			if l == "" {
				last = nil
			}
			continue
		}
		words, about, _ := strings.Cut(l, "  ")
		o := &parsed{action: "store_true", missing: false, line: line}
		for _, w := range strings.FieldsFunc(words, func(c rune) bool { return c == ',' || c == '=' || c == ' ' }) {
			if strings.HasPrefix(w, "-") {
				o.words = append(o.words, w)
				continue
			}
			o.action, o.missing = "store", none{}
		}
		if m := docoptDefault.FindStringSubmatch(about); m != nil && o.action == "store" {
			o.missing = m[1]
		}
		o.docoptName()
		p.options = append(p.options, o)
		last = o
	}
}

// docoptName is an option's key: its long word if it has one.
func (o *parsed) docoptName() {
	for _, w := range o.words {
		o.dest = w
		if strings.HasPrefix(w, "--") {
			return
		}
	}
}

// usage is a part of what a text shows of the command line.
type usage struct {
	kind     byte // 's' for a sequence, 'e' for alternatives, 'c' for a command, 'a' for an argument
	of       []*usage
	name     string
	optional bool
	repeats  bool
}

// docoptUsage reads the lines behind "usage:", and adds options that only they show.
func (p *parser) docoptUsage(text string, line int) *usage {
	lines := &usage{kind: 'e'}
	at := strings.Index(strings.ToLower(text), "usage:")
	if at < 0 {
		return lines
	}
	section, _, _ := strings.Cut(text[at+len("usage:"):], "\n\n")
	words := strings.Fields(strings.NewReplacer("[", " [ ", "]", " ] ", "(", " ( ", ")", " ) ", "|", " | ", "...", " ... ").Replace(section))
	if len(words) == 0 {
		return lines
	}
	program, from := words[0], 1
	for i := 1; i <= len(words); i++ {
		if i == len(words) || words[i] == program {
			rest := words[from:i]
			lines.of = append(lines.of, p.docoptSequence(&rest, line, 0))
			from = i + 1
		}
	}
	return lines
}

// maxGroups bounds how deep groups nest.
const maxGroups = 20

// docoptSequence reads parts up to the end of a group.
func (p *parser) docoptSequence(words *[]string, line, depth int) *usage {
	either := &usage{kind: 'e'}
	s := &usage{kind: 's'}
	for len(*words) > 0 {
		w := (*words)[0]
		*words = (*words)[1:]
		switch {
		case w == "]" || w == ")":
			either.of = append(either.of, s)
			return either
		case w == "|":
			either.of = append(either.of, s)
			s = &usage{kind: 's'}
		case w == "[" || w == "(":
			if depth > maxGroups {
				return either
			}
			g := p.docoptSequence(words, line, depth+1)
			g.optional = w == "["
			s.of = append(s.of, g)
		case w == "...":
			if len(s.of) > 0 {
				last := s.of[len(s.of)-1]
				last.repeats = true
				last.each(func(leaf *usage) { leaf.repeats = true })
			}
		case w == "options":
		case strings.HasPrefix(w, "-") && len(w) > 1:
			p.docoptOption(w, words, line)
		case strings.HasPrefix(w, "<"), w == strings.ToUpper(w) && w != strings.ToLower(w):
			s.of = append(s.of, &usage{kind: 'a', name: w})
		default:
			s.of = append(s.of, &usage{kind: 'c', name: w})
		}
	}
	either.of = append(either.of, s)
	return either
}

// docoptOption adds an option that the usage shows unless the text describes it, and
// passes its argument over.
func (p *parser) docoptOption(w string, words *[]string, line int) {
	name, _, joined := strings.Cut(w, "=")
	o, _ := p.find(name)
	if o == nil {
		o = &parsed{words: []string{name}, dest: name, action: "store_true", missing: false, line: line}
		if joined {
			o.action, o.missing = "store", none{}
		}
		p.options = append(p.options, o)
	}
	if o.action == "store" && !joined && len(*words) > 0 {
		*words = (*words)[1:]
	}
}

// each calls a function for each command and argument.
func (u *usage) each(run func(leaf *usage)) {
	if u.kind == 'c' || u.kind == 'a' {
		run(u)
	}
	for _, part := range u.of {
		part.each(run)
	}
}

// matchLine returns what the words give to the first line that takes all of them.
func (u *usage) matchLine(in *interpreter, words []string) (map[string]value, bool) {
	for _, line := range u.of {
		set := map[string]value{}
		if rest, ok := line.match(in, words, set); ok && len(rest) == 0 {
			return set, true
		}
	}
	return nil, false
}

// isAmbiguous reports whether a word that is not known may be a command.
func (u *usage) isAmbiguous(in *interpreter, words []string) bool {
	at := slices.IndexFunc(words, isUnclear)
	if at < 0 {
		return false
	}
	var commands []string
	u.each(func(leaf *usage) {
		if leaf.kind == 'c' {
			commands = append(commands, leaf.name)
		}
	})
	if len(commands) == 0 {
		return slices.Contains(words, UnknownWords)
	}
	if slices.Contains(words, UnknownWords) || slices.ContainsFunc(words[at+1:], isUnclear) {
		return true // too many ways to try
	}
	for _, name := range commands {
		try := slices.Clone(words)
		try[at] = name
		if set, ok := u.matchLine(in, try); ok && set[name] == true && !slices.Contains(words, name) {
			return true
		}
	}
	return false
}

// match takes words from the front, and returns those that are left.
func (u *usage) match(in *interpreter, words []string, set map[string]value) ([]string, bool) {
	rest, ok := u.once(in, words, set)
	for ok && u.repeats && len(rest) < len(words) {
		words = rest
		if more, again := u.once(in, words, set); again {
			rest = more
		}
	}
	if !ok && u.optional {
		return words, true
	}
	return rest, ok
}

func (u *usage) once(in *interpreter, words []string, set map[string]value) ([]string, bool) {
	switch u.kind {
	case 'c':
		if len(words) == 0 || words[0] != u.name {
			return words, false
		}
		set[u.name] = true
		return words[1:], true
	case 'a':
		if len(words) == 0 {
			return words, false
		}
		if u.repeats {
			l, _ := set[u.name].(*list)
			if l == nil {
				l = &list{}
			}
			if len(l.items) < maxItems {
				l = &list{items: append(l.items[:len(l.items):len(l.items)], wordOf(words[0]))}
			} else if !l.open {
				l = &list{items: l.items, open: true}
			}
			set[u.name] = l
		} else {
			set[u.name] = wordOf(words[0])
		}
		return words[1:], true
	case 's':
		rest := words
		for _, part := range u.of {
			var ok bool
			if rest, ok = part.match(in, rest, set); !ok {
				return words, false
			}
		}
		return rest, true
	}
	if !in.spend() { // groups in groups that repeat
		return words, false
	}
	best, found := words, false
	var chosen map[string]value
	for _, part := range u.of { // the alternative that takes most
		try := map[string]value{}
		for name, v := range set {
			try[name] = v
		}
		if rest, ok := part.match(in, words, try); ok && (!found || len(rest) < len(best)) {
			best, chosen, found = rest, try, true
		}
	}
	for name, v := range chosen {
		set[name] = v
	}
	return best, found
}
