// SPDX-License-Identifier: MIT

package syntax

import (
	"fmt"
	"strings"
)

// printer writes a tree as Python text with every pair of parentheses, so that a
// case shows what was read.
type printer struct {
	strings.Builder
	indent int
}

func printTree(list []Stmt) string {
	var p printer
	p.block(list)
	return p.String()
}

func (p *printer) line(format string, a ...any) {
	fmt.Fprintf(p, "%s%s\n", strings.Repeat("  ", p.indent), fmt.Sprintf(format, a...))
}

func (p *printer) clause(list []Stmt, format string, a ...any) {
	p.line(format, a...)
	p.indent++
	p.block(list)
	p.indent--
}

func (p *printer) block(list []Stmt) {
	for _, s := range list {
		p.statement(s)
	}
}

func (p *printer) orElse(list []Stmt) {
	if list != nil {
		p.clause(list, "else:")
	}
}

func (p *printer) statement(s Stmt) {
	switch s := s.(type) {
	case *ExprStmt:
		p.line("%s", expr(s.Value))
	case *Assign:
		text := exprs(s.Targets, " = ")
		if s.Annotation != nil {
			text += ": " + expr(s.Annotation)
		}
		if s.Value != nil {
			text += " = " + expr(s.Value)
		}
		p.line("%s", text)
	case *AugAssign:
		p.line("%s %s= %s", expr(s.Target), s.Op, expr(s.Value))
	case *If:
		p.clause(s.Body, "if %s:", expr(s.Test))
		p.orElse(s.Else)
	case *For:
		p.clause(s.Body, "for %s in %s:", expr(s.Target), expr(s.Iter))
		p.orElse(s.Else)
	case *While:
		p.clause(s.Body, "while %s:", expr(s.Test))
		p.orElse(s.Else)
	case *With:
		var items []string
		for _, i := range s.Items {
			text := expr(i.Context)
			if i.Target != nil {
				text += " as " + expr(i.Target)
			}
			items = append(items, text)
		}
		p.clause(s.Body, "with %s:", strings.Join(items, ", "))
	case *Try:
		p.clause(s.Body, "try:")
		for _, h := range s.Handlers {
			p.clause(h.Body, "except %s as %q:", expr(h.Type), h.Name)
		}
		p.orElse(s.Else)
		if s.Finally != nil {
			p.clause(s.Finally, "finally:")
		}
	case *Def:
		p.decorators(s.Decorators)
		body := s.Statements()
		kind := "def"
		if s.Async {
			kind = "async def"
		}
		if s.Generator {
			kind += "*"
		}
		p.clause(body, "%s %s(%s):", kind, s.Name, parameters(s.Parameters))
	case *Class:
		p.decorators(s.Decorators)
		p.clause(s.Body, "class %s(%s):", s.Name, arguments(s.Arguments))
	case *Match:
		p.line("match %s:", expr(s.Subject))
		p.indent++
		for _, c := range s.Cases {
			p.clause(c.Body, "case %s if %s:", expr(c.Pattern), expr(c.Guard))
		}
		p.indent--
	default:
		p.simple(s)
	}
}

func (p *printer) decorators(list []Expr) {
	for _, d := range list {
		p.line("@%s", expr(d))
	}
}

func aliases(list []Alias) string {
	var names []string
	for _, a := range list {
		text := a.Name
		if a.As != "" {
			text += " as " + a.As
		}
		names = append(names, text)
	}
	return strings.Join(names, ", ")
}

func (p *printer) simple(s Stmt) {
	switch s := s.(type) {
	case *Return:
		p.line("return %s", expr(s.Value))
	case *Raise:
		p.line("raise %s", expr(s.Value))
	case *Import:
		p.line("import %s", aliases(s.Names))
	case *ImportFrom:
		p.line("from %s%s import %s", strings.Repeat(".", s.Level), s.Module, aliases(s.Names))
	case *Global:
		kind := "global"
		if s.Nonlocal {
			kind = "nonlocal"
		}
		p.line("%s %s", kind, strings.Join(s.Names, ", "))
	case *Delete:
		p.line("del %s", exprs(s.Targets, ", "))
	case *Assert:
		p.line("assert %s", expr(s.Test))
	case *Bad:
		p.line("BAD %d", s.Line)
	default:
		p.line("%s", strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", s), "*syntax.")))
	}
}

func parameters(list []Parameter) string {
	var names []string
	for _, q := range list {
		text := []string{"", "/", "*,", "*", "**"}[q.Kind] + q.Name
		if q.Annotation != nil {
			text += ": " + expr(q.Annotation)
		}
		if q.Default != nil {
			text += "=" + expr(q.Default)
		}
		names = append(names, text)
	}
	return strings.Join(names, ", ")
}

func arguments(list []Argument) string {
	var texts []string
	for _, a := range list {
		text := strings.Repeat("*", int(a.Star))
		if a.Name != "" {
			text += a.Name + "="
		}
		texts = append(texts, text+expr(a.Value))
	}
	return strings.Join(texts, ", ")
}

func exprs(list []Expr, separator string) string {
	var texts []string
	for _, e := range list {
		texts = append(texts, expr(e))
	}
	return strings.Join(texts, separator)
}

func expr(e Expr) string {
	switch e := e.(type) {
	case nil:
		return "nil"
	case *Name:
		return e.ID
	case *String:
		if e.Bytes {
			return fmt.Sprintf("b%q", e.Value)
		}
		return fmt.Sprintf("%q", e.Value)
	case *Format:
		return "f{" + exprs(e.Parts, " ") + "}"
	case *FormatField:
		return "field(" + expr(e.Value) + ")"
	case *Int:
		return fmt.Sprint(e.Value)
	case *Float:
		return fmt.Sprintf("float(%v)", e.Value)
	case *Constant:
		return e.Value
	case *Sequence:
		return []string{"list", "tuple", "set"}[e.Kind] + "(" + exprs(e.Items, ", ") + ")"
	case *Dict:
		var pairs []string
		for i, k := range e.Keys {
			pairs = append(pairs, expr(k)+": "+expr(e.Values[i]))
		}
		return "{" + strings.Join(pairs, ", ") + "}"
	case *Comprehension:
		text := []string{List: "list", Set: "set", Generator: "generator", Mapping: "dict"}[e.Kind] + "(" + expr(e.Result)
		if e.Value != nil {
			text += ": " + expr(e.Value)
		}
		for _, l := range e.Loops {
			text += " for " + expr(l.Target) + " in " + expr(l.Iter)
			for _, t := range l.Tests {
				text += " if " + expr(t)
			}
		}
		return text + ")"
	case *Attribute:
		return expr(e.Value) + "." + e.Name
	case *Subscript:
		return expr(e.Value) + "[" + expr(e.Index) + "]"
	case *Slice:
		return expr(e.Lower) + ":" + expr(e.Upper) + ":" + expr(e.Step)
	case *Call:
		return expr(e.Function) + "(" + arguments(e.Arguments) + ")"
	default:
		return "(" + operation(e) + ")"
	}
}

func operation(e Expr) string {
	switch e := e.(type) {
	case *Unary:
		return e.Op + " " + expr(e.Value)
	case *Binary:
		return expr(e.Left) + " " + e.Op + " " + expr(e.Right)
	case *Logical:
		return exprs(e.Values, " "+e.Op+" ")
	case *Compare:
		text := expr(e.Left)
		for i, op := range e.Ops {
			text += " " + op + " " + expr(e.Rights[i])
		}
		return text
	case *Conditional:
		return expr(e.Body) + " if " + expr(e.Test) + " else " + expr(e.Else)
	case *Lambda:
		kind := "lambda"
		if e.Generator {
			kind += "*"
		}
		return kind + " " + parameters(e.Parameters) + ": " + expr(e.Result)
	case *Starred:
		return "*" + expr(e.Value)
	case *Await:
		return "await " + expr(e.Value)
	case *Yield:
		if e.From {
			return "yield from " + expr(e.Value)
		}
		return "yield " + expr(e.Value)
	case *Walrus:
		return e.Name + " := " + expr(e.Value)
	}
	return fmt.Sprintf("%T", e)
}
