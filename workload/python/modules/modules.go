// SPDX-License-Identifier: MIT

// Package modules finds the file of a Python module as CPython's import system
// would find it, from the names and texts of files. It executes nothing.
//
// The order is that of sys.path: "The initialization of the sys.path module search
// path" and "The import system" of the Python documentation, Modules/getpath.py,
// Lib/site.py and Lib/importlib/_bootstrap_external.py of CPython. What a program
// itself does to sys.path or sys.meta_path is not known here, except for [Path.Insert].
package modules

import (
	"fmt"
	"strconv"
)

// Files reads the files of a machine. Every call is bounded, and none waits for a
// FIFO or a device.
type Files interface {
	// Read returns the first bytes of a regular file, and the size of the file.
	Read(name string, most int64) (text []byte, size int64, err error)
	// ReadAt fills text from the offset of a regular file, as io.ReaderAt does.
	ReadAt(name string, text []byte, offset int64) (int, error)
	IsRegular(name string) bool
	IsDir(name string) bool
	// List returns the names in a directory, without "." and "..", in any order. It
	// returns an error if dir is no directory that can be read. It may stop after
	// most names.
	List(dir string, most int) ([]string, error)
	// Resolve follows all symbolic links of an absolute name, and returns "" if the
	// file does not exist.
	Resolve(name string) string
}

// Machine is the place where a program is started: the files, the environment and the
// working directory of the step.
type Machine struct {
	Files Files
	Env   func(name string) string // "" for a variable that is not set
	Dir   string                   // working directory, absolute
}

func (m Machine) env(name string) string {
	if m.Env == nil {
		return ""
	}
	return m.Env(name)
}

// Version is the version of a Python interpreter; a part that is not known is 0.
type Version struct{ Major, Minor int }

// String returns "3.11", "3" if only that is known, or "".
func (v Version) String() string {
	if v.Major == 0 {
		return ""
	}
	if v.Minor == 0 {
		return strconv.Itoa(v.Major)
	}
	return fmt.Sprintf("%d.%d", v.Major, v.Minor)
}

// AtLeast reports whether the version is known and not older than major.minor.
func (v Version) AtLeast(major, minor int) bool {
	return v.Major > major || v.Major == major && v.Minor >= minor
}

// Place is the part of sys.path in which a module was found.
type Place int

// The parts of sys.path.
const (
	// Own is the directory of the script, the working directory, PYTHONPATH: the
	// user's own code.
	Own Place = iota
	// Site is what was installed: site-packages, dist-packages, and the directories
	// that .pth files and editable installs name.
	Site
	// Standard is the standard library.
	Standard
)

// Kind is what a module consists of.
type Kind int

// The kinds of modules. Only Source has a text.
const (
	Source    Kind = iota
	Extension      // a shared library
	Bytecode       // a .pyc file without its source
	Namespace      // directories without an __init__.py (PEP 420)
	Builtin        // a part of the interpreter
)

// Module is one module that was found.
type Module struct {
	Name      string // dotted; "__main__" for a script
	Kind      Kind
	File      string // absolute; inside of a zip file, the name of the archive and the name in it
	IsPackage bool
	Dirs      []string // __path__ of a package: where its submodules lie
	Place     Place
}

// Package returns __package__, from which the relative imports of the module's text
// start.
func (m Module) Package() string {
	if m.IsPackage {
		return m.Name
	}
	return parent(m.Name)
}
