// SPDX-License-Identifier: MIT

package modules

import (
	"path"
	"strings"
)

// maxName bounds a dotted name, and with it the depth of a package.
const maxName = 256

func parent(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[:i]
	}
	return ""
}

// Find returns the module that "import name" binds: for a dotted name the submodule,
// found through the __path__ of its parent.
func (p *Path) Find(name string) (Module, bool) {
	if m, ok := p.found[name]; ok {
		return m, m.Name != ""
	}
	m, ok := p.find(name)
	if !ok {
		m = Module{}
	}
	p.found[name] = m
	return m, ok
}

func (p *Path) find(name string) (Module, bool) {
	if name == "" || len(name) > maxName || strings.ContainsAny(name, "/\x00") || strings.Contains("."+name+".", "..") {
		return Module{}, false
	}
	above := parent(name)
	if above == "" {
		return p.findTop(name)
	}
	pkg, ok := p.Find(above)
	if !ok || !pkg.IsPackage {
		return Module{}, false
	}
	if m, ok := p.findIn(pkg.Dirs, name, pkg.Place); ok {
		return m, true
	}
	// A package of the user's own is whole: no .pth file is read for a name that turns out
	// to be one of its functions.
	if pkg.Kind == Namespace || pkg.Place == Site {
		if m, ok := p.redirected(name); ok {
			return m, true
		}
	}
	if dirs := p.extended(pkg); len(dirs) > 0 {
		return p.findIn(dirs, name, pkg.Place)
	}
	return Module{}, false
}

// findTop looks along sys.path, and then asks the finders of editable installs, which
// stand behind it in sys.meta_path.
func (p *Path) findTop(name string) (Module, bool) {
	major := p.Interpreter.Version.Major
	if major == 0 {
		major = 3
	}
	if builtin[major][name] {
		return Module{Name: name, Kind: Builtin, Place: Standard}, true
	}
	if major == 3 && early[name] {
		if m, ok := p.along(name, func(e *entry) bool { return e.place == Standard }); ok {
			return m, true
		}
	}
	if m, ok := p.along(name, func(*entry) bool { return true }); ok {
		return m, true
	}
	return p.redirected(name)
}

func (p *Path) along(name string, use func(*entry) bool) (Module, bool) {
	var namespace Module
	for i := 0; i < len(p.entries) && p.compare(0); i++ {
		if e := p.entries[i]; use(&e) {
			m, ok := p.inDir(e.name, name, name, e.place)
			if ok && m.Kind != Namespace {
				return m, true
			}
			if ok {
				namespace = joined(namespace, m)
			}
		}
		p.expand(i)
	}
	return namespace, namespace.Name != ""
}

// findIn looks for a submodule in the directories of a package.
func (p *Path) findIn(dirs []string, name string, place Place) (Module, bool) {
	var namespace Module
	for _, dir := range dirs {
		if !p.compare(0) {
			break
		}
		m, ok := p.inDir(dir, name, name[strings.LastIndexByte(name, '.')+1:], place)
		if ok && m.Kind != Namespace {
			return m, true
		}
		if ok {
			namespace = joined(namespace, m)
		}
	}
	return namespace, namespace.Name != ""
}

// joined adds the directories of a further part of a namespace package.
func joined(all, part Module) Module {
	if all.Name == "" {
		return part
	}
	all.Dirs = append(all.Dirs, part.Dirs...)
	return all
}

// inDir does what FileFinder.find_spec does for one directory: a package first, then a
// module, then a directory as a part of a namespace package.
//
// The two usual forms are asked for by their names, which is cheap if the module is
// there. If it is not, the directory is listed, once: CPython lists it as well, and the
// list answers all that follows without a question.
func (p *Path) inDir(dir, name, tail string, place Place) (Module, bool) {
	inner := path.Join(dir, tail)
	source := Module{Name: name, File: inner + suffixSource, Place: place}
	pkg := Module{Name: name, File: inner + "/__init__.py", IsPackage: true, Dirs: []string{inner}, Place: place}
	if p.unlisted(dir) {
		if p.isRegular(pkg.File) {
			return pkg, true
		}
		if p.isRegular(source.File) {
			return source, true
		}
	}
	d := p.entryDir(dir)
	if d == nil {
		return Module{}, false
	}
	var sub *directory
	if p.has(d, tail) {
		if p.unlisted(inner) && p.isRegular(pkg.File) {
			return pkg, true
		}
		sub = p.dir(inner)
	}
	if sub != nil {
		if file, kind := p.module(sub, "__init__"); file != "" {
			pkg.File, pkg.Kind = file, kind
			return pkg, true
		}
	}
	if file, kind := p.module(d, tail); file != "" {
		source.File, source.Kind = file, kind
		return source, true
	}
	if sub == nil || !p.namespaces() {
		return Module{}, false
	}
	pkg.File, pkg.Kind = "", Namespace
	return pkg, true
}

// namespaces reports whether a directory without an __init__.py is a package: since
// Python 3.3 (PEP 420), and in Python 2 if a -nspkg.pth file makes it one.
func (p *Path) namespaces() bool {
	return p.Interpreter.Version.Major != 2 || p.nspkg
}

// extended returns the other directories of a package whose __init__.py asks for them:
// pkgutil.extend_path and pkg_resources.declare_namespace add every directory of the
// package's name along sys.path. The text is read only if a submodule is not found in
// the package's own directory.
func (p *Path) extended(pkg Module) []string {
	if pkg.Kind != Source || parent(pkg.Name) != "" {
		return nil
	}
	if dirs, ok := p.extensions[pkg.Name]; ok {
		return dirs
	}
	var dirs []string
	const most = 4096 // such an __init__.py has a few lines
	text, _, err := p.Read(pkg, most)
	if err == nil && (strings.Contains(string(text), "extend_path") || strings.Contains(string(text), "declare_namespace")) {
		for i := 0; i < len(p.entries) && p.compare(0); i++ {
			if d := p.entryDir(p.entries[i].name); d != nil && p.has(d, pkg.Name) {
				dirs = append(dirs, path.Join(d.name, pkg.Name))
			}
			p.expand(i)
		}
	}
	p.extensions[pkg.Name] = dirs
	return dirs
}
