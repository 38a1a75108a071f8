// SPDX-License-Identifier: MIT

package shell

import "strings"

// redirections has the operators of bash. A longer operator comes before its own
// prefixes.
var redirections = []string{"&>>", "&>", "<<<", "<<-", "<<", "<>", "<&", "<", ">>", ">|", ">&", ">"}

// isRedirect reports whether a redirection stands here, with its number or
// "{name}" before it.
func (p *parser) isRedirect() bool {
	c := p.peek(0)
	switch {
	case c == '&':
		return p.peek(1) == '>'
	case c == '<' || c == '>':
		return p.peek(1) != '('
	}
	n := p.descriptor()
	return n > 0 && (p.peek(n) == '<' || p.peek(n) == '>') && p.peek(n+1) != '('
}

// descriptor returns the length of the number or "{name}" at the position.
func (p *parser) descriptor() int {
	n := 0
	if p.peek(0) == '{' {
		n = nameLength(p.text[p.pos+1:])
		if n == 0 || p.peek(n+1) != '}' {
			return 0
		}
		return n + 2
	}
	for c := p.peek(n); c >= '0' && c <= '9'; c = p.peek(n) {
		n++
	}
	p.spend(n)
	return n
}

// redirect parses a redirection.
func (p *parser) redirect() redirect {
	n := p.descriptor()
	r := redirect{fd: p.text[p.pos : p.pos+n]}
	p.pos += n
	for _, op := range redirections {
		if p.take(op) {
			r.op = op
			break
		}
	}
	p.spend(len(r.op))
	p.blanks()
	from := p.pos
	r.target = p.word()
	if p.failed || r.op != "<<" && r.op != "<<-" {
		return r
	}
	mark, raw := "", true
	for _, part := range r.target.parts {
		raw = raw && part.kind != quoted && part.kind != inQuotes
		mark += part.text
		for _, inner := range part.parts {
			mark += inner.text
		}
	}
	if raw {
		mark = p.text[from:p.pos]
	}
	p.spend(p.pos - from)
	r.here = &hereText{mark: mark, strip: r.op == "<<-", quoted: !raw}
	r.target = word{}
	p.pending = append(p.pending, r.here)
	return r
}

// hereTexts reads the here-documents that the line before the position announces. A
// here-document without an end continues to the end of the text, as in bash.
func (p *parser) hereTexts() {
	pending := p.pending
	p.pending = nil
	for _, h := range pending {
		p.hereText(h)
	}
}

func (p *parser) hereText(h *hereText) {
	begin := p.pos
	h.line = p.lineAt(begin) - 1
	var stripped strings.Builder
	for !p.atEnd() {
		from, end := p.pos, endOfLine(p.text, p.pos)
		line := p.text[from:end]
		p.pos = min(end+1, len(p.text))
		p.spend(p.pos - from)
		if h.strip {
			line = strings.TrimLeft(line, "\t")
		}
		if line == h.mark {
			if !h.strip {
				h.text = p.text[begin:from]
			}
			break
		}
		if h.strip {
			stripped.WriteString(line)
			stripped.WriteString(p.text[end:p.pos])
		} else if p.atEnd() {
			h.text = p.text[begin:]
		}
	}
	if h.strip {
		h.text = stripped.String()
	}
}
