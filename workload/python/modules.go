// SPDX-License-Identifier: MIT

package python

import (
	"path"
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

// module is a module of the program, or of a library that is followed.
type module struct {
	name   string
	file   string
	pack   string // the package that its relative imports start from
	isPack bool
	source func() ([]byte, error)
	scope  *scope
	stars  []*imported // from ... import *
	state  uint8
	// foreign is a module of a library that was installed beside the program. Of its
	// own statements only definitions and imports are run.
	foreign bool
}

// States of a module.
const (
	notRead = iota
	running
	done
	unreadable
)

// settle looks an import up now, and returns its value.
func (in *interpreter) settle(v value) value {
	for range 8 { // a module may import the name from another module, and so on
		i, ok := v.(*imported)
		if !ok {
			break
		}
		v = in.resolve(i)
	}
	switch v := v.(type) {
	case nil, *imported:
		return data
	case *suspended:
		return in.resume(v)
	case *either:
		in.resumeEach(v)
	}
	return v
}

func (in *interpreter) resolve(i *imported) value {
	if m := in.module(i.module); m != nil {
		if i.name == "" {
			return m
		}
		return in.moduleAttribute(m, i.name)
	}
	switch {
	case i.own:
		return data
	case i.name == "":
		return &library{path: canonical(i.module)}
	}
	return in.libraryAttribute(&library{path: canonical(i.module)}, i.name)
}

// module returns the module of a name if its text is followed, else nil.
func (in *interpreter) module(name string) *module {
	if m, ok := in.modules[name]; ok {
		return m
	}
	m := in.findModule(name)
	in.modules[name] = m
	return m
}

func (in *interpreter) findModule(name string) *module {
	root, _, _ := strings.Cut(name, ".")
	if name == "" || isOpaque(root) && root != in.program.root() && !in.program.owns(root) {
		return nil
	}
	f, ok := in.program.find(name)
	if !ok {
		return nil
	}
	foreign := f.IsInstalled && root != in.program.root() && !in.tool[root]
	if foreign && in.isForeignSpent() {
		return nil
	}
	m := in.newModule(name, f)
	m.foreign = foreign
	return m
}

// isForeignSpent reports whether installed libraries have used up their share. Libraries are followed
// because a small one may have the pool. Most are large and start no workers, and they must not use up
// the bounds for the program's own modules.
func (in *interpreter) isForeignSpent() bool {
	return in.foreignFiles >= maxForeignFiles || in.foreignSize >= maxForeignText || in.foreignSteps >= maxForeignSteps
}

func (in *interpreter) newModule(name string, f Module) *module {
	m := &module{name: name, file: f.File, pack: name, isPack: f.IsPackage, source: f.Text, scope: newScope()}
	if !f.IsPackage {
		m.pack, _, _ = cutLast(name)
	}
	m.scope.put("__name__", name)
	m.scope.put("__file__", f.File)
	m.scope.put("__package__", m.pack)
	m.scope.put("__doc__", data)
	return m
}

// cutLast cuts a dotted name at its last dot.
func cutLast(name string) (before, after string, ok bool) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return "", name, false
	}
	return name[:i], name[i+1:], true
}

// load reads a module and runs its statements, once.
func (in *interpreter) load(m *module) {
	if m.state != notRead {
		return
	}
	m.state = unreadable
	if m.source == nil {
		m.state = done // a namespace package
		return
	}
	tree := in.parse(m)
	if tree == nil {
		return
	}
	m.state = running
	in.runModule(m, tree)
	m.state = done
}

// parse reads a module's text, within the bounds.
func (in *interpreter) parse(m *module) *syntax.File {
	if in.halted() {
		return nil
	}
	// a script that is imported as a module, too
	if tree, ok := in.trees[m.file]; ok && m.file != "" {
		return tree
	}
	if m.foreign && in.isForeignSpent() {
		return nil
	}
	if in.files >= maxFiles || in.size >= MaxText || in.program.late() {
		in.stop()
		return nil
	}
	text, err := m.source()
	if err != nil {
		in.errors = append(in.errors, err)
		return nil
	}
	if m.foreign {
		in.foreignFiles++
		in.foreignSize += len(text)
	}
	in.files++
	in.filesRead = append(in.filesRead, m.file)
	if left := MaxText - in.size; len(text) > left {
		text = text[:left]
		in.cut = true
	}
	in.size += len(text)
	in.texts[m.file] = string(text)
	tree := syntax.Parse(m.file, text)
	in.trees[m.file] = tree
	return tree
}

// runModule runs the statements of a module. The names of a module that is imported in an unknown branch
// stay bound, because it is run only once.
func (in *interpreter) runModule(m *module, tree *syntax.File) flow {
	if len(tree.Body) > 0 {
		if s, ok := tree.Body[0].(*syntax.ExprStmt); ok {
			if doc, ok := s.Value.(*syntax.String); ok {
				m.scope.put("__doc__", doc.Value)
			}
		}
	}
	saved, branches, repeat, abrupt := in.frame, in.branches, in.repeat, in.abrupt
	in.frame = &frame{module: m, scope: m.scope, caller: saved, line: 1}
	in.branches, in.repeat, in.abrupt = 0, 1, next
	body := tree.Body
	if m.foreign {
		body = definitions(body)
	}
	f := in.block(body)
	in.doubt -= in.frame.doubt
	in.frame, in.branches, in.repeat = saved, branches, repeat
	if !in.halted() {
		in.abrupt = abrupt
	}
	return f
}

// definitions returns the statements of a module that define or import something.
func definitions(list []syntax.Stmt) []syntax.Stmt {
	kept := make([]syntax.Stmt, 0, len(list))
	for _, s := range list {
		switch s := s.(type) {
		case *syntax.Def, *syntax.Class, *syntax.Import, *syntax.ImportFrom, *syntax.If, *syntax.Try:
			kept = append(kept, s)
		case *syntax.Assign:
			switch s.Value.(type) {
			case *syntax.Call, *syntax.Comprehension, *syntax.Sequence, *syntax.Dict, nil:
			default:
				kept = append(kept, s)
			}
		}
	}
	return kept
}

// moduleAttribute returns the value of a name in a module, or its submodule.
func (in *interpreter) moduleAttribute(m *module, name string) value {
	in.load(m)
	v, ok := m.scope.get(name)
	if ok && !isItself(v, m, name) {
		return v
	}
	for i := len(m.stars) - 1; i >= 0; i-- {
		if v, ok := in.fromStar(m, m.stars[i], name); ok && !isItself(v, m, name) {
			return v
		}
	}
	if m.isPack {
		if sub := in.module(m.name + "." + name); sub != nil {
			return sub
		}
	}
	if f, ok := m.scope.value("__getattr__").(*function); ok {
		return in.run(f, nil, positional(name))
	}
	return data
}

// loadBeside loads the package of a module, and the modules that the package imports, until something was
// found. They may register things before the module runs.
func (in *interpreter) loadBeside(m *module, found func() bool) {
	pack := in.module(m.pack)
	if pack == nil || pack == m {
		return
	}
	in.load(pack)
	for _, name := range pack.scope.sorted() {
		if found() || in.halted() {
			return
		}
		if i, ok := pack.scope.value(name).(*imported); ok && i.own {
			if other, ok := in.settle(i).(*module); ok {
				in.load(other)
			}
		}
	}
}

// isItself reports whether a name of a package is bound by "from . import name" in the
// package itself: then it is the submodule.
func isItself(v value, m *module, name string) bool {
	i, ok := v.(*imported)
	return ok && i.module == m.name && i.name == name
}

// fromStar looks a name up in a module whose names were all imported.
func (in *interpreter) fromStar(m *module, star *imported, name string) (value, bool) {
	other := in.module(star.module)
	if other == nil && star.own {
		return nil, false
	}
	if other == nil {
		path := canonical(star.module + "." + name)
		if isKnown(path) {
			return &library{path: path}, true
		}
		return nil, false
	}
	if other == m || in.starring > 8 {
		return nil, false
	}
	in.starring++
	defer func() { in.starring-- }()
	in.load(other)
	if v, ok := other.scope.get(name); ok && !strings.HasPrefix(name, "_") {
		return v, true
	}
	for i := len(other.stars) - 1; i >= 0; i-- {
		if v, ok := in.fromStar(other, other.stars[i], name); ok {
			return v, true
		}
	}
	return nil, false
}

// importModules binds the modules of an import statement. They are read when they are
// used.
func (in *interpreter) importModules(s *syntax.Import) {
	for _, a := range s.Names {
		in.imports(a.Name, s.Position())
		if a.As != "" {
			in.bind(a.As, &imported{module: a.Name})
			continue
		}
		root, _, _ := strings.Cut(a.Name, ".")
		in.bind(root, &imported{module: root})
	}
}

func (in *interpreter) importNames(s *syntax.ImportFrom) {
	from := in.absolute(s)
	for _, a := range s.Names {
		if a.Name == "*" {
			in.frame.module.stars = append(in.frame.module.stars, &imported{module: from, own: s.Level > 0})
			in.imports(from, s.Position())
			continue
		}
		name := a.As
		if name == "" {
			name = a.Name
		}
		if from == "__future__" {
			continue
		}
		if s.Level == 0 {
			in.imports(from+"."+a.Name, s.Position())
		}
		in.bind(name, &imported{module: from, name: a.Name, own: s.Level > 0})
	}
}

// absolute returns the module that an import from names: dots count from the package
// of the module that imports.
func (in *interpreter) absolute(s *syntax.ImportFrom) string {
	if s.Level == 0 {
		return s.Module
	}
	base := in.frame.module.pack
	for range s.Level - 1 {
		base, _, _ = cutLast(base)
	}
	switch {
	case s.Module == "":
		return base
	case base == "":
		return s.Module
	}
	return base + "." + s.Module
}

// imports notes that a module of a library was imported, which for some initialises
// MPI.
func (in *interpreter) imports(name string, line int) {
	in.frame.line = line
	if in.frame.module == in.main && path.Base(path.Dir(in.main.file)) == "bin" {
		// an installed tool, of which the script is only the beginning
		root, _, _ := strings.Cut(name, ".")
		in.tool[root] = true
	}
	if canonicalName := canonical(name); importsMPI(canonicalName) {
		in.sight(effectMPI, canonicalName, nil)
	} else if importsWorkers(canonicalName) {
		in.sight(effectWorkers, canonicalName, none{})
	}
}
