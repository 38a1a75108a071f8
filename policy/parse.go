// SPDX-License-Identifier: MIT

package policy

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parse reads the text of a policy file; file is its name in messages and
// sources, and load reads what it includes (nil: it may not include). The rules
// that could be read stand also where there are errors, each of which is
// "file:line: what is wrong: "the words"".
func Parse(file, text string, load Load) (Rules, error) {
	b := book{load: load}
	b.read(File{Name: file, Text: text})
	return b.rules, errors.Join(b.errors...)
}

// parser reads one file of a book.
type parser struct {
	*book
	file    string
	line    int
	names   map[string]bool
	current *rule // what actions belong to
	broken  bool  // the current block's rule line was refused
}

func (p *parser) source() string { return p.file + ":" + strconv.Itoa(p.line) }

func (p *parser) fail(words, format string, args ...any) {
	p.errors = append(p.errors, fmt.Errorf("%s: %s: %q", p.source(), fmt.Sprintf(format, args...), words))
}

func (p *parser) parseLine(line string) {
	if i := strings.IndexByte(line, 0); i >= 0 {
		p.unreadable(line, "a NUL byte")
		return
	}
	if !utf8.ValidString(line) {
		p.unreadable(line, "not in UTF-8")
		return
	}
	words, err := split(line, p.space)
	if err != nil {
		p.unreadable(line, err.Error())
		return
	}
	if len(words) == 0 {
		return
	}
	p.space = words
	switch {
	case words[0] == "rule":
		p.parseRule(line, words[1:])
	case words[0] == "include":
		p.current, p.broken = nil, false
		p.include(line, words[1:])
	case p.broken:
	case p.current == nil:
		p.fail(line, "an action below no rule")
	default:
		p.parseAction(line, words)
	}
}

// unreadable is a line whose words cannot be told. Where it begins a rule, the actions
// below it are not the rule's before it.
func (p *parser) unreadable(line, why string) {
	p.fail(line, "%s", why)
	switch words := strings.Fields(line); {
	case len(words) == 0:
	case words[0] == "rule":
		p.current, p.broken = nil, true
	case words[0] == "include":
		p.current, p.broken = nil, false
	}
}

func (p *parser) parseRule(line string, words []string) {
	p.current, p.broken = nil, true
	if len(words) == 0 || words[0] == "" || strings.ContainsRune(words[0], '=') {
		p.fail(line, "a rule needs a name, in quotes")
		return
	}
	r := &rule{name: words[0], source: p.source()}
	if p.names[r.name] {
		p.fail(line, "a second rule of this name in the file")
		return
	}
	r.conditions = make([]condition, 0, len(words)-1)
	for _, word := range words[1:] {
		if word == "off" && len(words) == 2 {
			r.off = true
			continue
		}
		if word == "protected" {
			r.protected = true
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
	p.current = r
}

func (p *parser) parseAction(line string, words []string) {
	if p.current.off {
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
	case !p.current.protected && isProtected(words[1]):
		err = fmt.Errorf("%s steers Slurm, the loader or the search for programs; a rule that means it has the word \"protected\" on its rule line", words[1])
	case a.verb == "unset":
		a.name = words[1]
		a.values, err = parseValues(words[2:])
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
	a.numbers = placeholders(a.value)
	p.current.actions = append(p.current.actions, a)
}

func parseValues(words []string) (values []removal, err error) {
	for _, word := range words {
		var v removal
		word, v.not = strings.CutPrefix(word, "!")
		if v.pattern, err = valuePattern(word); err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// isProtected tells whether a variable is one that a rule changes only with the
// word "protected": a slip there is felt far beyond Python.
func isProtected(name string) bool {
	for _, prefix := range []string{"SLURM_", "SRUN_", "SBATCH_", "SALLOC_", "SPANK_", "LD_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return name == "PATH" || name == "MP_POLICY"
}

// numbers are the names that values may have in braces.
var numbers = []string{"cpus", "cores", "threads", "workers", "tasks", "share", "pool", "node_cpus"}

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
