// SPDX-License-Identifier: MIT

package shell

import "strings"

// A reader goes through a script once, from its first byte to its last.
type reader struct {
	text string
	pos  int
	cut  bool // the script is longer than text
	work int  // steps taken, see maxWork

	name     string
	args     []string
	allArgs  string // args joined, what "$*" is
	dir      string
	vars     map[string]Assignment // the last one of each name
	assigned []Assignment          // all of them, in order
	commands []Command

	// The command that is being read.
	words   []string
	own     []Assignment
	unclear bool // it has a word that is not known
	chained bool // it comes after && or ||

	// Where the command stands.
	functions []string // around it
	braces    []int    // depth of "{" in each of them
	nest      int      // depth of if, for, while and case
	parens    int      // depth of subshells
	pattern   int      // commands before a case's pattern, if this is one: "a | b)"
	ended     bool     // the script ends here

	pending []pendingHere
	line    int // lines before counted
	counted int
}

func newReader(s Script) *reader {
	path := Assignment{Name: "PATH", Value: s.Path, Known: true, Exported: true}
	return &reader{
		text: s.Text[:min(len(s.Text), MaxText)],
		cut:  len(s.Text) > MaxText,
		name: s.Name, args: s.Args, allArgs: strings.Join(s.Args, " "),
		dir: s.Dir, vars: map[string]Assignment{path.Name: path},
	}
}

func (r *reader) read() {
	for r.pos < len(r.text) && !r.ended && !r.stopped() {
		from := r.pos
		r.token()
		r.spend(r.pos - from)
	}
	r.finish()
	r.hereDocuments()
}

// token reads a blank, a comment, an operator or a word.
func (r *reader) token() {
	switch c := r.text[r.pos]; {
	case c == ' ' || c == '\t' || c == '\r':
		r.pos++
	case c == '#':
		r.pos = r.endOfLine()
	case c == '\\' && r.follows(1, "\n"):
		r.pos += 2
	case c == '\n':
		r.pos++
		r.finish()
		r.pattern = len(r.commands)
		r.hereDocuments()
	case c == '(' || c == ')':
		r.pos++
		r.paren(c)
	case c == '&' && r.follows(1, ">"): // &>file
		r.pos++
		r.redirect()
	case c == ';' || c == '&' || c == '|':
		r.pos++
		r.separator(c)
	case c == '<' || c == '>':
		r.redirect()
	default:
		r.word()
	}
}

// follows returns whether the text has s at an offset from the position.
func (r *reader) follows(offset int, s string) bool {
	return strings.HasPrefix(r.text[min(r.pos+offset, len(r.text)):], s)
}

// separator ends a command at one of ; & | && || ;; |& and ;&.
func (r *reader) separator(c byte) {
	double := r.pos < len(r.text) && r.text[r.pos] == c
	if double || r.follows(0, "&") {
		r.pos++
	}
	r.finish()
	r.chained = double && c != ';'
	if double && c == ';' {
		r.pattern = len(r.commands)
	}
}

// paren follows "(" and ")": a function's definition, a subshell, or the end of
// a pattern of a case.
func (r *reader) paren(c byte) {
	switch {
	case c == '(' && len(r.words) == 1 && r.closesAtOnce():
		r.define(r.words[0])
		r.pos += strings.IndexByte(r.text[r.pos:], ')') + 1
	case c == '(':
		r.finish()
		r.parens++
	case r.parens == 0:
		r.words, r.own, r.unclear = nil, nil, false
		r.commands = r.commands[:min(r.pattern, len(r.commands))]
	default:
		r.finish()
		r.parens--
	}
}

// closesAtOnce returns whether only blanks stand before the next ")".
func (r *reader) closesAtOnce() bool {
	rest := strings.TrimLeft(r.text[r.pos:], " \t")
	r.spend(len(r.text) - r.pos - len(rest))
	return strings.HasPrefix(rest, ")")
}

func (r *reader) skipBlanks() {
	for r.pos < len(r.text) && (r.text[r.pos] == ' ' || r.text[r.pos] == '\t') {
		r.pos++
	}
}

// endOfLine returns the position of the next newline, or the text's end. A
// carriage return ends no line in a shell.
func (r *reader) endOfLine() int {
	if i := strings.IndexByte(r.text[r.pos:], '\n'); i >= 0 {
		return r.pos + i
	}
	return len(r.text)
}

// skipParen goes behind the parenthesis that closes the one before the position.
func (r *reader) skipParen() {
	depth := 1
	for ; r.pos < len(r.text) && depth > 0; r.pos++ {
		switch r.text[r.pos] {
		case '(':
			depth++
		case ')':
			depth--
		case '\\':
			r.pos++
		case '\'':
			// A quote that nothing closes is the last one of the text, so that only one
			// search goes to the text's end in vain.
			if end := strings.IndexByte(r.text[r.pos+1:], '\''); end >= 0 {
				r.pos += end + 1
			}
		}
	}
	r.pos = min(r.pos, len(r.text))
}
