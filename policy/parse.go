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

// Parse reads the text of a policy file. file is its name in messages and sources. load reads
// the files that it includes; with nil it may not include any. If there are errors, the rules that
// could be read are returned all the same. Each error is
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
	current *rule // the rule that actions belong to; that of a refused line is in no list
	indent  int   // of the line that began current
	stray   *rule // the owner of actions that are indented deeper than a refused line within current
	deeper  int   // indent of that line
}

// verbs are the words that begin an action.
var verbs = []string{"set", "force", "append", "unset", "hint", "note", "reason", "leave"}

// indentOf returns the number of blanks before a line's first word.
func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

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
		p.begin(line, nil)
		p.include(line, words[1:])
	case words[0] == "values":
		p.parseValues(line, words[1:])
	case !slices.Contains(verbs, words[0]):
		format := "no line begins with %q; there are rule, include and values, and below a rule %s"
		if p.refuse(line) {
			format = "no such action as %q; there are %s"
		}
		p.fail(line, format, words[0], strings.Join(verbs, ", "))
	case p.current == nil:
		p.fail(line, "an action below no rule")
	default:
		p.parseAction(line, words)
	}
}

// unreadable handles a line that cannot be split into words. If it begins a rule, the actions
// below it do not belong to the rule before it.
func (p *parser) unreadable(line, why string) {
	p.fail(line, "%s", why)
	switch words := strings.Fields(line); {
	case len(words) == 0:
	case words[0] == "rule":
		p.begin(line, refused(line))
	case words[0] == "include" || words[0] == "values":
		p.begin(line, nil)
	case !slices.Contains(verbs, words[0]):
		p.refuse(line)
	}
}

// begin makes a rule the owner of the actions below a line.
func (p *parser) begin(line string, r *rule) {
	p.current, p.indent, p.stray = r, indentOf(line), nil
}

// refused returns a rule for a refused line. Its actions are only checked.
func refused(line string) *rule {
	return &rule{protected: strings.Contains(line, "protected")}
}

// refuse handles a line that has no known first word. It may be a rule whose first word is
// misspelt, so the actions below it do not belong to the rule before it. A line that is indented
// below a rule is an action of that rule, and only lines that are indented deeper do not belong
// to the rule; refuse returns true then.
func (p *parser) refuse(line string) bool {
	if p.current == nil || indentOf(line) <= p.indent {
		p.begin(line, refused(line))
		return false
	}
	p.stray, p.deeper = refused(line), indentOf(line)
	return true
}

// owner returns the rule that the action of a line belongs to.
func (p *parser) owner(line string) *rule {
	if p.stray != nil && indentOf(line) > p.deeper {
		return p.stray
	}
	p.stray = nil
	return p.current
}

func (p *parser) parseRule(line string, words []string) {
	p.begin(line, refused(line))
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
	for i, word := range words[1:] {
		if word == "off" && len(words) == 2 {
			r.off = true
			continue
		}
		if word == "protected" {
			r.protected = true
			continue
		}
		c, err := p.parseCondition(word)
		if err != nil && i == 0 && word != "off" && !strings.ContainsAny(word, "=<>") {
			err = fmt.Errorf("%w; a name of several words needs quotes: rule %q", err, nameOf(words))
		}
		if err != nil {
			p.fail(word, "%v", err)
			return
		}
		r.conditions = append(r.conditions, c)
	}
	p.names[r.name] = true
	p.rules.list = append(p.rules.list, r)
	p.current = r
}

// nameOf joins the words after "rule" up to the first condition.
func nameOf(words []string) string {
	end := 1
	for end < len(words) && words[end] != "off" && words[end] != "protected" && !strings.ContainsAny(words[end], "=<>") {
		end++
	}
	return strings.Join(words[:end], " ")
}

func (p *parser) parseAction(line string, words []string) {
	r := p.owner(line)
	if r.off {
		p.fail(line, "a rule that is off has no actions")
		return
	}
	a := action{verb: words[0], source: p.source()}
	var err error
	switch {
	case speaks(a.verb) && len(words) == 2:
		a.value = withDataDir(words[1])
		err = checkPlaceholders(a.value, true)
	case speaks(a.verb):
		err = fmt.Errorf("%s takes one text, in quotes", a.verb)
	case a.verb == "leave" && len(words) == 1:
		r.leaves = true
	case a.verb == "leave":
		err = errors.New("leave stands alone: it is about the whole step")
	case len(words) < 2 || words[1] == "":
		err = fmt.Errorf("%s needs the name of a variable", a.verb)
	case !validName(words[1]):
		err = fmt.Errorf("%q is no name of a variable", words[1])
	case words[1] == AppliedName:
		err = errors.New("this variable is the plugin's own record")
	case !r.protected && isProtected(words[1]):
		err = fmt.Errorf("%s steers Slurm, the loader or the search for programs; a rule that means it has the word \"protected\" on its rule line", words[1])
	case a.verb == "unset":
		a.name = words[1]
		a.values, err = p.parseRemovals(words[2:])
	case len(words) != 3 || words[2] == "":
		err = fmt.Errorf("%s takes a name and one value that is not empty", a.verb)
	default:
		a.name, a.value = words[1], withDataDir(words[2])
		err = checkPlaceholders(a.value, false)
		if err == nil && a.verb == "append" {
			err = checkPath(a.value)
		}
	}
	if err != nil {
		p.fail(line, "%v", err)
		return
	}
	a.names = placeholders(a.value)
	r.actions = append(r.actions, a)
	r.sets = r.sets || a.name != ""
	r.speaks = r.speaks || a.verb == "hint" || a.verb == "note"
}

func (p *parser) parseRemovals(words []string) (list []removal, err error) {
	for _, word := range words {
		word, not := strings.CutPrefix(word, "!")
		texts, err := p.expand(word)
		if err != nil {
			return nil, err
		}
		for _, text := range texts {
			pattern, err := valuePattern(text)
			if err != nil {
				return nil, err
			}
			list = append(list, removal{pattern, not})
		}
	}
	return list, nil
}

// isProtected reports whether a rule needs the word "protected" to change a variable: a mistake
// there affects far more than Python.
func isProtected(name string) bool {
	for _, prefix := range []string{"SLURM_", "SRUN_", "SBATCH_", "SALLOC_", "SPANK_", "LD_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return name == "PATH" || name == "MP_POLICY"
}

// numbers are the names that may stand in braces in a value.
var numbers = []string{"cpus", "cores", "threads", "workers", "tasks", "share", "pool", "node_cpus", "copies", "job_cpus", "given", "sharing", "starts", "omp_threads", "all_threads"}

// placeholders returns the names in braces of a value.
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

// checkPlaceholders checks the names in braces. Only a text for people may have names that are
// not numbers, because those come from the user's files, and a number with a noun.
func checkPlaceholders(value string, text bool) error {
	known := numbers
	if text {
		known = slices.Concat(numbers, texts)
	}
	for _, inner := range placeholders(value) {
		name, _, noun := strings.Cut(inner, " ")
		if !slices.Contains(known, name) || noun && (!text || slices.Contains(texts, name)) {
			return fmt.Errorf("no such value as {%s}; there are {%s}", inner, strings.Join(append(slices.Clone(known), dataDirName), "}, {"))
		}
	}
	return nil
}
