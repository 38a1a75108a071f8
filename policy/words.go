// SPDX-License-Identifier: MIT

package policy

import (
	"fmt"
	"strconv"
	"strings"
)

// maxWorkers bounds workers=N, in processes; the shim's words.c has the same.
const maxWorkers = 65536

// AllowedWords is what --mp-policy and MP_POLICY take, for messages.
const AllowedWords = "allowed, separated by commas: auto, off, on, multiprocessing, mpi, workers=N (1 to 65536), explain"

// Choice is what a user asked for with --mp-policy or MP_POLICY. The zero value
// is the choice of somebody who said nothing.
type Choice struct {
	// Off leaves the step's environment alone.
	Off bool
	// On applies the policy also where the site's default is off.
	On bool
	// Explain prints what was decided and why on the step's stderr.
	Explain bool
	// Multiprocessing and MPI say what the program is, whatever it looks like.
	Multiprocessing, MPI bool
	// Workers is the number of worker processes of each task, 0 if not said.
	Workers int
}

// ParseChoice reads the comma-separated words of --mp-policy or MP_POLICY. An
// error names the word and what is allowed; the words of text are all refused
// then.
func ParseChoice(text string) (Choice, error) {
	var c Choice
	wanted := false
	for word := range strings.SplitSeq(text, ",") {
		switch word {
		case "auto":
		case "off":
			c.Off = true
			continue
		case "explain":
			c.Explain = true
			continue
		case "on":
			c.On = true
		case "multiprocessing":
			c.On, c.Multiprocessing = true, true
		case "mpi":
			c.On, c.MPI = true, true
		default:
			n, ok := workers(word)
			if !ok {
				return Choice{}, fmt.Errorf("%.64q is not a word of it; %s", word, AllowedWords)
			}
			// whoever counts workers has them
			c.On, c.Multiprocessing, c.Workers = true, true, n
		}
		wanted = true
	}
	if c.Off && wanted {
		return Choice{}, fmt.Errorf("\"off\" stands alone or with \"explain\"; %s", AllowedWords)
	}
	return c, nil
}

func workers(word string) (int, bool) {
	digits, ok := strings.CutPrefix(word, "workers=")
	if !ok || digits == "" || digits[0] == '+' || digits[0] == '-' {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n >= 1 && n <= maxWorkers
}

// Active tells whether the rules are to be applied: def is the site's
// default=on|off.
func (c Choice) Active(def bool) bool {
	return !c.Off && (def || c.On)
}
