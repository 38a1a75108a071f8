// SPDX-License-Identifier: MIT

package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mattn/go-shellwords"
)

// Parse reads the text of a policy file; file is its name in messages and
// sources. The rules that could be read stand also where there are errors,
// each of which is "file:line: what is wrong: "the words"".
func Parse(file, text string) (Rules, error) {
	p := parser{file: file, names: map[string]bool{}}
	for line := range strings.SplitSeq(text, "\n") {
		p.line++
		p.parseLine(strings.TrimSuffix(line, "\r"))
	}
	return p.rules, errors.Join(p.errors...)
}

type parser struct {
	file   string
	line   int
	rules  Rules
	names  map[string]bool
	broken bool // the current block's rule line was refused
	errors []error
}

func (p *parser) source() string { return fmt.Sprintf("%s:%d", p.file, p.line) }

func (p *parser) fail(words, format string, args ...any) {
	p.errors = append(p.errors, fmt.Errorf("%s: %s: %q", p.source(), fmt.Sprintf(format, args...), words))
}

func (p *parser) parseLine(line string) {
	if i := strings.IndexByte(line, 0); i >= 0 {
		p.fail(line, "a NUL byte")
		return
	}
	words, err := split(line)
	if err != nil {
		p.fail(line, "%v", err)
		return
	}
	if len(words) == 0 {
		return
	}
	if words[0] == "rule" {
		p.parseRule(line, words[1:])
		return
	}
	if p.broken {
		return
	}
	if len(p.rules.list) == 0 {
		p.fail(line, "before the first rule")
		return
	}
	p.parseAction(line, words)
}

// split cuts a line into words. The library ends a line silently at an unquoted
// shell operator and knows no comments, so both are seen to here.
func split(line string) ([]string, error) {
	line = strings.TrimSpace(uncomment(line))
	if line == "" {
		return nil, nil
	}
	parser := shellwords.NewParser()
	words, err := parser.Parse(line)
	if err != nil {
		return nil, errors.New("a quote or backslash without its end")
	}
	if parser.Position >= 0 && parser.Position < len(line) {
		return nil, fmt.Errorf("%q needs quotes", line[parser.Position:parser.Position+1])
	}
	return words, nil
}

// uncomment cuts a '#' that starts a word outside quotes, and what follows.
func uncomment(line string) string {
	var quote byte
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '\\' && quote != '\'':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t'):
			return line[:i]
		}
	}
	return line
}

func (p *parser) parseRule(line string, words []string) {
	p.broken = true
	if len(words) == 0 || words[0] == "" || strings.ContainsRune(words[0], '=') {
		p.fail(line, "a rule needs a name, in quotes")
		return
	}
	r := rule{name: words[0], source: p.source()}
	if p.names[r.name] {
		p.fail(line, "a second rule of this name in the file")
		return
	}
	for _, word := range words[1:] {
		if word == "off" && len(words) == 2 {
			r.off = true
			continue
		}
		c, err := parseCondition(word)
		if err != nil {
			p.fail(word, "%v", err)
			return
		}
		r.conditions = append(r.conditions, c)
	}
	p.broken = false
	p.names[r.name] = true
	p.rules.list = append(p.rules.list, r)
}

func (p *parser) parseAction(line string, words []string) {
	current := &p.rules.list[len(p.rules.list)-1]
	if current.off {
		p.fail(line, "a rule that is off has no actions")
		return
	}
	a := action{verb: words[0], source: p.source()}
	var err error
	switch {
	case a.verb == "hint" && len(words) == 2:
		a.value = words[1]
		err = checkPlaceholders(a.value)
	case a.verb == "hint":
		err = errors.New("hint takes one text, in quotes")
	case a.verb != "set" && a.verb != "force" && a.verb != "unset":
		err = fmt.Errorf("no such action as %q; there are set, force, unset and hint", a.verb)
	case len(words) < 2 || !validName(words[1]):
		err = fmt.Errorf("%s needs the name of a variable", a.verb)
	case words[1] == AppliedName:
		err = errors.New("this variable is the plugin's own record")
	case a.verb == "unset":
		a.name, a.values = words[1], words[2:]
	case len(words) != 3 || words[2] == "":
		err = fmt.Errorf("%s takes a name and one value that is not empty", a.verb)
	default:
		a.name, a.value = words[1], words[2]
		err = checkPlaceholders(a.value)
	}
	if err != nil {
		p.fail(line, "%v", err)
		return
	}
	current.actions = append(current.actions, a)
}

// numbers are the names that values may have in braces.
var numbers = []string{"cpus", "cores", "threads", "workers", "tasks"}

// placeholders are the names in braces of a value.
func placeholders(value string) []string {
	var names []string
	for {
		_, rest, ok := strings.Cut(value, "{")
		if !ok {
			return names
		}
		name, rest, ok := strings.Cut(rest, "}")
		if !ok {
			return append(names, rest)
		}
		names = append(names, name)
		value = rest
	}
}

func checkPlaceholders(value string) error {
	for _, name := range placeholders(value) {
		if !slices.Contains(numbers, name) {
			return fmt.Errorf("no such value as {%s}; there are {%s}", name, strings.Join(numbers, "}, {"))
		}
	}
	return nil
}
