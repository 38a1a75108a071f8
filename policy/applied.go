// SPDX-License-Identifier: MIT

package policy

import (
	"maps"
	"strings"
)

// AppliedName is the variable that records the changes of the policy, so that a nested
// step does not mistake them for the user's own values.
const AppliedName = "MP_POLICY_APPLIED"

// applied is one variable that the policy has changed. Old is its value before, if had is
// true. Value is its new value, if set is true; otherwise the variable was removed.
type applied struct {
	name, value, old string
	set, had         bool
}

// The record is a list of words, separated by blanks and sorted by name: NAME=value if
// the variable did not exist before, NAME=value<old if it existed, NAME<old if it was
// removed. In values, '%', '<', blanks and control characters are written as %XX. All
// other bytes are written as they are. The shim reads the record too (cshim/record.c),
// and tests/shim compares the two.

// maxApplied bounds the number of words in a record. For each word, Slurm searches the
// environment, and a user could write a hundred thousand of them.
const maxApplied = 1024

const hexDigits = "0123456789ABCDEF"

// escaped reports whether a byte of a value is written as %XX.
func escaped(c byte) bool { return c <= ' ' || c == 0x7f || c == '%' || c == '<' }

func escape(b *strings.Builder, value string) {
	for i := range len(value) {
		if c := value[i]; escaped(c) {
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		} else {
			b.WriteByte(c)
		}
	}
}

// unescape accepts only the output of escape, so that each value has only one text. A NUL
// would end the value early in a reply to the shim, and an environment cannot have one.
func unescape(text string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c != '%' {
			if escaped(c) {
				return "", false
			}
			b.WriteByte(c)
			continue
		}
		if i+2 >= len(text) {
			return "", false
		}
		high, low := strings.IndexByte(hexDigits, text[i+1]), strings.IndexByte(hexDigits, text[i+2])
		if high < 0 || low < 0 {
			return "", false
		}
		c = byte(high<<4 | low)
		if c == 0 || !escaped(c) {
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

// parseApplied reads a record. It leaves out a malformed word and the second word of a
// name, because the user may have written the variable.
func parseApplied(text string) []applied {
	var record []applied
	seen := map[string]bool{}
	words := 0
	// not strings.Fields: a value may contain the bytes of a Unicode blank
	for word := range strings.SplitSeq(text, " ") {
		a, ok := parseWord(word)
		if !ok {
			continue
		}
		if words++; words > maxApplied {
			break
		}
		if !seen[a.name] {
			seen[a.name] = true
			record = append(record, a)
		}
	}
	return record
}

func parseWord(word string) (a applied, ok bool) {
	word, a.old, a.had = strings.Cut(word, "<")
	a.name, a.value, a.set = strings.Cut(word, "=")
	if !validName(a.name) || a.name == AppliedName || !a.set && !a.had {
		return a, false
	}
	if a.old, ok = unescape(a.old); !ok {
		return a, false
	}
	a.value, ok = unescape(a.value)
	return a, ok
}

// original returns the environment as the user made it. It has no variables that an outer
// step set, and it has the variables that the step removed, unless the user changed them
// since.
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
		if a.had {
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
