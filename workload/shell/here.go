// SPDX-License-Identifier: MIT

package shell

import "strings"

// A pendingHere is a here-document that a line announces. Its text comes after
// the line.
type pendingHere struct {
	command int
	mark    string
	strip   bool // of leading tabs
}

// redirect reads a redirection. Its file is no word of the command.
func (r *reader) redirect() {
	rest := r.text[r.pos:]
	here := strings.HasPrefix(rest, "<<") && !strings.HasPrefix(rest, "<<<")
	strip := strings.HasPrefix(rest, "<<-")
	if len(rest) > 1 && rest[1] == '(' { // <(command)
		r.pos += 2
		r.skipParen()
		r.words = append(r.words, "/dev/fd/63")
		return
	}
	for r.pos < len(r.text) && strings.IndexByte("<>&|-", r.text[r.pos]) >= 0 {
		r.pos++
	}
	r.skipBlanks()
	if r.pos >= len(r.text) || strings.IndexByte("\n;|&()", r.text[r.pos]) >= 0 {
		return
	}
	mark, _ := r.expand()
	if here {
		r.pending = append(r.pending, pendingHere{len(r.commands), mark, strip})
	}
}

// hereDocuments reads the texts that the line before the position announces.
func (r *reader) hereDocuments() {
	for _, h := range r.pending {
		from := r.pos
		if to, ok := r.hereText(h); ok && h.command < len(r.commands) {
			r.commands[h.command].Here = HereDocument{Text: r.text[from:to], Line: r.linesBefore(from)}
		}
	}
	r.pending = r.pending[:0]
}

// hereText goes behind the line that ends a here-document, and returns where
// that line begins. It is false if the text ends before.
func (r *reader) hereText(h pendingHere) (int, bool) {
	for r.pos < len(r.text) {
		begin, end := r.pos, r.endOfLine()
		r.pos = min(end+1, len(r.text))
		line := strings.TrimRight(r.text[begin:end], "\r")
		if h.strip {
			line = strings.TrimLeft(line, "\t")
		}
		if line == h.mark {
			return begin, true
		}
	}
	return 0, false
}

// linesBefore counts the newlines before a position. It goes on from the last
// one that it was asked for, as the reader goes through the text once.
func (r *reader) linesBefore(pos int) int {
	r.line += strings.Count(r.text[r.counted:pos], "\n")
	r.counted = pos
	return r.line
}
