// SPDX-License-Identifier: MIT

package policy

import (
	"regexp"
	"strings"
)

// isForeign reports a file in another language with one error, instead of one error for
// each line. A file that has a rule, an include or a set of values is never reported in
// this way: its readable lines hold.
func (p *parser) isForeign(text string) bool {
	first, at, kind := "", 0, ""
	number := 0
	for line := range strings.SplitSeq(strings.TrimPrefix(text, "\ufeff"), "\n") {
		number++
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0][0] == '#':
		case words[0] == "rule" || words[0] == "include" || words[0] == "values":
			return false
		case first == "" && strings.HasPrefix(words[0], ";"), first == "" && strings.HasPrefix(words[0], "//"):
			// a comment in INI, or in a dialect of JSON
		case first == "":
			first, at = strings.TrimRight(line, " \t\r"), number
			if kind = languageOf(strings.TrimSpace(first)); kind == "" {
				return false
			}
		}
	}
	if first == "" {
		return false
	}
	p.line = at
	p.fail(first, "this looks like %s; a policy file has lines like rule \"NAME\" workload=multiprocessing, and below each its actions, like set VARIABLE VALUE", kind)
	return true
}

var (
	section = regexp.MustCompile(`^\[[^\]",]+\]\]?$`)
	// keyColon is a key of YAML, or an item of a list.
	keyColon = regexp.MustCompile(`^(---|- .*|[\w."'-]+:( .*)?)$`)
	keyEqual = regexp.MustCompile(`^[\w.-]+ *=`)
)

// languageOf returns the language that a file's first line shows, "" if it may be the
// policy's language.
func languageOf(line string) string {
	switch {
	case section.MatchString(line):
		return "an INI or TOML file"
	case line[0] == '{' || line[0] == '[':
		return "a JSON file"
	case keyColon.MatchString(line):
		return "a YAML file"
	case keyEqual.MatchString(line):
		return "a file of lines KEY=VALUE"
	}
	return ""
}
