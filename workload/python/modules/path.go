// SPDX-License-Identifier: MIT

package modules

import (
	"path"
	"slices"
	"strings"
)

// maxEntries bounds sys.path. PYTHONPATH of a software stack has a directory for each
// module that is loaded, an easy-install.pth one for each egg.
const maxEntries = 256

// entry is one entry of sys.path.
type entry struct {
	name  string
	place Place
	site  bool // its .pth files were not read yet
}

// Path is sys.path of one started program. It keeps what it has found.
type Path struct {
	Interpreter Interpreter

	machine    Machine
	entries    []entry
	known      map[string]bool
	dirs       map[string]*directory
	found      map[string]Module
	archives   map[string]*archive
	extensions map[string][]string
	redirects  []redirect
	nspkg      bool
	lookups    int
	compared   int
	zipLeft    int64
}

// Start is how an interpreter was started.
type Start struct {
	// Script is the script, the directory or the zip file that is run, absolute; ""
	// for -m, -c and standard input.
	Script string
	// Flags holds the letters of the options that were given. E, I, P, s and S count.
	Flags string
}

func (s Start) flag(letters string) bool { return strings.ContainsAny(s.Flags, letters) }

// NewPath builds sys.path. Before a module is looked up, only the script is looked at: its
// links are followed, and one without the suffix ".py" may be a zip file or a directory.
//
// Source: "The initialization of the sys.path module search path" of the Python
// documentation, and "Command line and environment" for the options.
func NewPath(m Machine, i Interpreter, s Start) *Path {
	p := &Path{
		Interpreter: i,
		machine:     m,
		known:       map[string]bool{},
		dirs:        map[string]*directory{},
		found:       map[string]Module{},
		archives:    map[string]*archive{},
		extensions:  map[string][]string{},
		zipLeft:     maxZip,
	}
	env := m.env
	if s.flag("EI") {
		env = func(string) string { return "" }
	}
	// -P and PYTHONSAFEPATH came with Python 3.11; -I implies -P, -E and -s.
	if !s.flag("PI") && env("PYTHONSAFEPATH") == "" || s.Script != "" && p.isProgramDir(s.Script) {
		p.add(p.first(s.Script), Own)
	}
	if list := env("PYTHONPATH"); list != "" {
		for _, name := range strings.SplitN(list, ":", maxEntries) {
			p.add(p.join(name), Own)
		}
	}
	p.addInstalled(env, s)
	return p
}

// first returns sys.path[0]: the directory of the script, after its links were
// followed, or the working directory. A directory or zip file that is run stands there
// itself.
func (p *Path) first(script string) string {
	if script == "" {
		return p.machine.Dir
	}
	if p.isProgramDir(script) {
		return script
	}
	if real := p.machine.Files.Resolve(script); real != "" {
		script = real
	}
	return path.Dir(script)
}

func (p *Path) join(name string) string {
	if strings.HasPrefix(name, "/") {
		return path.Clean(name)
	}
	return path.Join(p.machine.Dir, name)
}

func (p *Path) add(name string, place Place) { p.insert(len(p.entries), name, place, false) }

// insert puts an entry at a position, if it is not in sys.path yet, and reports
// whether it did (removeduppaths of site.py).
func (p *Path) insert(at int, name string, place Place, site bool) bool {
	if name == "" || len(p.entries) >= maxEntries || p.known[name] {
		return false
	}
	p.known[name] = true
	p.entries = append(p.entries, entry{})
	copy(p.entries[at+1:], p.entries[at:])
	p.entries[at] = entry{name: name, place: place, site: site}
	return true
}

// Insert puts a directory or a zip file at the front of sys.path, as a program's own
// sys.path.insert does, or at its end. A relative name starts at the working
// directory. What was not found before is looked up again.
func (p *Path) Insert(name string, front bool) {
	name = p.join(name)
	at := len(p.entries)
	if front {
		at = 0
		// An entry that stands behind already stands in front from now on.
		if i := slices.IndexFunc(p.entries, func(e entry) bool { return e.name == name }); i >= 0 {
			p.expand(i)
			p.entries = slices.Delete(p.entries, i, i+1)
			delete(p.known, name)
		}
	}
	if p.insert(at, name, Own, false) {
		clear(p.found)
		clear(p.extensions)
	}
}

// Entries returns the names in sys.path that are known so far, in their order.
func (p *Path) Entries() []string {
	names := make([]string, len(p.entries))
	for i, e := range p.entries {
		names[i] = e.name
	}
	return names
}
