// SPDX-License-Identifier: MIT

package syntax

import "strings"

// wordStatement parses a statement that begins with a word that is a keyword only
// there. It returns nil if the word is a name.
func (p *parser) wordStatement(line Line) Stmt {
	switch p.source(p.tok) {
	case "print":
		return p.print(line)
	case "exec":
		return p.exec(line)
	case "nonlocal":
		saved := p.state
		if p.next(); p.tok.kind != tokName {
			p.state = saved
			return nil
		}
		p.state = saved
		return p.global(line, true)
	case "type":
		return p.typeAlias(line)
	}
	return nil
}

// print parses Python 2's print statement. "print (x)" and the like stay calls.
func (p *parser) print(line Line) Stmt {
	saved := p.state
	p.next()
	base := len(p.args)
	switch p.tok.kind {
	case tokName, tokNumber, tokString, opLeftBracket, opLeftBrace, opTilde, opBacktick,
		kwNone, kwTrue, kwFalse, kwLambda, kwNot:
	case opShift:
		p.next()
		p.args = append(p.args, Argument{Name: "file", Value: p.expr()})
		p.accept(opComma)
	default:
		p.state = saved
		return nil
	}
	for startsExpr[p.tok.kind] {
		p.args = append(p.args, Argument{Value: p.expr()})
		if !p.accept(opComma) {
			break
		}
	}
	args := p.nodes.args.copy(p.args[base:])
	p.args = p.args[:base]
	return &ExprStmt{line, p.call(line, "print", args...)}
}

// exec parses Python 2's exec code in globals, locals.
func (p *parser) exec(line Line) Stmt {
	saved := p.state
	p.next()
	call := p.tok.kind == opLeftParen
	if !call && p.tok.kind != tokName && p.tok.kind != tokString {
		p.state = saved
		return nil
	}
	args := []Argument{{Value: p.binary(precBar)}}
	if p.accept(kwIn) {
		args = append(args, Argument{Value: p.expr()})
		if p.accept(opComma) {
			args = append(args, Argument{Value: p.expr()})
		}
	} else if call {
		p.state = saved
		return nil
	}
	return &ExprStmt{line, p.call(line, "exec", args...)}
}

// typeAlias parses type name = value (PEP 695) as an assignment.
func (p *parser) typeAlias(line Line) Stmt {
	saved := p.state
	p.next()
	if p.tok.kind != tokName {
		p.state = saved
		return nil
	}
	target := p.atom()
	p.typeParameters()
	p.expect(opAssign)
	a := p.nodes.assigns.new()
	a.Line, a.Targets, a.Value = line, []Expr{target}, p.expr()
	return a
}

// typeParameters reads over the type parameters of PEP 695, if there are any.
func (p *parser) typeParameters() {
	if p.tok.kind == opLeftBracket {
		p.balanced()
	}
}

// balanced reads over brackets and what is in them.
func (p *parser) balanced() {
	outside := p.brackets - 1 // the opening one is read
	for p.brackets > outside {
		if p.next(); p.tok.kind == tokNewline || p.tok.kind == tokBad {
			p.fail()
			return
		}
	}
	p.next()
}

// aliases parses the names of an import; dotted if they are modules.
func (p *parser) aliases(dotted bool) []Alias {
	var list []Alias
	for {
		a := Alias{}
		if dotted {
			a.Name = p.dotted()
		} else {
			a.Name = p.identifier()
		}
		if p.accept(kwAs) {
			a.As = p.identifier()
		}
		list = append(list, a)
		if !p.accept(opComma) || p.tok.kind != tokName {
			return list
		}
	}
}

// dotted parses the name of a module.
func (p *parser) dotted() string {
	start, end := p.tok.start, p.tok.end
	p.expect(tokName)
	for p.tok.kind == opDot && !p.failed {
		p.next()
		end = p.tok.end
		p.expect(tokName)
	}
	if p.failed {
		return ""
	}
	name := p.text[start:end]
	if strings.ContainsAny(name, " \t\f\\\n") {
		name = strings.Map(func(r rune) rune {
			if strings.ContainsRune(" \t\f\\\n", r) {
				return -1
			}
			return r
		}, name)
	}
	return name
}

func (p *parser) importFrom(line Line) Stmt {
	p.next()
	f := &ImportFrom{Line: line}
	for {
		if p.accept(opDot) {
			f.Level++
		} else if p.accept(opEllipsis) {
			f.Level += 3
		} else {
			break
		}
	}
	if p.tok.kind == tokName || f.Level == 0 {
		f.Module = p.dotted()
	}
	p.expect(kwImport)
	switch {
	case p.accept(opStar):
		f.Names = []Alias{{Name: "*"}}
	case p.accept(opLeftParen):
		f.Names = p.aliases(false)
		p.expect(opRightParen)
	default:
		f.Names = p.aliases(false)
	}
	return f
}
