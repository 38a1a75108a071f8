// SPDX-License-Identifier: MIT

package shell

import "strings"

// word reads one word and decides what it is to the command.
func (r *reader) word() {
	from := r.pos
	word, known := r.expand()
	raw := r.text[from:r.pos]
	// What follows looks at both a few times at most.
	if !r.spend(len(raw) + len(word)) {
		return
	}
	r.unclear = r.unclear || !known
	if isDigits(raw) && (r.follows(0, "<") || r.follows(0, ">")) {
		return // 2>file
	}
	if len(r.words) == 0 && (r.keyword(raw) || r.assignment(raw, word, known)) {
		return
	}
	if word == "" && !known && raw[0] != '"' {
		return // an unset variable, unquoted, is no word
	}
	r.argument(raw, word)
}

// argument adds a word to the command, or the words that an expansion gives.
func (r *reader) argument(raw, word string) {
	first := len(r.words) == 0
	switch {
	case first && word == "":
	case raw == `"$@"` || raw == "$@" || raw == "$*" || raw == "${@}" || raw == `"${@}"`:
		r.words = append(r.words, r.args...) // expand has counted them
	case first && raw[0] == '$':
		// PYTHON="time python3": the shell splits an unquoted variable's value.
		r.words = append(r.words, strings.Fields(word)...)
	default:
		r.words = append(r.words, word)
	}
}

// keyword follows a reserved word, which is one only at a command's beginning.
func (r *reader) keyword(raw string) bool {
	switch raw {
	case "then", "else", "elif", "do", "!", "in":
	case "if", "while", "until":
		r.nest++
	case "for", "case", "select":
		r.nest++
		r.pattern = len(r.commands)
		r.skipHeader(raw)
	case "fi", "done", "esac":
		r.nest = max(0, r.nest-1)
	case "{":
		r.openBrace()
	case "}":
		r.closeBrace()
	case "function":
		r.skipBlanks()
		name, _ := r.expand()
		r.define(name)
	default:
		return false
	}
	return true
}

// skipHeader passes the words of a for, or the value of a case: they are no
// command.
func (r *reader) skipHeader(keyword string) {
	for r.pos < len(r.text) && !r.follows(0, ";") && r.text[r.pos] != '\n' {
		if keyword == "case" && r.follows(0, " in") {
			return
		}
		if strings.IndexByte("\"'\\$", r.text[r.pos]) >= 0 {
			r.expand()
		} else {
			r.pos++
		}
	}
}

// assignment keeps NAME=VALUE before a command.
func (r *reader) assignment(raw, word string, known bool) bool {
	name, value, ok := strings.Cut(word, "=")
	if !ok || !isVariable(name) || !strings.HasPrefix(raw, name+"=") {
		return false
	}
	r.own = append(r.own, Assignment{Name: name, Value: value, Known: known})
	return true
}

func (r *reader) define(function string) {
	r.words, r.own = r.words[:0], r.own[:0]
	if len(r.functions) < maxDepth {
		r.functions = append(r.functions, function)
		r.braces = append(r.braces, 0)
	}
}

func (r *reader) openBrace() {
	if n := len(r.braces); n > 0 {
		r.braces[n-1]++
	}
}

func (r *reader) closeBrace() {
	n := len(r.braces)
	if n == 0 {
		return
	}
	if r.braces[n-1]--; r.braces[n-1] <= 0 {
		r.functions, r.braces = r.functions[:n-1], r.braces[:n-1]
	}
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func isVariable(s string) bool {
	return s != "" && (s[0] < '0' || s[0] > '9') && nameLength(s) == len(s)
}

// nameLength returns how many bytes at the beginning of s can be of a name.
func nameLength(s string) int {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return i
		}
	}
	return len(s)
}
