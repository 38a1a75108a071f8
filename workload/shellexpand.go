// SPDX-License-Identifier: MIT

package workload

import (
	"path"
	"strings"
)

// maxGrown bounds what variables add to a text: A=$A$A doubles with each line.
const maxGrown = 1 << 20

// expand reads a word at sh.pos and expands it as far as the text alone tells.
// known is false where a part of it could not be.
func (sh *shellReader) expand() (word string, known bool) {
	var b strings.Builder
	known = true
	quoted := false
	for sh.pos < len(sh.text) {
		c := sh.text[sh.pos]
		if !quoted && strings.IndexByte(" \t\r\n;&|()<>", c) >= 0 {
			break
		}
		sh.pos++
		switch {
		case c == '"':
			quoted = !quoted
		case c == '\'' && !quoted:
			end := strings.IndexByte(sh.text[sh.pos:], '\'')
			if end < 0 {
				end = len(sh.text) - sh.pos
			}
			b.WriteString(sh.text[sh.pos : sh.pos+end])
			sh.pos = min(len(sh.text), sh.pos+end+1)
		case c == '\\':
			sh.escape(&b, quoted)
		case c == '$':
			value, ok := sh.dollar(quoted)
			if sh.grown += len(value); !ok || sh.grown > maxGrown {
				known = false
				continue
			}
			b.WriteString(value)
		case c == '`':
			end := strings.IndexByte(sh.text[sh.pos:], '`')
			if end < 0 {
				end = len(sh.text) - sh.pos
			}
			value, ok := sh.substitute(sh.text[sh.pos : sh.pos+end])
			known = known && ok
			b.WriteString(value)
			sh.pos = min(len(sh.text), sh.pos+end+1)
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), known
}

func (sh *shellReader) escape(b *strings.Builder, quoted bool) {
	if sh.pos >= len(sh.text) {
		return
	}
	c := sh.text[sh.pos]
	sh.pos++
	if c == '\n' {
		return
	}
	if quoted && strings.IndexByte("$`\"\\", c) < 0 {
		b.WriteByte('\\')
	}
	b.WriteByte(c)
}

// dollar expands what follows a "$".
func (sh *shellReader) dollar(quoted bool) (string, bool) {
	if sh.pos >= len(sh.text) {
		return "$", true
	}
	rest := sh.text[sh.pos:]
	switch c := rest[0]; {
	case c == '\'' && !quoted, c == '"' && !quoted:
		return "", true // $'...' and $"..." are quotes
	case strings.HasPrefix(rest, "(("):
		sh.pos++
		sh.skipParen()
		return "", false
	case c == '(':
		sh.pos++
		from := sh.pos
		sh.skipParen()
		return sh.substitute(sh.text[from:max(from, sh.pos-1)])
	case c == '{':
		end := strings.IndexByte(rest, '}')
		if end < 0 {
			sh.pos = len(sh.text)
			return "", false
		}
		sh.pos += end + 1
		return sh.parameter(rest[1:end])
	case c == '@' || c == '*':
		sh.pos++
		return strings.Join(sh.args, " "), true
	case c >= '0' && c <= '9':
		sh.pos++
		return sh.variable(rest[:1])
	}
	n := 0
	for n < len(rest) && isNamePart(rest[n]) && rest[n] < 0x80 {
		n++
	}
	if n == 0 {
		sh.pos++ // $?, $$, $!, $#
		return "", false
	}
	sh.pos += n
	return sh.variable(rest[:n])
}

// parameter expands the inside of ${...}.
func (sh *shellReader) parameter(s string) (string, bool) {
	n := 0
	for n < len(s) && isNamePart(s[n]) {
		n++
	}
	value, ok := sh.variable(s[:n])
	switch op := s[n:]; {
	case op == "":
		return value, ok
	case s == "@" || s == "*":
		return strings.Join(sh.args, " "), true
	case strings.HasPrefix(s, "BASH_SOURCE"):
		return sh.zero, sh.zero != ""
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
		return path.Dir(value), ok
	}
	return "", false
}

func (sh *shellReader) variable(name string) (string, bool) {
	if isDigits(name) {
		i := 0
		for _, c := range name {
			i = min(i*10+int(c-'0'), 1<<20)
		}
		switch {
		case i == 0:
			return sh.zero, sh.zero != ""
		case i <= len(sh.args):
			return sh.args[i-1], true
		}
		return "", false
	}
	switch name {
	case "PWD", "SLURM_SUBMIT_DIR":
		// The step's working folder, unless the job was told otherwise.
		return sh.dir, true
	case "BASH_SOURCE":
		return sh.zero, sh.zero != ""
	}
	value, ok := sh.vars[name]
	return value, ok
}

// substitute gives the output of the few commands whose output the text tells:
// where the script is, and which program a name is.
func (sh *shellReader) substitute(command string) (string, bool) {
	words := strings.Fields(strings.NewReplacer(`"`, "", "'", "", "`", "", "$(", " ", ")", "", ";", " ").Replace(command))
	for i, word := range words {
		switch word {
		case "dirname":
			if i+1 < len(words) && sh.zero != "" && (words[i+1] == "$0" || strings.Contains(command, "BASH_SOURCE") || strings.Contains(command, "$0")) {
				return sh.upward(path.Dir(sh.place(sh.zero)), command), true
			}
		case "which", "-v", "-P":
			if i+1 < len(words) && (word == "which" || words[0] == "command" || words[0] == "type") {
				return words[i+1], true
			}
		case "pwd":
			if len(words) == 1 {
				return sh.dir, true
			}
		}
	}
	return "", false
}

// upward follows the "/.." of "$(cd "$(dirname "$0")/.." && pwd)".
func (sh *shellReader) upward(dir, command string) string {
	for i := strings.Index(command, "/.."); i >= 0; i = strings.Index(command, "/..") {
		dir, command = path.Dir(dir), command[i+3:]
	}
	return dir
}

// skipParen goes behind the parenthesis that closes the one before sh.pos.
func (sh *shellReader) skipParen() {
	depth := 1
	for ; sh.pos < len(sh.text) && depth > 0; sh.pos++ {
		switch sh.text[sh.pos] {
		case '(':
			depth++
		case ')':
			depth--
		case '\\':
			sh.pos++
		case '\'':
			if end := strings.IndexByte(sh.text[sh.pos+1:], '\''); end >= 0 {
				sh.pos += end + 1
			}
		}
	}
	sh.pos = min(sh.pos, len(sh.text))
}
