// SPDX-License-Identifier: MIT

package workload

import (
	"path"
	"strings"
)

// maxCommands bounds the commands of a shell script that are kept.
const maxCommands = 4096

// A shellReader takes a shell text apart as far as is needed to see which
// commands it has. It runs nothing: a word that only a command or a variable of
// the environment could tell is empty, as it is where that is unset.
type shellReader struct {
	text string
	pos  int
	zero string
	args []string
	dir  string
	vars map[string]string

	commands  []shellCommand
	words     []string
	prefix    []string // assignments before the command's words
	here      []hereDocument
	functions []string // that we are in
	braces    []int    // depth of "{" in each
	chained   bool     // after && or ||
	unclear   bool     // the command has a word that is not known
	ended     bool
	nest      int // if, for, while, case
	parens    int
	pattern   int // commands before a case's pattern, if this is one: "a | b)"
	grown     int // bytes that expansions have added
}

type hereDocument struct {
	command int
	mark    string
	strip   bool
}

func (sh *shellReader) read() {
	for sh.pos < len(sh.text) && !sh.ended && len(sh.commands) < maxCommands {
		switch c := sh.text[sh.pos]; {
		case c == ' ' || c == '\t' || c == '\r':
			sh.pos++
		case c == '#':
			sh.pos = endOfLine(sh.text, sh.pos)
		case c == '\\' && strings.HasPrefix(sh.text[sh.pos+1:], "\n"):
			sh.pos += 2
		case c == '\n':
			sh.pos++
			sh.finish()
			sh.pattern = len(sh.commands)
			sh.hereDocuments()
		case c == '(' || c == ')':
			sh.pos++
			sh.paren(c)
		case c == '&' && strings.HasPrefix(sh.text[sh.pos+1:], ">"): // &>file
			sh.pos++
			sh.redirect()
		case c == ';' || c == '&' || c == '|':
			sh.pos++
			double := sh.pos < len(sh.text) && sh.text[sh.pos] == c
			if double || strings.HasPrefix(sh.text[sh.pos:], "&") {
				sh.pos++
			}
			sh.finish()
			sh.chained = double && c != ';'
			if double && c == ';' {
				sh.pattern = len(sh.commands)
			}
		case c == '<' || c == '>':
			sh.redirect()
		default:
			sh.word()
		}
	}
	sh.finish()
	sh.hereDocuments()
}

// word reads one word and decides what it is to the command.
func (sh *shellReader) word() {
	from := sh.pos
	word, known := sh.expand()
	sh.unclear = sh.unclear || !known
	raw := sh.text[from:sh.pos]
	if isDigits(raw) && sh.pos < len(sh.text) && (sh.text[sh.pos] == '<' || sh.text[sh.pos] == '>') {
		return // 2>file
	}
	if len(sh.words) == 0 {
		switch raw {
		case "then", "else", "elif", "do", "!", "in":
			return
		case "if", "while", "until":
			sh.nest++
			return
		case "fi", "done", "esac":
			sh.nest = max(0, sh.nest-1)
			return
		case "{":
			if n := len(sh.braces); n > 0 {
				sh.braces[n-1]++
			}
			return
		case "}":
			sh.closeBrace()
			return
		case "function":
			sh.skipBlank()
			name, _ := sh.expand()
			sh.define(name)
			return
		case "for", "case", "select":
			sh.nest++
			sh.pattern = len(sh.commands)
			// The words of a for and the value of a case are no command.
			for sh.pos < len(sh.text) && !strings.HasPrefix(sh.text[sh.pos:], ";") && sh.text[sh.pos] != '\n' {
				if strings.HasPrefix(sh.text[sh.pos:], " in") && raw == "case" {
					break
				}
				sh.skipOne()
			}
			return
		}
		if name, value, ok := strings.Cut(word, "="); ok && isVariable(name) && strings.HasPrefix(raw, name+"=") {
			sh.prefix = append(sh.prefix, name, value)
			return
		}
	}
	if word == "" && !known && raw[0] != '"' {
		return // an unset variable, unquoted, is no word
	}
	if len(sh.words) == 0 && word == "" {
		return
	}
	if raw == `"$@"` || raw == "$@" || raw == "$*" || raw == "${@}" || raw == `"${@}"` {
		sh.words = append(sh.words, sh.args...)
		return
	}
	if len(sh.words) == 0 && raw[0] == '$' {
		// PYTHON="time python3": the shell splits an unquoted variable's value.
		sh.words = append(sh.words, strings.Fields(word)...)
		return
	}
	sh.words = append(sh.words, word)
}

func (sh *shellReader) skipBlank() {
	for sh.pos < len(sh.text) && (sh.text[sh.pos] == ' ' || sh.text[sh.pos] == '\t') {
		sh.pos++
	}
}

func (sh *shellReader) skipOne() {
	if c := sh.text[sh.pos]; c == '"' || c == '\'' || c == '\\' || c == '$' {
		sh.expand()
		return
	}
	sh.pos++
}

func (sh *shellReader) define(name string) {
	sh.words, sh.prefix = sh.words[:0], sh.prefix[:0]
	if len(sh.functions) < maxSteps {
		sh.functions = append(sh.functions, name)
		sh.braces = append(sh.braces, 0)
	}
}

func (sh *shellReader) closeBrace() {
	n := len(sh.braces)
	if n == 0 {
		return
	}
	if sh.braces[n-1]--; sh.braces[n-1] <= 0 {
		sh.functions, sh.braces = sh.functions[:n-1], sh.braces[:n-1]
	}
}

// finish ends a command, and follows those that change where the next one runs.
func (sh *shellReader) finish() {
	words, prefix := sh.words, sh.prefix
	chained, unclear := sh.chained, sh.unclear
	sh.words, sh.prefix, sh.chained, sh.unclear = nil, nil, false, false
	if len(words) == 0 {
		for i := 0; i < len(prefix); i += 2 {
			sh.vars[prefix[i]] = prefix[i+1]
		}
		if len(prefix) == 0 { // the line ended in && or ||: it goes on in the next one
			sh.chained = chained
		}
		return
	}
	c := shellCommand{words: words, dir: sh.dir, path: sh.vars["PATH"], pythonPath: sh.vars["PYTHONPATH"]}
	if n := len(sh.functions); n > 0 {
		c.function = sh.functions[n-1]
	}
	for i := 0; i < len(prefix); i += 2 {
		switch prefix[i] {
		case "PATH":
			c.path = prefix[i+1]
		case "PYTHONPATH":
			c.pythonPath = prefix[i+1]
		}
	}
	if !unclear {
		sh.effect(words)
	}
	sh.commands = append(sh.commands, c)
	if c.function == "" && sh.nest == 0 && sh.parens == 0 && !chained {
		sh.ended = words[0] == "exit" || words[0] == "exec" && len(words) > 1 && !strings.HasPrefix(words[1], "-")
	}
}

// paren follows "(" and ")": a function's definition, a subshell, or the end of
// a pattern of a case.
func (sh *shellReader) paren(c byte) {
	switch {
	case c == '(' && len(sh.words) == 1 && strings.HasPrefix(strings.TrimLeft(sh.text[sh.pos:], " \t"), ")"):
		sh.define(sh.words[0])
		sh.pos += strings.IndexByte(sh.text[sh.pos:], ')') + 1
	case c == '(':
		sh.finish()
		sh.parens++
	case sh.parens == 0:
		sh.words, sh.prefix, sh.unclear = nil, nil, false
		sh.commands = sh.commands[:min(sh.pattern, len(sh.commands))]
	default:
		sh.finish()
		sh.parens--
	}
}

func (sh *shellReader) effect(words []string) {
	switch words[0] {
	case "cd", "pushd":
		if len(words) == 2 && words[1] != "-" && len(sh.functions) == 0 {
			sh.dir = sh.place(words[1])
		}
	case "export", "declare", "local", "readonly":
		for _, word := range words[1:] {
			if name, value, ok := strings.Cut(word, "="); ok && isVariable(name) {
				sh.vars[name] = value
			}
		}
	case "source", ".":
		if len(words) > 1 && path.Base(words[1]) == "activate" {
			sh.vars["PATH"] = path.Dir(sh.place(words[1])) + ":" + sh.vars["PATH"]
		}
	}
}

func (sh *shellReader) place(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(sh.dir, name)
}

// redirect reads a redirection. Its file is no word of the command; a
// here-document's text comes after the line.
func (sh *shellReader) redirect() {
	rest := sh.text[sh.pos:]
	here := strings.HasPrefix(rest, "<<") && !strings.HasPrefix(rest, "<<<")
	strip := strings.HasPrefix(rest, "<<-")
	if len(rest) > 1 && rest[1] == '(' { // <(command)
		sh.pos += 2
		sh.skipParen()
		sh.words = append(sh.words, "/dev/fd/63")
		return
	}
	for sh.pos < len(sh.text) && strings.IndexByte("<>&|-", sh.text[sh.pos]) >= 0 {
		sh.pos++
	}
	sh.skipBlank()
	if sh.pos >= len(sh.text) || strings.IndexByte("\n;|&()", sh.text[sh.pos]) >= 0 {
		return
	}
	mark, _ := sh.expand()
	if here {
		sh.here = append(sh.here, hereDocument{len(sh.commands), mark, strip})
	}
}

// hereDocuments reads the texts that the line before has announced.
func (sh *shellReader) hereDocuments() {
	for _, h := range sh.here {
		from := sh.pos
		for sh.pos < len(sh.text) {
			end := endOfLine(sh.text, sh.pos)
			line := strings.TrimRight(sh.text[sh.pos:end], "\r")
			if h.strip {
				line = strings.TrimLeft(line, "\t")
			}
			at := sh.pos
			sh.pos = min(end+1, len(sh.text))
			if line == h.mark {
				sh.keepHere(h, from, at)
				break
			}
		}
	}
	sh.here = sh.here[:0]
}

func (sh *shellReader) keepHere(h hereDocument, from, to int) {
	if h.command >= len(sh.commands) {
		return
	}
	c := &sh.commands[h.command]
	c.here, c.hereLine = sh.text[from:to], strings.Count(sh.text[:from], "\n")
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func isVariable(s string) bool {
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	for i := range len(s) {
		if !isNamePart(s[i]) || s[i] >= 0x80 {
			return false
		}
	}
	return true
}
