// SPDX-License-Identifier: MIT

package launch

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"slurm-mp-policy/policy"
)

type options struct {
	words string // of --mp-policy and --no-mp-policy
	argv  []string
	wrong string // what is wrong with the options, "" if nothing is
}

// parse reads the options before the command. It finds the command even after a wrong
// option, because the command has to run.
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
			if !given && isCommand(args) {
				o.wrong = fmt.Sprintf("--mp-policy has no value: want --mp-policy=WORDS %.64s", args[0])
				return o.finish(args, off)
			}
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

// isCommand reports whether the value of --mp-policy was left out: the word there is not a
// legal value, and is a program. Any other word is taken for the value.
func isCommand(args []string) bool {
	if len(args) == 0 {
		return false
	}
	if _, err := policy.ParseChoice(args[0]); err == nil {
		return false
	}
	_, err := exec.LookPath(args[0])
	return err == nil
}

// take keeps the last words given, as srun does. Only "explain" is added to the others.
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
