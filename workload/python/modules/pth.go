// SPDX-License-Identifier: MIT

package modules

import (
	"path"
	"slices"
	"strings"
)

const (
	// maxPths bounds the .pth files of one site directory, each of maxPth bytes. An
	// easy-install.pth has a line for each egg.
	maxPths = 64
	maxPth  = 64 << 10
)

// expand reads the .pth files of the site directory at a position of sys.path, if that
// was not done yet, and inserts what they add behind it. The search for a module calls
// it when it goes beyond the position, so that nothing is read for a module that lies
// before.
func (p *Path) expand(at int) {
	e := &p.entries[at]
	if !e.site {
		return
	}
	e.site = false
	site := e.name
	d := p.dir(site)
	if d == nil {
		return
	}
	var files []string
	for _, name := range d.names {
		if strings.HasSuffix(name, ".pth") && !strings.HasPrefix(name, ".") {
			files = append(files, name)
		}
	}
	slices.Sort(files)
	next := at + 1
	for _, name := range files[:min(len(files), maxPths)] {
		if text, _, err := p.ReadFile(path.Join(site, name), maxPth); err == nil {
			next = p.addPth(next, site, string(text))
		}
	}
}

func (p *Path) expandAll() {
	for i := 0; i < len(p.entries); i++ {
		p.expand(i)
	}
}

// addPth does what addpackage in Lib/site.py does with a text: a line is a directory or
// zip file, or Python code if it begins with "import". Of such code the forms that
// installers write are known.
func (p *Path) addPth(at int, site, text string) int {
	for _, line := range strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n") {
		line = strings.TrimRight(line, " \t\r\f\v")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if code, ok := strings.CutPrefix(line, "import"); ok && strings.HasPrefix(strings.TrimLeft(code, "\t"), " ") || strings.HasPrefix(line, "import\t") {
			at = p.addPthCode(at, site, strings.TrimSpace(code))
			continue
		}
		if p.insert(at, joinTo(site, line), Site, false) {
			at++
		}
	}
	return at
}

func joinTo(dir, name string) string {
	if strings.HasPrefix(name, "/") {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}

// addPthCode reads an import line:
//   - "import __editable___NAME_finder; ..." of setuptools, "import _editable_impl_NAME"
//     of the package editables (hatchling, pdm), "import _NAME_editable" of
//     scikit-build-core: the module of that name in the site directory has a table of
//     names and files;
//   - the *-nspkg.pth files of setuptools make a directory a namespace package;
//   - addsitedir('DIRECTORY'), sys.path.append('DIRECTORY') and sys.path.insert(0, ...)
//     with a literal, as people write them.
func (p *Path) addPthCode(at int, site, code string) int {
	if strings.Contains(code, "sys._getframe(1).f_locals['sitedir']") {
		p.nspkg = true
		return at
	}
	for _, call := range [...]string{"addsitedir(", "sys.path.append(", "sys.path.insert(0,"} {
		_, arguments, ok := strings.Cut(code, call)
		if !ok {
			continue
		}
		r := reader{text: arguments}
		if name, ok := r.str(); ok && p.insert(at, joinTo(site, name), Site, call == "addsitedir(") {
			at++
		}
	}
	name, _, _ := strings.Cut(code, ";")
	name = strings.TrimSpace(name)
	if !strings.Contains(name, "editable") || strings.ContainsAny(name, " ,/.") {
		return at
	}
	if text, _, err := p.ReadFile(path.Join(site, name+suffixSource), maxFinder); err == nil {
		p.addFinder(string(text))
	}
	return at
}
