// SPDX-License-Identifier: MIT

package shell

import "strings"

// nextLine parses the commands up to the end of a line, because a shell runs them
// before it reads the next line.
func (p *parser) nextLine() list {
	p.newlines()
	l := p.commands(true)
	if !p.failed && p.closes() {
		p.fail()
	}
	return l
}

// commands parses a list up to its closing word, or to the line's end. After a failure
// it returns the commands before the failure.
func (p *parser) commands(line bool) list {
	var l list
	for !p.failed {
		if line {
			p.blanks()
		} else {
			p.newlines()
		}
		if p.atEnd() || p.closes() {
			return l
		}
		if p.peek(0) == '\n' {
			p.newline()
			return l
		}
		n := p.chain()
		if p.failed {
			return l
		}
		p.blanks()
		background := false
		switch c := p.peek(0); {
		case c == ';' && !p.closes():
			p.pos++
		case c == '&':
			p.pos++
			background = true
		case c == '\n' || p.atEnd() || p.closes():
		default:
			p.fail()
			return l
		}
		l = append(l, item{n, background})
	}
	return l
}

func (p *parser) chain() node {
	first := p.pipeline()
	p.blanks()
	if !p.follows("&&") && !p.follows("||") {
		return first
	}
	c := &chain{parts: []node{first}}
	for !p.failed && (p.follows("&&") || p.follows("||")) {
		c.ops = append(c.ops, p.peek(0))
		p.pos += 2
		p.spend(2)
		p.newlines()
		c.parts = append(c.parts, p.pipeline())
		p.blanks()
	}
	return c
}

func (p *parser) pipeline() node {
	not, timed := false, false
	for {
		p.blanks()
		k := p.keyword()
		if k == "!" {
			not = !not
		} else if k == "time" {
			timed = true
		} else {
			break
		}
		p.pos += len(k)
		p.spend(len(k))
		p.blanks()
		if timed && p.follows("-p ") {
			p.pos += 3
		}
	}
	if c := p.peek(0); timed && (p.atEnd() || c == '\n' || c == ';') {
		return &simple{}
	}
	first := p.command()
	p.blanks()
	if !not && (p.peek(0) != '|' || p.peek(1) == '|') {
		return first
	}
	l := &pipeline{parts: []node{first}, not: not}
	for !p.failed && p.peek(0) == '|' && p.peek(1) != '|' {
		p.pos++
		p.take("&")
		p.spend(1)
		p.newlines()
		l.parts = append(l.parts, p.command())
		p.blanks()
	}
	return l
}

// command parses one command. If the command is not simple, its redirections follow here.
func (p *parser) command() node {
	if !p.enter() {
		return nil
	}
	defer p.leave()
	p.blanks()
	n := p.compound()
	if n == nil && !p.failed {
		return p.simple()
	}
	if _, ok := n.(*function); ok {
		return n
	}
	var redirs []redirect
	for p.blanks(); !p.failed && p.isRedirect(); p.blanks() {
		redirs = append(redirs, p.redirect())
	}
	if len(redirs) > 0 {
		return &redirected{n, redirs}
	}
	return n
}

// simple parses a command of words, or the definition of a function.
func (p *parser) simple() node {
	s := &simple{line: p.lineAt(p.pos)}
	from, to := p.pos, p.pos
	shown := "" // the text of the words before a redirection
	for !p.failed {
		p.blanks()
		c := p.peek(0)
		switch {
		case p.atEnd(), c == '\n', c == ';', c == '|', c == ')', c == '&' && p.peek(1) != '>':
			if len(s.words)+len(s.assigns)+len(s.redirs) == 0 {
				p.fail()
			}
			s.text = oneLine(shown, p.text[from:to])
			return s
		case p.isRedirect():
			s.redirs = append(s.redirs, p.redirect())
			if len(s.words) > 0 {
				shown, from, to = oneLine(shown, p.text[from:to]), p.pos, p.pos
			}
		case c == '(':
			if len(s.words) != 1 || len(s.assigns)+len(s.redirs) > 0 {
				p.fail()
				return nil
			}
			return p.definition(p.text[from:to])
		case (len(s.words) == 0 || s.declares) && p.isAssign():
			a := p.assign()
			s.assigns = append(s.assigns, a)
			if s.declares {
				s.words = append(s.words, declared(a))
				to = p.pos
			}
		default:
			if len(s.words) == 0 {
				from = p.pos
				s.words = make([]word, 0, 4)
			}
			s.words = append(s.words, p.word())
			to = p.pos
			if len(s.words) == 1 {
				switch s.words[0].bare() {
				case "export", "declare", "typeset", "local", "readonly":
					s.declares = true
				}
			}
		}
	}
	return s
}

// declared returns an assignment after export as a word.
func declared(a assign) word {
	if a.isList || a.indexed || a.adds {
		return word{parts: []part{{kind: quoted, text: a.name}}}
	}
	return word{parts: append([]part{{kind: quoted, text: a.name + "="}}, a.value.parts...)}
}

// definition parses a function's "()" and its body.
func (p *parser) definition(name string) node {
	p.pos++
	p.blanks()
	p.expect(")")
	return p.functionBody(name)
}

func (p *parser) functionBody(name string) node {
	p.newlines()
	f := &function{name: name}
	f.body = p.command()
	if f.body == nil {
		p.fail()
	}
	return f
}

// isAssign reports whether NAME=, NAME+= or NAME[...]= stands here.
func (p *parser) isAssign() bool {
	n := nameLength(p.text[p.pos:])
	if n == 0 {
		return false
	}
	if p.peek(n) == '[' {
		end := p.scanIndex(p.pos+n, false)
		if end < 0 {
			return false
		}
		n = end + 1 - p.pos
	}
	return p.peek(n) == '=' || p.peek(n) == '+' && p.peek(n+1) == '='
}

// scanIndex returns the position of the bracket that closes the bracket at a position, or
// -1 if the word ends first. Blanks end the word, except in quotes, in parentheses or in
// braces around them.
func (p *parser) scanIndex(open int, braces bool) int {
	depth, parens, i := 0, 0, open
	defer func() { p.spend(i - open) }()
	for ; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '[':
			depth++
		case c == ']':
			if depth--; depth == 0 {
				return i
			}
		case c == '(':
			parens++
		case c == ')':
			parens--
		case c == '"' || c == '\'':
			n := strings.IndexByte(p.text[i+1:], c)
			if n < 0 {
				return -1
			}
			i += n + 1
		case c == '\n' || !braces && parens <= 0 && (c == ';' || c == ' ' || c == '\t'):
			return -1
		}
	}
	return -1
}

func (p *parser) assign() assign {
	n := nameLength(p.text[p.pos:])
	a := assign{name: p.text[p.pos : p.pos+n]}
	p.pos += n
	p.spend(n)
	if p.peek(0) == '[' {
		end := p.scanIndex(p.pos, false)
		a.index, a.indexed = p.text[p.pos+1:end], true
		p.pos = end + 1
	}
	a.adds = p.take("+")
	p.pos++ // =
	if p.peek(0) == '(' && !a.indexed {
		p.pos++
		a.isList = true
		p.items(&a)
		return a
	}
	if c := p.peek(0); !p.atEnd() && (!isMeta(c) || p.isProcess()) {
		a.value = p.word()
	}
	return a
}

// items parses the words of A=(...).
func (p *parser) items(a *assign) {
	if !p.enter() {
		return
	}
	defer p.leave()
	for !p.failed {
		p.newlines()
		if p.take(")") {
			return
		}
		if p.peek(0) == '[' {
			if end := p.scanIndex(p.pos, false); end > 0 && end+1 < len(p.text) && p.text[end+1] == '=' {
				a.keyed = true
			}
		}
		a.items = append(a.items, p.word())
	}
}
