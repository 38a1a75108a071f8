// SPDX-License-Identifier: MIT

package policy

import (
	"fmt"
	"maps"
	"strings"
)

// AppliedName is the variable that records what was injected, so that a nested
// step does not take it for the user's own.
const AppliedName = "MP_POLICY_APPLIED"

// applied is one variable that the policy has changed: from old, if had, to
// value, if set; else it was removed.
type applied struct {
	name, value, old string
	set, had         bool
}

// The record is a list of words, separated by blanks and sorted by name:
// NAME=value where there was none before, NAME=value<old where there was one,
// NAME<old where it was removed. Values have '%', '<', blanks and control
// characters written as %XX.

func escape(b *strings.Builder, value string) {
	for i := range len(value) {
		if c := value[i]; c > ' ' && c != 0x7f && c != '%' && c != '<' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(b, "%%%02X", c)
		}
	}
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

// formatApplied writes a record of changes that are sorted by name.
func formatApplied(record []applied) string {
	var b strings.Builder
	for i, a := range record {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(a.name)
		if a.set {
			b.WriteByte('=')
			escape(&b, a.value)
		}
		if a.had {
			b.WriteByte('<')
			escape(&b, a.old)
		}
	}
	return b.String()
}

// parseApplied reads a record. A word that is none is left out, and so is the
// second of a name: the user may have written the variable.
func parseApplied(text string) []applied {
	var record []applied
	seen := map[string]bool{}
	for word := range strings.FieldsSeq(text) {
		var a applied
		var ok bool
		word, a.old, a.had = strings.Cut(word, "<")
		a.name, a.value, a.set = strings.Cut(word, "=")
		if a.old, ok = unescape(a.old); !ok {
			continue
		}
		if a.value, ok = unescape(a.value); !ok {
			continue
		}
		if validName(a.name) && a.name != AppliedName && (a.set || a.had) && !seen[a.name] {
			seen[a.name] = true
			record = append(record, a)
		}
	}
	return record
}

// original is the environment as the user made it: without what an outer step
// injected and with what it removed, unless the user changed it since.
func original(env map[string]string) map[string]string {
	record, recorded := env[AppliedName]
	if !recorded {
		return env
	}
	base := maps.Clone(env)
	delete(base, AppliedName)
	for _, a := range parseApplied(record) {
		value, has := env[a.name]
		if has != a.set || value != a.value {
			continue
		}
		delete(base, a.name)
		// no variable is ever set to an empty value
		if a.had && a.old != "" {
			base[a.name] = a.old
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
