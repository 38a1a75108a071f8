// SPDX-License-Identifier: MIT

package workload

// Kinds of scope and of block.
const (
	kModule = iota
	kFunction
	kClass
	kIf
	kElif
	kElse
	kTry
	kExcept
	kOther
)

// A scope is what names are bound in: the module, a function or a class.
type scope struct {
	kind      uint8
	decorated bool
	parent    int32
	name      int32    // its name's token, -1 for the module
	bases     int32    // a class: the token of the parenthesis that opens its bases, or -1
	globals   []string // names that a "global" or "nonlocal" statement binds elsewhere
}

// A block is the body of a compound statement.
type block struct {
	kind         uint8
	parent       int32
	before       int32 // the block of the same if that comes before this elif or else, -1 if none
	indent       int32 // of its header
	head, colon  uint32
	outer, inner int32 // scope that it stands in, and its own
}

// A stmt is a simple statement, or the header of a compound one.
type stmt struct {
	first, last  uint32 // tokens [first,last)
	scope, block int32
}

// A program is one Python text, taken apart as far as we need it.
type program struct {
	src      string
	tokens   []token
	lines    []line
	stmts    []stmt
	scopes   []scope
	blocks   []block
	bindings []binding
	names    map[string][]int32  // bindings of the names that matter
	filter   [16]uint64          // of those names: see mark
	attrs    map[string][]int32  // the same of self.NAME
	args     []string            // of the command line, after the program
	options  map[string]declared // that the program declares, by the names of their values
	depth    int                 // of value's recursion
	spent    int                 // see spend
}

func parse(text []byte) *program { return parseString(string(text)) }

func parseString(text string) *program {
	if len(text) >= 3 && text[:3] == "\xef\xbb\xbf" {
		text = text[3:]
	}
	p := &program{src: text}
	p.tokens, p.lines = tokenize(text)
	return p
}

func (p *program) text(t int) string { return p.src[p.tokens[t].start:p.tokens[t].end] }

// is says whether token t is the name or keyword.
func (p *program) is(t int, name string) bool {
	return t < len(p.tokens) && p.tokens[t].kind == tName && p.text(t) == name
}

func (p *program) isOp(t int, op byte) bool {
	return t >= 0 && t < len(p.tokens) && p.tokens[t].kind == tOp && p.tokens[t].op == op
}

func (p *program) isName(t int) bool { return t < len(p.tokens) && p.tokens[t].kind == tName }

// words gives the texts of a line's tokens.
func (p *program) words(l line) []string {
	words := make([]string, 0, l.last-l.first)
	for t := l.first; t < l.last; t++ {
		words = append(words, p.text(int(t)))
	}
	return words
}

// structure finds statements, scopes and blocks. It holds no recursion: the
// depth of a hostile text's nesting costs memory alone, and that is bounded by
// its tokens.
func (p *program) structure() {
	p.stmts = make([]stmt, 0, len(p.lines)+len(p.lines)/4)
	p.scopes = append(make([]scope, 0, 32), scope{kind: kModule, parent: -1, name: -1, bases: -1})
	p.blocks = append(make([]block, 0, 64), block{kind: kModule, parent: -1, before: -1, indent: -1})
	current := int32(0)
	decorated := false
	for _, l := range p.lines {
		before := int32(-1)
		for current > 0 && p.blocks[current].indent >= l.indent {
			if p.blocks[current].indent == l.indent {
				before = current
			}
			current = p.blocks[current].parent
		}
		t, last := int(l.first), int(l.last)
		if p.isOp(t, '@') {
			decorated = true
			p.addStmt(t, last, current)
			continue
		}
		for t < last {
			kind, colon := p.compound(t, last)
			if colon < 0 {
				break
			}
			p.addStmt(t, colon, current)
			current = p.open(kind, t, colon, current, before, l.indent, decorated)
			before, decorated = -1, false
			t = colon + 1
		}
		decorated = false
		depth := 0
		for from := t; t < last; t++ {
			depth = p.nest(t, depth)
			if depth == 0 && p.isOp(t, ';') {
				p.addStmt(from, t, current)
				from = t + 1
			} else if t == last-1 {
				p.addStmt(from, last, current)
			}
		}
	}
}

func (p *program) addStmt(first, last int, current int32) {
	if last > first {
		p.stmts = append(p.stmts, stmt{uint32(first), uint32(last), p.blocks[current].inner, current})
	}
}

// nest follows brackets: it gives the depth after token t.
func (p *program) nest(t, depth int) int {
	if p.tokens[t].kind == tOp {
		switch p.tokens[t].op {
		case '(', '[', '{':
			return depth + 1
		case ')', ']', '}':
			return max(0, depth-1)
		}
	}
	return depth
}

// compound tells a compound statement that begins at t, and the token of the
// colon that ends its header; -1 if it is none.
func (p *program) compound(t, last int) (kind uint8, colon int) {
	if p.tokens[t].kind != tName {
		return 0, -1
	}
	switch p.text(t) {
	case "if":
		kind = kIf
	case "elif":
		kind = kElif
	case "else", "finally":
		kind = kElse
	case "try":
		kind = kTry
	case "except":
		kind = kExcept
	case "for", "while", "with":
		kind = kOther
	case "async":
		if p.is(t+1, "def") {
			kind = kFunction
		} else {
			kind = kOther
		}
	case "match", "case":
		if !p.isOp(last-1, ':') {
			return 0, -1 // the name of something
		}
		kind = kOther
	case "def":
		kind = kFunction
	case "class":
		kind = kClass
	default:
		return 0, -1
	}
	depth, lambdas := 0, 0
	for i := t + 1; i < last; i++ {
		depth = p.nest(i, depth)
		switch {
		case depth > 0:
		case p.isOp(i, ':'):
			if lambdas == 0 {
				return kind, i
			}
			lambdas--
		case p.is(i, "lambda"):
			lambdas++
		}
	}
	return 0, -1
}

func (p *program) open(kind uint8, head, colon int, current, before, indent int32, decorated bool) int32 {
	outer := p.blocks[current].inner
	b := block{
		kind: kind, parent: current, before: -1, indent: indent,
		head: uint32(head), colon: uint32(colon), outer: outer, inner: outer,
	}
	if kind == kElif || kind == kElse || kind == kExcept {
		b.before = before
	}
	if kind == kFunction || kind == kClass {
		name := head + 1
		if p.is(head, "async") {
			name++
		}
		s := scope{kind: kind, parent: outer, name: int32(name), bases: -1, decorated: decorated}
		for t := name + 1; t < colon; t++ {
			if p.isOp(t, '(') && s.bases < 0 {
				s.bases = int32(t)
			}
		}
		p.scopes = append(p.scopes, s)
		b.inner = int32(len(p.scopes) - 1)
	}
	p.blocks = append(p.blocks, b)
	return int32(len(p.blocks) - 1)
}
