// SPDX-License-Identifier: MIT

package shell

import "strings"

// A place is the surroundings of a text. They decide how the text ends and how it is
// quoted.
type place uint8

const (
	inWord      place = iota
	inDouble          // "..."
	inBraces          // ${A:-...}
	inPattern         // ${A/.../
	inBracesOf        // ${A:-...} in "..."
	inPatternOf       // ${A/.../ in "..."
	inText            // a here-document, arithmetic
)

// quotes reports whether a text in this place is read as in double quotes.
func (m place) quotes() bool { return m == inDouble || m >= inBracesOf }

func (m place) ends(c byte) bool {
	switch m {
	case inWord:
		return isMeta(c)
	case inDouble:
		return c == '"'
	case inBraces, inBracesOf:
		return c == '}'
	case inPattern, inPatternOf:
		return c == '}' || c == '/'
	}
	return false
}

func (p *parser) isProcess() bool {
	c := p.peek(0)
	return (c == '<' || c == '>') && p.peek(1) == '('
}

// word parses a word. It fails if there is no word at the position.
func (p *parser) word() word {
	from := p.pos
	w := word{}
	if p.isProcess() {
		p.pos += 2
		w.parts = append(w.parts, part{kind: process, param: &param{list: p.inside(')')}})
		w.parts = append(w.parts, p.parts(inWord)...)
	} else {
		w.parts = p.parts(inWord)
	}
	if p.pos == from {
		p.fail()
	}
	for i := range w.parts {
		if w.parts[i].kind == literal && strings.IndexByte(w.parts[i].text, '{') >= 0 {
			w.braces = true
		}
	}
	return w
}

// inside parses the commands up to a closing byte.
func (p *parser) inside(end byte) list {
	if !p.enter() {
		return nil
	}
	defer p.leave()
	l := p.commands(false)
	if !p.failed && p.peek(0) == end {
		p.pos++
	} else {
		p.fail()
	}
	return l
}

// parts parses a text up to its end mark, and stops before the mark.
func (p *parser) parts(m place) []part {
	mark := len(p.half)
	plain := literal
	if m.quotes() {
		plain = quoted
	}
	for !p.failed && !p.atEnd() {
		from := p.pos
		for p.pos < len(p.text) && !p.special(m, from) {
			p.pos++
		}
		if p.pos > from {
			p.spend(p.pos - from)
			p.push(part{kind: plain, text: p.text[from:p.pos]})
			continue
		}
		c := p.peek(0)
		if m.ends(c) && !(c == '(' && len(p.half) > mark && p.isAlternatives()) {
			break
		}
		p.spend(1)
		switch c {
		case '\\':
			if s := p.escape(m); s != "" {
				p.push(part{kind: quoted, text: s})
			}
		case '\'':
			text := p.single()
			if m.quotes() { // in "${A:-'}'}" the quotes hide the brace and stay
				text = "'" + text + "'"
			}
			p.push(part{kind: quoted, text: text})
		case '"':
			if m == inText { // "$((" and a here-document keep the quote
				p.pos++
				p.push(part{kind: quoted, text: `"`})
				continue
			}
			p.push(p.double())
		case '`':
			p.push(p.backticks(m.quotes()))
		case '$':
			p.push(p.dollar(m))
		case '(':
			p.push(part{kind: literal, text: p.alternatives()})
		}
	}
	return p.pop(mark)
}

// push adds a part to the parts of the word that is being parsed.
func (p *parser) push(q part) { p.half = append(p.half, q) }

// pop takes the parts above mark from the stack. It keeps them in one slice with the
// parts of other words. This saves memory.
func (p *parser) pop(mark int) []part {
	n := len(p.half) - mark
	if n == 0 {
		return nil
	}
	if cap(p.slab)-len(p.slab) < n {
		p.slab = make([]part, 0, max(64, n))
	}
	from := len(p.slab)
	p.slab = append(p.slab, p.half[mark:]...)
	p.half = p.half[:mark]
	return p.slab[from:len(p.slab):len(p.slab)]
}

// special reports whether the byte at the position has a meaning of its own. The text
// before it begins at from.
func (p *parser) special(m place, from int) bool {
	switch c := p.text[p.pos]; c {
	case '\\', '$', '`', '"':
		return true
	case '\'':
		return !m.quotes() || (m == inBracesOf || m == inPatternOf) && p.hidesBrace()
	case '(':
		// "@(a|b)" is a pattern of bash.
		return m == inWord
	default:
		return m.ends(c)
	}
}

// hidesBrace reports whether the text of '...' at the position has a brace and no
// expansion.
func (p *parser) hidesBrace() bool {
	text := p.text[p.pos+1:]
	end := strings.IndexAny(text, "'$`\\\n\"")
	p.spend(max(end, 1))
	return end >= 0 && text[end] == '\'' && strings.IndexByte(text[:end], '}') >= 0
}

// escape parses a backslash and the characters that it quotes.
func (p *parser) escape(m place) string {
	p.pos++
	if p.atEnd() {
		return `\`
	}
	c := p.peek(0)
	if c == '\n' {
		p.pos++
		return ""
	}
	if m.quotes() && c != '$' && c != '`' && c != '\\' && (c != '"' || m == inText) && (c != '}' || m == inDouble || m == inText) {
		return `\`
	}
	p.pos++
	return p.text[p.pos-1 : p.pos]
}

// single parses '...'.
func (p *parser) single() string {
	p.pos++
	text, _, found := strings.Cut(p.text[p.pos:], "'")
	p.spend(len(text))
	if !found {
		p.fail()
		return ""
	}
	p.pos += len(text) + 1
	return text
}

// double parses "...".
func (p *parser) double() part {
	q := part{kind: inQuotes}
	if !p.enter() {
		return q
	}
	defer p.leave()
	p.pos++
	q.parts = p.parts(inDouble)
	p.expect(`"`)
	return q
}

// backticks parses `...`. Its text may contain further backslashes.
func (p *parser) backticks(inQuotes bool) part {
	line := p.lineAt(p.pos)
	p.pos++
	var b strings.Builder
	for !p.atEnd() && p.peek(0) != '`' {
		c := p.peek(0)
		if c == '\\' {
			next := p.peek(1)
			if next == '`' || next == '$' || next == '\\' || next == '"' && inQuotes {
				p.pos++
				c = next
			}
		}
		b.WriteByte(c)
		p.pos++
	}
	p.spend(b.Len())
	p.expect("`")
	if p.failed || !p.enter() {
		return part{}
	}
	defer p.leave()
	inner := newParser(p.bounds, b.String(), line)
	inner.nest = p.nest
	l := inner.commands(false)
	if inner.failed || !inner.atEnd() {
		p.fail()
	}
	return part{kind: command, param: &param{list: l}}
}

// isAlternatives reports whether the parenthesis at the position belongs to a
// pattern.
func (p *parser) isAlternatives() bool {
	return strings.IndexByte("?*+@!", p.text[p.pos-1]) >= 0
}

// alternatives passes the parentheses of a pattern: "@(a|b)".
func (p *parser) alternatives() string {
	from, depth := p.pos, 0
	for ; !p.atEnd() && p.peek(0) != '\n'; p.pos++ {
		switch p.peek(0) {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				p.pos++
				p.spend(p.pos - from)
				return p.text[from:p.pos]
			}
		}
	}
	p.fail()
	return ""
}

// oneLine adds source text to the text before it, for messages. It makes one line of the
// text and cuts it at maxShown.
func oneLine(before, s string) string {
	if len(s) > 2*maxShown {
		s = s[:2*maxShown]
	}
	if strings.ContainsAny(s, "\n\t") || strings.Contains(s, "  ") {
		s = strings.ReplaceAll(s, "\\\n", " ")
		s = strings.Join(strings.Fields(s), " ")
	}
	if before != "" {
		s = strings.TrimSpace(before + " " + strings.TrimSpace(s))
	}
	if len(s) > maxShown {
		s = strings.ToValidUTF8(s[:maxShown], "")
	}
	return s
}
