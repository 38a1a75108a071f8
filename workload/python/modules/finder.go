// SPDX-License-Identifier: MIT

package modules

import (
	"path"
	"strings"
)

// maxFinder bounds the text of a finder. scikit-build-core lists every file of the
// project in it.
const maxFinder = 256 << 10

// redirect is one package or module that the finder of an editable install maps to a
// place outside of sys.path.
type redirect struct {
	name string
	// file is the directory of a package, a module without its suffix, or for a name
	// that ends in ".py" the file itself.
	file string
	dirs []string // of a namespace package; then file is ""
}

// addFinder reads the table of an editable install's finder:
//   - MAPPING and NAMESPACES in the finder that setuptools writes
//     (setuptools/command/editable_wheel.py, _FINDER_TEMPLATE);
//   - F.map_module('NAME', 'FILE') of the package editables (editables/redirector.py);
//   - install({'NAME': 'FILE', ...}, ...) of scikit-build-core
//     (resources/_editable_redirect.py).
func (p *Path) addFinder(text string) {
	var redirects []redirect
	for _, pair := range assigned(text, "MAPPING") {
		if len(pair.values) == 1 {
			redirects = append(redirects, redirect{name: pair.key, file: pair.values[0]})
		}
	}
	for _, pair := range assigned(text, "NAMESPACES") {
		redirects = append(redirects, redirect{name: pair.key, dirs: pair.values})
	}
	for rest := text; len(redirects) < maxPairs; {
		_, after, ok := strings.Cut(rest, ".map_module(")
		if !ok {
			break
		}
		r := reader{text: after}
		if words := r.arguments(2); words != nil {
			redirects = append(redirects, redirect{name: words[0], file: words[1]})
		}
		rest = after
	}
	if i := strings.LastIndex(text, "\ninstall({"); i >= 0 && len(redirects) == 0 {
		r := reader{text: text[i+len("\ninstall("):]}
		for _, pair := range r.dict() {
			if len(pair.values) == 1 {
				redirects = append(redirects, redirect{name: pair.key, file: pair.values[0]})
			}
		}
	}
	for _, r := range redirects {
		if len(p.redirects) < maxPairs && (r.file == "" || strings.HasPrefix(r.file, "/")) {
			p.redirects = append(p.redirects, r)
		}
	}
}

// redirected asks the finders of editable installs for a module.
func (p *Path) redirected(name string) (Module, bool) {
	p.expandAll()
	if !p.compare(len(p.redirects)) {
		return Module{}, false
	}
	best := -1
	for i, r := range p.redirects {
		exact := r.name == name
		// Only a directory has more below it: of files, each is in the table.
		below := r.file != "" && !strings.HasSuffix(r.file, suffixSource) && strings.HasPrefix(name, r.name+".")
		if (exact || below) && (best < 0 || len(r.name) > len(p.redirects[best].name)) {
			best = i
		}
	}
	if best < 0 {
		return Module{}, false
	}
	r := p.redirects[best]
	if r.file == "" {
		return Module{Name: name, Kind: Namespace, IsPackage: true, Dirs: r.dirs, Place: Site}, true
	}
	if strings.HasSuffix(r.file, suffixSource) {
		m := Module{Name: name, File: r.file, Place: Site}
		if path.Base(r.file) == "__init__.py" {
			m.IsPackage, m.Dirs = true, []string{path.Dir(r.file)}
		}
		return m, true
	}
	file := path.Join(r.file, strings.ReplaceAll(name[len(r.name):], ".", "/"))
	m, ok := p.inDir(path.Dir(file), name, path.Base(file), Site)
	return m, ok && m.Kind != Namespace
}
