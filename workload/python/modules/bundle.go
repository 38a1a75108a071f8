// SPDX-License-Identifier: MIT

package modules

import (
	"path"
	"strings"
)

// Bundle returns the entry point of an application that shiv or pex packed into a zip
// file or a directory, and puts the packages in it behind sys.path[0]. It returns false
// for every other program; its __main__.py is the program then, see [Path.Script].
// Packages are looked up in the bundle itself: where the application unpacks them when
// it runs, the texts are the same.
//
// Source: "environment.json" and bootstrap() in shiv's bootstrap package; PexInfo in
// pex/pex_info.py.
func (p *Path) Bundle(file string) (Entry, bool) {
	if !p.isProgramDir(file) {
		return Entry{}, false
	}
	d := p.dir(file)
	if d == nil {
		return Entry{}, false
	}
	const most = 256 << 10 // PEX-INFO lists the distributions with their hashes
	switch {
	case p.has(d, "environment.json") && p.has(d, "site-packages"):
		text, _, err := p.ReadFile(path.Join(file, "environment.json"), most)
		if err != nil {
			return Entry{}, false
		}
		p.insert(min(1, len(p.entries)), path.Join(file, "site-packages"), Site, true)
		return reference(jsonString(string(text), "entry_point"))
	case p.has(d, "PEX-INFO"):
		text, _, err := p.ReadFile(path.Join(file, "PEX-INFO"), most)
		if err != nil {
			return Entry{}, false
		}
		if deps := p.dir(path.Join(file, ".deps")); deps != nil {
			for i, name := range deps.names {
				p.insert(min(1+i, len(p.entries)), path.Join(deps.name, name), Site, true)
			}
		}
		if script := jsonString(string(text), "script"); script != "" {
			return Entry{Group: "console_scripts", Name: script}, true
		}
		return reference(jsonString(string(text), "entry_point"))
	}
	return Entry{}, false
}

// reference reads "pkg.cli:main", and "pkg.cli" for a module that is run.
func reference(text string) (Entry, bool) {
	module, attr, _ := strings.Cut(text, ":")
	if !isDotted(module) || attr != "" && !isDotted(attr) {
		return Entry{}, false
	}
	return Entry{Module: module, Attr: attr}, true
}

// jsonString returns the string under a key of an object, or "". A nested object must
// not have the same key before.
func jsonString(text, key string) string {
	_, after, ok := strings.Cut(text, `"`+key+`"`)
	if !ok {
		return ""
	}
	r := reader{text: after}
	if !r.op(':') {
		return ""
	}
	value, _ := r.str()
	return value
}
