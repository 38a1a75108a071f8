// SPDX-License-Identifier: MIT

package launch

import (
	"fmt"
	"slices"
	"strings"

	"slurm-mp-policy/policy"
)

type options struct {
	words string // of --mp-policy and --no-mp-policy
	argv  []string
	wrong string // what is wrong with the options, "" if nothing is
}

// parse reads the options before the command. After a wrong one the command is still
// found, since it has to run.
func parse(args []string) (o options) {
	off := false
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		option := args[0]
		args = args[1:]
		name, value, given := strings.Cut(option, "=")
		switch {
		case option == "--":
			return o.finish(args, off)
		case option == "--no-mp-policy":
			off = true
		case name == "--mp-policy":
			if !given && len(args) > 0 {
				value, args = args[0], args[1:]
			}
			if _, err := policy.ParseChoice(value); err != nil {
				o.wrong = fmt.Sprintf("--mp-policy=%.64q: %v", value, err)
			}
			o.take(value)
		default:
			o.wrong = fmt.Sprintf("%.64q is no option of it: want --mp-policy=WORDS or --no-mp-policy", option)
		}
	}
	return o.finish(args, off)
}

// take keeps the last words given, as srun does; "explain" alone is added to others.
func (o *options) take(words string) {
	if o.words == "" || words != "explain" {
		o.words = words
	} else if !o.has("explain") {
		o.words += ",explain"
	}
}

func (o *options) has(word string) bool { return slices.Contains(strings.Split(o.words, ","), word) }

// finish adds the opt-out, which wins.
func (o options) finish(argv []string, off bool) options {
	o.argv = argv
	switch {
	case off && o.has("explain"):
		o.words = "off,explain"
	case off:
		o.words = "off"
	}
	return o
}
