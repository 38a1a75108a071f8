// SPDX-License-Identifier: MIT

package shell

import (
	"path"
	"strings"
)

// expand reads the word at the position and expands it as far as the text
// determines it. known is false if a part of it is not determined.
func (r *reader) expand() (word string, known bool) {
	var b strings.Builder
	known = true
	quoted := false
	for r.pos < len(r.text) {
		c := r.text[r.pos]
		if !quoted && strings.IndexByte(" \t\r\n;&|()<>", c) >= 0 {
			break
		}
		r.pos++
		value, ok := "", true
		switch {
		case c == '"':
			quoted = !quoted
		case c == '\'' && !quoted:
			b.WriteString(r.until('\''))
		case c == '\\':
			r.escape(&b, quoted)
		case c == '$':
			value, ok = r.dollar(quoted)
		case c == '`':
			value, ok = r.substitute(r.until('`'))
		default:
			b.WriteByte(c)
		}
		if !ok || !r.spend(len(value)) {
			known = false
			continue
		}
		b.WriteString(value)
	}
	return b.String(), known
}

// until returns the text before the next c, or all that remains, and goes behind
// it.
func (r *reader) until(c byte) string {
	before, _, found := strings.Cut(r.text[r.pos:], string(rune(c)))
	r.pos += len(before)
	if found {
		r.pos++
	}
	return before
}

func (r *reader) escape(b *strings.Builder, quoted bool) {
	if r.pos >= len(r.text) {
		return
	}
	c := r.text[r.pos]
	r.pos++
	if c == '\n' {
		return
	}
	if quoted && strings.IndexByte("$`\"\\", c) < 0 {
		b.WriteByte('\\')
	}
	b.WriteByte(c)
}

// dollar expands what follows a "$".
func (r *reader) dollar(quoted bool) (string, bool) {
	if r.pos >= len(r.text) {
		return "$", true
	}
	rest := r.text[r.pos:]
	switch c := rest[0]; {
	case c == '\'' && !quoted, c == '"' && !quoted:
		return "", true // $'...' and $"..." are quotes
	case strings.HasPrefix(rest, "(("):
		r.pos++
		r.skipParen()
		return "", false
	case c == '(':
		r.pos++
		from := r.pos
		r.skipParen()
		return r.substitute(r.text[from:max(from, r.pos-1)])
	case c == '{':
		end := strings.IndexByte(rest, '}')
		if end < 0 {
			r.pos = len(r.text)
			return "", false
		}
		r.pos += end + 1
		return r.parameter(rest[1:end])
	case c == '@' || c == '*':
		r.pos++
		return r.allArgs, true
	case c >= '0' && c <= '9':
		r.pos++
		return r.variable(rest[:1])
	}
	n := nameLength(rest)
	if n == 0 {
		r.pos++ // $?, $$, $!, $#
		return "", false
	}
	r.pos += n
	return r.variable(rest[:n])
}

// parameter expands the inside of ${...}.
func (r *reader) parameter(s string) (string, bool) {
	n := nameLength(s)
	value, ok := r.variable(s[:n])
	switch op := s[n:]; {
	case op == "":
		return value, ok
	case s == "@" || s == "*":
		return r.allArgs, true
	case strings.HasPrefix(s, "BASH_SOURCE"):
		return r.name, r.name != ""
	case strings.HasPrefix(op, ":-"), strings.HasPrefix(op, ":="):
		if value == "" {
			return strings.Trim(op[2:], `"'`), true
		}
		return value, ok
	case strings.HasPrefix(op, "-"), strings.HasPrefix(op, "="):
		if !ok {
			return strings.Trim(op[1:], `"'`), true
		}
		return value, true
	case op == "%/*":
		if !r.spend(len(value)) {
			return "", false
		}
		return path.Dir(value), ok
	}
	return "", false
}

func (r *reader) variable(name string) (string, bool) {
	if isDigits(name) {
		return r.positional(name)
	}
	switch name {
	case "PWD", "SLURM_SUBMIT_DIR":
		// The step's working directory, unless the job was told otherwise.
		return r.dir, true
	case "BASH_SOURCE":
		return r.name, r.name != ""
	}
	a, ok := r.vars[name]
	return a.Value, ok
}

func (r *reader) positional(digits string) (string, bool) {
	i := 0
	for _, c := range digits {
		i = min(i*10+int(c-'0'), 1<<20)
	}
	switch {
	case i == 0:
		return r.name, r.name != ""
	case i <= len(r.args):
		return r.args[i-1], true
	}
	return "", false
}

// plain takes the quotes and nested substitutions out of a command.
var plain = strings.NewReplacer(`"`, "", "'", "", "`", "", "$(", " ", ")", "", ";", " ")

// substitute returns the output of the few commands whose output the text
// determines: where the script is, and which program a name is.
func (r *reader) substitute(command string) (string, bool) {
	// It looks through the command a few times, and at the script's place once.
	if !r.spend(2*len(command) + len(r.name)) {
		return "", false
	}
	ofScript := strings.Contains(command, "BASH_SOURCE") || strings.Contains(command, "$0")
	words := strings.Fields(plain.Replace(command))
	for i, word := range words {
		switch word {
		case "dirname":
			if i+1 < len(words) && r.name != "" && ofScript {
				return r.upward(path.Dir(r.place(r.name)), command), true
			}
		case "which", "-v", "-P":
			if i+1 < len(words) && (word == "which" || words[0] == "command" || words[0] == "type") {
				return words[i+1], true
			}
		case "pwd":
			if len(words) == 1 {
				return r.dir, true
			}
		}
	}
	return "", false
}

// upward follows the "/.." of "$(cd "$(dirname "$0")/.." && pwd)".
func (r *reader) upward(dir, command string) string {
	for {
		_, after, found := strings.Cut(command, "/..")
		if !found || dir == "/" || !r.spend(len(dir)) {
			return dir
		}
		dir, command = path.Dir(dir), after
	}
}
