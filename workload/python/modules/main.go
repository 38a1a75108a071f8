// SPDX-License-Identifier: MIT

package modules

import (
	"path"
	"strings"
)

// Main returns the module whose text "python -m name" runs: the module, or for a
// package its __main__.
//
// Source: "-m" in "Command line and environment" of the Python documentation, and
// _get_module_details in Lib/runpy.py.
func (p *Path) Main(name string) (Module, bool) {
	m, ok := p.Find(name)
	if ok && m.IsPackage {
		m, ok = p.Find(name + ".__main__")
	}
	if !ok || m.IsPackage || m.Kind == Builtin || m.Kind == Extension {
		return Module{}, false
	}
	return m, true
}

// Script returns the program that "python file" runs as a module called __main__: the
// file itself, or for a directory or a zip file the __main__.py in it. If only a
// compiled file is named, it is the source beside it, if there is one (PEP 3147).
func (p *Path) Script(file string) (Module, bool) {
	if p.isProgramDir(file) {
		d := p.dir(file)
		if d == nil {
			return Module{}, false
		}
		name, kind := p.module(d, "__main__")
		return Module{Name: "__main__", Kind: kind, File: name, Place: Own}, name != ""
	}
	if !strings.HasSuffix(file, suffixBytecode) {
		return Module{Name: "__main__", File: file, Place: Own}, true
	}
	if source := p.sourceOf(file); source != "" {
		return Module{Name: "__main__", File: source, Place: Own}, true
	}
	return Module{Name: "__main__", Kind: Bytecode, File: file, Place: Own}, true
}

func (p *Path) sourceOf(compiled string) string {
	dir, name := path.Split(compiled)
	stem := strings.TrimSuffix(name, suffixBytecode)
	if path.Base(dir) == "__pycache__" {
		stem, _, _ = strings.Cut(stem, ".")
		dir = path.Dir(path.Clean(dir))
	}
	source := path.Join(dir, stem+suffixSource)
	if p.isRegular(source) {
		return source
	}
	return ""
}

// isProgramDir reports whether a program is a directory or a zip file.
func (p *Path) isProgramDir(name string) bool {
	if strings.HasSuffix(name, suffixSource) || strings.HasSuffix(name, suffixBytecode) {
		return p.spend() && p.machine.Files.IsDir(name)
	}
	return p.open(name) != nil || p.dir(name) != nil
}
