// SPDX-License-Identifier: MIT

// Package words knows the words of the plugin's line in plugstack.conf, as an installed
// plugin has them in its file or as the plugin of this version takes them.
package words

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"slurm-mp-policy/evaluation"
)

// Word is one of them.
type Word struct {
	Form     string // NAME=PATH (absolute), NAME=MS (1 to 10000), NAME=one|another
	Standard string // the value if the line has none
}

// Table is the list of the words that a plugin takes, in its order.
type Table []Word

// This is the table of this version's plugin. It stands in cshim/config.h, and a test
// holds both against each other. The default of lib= is the build's.
var This = Table{
	{"lib=PATH (absolute)", ""},
	{"config=PATH (absolute)", evaluation.StandardPolicy},
	{"deadline=MS (1 to 10000)", "500"},
	{"default=on|off|observe", "on"},
	{"affinity=fix|hint|off", "fix"},
	{"hints=on|off", "on"},
	{"log=off|changes|all", "off"},
}

// Read takes the table from the texts of a plugin's section .mp_policy (cshim/identity.c).
// It returns nil if the texts have no table.
func Read(texts []string) Table {
	var table Table
	for _, text := range texts {
		if form, ok := strings.CutPrefix(text, "word:"); ok {
			table = append(table, Word{Form: form})
		}
		if standard, ok := strings.CutPrefix(text, "standard:"); ok && len(table) > 0 {
			_, table[len(table)-1].Standard, _ = strings.Cut(standard, "=")
		}
	}
	return table
}

// Allowed returns the forms of all words, for messages.
func (t Table) Allowed() string {
	forms := make([]string, len(t))
	for i, w := range t {
		forms[i] = w.Form
	}
	return strings.Join(forms, ", ")
}

// Standard returns the value of a word that the line does not have.
func (t Table) Standard(name string) string {
	if w, ok := t.find(name); ok {
		return w.Standard
	}
	return ""
}

// Choices returns the values of a word with a fixed list of values.
func (t Table) Choices(name string) []string {
	w, _ := t.find(name)
	_, values, _ := strings.Cut(w.Form, "=")
	return strings.Split(values, "|")
}

// Parse takes a word apart. It returns false for a word that the plugin ignores.
func (t Table) Parse(word string) (name, value string, taken bool) {
	name, value, _ = strings.Cut(word, "=")
	w, ok := t.find(name)
	if !ok {
		return name, value, false
	}
	_, form, _ := strings.Cut(w.Form, "=")
	var unit string
	var most uint64
	if n, _ := fmt.Sscanf(form, "%s (1 to %d)", &unit, &most); n == 2 {
		number, err := strconv.ParseUint(value, 10, 64) // takes no sign
		return name, value, err == nil && number >= 1 && number <= most
	}
	if strings.HasPrefix(form, "PATH") {
		return name, value, filepath.IsAbs(value)
	}
	return name, value, slices.Contains(strings.Split(form, "|"), value)
}

func (t Table) find(name string) (Word, bool) {
	for _, w := range t {
		if strings.HasPrefix(w.Form, name+"=") && name != "" {
			return w, true
		}
	}
	return Word{}, false
}
