// SPDX-License-Identifier: MIT

package modules

import (
	"path"
	"strconv"
	"strings"
)

// Interpreter is a Python interpreter, as far as its files show it.
type Interpreter struct {
	Executable string // sys.executable: pyenv's shims are followed, links are not
	Version    Version
	Prefix     string // sys.prefix
	Base       string // sys.base_prefix, "" if it was not found
	Library    string // directory of the standard library's os.py, "" if it was not found
	Venv       bool   // a virtual environment
	SystemSite bool   // of a virtual environment: it uses the packages of its base as well

	lib  string // name of the version's directory: "python3.11", "python3.13t", "pypy3.10"
	libs []string
}

const (
	// maxConfig bounds pyvenv.cfg, .python-version and their like: lines of a few words.
	maxConfig = 16 << 10
	// maxUp bounds the search for the prefix. It is 1 above the executable, 4 in a
	// framework.
	maxUp = 8
)

// Interpreter finds out about the interpreter of an absolute file name.
//
// Source: Modules/getpath.py of CPython (steps 1, 4 and 5 of its algorithm) and venv()
// in Lib/site.py. PYTHONHOME is honoured; the prefix that an interpreter was compiled
// with cannot be seen in its files.
func (m Machine) Interpreter(executable string) Interpreter {
	if real := m.Shim(executable); real != "" {
		executable = real
	}
	i := Interpreter{Executable: executable}
	real := m.Files.Resolve(executable)
	if real == "" {
		real = executable
	}
	i.named(path.Base(real))
	if i.Version.Minor == 0 {
		i.named(path.Base(executable))
	}
	home := path.Dir(real)
	if config, prefix, ok := m.pyvenv(executable); ok {
		i.Venv, i.Prefix = true, prefix
		i.SystemSite = config.systemSite
		if i.Version.Minor == 0 && config.version.Minor != 0 {
			i.Version = config.version
			i.lib = ""
		}
		if config.home != "" {
			home = config.home
			if i.Version.Minor == 0 {
				i.named(path.Base(m.Files.Resolve(path.Join(home, path.Base(executable)))))
			}
		}
	}
	if list := m.env("PYTHONHOME"); list != "" {
		home, _, _ = strings.Cut(list, ":")
	}
	m.findBase(&i, home)
	if i.Prefix == "" {
		i.Prefix = i.Base
	}
	return i
}

// named reads the version from the executable's name: python3.11, python3.13t,
// python3.6m, platform-python3.6, pypy3.10.
func (i *Interpreter) named(name string) {
	kind := "python"
	at := strings.Index(name, kind)
	if at < 0 {
		kind = "pypy"
		if at = strings.Index(name, kind); at < 0 {
			return
		}
	}
	number, _, _ := strings.Cut(name[at+len(kind):], "-")
	free := strings.HasSuffix(strings.TrimRight(number, "d"), "t")
	version := parseVersion(strings.TrimRight(number, "dmut"))
	if version.Major == 0 {
		return
	}
	i.Version = version
	if version.Minor == 0 {
		return
	}
	i.lib = kind + version.String()
	if free {
		i.lib += "t"
	}
}

// parseVersion reads "3", "3.11" and "3.11.2.final.0".
func parseVersion(text string) Version {
	major, rest, _ := strings.Cut(strings.TrimSpace(text), ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, err := strconv.Atoi(major)
	if err != nil || a < 2 || a > 3 {
		return Version{}
	}
	b, err := strconv.Atoi(strings.TrimRight(minor, "abrc+"))
	if err != nil || b < 0 || b > 99 {
		b = 0
	}
	return Version{a, b}
}

type pyvenvConfig struct {
	home       string
	systemSite bool
	version    Version
}

// pyvenv reads the pyvenv.cfg above the executable's directory, or in it.
func (m Machine) pyvenv(executable string) (pyvenvConfig, string, bool) {
	bin := path.Dir(executable)
	for _, prefix := range [...]string{path.Dir(bin), bin} {
		text, _, err := m.Files.Read(path.Join(prefix, "pyvenv.cfg"), maxConfig)
		if err == nil {
			return parsePyvenv(string(text)), prefix, true
		}
	}
	return pyvenvConfig{}, "", false
}

// parsePyvenv reads a pyvenv.cfg. The venv module writes "version", virtualenv and uv
// write "version_info". A missing include-system-site-packages means true to site.py.
func parsePyvenv(text string) pyvenvConfig {
	c := pyvenvConfig{systemSite: true}
	for _, line := range strings.Split(text, "\n") {
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "home":
			if strings.HasPrefix(value, "/") {
				c.home = path.Clean(value)
			}
		case "include-system-site-packages":
			c.systemSite = strings.ToLower(value) == "true"
		case "version", "version_info":
			c.version = parseVersion(value)
		}
	}
	return c
}

// findBase searches for the standard library from home upwards. Fedora, RHEL and SUSE
// keep it in lib64 (sys.platlibdir).
func (m Machine) findBase(i *Interpreter, home string) {
	kind := "python"
	if strings.Contains(path.Base(i.Executable), "pypy") || strings.HasPrefix(i.lib, "pypy") {
		kind = "pypy"
	}
	if i.lib == "" && i.Version.Minor != 0 {
		i.lib = kind + i.Version.String()
	}
	dir := home
	for range maxUp {
		for _, lib := range [...]string{"lib", "lib64"} {
			name := i.lib
			if name == "" {
				name = m.onlyLibrary(path.Join(dir, lib), kind, i.Version.Major)
			}
			library := path.Join(dir, lib, name)
			if name == "" || !m.Files.IsRegular(path.Join(library, "os.py")) {
				continue
			}
			i.Base, i.Library, i.lib = dir, library, name
			if i.Version.Minor == 0 {
				i.Version = parseVersion(strings.TrimRight(strings.TrimPrefix(name, kind), "t"))
			}
			i.libs = []string{"lib"}
			if lib == "lib64" {
				i.libs = []string{"lib64", "lib"}
			}
			return
		}
		if dir == "/" || dir == "." {
			return
		}
		dir = path.Dir(dir)
	}
}

// onlyLibrary returns the name of the standard library's directory in lib, if there is
// one only: an executable called python that is no link to one with a version.
func (m Machine) onlyLibrary(lib, kind string, major int) string {
	names, err := m.Files.List(lib, maxNames)
	if err != nil {
		return ""
	}
	only := ""
	for _, name := range names {
		number, ok := strings.CutPrefix(name, kind)
		version := parseVersion(strings.TrimRight(number, "t"))
		if !ok || version.Minor == 0 || major != 0 && version.Major != major {
			continue
		}
		// conda has a link python3.1 beside the directory
		if path.Base(m.Files.Resolve(path.Join(lib, name))) != name {
			continue
		}
		if only != "" {
			return ""
		}
		only = name
	}
	return only
}
