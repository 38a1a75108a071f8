// SPDX-License-Identifier: MIT

package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// AppliedName is the variable that records what was injected, so that a nested
// step does not take it for the user's own.
const AppliedName = "MP_POLICY_APPLIED"

// applied is one variable that the policy has changed: from old, if had, to
// value, if set; else it was removed.
type applied struct {
	value, old string
	set, had   bool
}

// The record is a list of words, separated by blanks and sorted by name:
// NAME=value where there was none before, NAME=value<old where there was one,
// NAME<old where it was removed. Values have '%', '<', blanks and control
// characters written as %XX.

func escape(value string) string {
	plain := func(c byte) bool { return c > ' ' && c != 0x7f && c != '%' && c != '<' }
	var b strings.Builder
	for i := range len(value) {
		if plain(value[i]) {
			b.WriteByte(value[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", value[i])
		}
	}
	return b.String()
}

func unescape(text string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			b.WriteByte(text[i])
			continue
		}
		var c byte
		if i+2 >= len(text) {
			return "", false
		}
		if _, err := fmt.Sscanf(text[i+1:i+3], "%02X", &c); err != nil {
			return "", false
		}
		b.WriteByte(c)
		i += 2
	}
	return b.String(), true
}

func formatApplied(record map[string]applied) string {
	words := make([]string, 0, len(record))
	for _, name := range slices.Sorted(maps.Keys(record)) {
		word := name
		if a := record[name]; a.set {
			word += "=" + escape(a.value)
		}
		if a := record[name]; a.had {
			word += "<" + escape(a.old)
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// parseApplied reads a record. A word that is none is left out: the user may
// have written the variable.
func parseApplied(text string) map[string]applied {
	record := map[string]applied{}
	for word := range strings.FieldsSeq(text) {
		var a applied
		var ok bool
		word, a.old, a.had = strings.Cut(word, "<")
		word, a.value, a.set = strings.Cut(word, "=")
		if a.old, ok = unescape(a.old); !ok {
			continue
		}
		if a.value, ok = unescape(a.value); !ok {
			continue
		}
		if validName(word) && (a.set || a.had) {
			record[word] = a
		}
	}
	return record
}

// original is the environment as the user made it: without what an outer step
// injected and with what it removed, unless the user changed it since.
func original(env map[string]string) map[string]string {
	base := maps.Clone(env)
	delete(base, AppliedName)
	for name, a := range parseApplied(env[AppliedName]) {
		value, has := env[name]
		if has != a.set || value != a.value {
			continue
		}
		delete(base, name)
		// no variable is ever set to an empty value
		if a.had && a.old != "" {
			base[name] = a.old
		}
	}
	return base
}

func validName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if c != '_' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}
