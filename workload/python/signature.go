// SPDX-License-Identifier: MIT

package python

import (
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

// annotated is what an annotation says of an option.
type annotated struct {
	convert value   // nil for text
	record  *class  // a dataclass, whose fields are options
	context bool    // click's context
	several bool    // a list
	extras  []value // of Annotated
}

// within runs something in the frame of a module and the functions around.
func (in *interpreter) within(m *module, outer *frame, line int, run func()) {
	saved := in.frame
	in.frame = &frame{module: m, scope: newScope(), outer: outer, caller: saved, line: line, branches: in.branches, inner: true}
	run()
	in.frame = saved
}

// maxAnnotation bounds how deep annotations nest.
const maxAnnotation = 8

// annotation returns what an annotation says. It is evaluated in the frame that runs.
func (in *interpreter) annotation(e syntax.Expr, depth int) annotated {
	if e == nil || depth > maxAnnotation {
		return annotated{}
	}
	switch e := e.(type) {
	case *syntax.String:
		if tree := syntax.Parse("", []byte(e.Value)); tree != nil && len(tree.Body) == 1 && len(e.Value) < 200 {
			if s, ok := tree.Body[0].(*syntax.ExprStmt); ok {
				return in.annotation(s.Value, depth+1)
			}
		}
		return annotated{convert: setting}
	case *syntax.Binary: // int | None
		if c, ok := e.Left.(*syntax.Constant); ok && c.Value == "None" {
			return in.annotation(e.Right, depth+1)
		}
		return in.annotation(e.Left, depth+1)
	case *syntax.Subscript:
		return in.parameterised(e, depth)
	}
	switch t := in.settle(in.eval(e)).(type) {
	case *library:
		return ofLibrary(t)
	case *class:
		switch {
		case t.record:
			return annotated{record: t}
		case t.isEnum():
			return annotated{convert: t}
		}
	}
	return annotated{convert: setting}
}

func ofLibrary(t *library) annotated {
	_, last, _ := cutLast(t.path)
	switch t.path {
	case "str", "pathlib.Path", "typing.Any", "object", "os.PathLike", "argparse.Namespace":
		return annotated{}
	case "int", "float":
		return annotated{convert: t}
	case "bool":
		return annotated{convert: &library{path: "click.BOOL"}}
	}
	switch last {
	case "Context":
		return annotated{context: true}
	case "list", "List", "tuple", "Tuple", "Sequence", "Iterable", "set", "Set":
		return annotated{several: true}
	case "PositiveInt", "NonNegativeInt":
		return annotated{convert: &library{path: "int"}}
	}
	return annotated{convert: setting}
}

// parameterised is Optional[int], List[str], Annotated[int, ...] and the like.
func (in *interpreter) parameterised(e *syntax.Subscript, depth int) annotated {
	base, ok := in.settle(in.eval(e.Value)).(*library)
	if !ok {
		return annotated{convert: setting}
	}
	args := []syntax.Expr{e.Index}
	if s, ok := e.Index.(*syntax.Sequence); ok && len(s.Items) > 0 {
		args = s.Items
	}
	_, last, _ := cutLast(base.path)
	switch last {
	case "Annotated":
		a := in.annotation(args[0], depth+1)
		for _, extra := range args[1:] {
			a.extras = append(a.extras, in.settle(in.eval(extra)))
		}
		return a
	case "Union":
		for _, arg := range args {
			if c, ok := arg.(*syntax.Constant); !ok || c.Value != "None" {
				return in.annotation(arg, depth+1)
			}
		}
	case "Literal":
		if _, ok := literal(args[0]).(int64); ok {
			return annotated{convert: &library{path: "int"}}
		}
		return annotated{}
	case "list", "List", "tuple", "Tuple", "Sequence", "Iterable", "set", "Set":
		a := in.annotation(args[0], depth+1)
		a.several = true
		return a
	case "Optional", "Final", "ClassVar", "Required", "Positional", "Suppress", "Fixed":
		return in.annotation(args[0], depth+1)
	}
	return annotated{convert: setting}
}

// ofDefault returns the function that makes a value like a default out of a word.
func ofDefault(v value) value {
	switch v.(type) {
	case int64, *many:
		return &library{path: "int"}
	case float64:
		return &library{path: "float"}
	case bool:
		return &library{path: "click.BOOL"}
	}
	return nil
}

// callee returns the function of the program that a value calls, and whether its first
// parameter is bound already.
func (in *interpreter) callee(v value) (f *function, bound bool) {
	switch v := v.(type) {
	case *function:
		return v, false
	case *method:
		f, _ := v.function.(*function)
		return f, f != nil && f.descriptor != static
	case *class:
		if f, ok := v.find("__init__"); ok {
			return f, true
		}
	case *object:
		if made, ok := v.data.(*command); ok {
			return in.callee(made.function)
		}
		if p, ok := v.data.(*pending); ok {
			return in.callee(in.settle(p.function))
		}
	}
	return nil, false
}

// parameter is one parameter of a function, as a library of options sees it.
type parameter struct {
	*syntax.Parameter
	annotated
	missing value // nil without a default
}

// signature returns the parameters of a function, without the bound one.
func (in *interpreter) signature(f *function, bound bool) []parameter {
	var list []parameter
	in.within(f.module, f.closure, f.line, func() {
		for i := range f.Parameters {
			p := &f.Parameters[i]
			if i == 0 && bound {
				continue
			}
			one := parameter{Parameter: p, annotated: in.annotation(p.Annotation, 0)}
			if p.Default != nil {
				one.missing = in.settle(in.eval(p.Default))
			}
			list = append(list, one)
		}
	})
	return list
}

// dashed is a name as an option's word.
func dashed(name string) string { return "--" + strings.ReplaceAll(name, "_", "-") }

// optionOf returns the option of a parameter, by its name and its type.
func (p *parameter) optionOf(line int) *parsed {
	o := &parsed{dest: p.Name, words: []string{dashed(p.Name)}, action: "store", missing: p.missing, convert: p.convert, line: line}
	if strings.Contains(p.Name, "_") {
		o.words = append(o.words, "--"+p.Name)
	}
	if p.Annotation == nil {
		o.convert = ofDefault(p.missing)
	}
	if p.several {
		o.nargs = "*"
	}
	if l, ok := o.convert.(*library); ok && l.path == "click.BOOL" {
		o.action = "store_true"
		o.off = []string{"--no-" + o.words[0][2:], "--no_" + p.Name, "--no" + p.Name}
	}
	if o.missing == nil {
		o.isRequired = true
		o.missing = o.noDefault()
	}
	return o
}
