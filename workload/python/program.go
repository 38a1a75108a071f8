// SPDX-License-Identifier: MIT

package python

import (
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

// Program is a program as the interpreter of Python is asked to run it.
type Program struct {
	Name      string // the module's name: "__main__" of a script, "pkg.__main__" of -m pkg
	File      string // path of its text, for messages and __file__
	IsPackage bool   // the text is a package's __init__.py
	Text      []byte // its text
	// Arguments is sys.argv, the program's own name first. A word may be unknown, or
	// unknown in part: see [Unknown] and [UnknownWords].
	Arguments []string
	// Function is what an entry point calls: a path of attributes in the module, or ""
	// if the program is the module's statements.
	Function string
	// Environment returns a variable of the step's environment. A value with [Unknown] in
	// it is not known.
	Environment func(name string) (value string, ok bool)
	// Find returns the module of a name, if there is one that Python would import.
	Find func(name string) (Module, bool)
	// Owns reports whether a root package's or module's text lies beside the program:
	// such a module is followed even if a well-known library has its name.
	Owns func(root string) bool
	// AddPath adds a directory to those that Find looks in, as sys.path.insert does.
	AddPath func(directory string, first bool)
	// Open returns the text of a file.
	Open func(file string) (Module, bool)
	// Late reports that the time is over. It is asked every few hundred steps.
	Late func() bool
	// Python is the version of the interpreter, zero if it is not known.
	Python struct{ Major, Minor int }
}

// Module is a module's text, and where it lies.
type Module struct {
	File      string
	IsPackage bool
	// IsInstalled reports that it is neither the program's own nor beside it.
	IsInstalled bool
	// Text reads it; nil for a namespace package, and for a module that is no text.
	Text func() ([]byte, error)
}

func (p *Program) late() bool { return p.Late != nil && p.Late() }

func (p *Program) owns(root string) bool { return p.Owns != nil && p.Owns(root) }

func (p *Program) find(name string) (Module, bool) {
	if p.Find == nil {
		return Module{}, false
	}
	return p.Find(name)
}

// root returns the root package of the program, "" of a script.
func (p *Program) root() string {
	root, _, _ := strings.Cut(p.Name, ".")
	if root == "__main__" {
		return ""
	}
	return root
}

// Run runs a program on paper. If no workers were found, and a call has met its share of
// the steps, it is run again without shares.
func Run(p Program) Result {
	in := run(p)
	r := in.result()
	if r.Verdict != None || !in.curtailed || in.out {
		return r
	}
	again := in.again()
	again.start()
	if second := again.result(); second.Verdict != None {
		return second
	}
	r.Cut = true
	return r
}

func run(p Program) *interpreter {
	in := newInterpreter(p)
	in.isFair = true
	in.start()
	return in
}

// again returns an interpreter of the same program that knows the texts which were read.
func (in *interpreter) again() *interpreter {
	other := newInterpreter(*in.program)
	other.trees, other.texts, other.filesRead = in.trees, in.texts, in.filesRead
	other.files, other.size = in.files, in.size
	return other
}

func newInterpreter(p Program) *interpreter {
	return &interpreter{
		program: &p, modules: map[string]*module{}, active: map[*syntax.Function]int{}, uses: map[*syntax.Function]*use{}, trees: map[string]*syntax.File{}, texts: map[string]string{}, tool: map[string]bool{}, repeat: 1,
		found: found{forks: map[Hop]int{}},
	}
}

// start runs the program from its first statement.
func (in *interpreter) start() {
	p := in.program
	m := in.newModule(p.Name, Module{File: p.File, IsPackage: p.IsPackage, Text: func() ([]byte, error) { return p.Text, nil }})
	if p.Function == "" {
		m.scope.put("__name__", "__main__")
	}
	in.main = m
	in.modules[p.Name] = m
	in.modules["__main__"] = m
	m.state = running
	if tree := in.parse(m); tree != nil {
		f := in.runModule(m, tree)
		m.state = done
		if p.Function != "" && f == next {
			in.runEntry(m, p.Function)
		}
		in.frame = &frame{module: m, scope: newScope(), line: 1}
		in.runImported(tree.Body)
		in.runDecorated()
	}
}

// runEntry calls the function of an entry point.
func (in *interpreter) runEntry(m *module, path string) {
	in.frame = &frame{module: m, scope: newScope(), line: 1}
	v := value(m)
	for name := range strings.SplitSeq(path, ".") {
		v = in.settle(in.attribute(v, name))
	}
	if isGenerator(v) {
		return // nothing iterates over what the call gives
	}
	in.call(v, arguments{}, lineOf(v))
}

func lineOf(v value) int {
	if f, ok := v.(*function); ok {
		return f.line
	}
	return 1
}
