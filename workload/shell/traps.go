// SPDX-License-Identifier: MIT

package shell

import "strings"

// A trap is a text that the shell runs on a signal or at its end.
type trap struct {
	text string
	line int
}

// trap keeps the text of "trap TEXT SIGNAL...". Source: "Bourne Shell Builtins" of
// bash's manual.
func (w *walker) trap(args []string, line int) {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) < 2 || args[0] == "" || args[0][0] == '-' {
		return // this command prints or removes traps
	}
	// The parser reads an unknown piece as a variable whose value is not known.
	w.traps = append(w.traps, trap{strings.ReplaceAll(args[0], Unknown, "${RANDOM}"), line})
}

// runTraps follows the texts of the traps after the script, because then the script has
// defined the functions that they call. A trap that is set within a trap does not count.
func (w *walker) runTraps() {
	w.trapped = true
	w.conditional++
	for _, t := range w.traps {
		start := w.begin()
		w.text(t.text, t.line)
		w.takeBack(start)
	}
	w.conditional--
}
