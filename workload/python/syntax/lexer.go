// SPDX-License-Identifier: MIT

package syntax

import "strings"

// token is one token of the text.
type token struct {
	kind       kind
	start, end int32
	line       Line
}

// state is where the parser stands: a copy of it is enough to come back.
type state struct {
	text     string
	pos      int // of the next token
	line     Line
	brackets int  // open ones
	indent   int  // of the logical line; -1 after the last one
	field    bool // the text is a replacement field
	failed   bool
	tok      token
}

// Classes of bytes.
const (
	other = iota
	letter
	digit
	blank
)

var class = func() (t [256]uint8) {
	for c := range t {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c >= 0x80:
			t[c] = letter
		case c >= '0' && c <= '9':
			t[c] = digit
		case c == ' ', c == '\t', c == '\f':
			t[c] = blank
		}
	}
	return t
}()

func inWord(c byte) bool { return class[c] == letter || class[c] == digit }

// at returns the byte at pos, or 0 after the end.
func at(text string, pos int) byte {
	if pos < len(text) {
		return text[pos]
	}
	return 0
}

// next reads a token. The end of the logical line is not read over: see startLine.
func (p *parser) next() {
	if p.failed {
		return
	}
	p.steps++
	text := p.text
	pos := p.pos
	for {
		for pos < len(text) && class[text[pos]] == blank {
			pos++
		}
		if pos >= len(text) {
			p.set(tokNewline, pos, pos)
			return
		}
		switch c := text[pos]; c {
		case '#':
			pos = lineEnd(text, pos)
			continue
		case '\n':
			if p.brackets > 0 && !breaksLine(text, pos+1) {
				pos++
				p.line++
				continue
			}
			p.brackets = 0
			p.set(tokNewline, pos, pos)
			return
		case '\\':
			if at(text, pos+1) == '\n' {
				pos += 2
				p.line++
				continue
			}
		}
		break
	}
	switch c := text[pos]; class[c] {
	case letter:
		p.word(pos)
	case digit:
		p.set(tokNumber, pos, numberEnd(text, pos))
	default:
		switch {
		case c == '"' || c == '\'':
			p.str(pos, pos, false, false)
		case c == '.' && class[at(text, pos+1)] == digit:
			p.set(tokNumber, pos, numberEnd(text, pos))
		default:
			p.operator(pos, c)
		}
	}
}

func (p *parser) set(k kind, start, end int) {
	p.tok = token{k, int32(start), int32(end), p.line}
	p.pos = end
}

func lineEnd(text string, pos int) int {
	if i := strings.IndexByte(text[pos:], '\n'); i >= 0 {
		return pos + i
	}
	return len(text)
}

// breaksLine reports whether the line at pos, which stands inside brackets, begins
// with a keyword that no expression contains. Then a bracket was not closed, and
// the logical line ends before this one.
func breaksLine(text string, pos int) bool {
	for pos < len(text) && class[text[pos]] == blank {
		pos++
	}
	if c := at(text, pos); c < 'a' || c > 'w' {
		return false
	}
	start := pos
	for pos < len(text) && inWord(text[pos]) && pos-start < 9 {
		pos++
	}
	return onlyStatement[keyword(text[start:pos])]
}

// word reads a name, a keyword or a string with a prefix.
func (p *parser) word(start int) {
	text := p.text
	pos := start + 1
	for pos < len(text) && inWord(text[pos]) {
		pos++
	}
	if c := at(text, pos); c == '"' || c == '\'' {
		if ok, format, raw := prefix(text, pos); ok {
			p.str(start, pos, format, raw)
			return
		}
	}
	k := tokName
	if n := pos - start; n >= 2 && n <= 8 {
		k = keyword(text[start:pos])
	}
	p.set(k, start, pos)
}

// prefix reports whether the word that ends at the quote is a string's prefix, and
// what it makes of the string.
func prefix(text string, quote int) (ok, format, raw bool) {
	i := quote
	for i > 0 && quote-i < 3 && inWord(text[i-1]) {
		i--
	}
	if quote-i < 1 || quote-i > 2 {
		return false, false, false
	}
	for _, c := range []byte(text[i:quote]) {
		switch c {
		case 'f', 'F', 't', 'T':
			format = true
		case 'r', 'R':
			raw = true
		case 'b', 'B', 'u', 'U':
		default:
			return false, false, false
		}
	}
	return true, format, raw
}

// str reads a string, whose opening quote stands at quote.
func (p *parser) str(start, quote int, format, raw bool) {
	end, lines, ok := stringEnd(p.text, quote, format, raw)
	k := tokString
	if !ok {
		k = tokBad
	}
	p.set(k, start, end)
	p.line += Line(lines)
	p.steps += end - start
}

func (p *parser) operator(pos int, c byte) {
	second := at(p.text, pos+1)
	k, n := tokBad, 1
	switch c {
	case '(':
		k = opLeftParen
		p.brackets++
	case '[':
		k = opLeftBracket
		p.brackets++
	case '{':
		k = opLeftBrace
		p.brackets++
	case ')', ']', '}':
		k = opRightParen
		if c == ']' {
			k = opRightBracket
		} else if c == '}' {
			k = opRightBrace
		}
		if p.brackets > 0 {
			p.brackets--
		}
	case ',':
		k = opComma
	case ';':
		k = opSemicolon
	case '~':
		k = opTilde
	case '`':
		k = opBacktick
	case ':':
		k = opColon
		// In a replacement field it begins the format specification.
		if second == '=' && !(p.field && p.brackets == 1) {
			k, n = opWalrus, 2
		}
	case '.':
		k = opDot
		if second == '.' && at(p.text, pos+2) == '.' {
			k, n = opEllipsis, 3
		}
	case '=':
		k = opAssign
		if second == '=' {
			k, n = opCompare, 2
		}
	case '!':
		k = opBang
		if second == '=' {
			k, n = opCompare, 2
		}
	case '-':
		if second == '>' {
			k, n = opArrow, 2
			break
		}
		k, n = arithmetic(opMinus, second)
	case '<', '>':
		k = opCompare
		switch {
		case second == c:
			k, n = opShift, 2
			if at(p.text, pos+2) == '=' {
				k, n = opAugAssign, 3
			}
		case second == '=' || c == '<' && second == '>':
			n = 2
		}
	case '*', '/':
		k = opStar
		if c == '/' {
			k = opSlash
		}
		if second != c {
			k, n = arithmetic(k, second)
			break
		}
		k, n = arithmetic(k+1, at(p.text, pos+2))
		n++
	case '+':
		k, n = arithmetic(opPlus, second)
	case '%':
		k, n = arithmetic(opPercent, second)
	case '&':
		k, n = arithmetic(opAmpersand, second)
	case '|':
		k, n = arithmetic(opBar, second)
	case '^':
		k, n = arithmetic(opCaret, second)
	case '@':
		k, n = arithmetic(opAt, second)
	}
	p.set(k, pos, pos+n)
}

// arithmetic returns the token that an operator and the byte after it make, and its
// length if the operator has one byte.
func arithmetic(k kind, second byte) (kind, int) {
	if second == '=' {
		return opAugAssign, 2
	}
	return k, 1
}

// numberEnd returns where the number ends. A keyword may follow directly: 1if x.
func numberEnd(text string, pos int) int {
	digits := func() {
		for pos < len(text) && (class[text[pos]] == digit || text[pos] == '_') {
			pos++
		}
	}
	if c := at(text, pos+1) | 0x20; text[pos] == '0' && (c == 'x' || c == 'o' || c == 'b') {
		for pos += 2; pos < len(text); pos++ {
			h := text[pos] | 0x20
			if class[text[pos]] != digit && text[pos] != '_' && !(c == 'x' && h >= 'a' && h <= 'f') {
				break
			}
		}
		if at(text, pos)|0x20 == 'l' {
			pos++
		}
		return pos
	}
	digits()
	if at(text, pos) == '.' {
		pos++
		digits()
	}
	if at(text, pos)|0x20 == 'e' {
		exponent := pos + 1
		if c := at(text, exponent); c == '+' || c == '-' {
			exponent++
		}
		if class[at(text, exponent)] == digit {
			pos = exponent
			digits()
		}
	}
	if c := at(text, pos) | 0x20; c == 'j' || c == 'l' {
		pos++
	}
	return pos
}
