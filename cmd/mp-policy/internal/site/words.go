// SPDX-License-Identifier: MIT

package site

import (
	"strconv"
	"time"

	"slurm-mp-policy/cmd/mp-policy/internal/words"
)

// Words are the words of the plugin's line in plugstack.conf, by name; see Value.
type Words map[string]string

// ParseWords reads the words of a line that a plugin takes. If a name is there twice, the
// last one counts. The plugin ignores a word that is not known, and a word whose value is
// not allowed.
func ParseWords(table words.Table, line []string) (w Words, ignored []string) {
	w = Words{}
	for _, word := range line {
		name, value, taken := table.Parse(word)
		if !taken {
			ignored = append(ignored, word)
			continue
		}
		w[name] = value
	}
	return w, ignored
}

// Value returns the value of the line, or else the standard value.
func (w Words) Value(name string) string {
	if value, given := w[name]; given {
		return value
	}
	return words.This.Standard(name)
}

// Deadline is how long a launch waits for an evaluation.
func (w Words) Deadline() time.Duration {
	ms, err := strconv.Atoi(w.Value("deadline"))
	if err != nil {
		return 0 // ParseWords takes only numbers
	}
	return time.Duration(ms) * time.Millisecond
}
