// SPDX-License-Identifier: MIT

package site

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// words are those of the plugin's line in plugstack.conf; the shim's words.c has the same.
var words = []struct {
	name     string
	values   string // what is allowed
	standard string // the value if the line has none; "" is built in elsewhere
}{
	{"lib", "PATH", ""},
	{"config", "PATH", "/etc/slurm/mp_policy.conf"},
	{"deadline", "MS", "500"},
	{"default", "on|off", "on"},
	{"affinity", "fix|hint|off", "fix"},
	{"hints", "on|off", "on"},
}

// AllowedWords is what the line may have, for messages.
const AllowedWords = "lib=PATH config=PATH (absolute), deadline=MS (1 to 10000), default=on|off, affinity=fix|hint|off, hints=on|off"

// Words are the words of the line, by name; see Value.
type Words map[string]string

// ParseWords reads the words of a line. Of a name that is there twice the last counts.
// The plugin ignores a word that is not known or has a value that is not allowed.
func ParseWords(line []string) (w Words, ignored []string) {
	w = Words{}
	for _, word := range line {
		name, value, _ := strings.Cut(word, "=")
		if !allowed(name, value) {
			ignored = append(ignored, word)
			continue
		}
		w[name] = value
	}
	return w, ignored
}

func allowed(name, value string) bool {
	for _, w := range words {
		if w.name != name {
			continue
		}
		switch w.values {
		case "PATH":
			return filepath.IsAbs(value)
		case "MS":
			ms, err := strconv.ParseUint(value, 10, 32) // takes no sign
			return err == nil && ms >= 1 && ms <= 10000
		}
		return slices.Contains(strings.Split(w.values, "|"), value)
	}
	return false
}

// Value returns what the line says, else the standard value.
func (w Words) Value(name string) string {
	if value, given := w[name]; given {
		return value
	}
	for _, word := range words {
		if word.name == name {
			return word.standard
		}
	}
	return ""
}

// Deadline is how long a launch waits for an evaluation.
func (w Words) Deadline() time.Duration {
	ms, err := strconv.Atoi(w.Value("deadline"))
	if err != nil {
		return 0 // ParseWords takes only numbers
	}
	return time.Duration(ms) * time.Millisecond
}
