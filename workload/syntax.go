// SPDX-License-Identifier: MIT

package workload

import (
	"slices"
	"strings"
)

// A syntax describes where the options of a command end and the command that it runs begins.
type syntax struct {
	short  string   // letters of the options that take a value
	long   []string // names, without dashes, of the long options that take their value as the next word
	single bool     // long options have one dash, as in X11 and Intel's tools
	skip   int      // operands that come before the command, as timeout's duration
	stop   string   // letters after whose value the command's options end, as python -c
	loose  bool     // it has more options than are known: see commandIn
}

// An option was given on a command line. Its name has no dashes.
type option struct{ name, value string }

// parse removes the options from the words of a command. It returns the options that have a value,
// and the words that remain. The rules are those of getopt_long(3) with "+": the first operand ends
// the options, as in every command that runs another one.
func (s syntax) parse(words []string) (given []option, rest []string) {
	for len(words) > 0 {
		word := words[0]
		if len(word) < 2 || word[0] != '-' {
			break
		}
		words = words[1:]
		if word == "--" {
			break
		}
		name := strings.TrimPrefix(word[1:], "-")
		if word[1] == '-' || s.single && len(name) > 1 {
			value, has := "", false
			if name, value, has = strings.Cut(name, "="); !has && slices.Contains(s.long, name) && len(words) > 0 {
				value, words, has = words[0], words[1:], true
			}
			given = append(given, option{name, value})
			continue
		}
		for i := range len(name) {
			letter := name[i : i+1]
			stop := strings.Contains(s.stop, letter)
			if !stop && !strings.Contains(s.short, letter) {
				given = append(given, option{letter, ""})
				continue
			}
			value := name[i+1:]
			if value == "" && len(words) > 0 {
				value, words = words[0], words[1:]
			}
			given = append(given, option{letter, value})
			if stop {
				return given, words
			}
			break
		}
	}
	return given, words
}

// lastOption returns the value of the last option that has one of the names. If an option is given
// twice, the last one counts for every command here.
func lastOption(given []option, names ...string) (string, bool) {
	for i := len(given) - 1; i >= 0; i-- {
		if slices.Contains(names, given[i].name) {
			return given[i].value, true
		}
	}
	return "", false
}

// command returns the command line that the words of a wrapper contain.
func (s syntax) command(words []string) ([]option, []string) {
	given, rest := s.parse(words)
	rest = rest[min(s.skip, len(rest)):]
	if len(rest) > 0 && rest[0] == "--" {
		rest = rest[1:]
	}
	if s.loose && !isKnown(rest) {
		if found := commandIn(words); found != nil {
			return given, found
		}
	}
	return given, rest
}

// commandIn finds the command in the words of a wrapper whose options are not all known: the words
// after "--", or else from the first word that names a known program.
func commandIn(words []string) []string {
	for i, word := range words {
		if word == "--" {
			return words[i+1:]
		}
	}
	for i := range words {
		if isKnown(words[i:]) {
			return words[i:]
		}
	}
	return nil
}

func isKnown(argv []string) bool {
	if len(argv) == 0 {
		return false
	}
	name := argv[0][strings.LastIndexByte(argv[0], '/')+1:]
	if isPython(name) || isShell(name) || strings.HasSuffix(name, ".py") {
		return true
	}
	switch name {
	case "map": // also the value of an option
		return false
	case "apptainer", "singularity", "sarus", "enroot", "podman-hpc", "podman", "docker", "nerdctl", "shifter":
		return true
	}
	_, wraps := wrapper(name)
	return wraps
}
