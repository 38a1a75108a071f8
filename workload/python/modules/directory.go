// SPDX-License-Identifier: MIT

package modules

import (
	"path"
	"strings"
)

const (
	// maxNames bounds the list of one directory. A site-packages of a large
	// environment has some 1,500 names. In a larger directory, usually one with data,
	// single names are asked for.
	maxNames = 4096
	// maxLookups bounds the questions about files of one path. A program whose pool is
	// 2 imports away asks some 50; on a network file system 2,000 questions of 0.2 ms
	// each, none of them cached, would take 0.4 s.
	maxLookups = 2000
	// maxCompared bounds the names that are compared in lists of directories. A program
	// with 100 lookups through 5 directories of 500 names compares 250,000; 2 million
	// take some 5 ms.
	maxCompared = 2 << 20
)

// directory is one directory, or a directory in a zip file.
type directory struct {
	name    string
	names   []string
	partial bool // there are more names than were listed
}

// spend counts one question about a file. It returns false if the bound is met: then
// nothing more is found.
func (p *Path) spend() bool {
	p.lookups++
	return !p.Exhausted()
}

// compare counts n names in a list, in the same way.
func (p *Path) compare(n int) bool {
	p.compared += n + 1
	return !p.Exhausted()
}

// Exhausted reports that a bound was met, so that a module that was not found may exist.
func (p *Path) Exhausted() bool { return p.lookups > maxLookups || p.compared > maxCompared }

// Lookups returns the number of questions about files so far.
func (p *Path) Lookups() int { return p.lookups }

// unlisted reports whether a directory was not listed yet, and has to be: it does not
// lie in a zip file.
func (p *Path) unlisted(name string) bool {
	if _, ok := p.dirs[name]; ok || hasArchiveName(name) {
		return false
	}
	a, _ := p.archiveOf(name)
	return a == nil
}

func (p *Path) isRegular(name string) bool { return p.spend() && p.machine.Files.IsRegular(name) }

// dir returns a directory, nil if there is none.
func (p *Path) dir(name string) *directory {
	if d, ok := p.dirs[name]; ok {
		return d
	}
	d := p.readDir(name)
	p.dirs[name] = d
	return d
}

func (p *Path) readDir(name string) *directory {
	if a, inner := p.archiveOf(name); a != nil {
		names, ok := a.dirs[inner]
		if !ok {
			return nil
		}
		return &directory{name: name, names: names}
	}
	if !p.spend() {
		return nil
	}
	names, err := p.machine.Files.List(name, maxNames)
	if err != nil {
		return nil
	}
	return &directory{name: name, names: names, partial: len(names) >= maxNames}
}

// has reports whether the directory has an entry of this name, of any kind.
func (p *Path) has(d *directory, name string) bool {
	if d.partial {
		file := path.Join(d.name, name)
		return p.isRegular(file) || p.spend() && p.machine.Files.IsDir(file)
	}
	if !p.compare(len(d.names)) {
		return false
	}
	for _, n := range d.names {
		if n == name {
			return true
		}
	}
	return false
}

// The suffixes of modules. CPython takes an extension before the source. Here the source
// goes first: if both exist, the extension was compiled from it (Cython, mypyc).
const (
	suffixExtension = ".so"
	suffixSource    = ".py"
	suffixBytecode  = ".pyc"
)

// module returns the file of the module stem, or "".
func (p *Path) module(d *directory, stem string) (string, Kind) {
	if d.partial {
		if file := path.Join(d.name, stem+suffixSource); p.isRegular(file) {
			return file, Source
		}
		return "", 0
	}
	file, kind := "", Kind(-1)
	if !p.compare(len(d.names)) {
		return "", 0
	}
	for _, name := range d.names {
		suffix, ok := strings.CutPrefix(name, stem)
		if !ok {
			continue
		}
		switch {
		case suffix == suffixSource:
			return path.Join(d.name, name), Source
		case p.isExtension(suffix):
			file, kind = path.Join(d.name, name), Extension
		case suffix == suffixBytecode && kind != Extension:
			file, kind = path.Join(d.name, name), Bytecode
		}
	}
	return file, kind
}

// isExtension reports whether this interpreter would load a file with this suffix:
// ".so", ".abi3.so", ".cpython-311-x86_64-linux-gnu.so" (PEP 3149).
func (p *Path) isExtension(suffix string) bool {
	tag, ok := strings.CutSuffix(suffix, suffixExtension)
	if !ok {
		return false
	}
	if tag == "" || tag == ".abi3" {
		return true
	}
	tag, ok = strings.CutPrefix(tag, ".")
	if !ok || strings.Contains(tag, ".") {
		return tag == "module" // Python 2: foomodule.so
	}
	version := p.Interpreter.Version
	if version.Major == 0 || !strings.HasPrefix(tag, "cpython-") {
		return true
	}
	number, _, _ := strings.Cut(strings.TrimPrefix(tag, "cpython-"), "-")
	return strings.TrimRight(number, "dmut") == strings.Replace(version.String(), ".", "", 1)
}
