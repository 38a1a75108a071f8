// SPDX-License-Identifier: MIT

package modules

import (
	"path"
	"strings"
)

// Shim returns the program that a shim of pyenv would execute, "" if the file is no
// shim or pyenv would find nothing. Every program of every version has a shim, python
// and installed tools alike.
//
// Source: pyenv's README ("Understanding Python version selection") and its
// libexec/pyenv-version-name, pyenv-version-file and pyenv-latest.
func (m Machine) Shim(file string) string {
	shims := path.Dir(file)
	if path.Base(shims) != "shims" {
		return ""
	}
	text, _, err := m.Files.Read(file, maxConfig)
	if err != nil || !strings.HasPrefix(string(text), "#!") || !strings.Contains(string(text), "pyenv") {
		return ""
	}
	root := m.env("PYENV_ROOT")
	if root == "" {
		root = path.Dir(shims)
	}
	name := path.Base(file)
	for _, version := range m.pyenvVersions(root) {
		if version == "system" {
			if program := m.look(name, shims); program != "" {
				return program
			}
			continue
		}
		version = m.pyenvInstalled(root, version)
		if program := path.Join(root, "versions", version, "bin", name); version != "" && m.Files.IsRegular(program) {
			return program
		}
	}
	return ""
}

// pyenvVersions returns the versions that are selected, the first one with the program
// counts.
func (m Machine) pyenvVersions(root string) []string {
	if list := m.env("PYENV_VERSION"); list != "" {
		return strings.Split(list, ":")
	}
	const up = 32
	dir := m.Dir
	for range up {
		if versions := m.pyenvFile(path.Join(dir, ".python-version")); versions != nil {
			return versions
		}
		if dir == "/" || dir == "." || dir == "" {
			break
		}
		dir = path.Dir(dir)
	}
	if versions := m.pyenvFile(path.Join(root, "version")); versions != nil {
		return versions
	}
	return []string{"system"}
}

// pyenvFile reads a file with one version in each line.
func (m Machine) pyenvFile(name string) []string {
	text, _, err := m.Files.Read(name, maxConfig)
	if err != nil {
		return nil
	}
	var versions []string
	for _, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		if len(words) > 0 && !strings.HasPrefix(words[0], "#") {
			versions = append(versions, words[0])
		}
	}
	return versions
}

// pyenvInstalled returns the directory of a version: its own name, or for a prefix such
// as 3.11 the latest one that begins with it.
func (m Machine) pyenvInstalled(root, version string) string {
	versions := path.Join(root, "versions")
	for _, name := range [...]string{version, strings.TrimPrefix(version, "python-")} {
		if name != "" && !strings.Contains(name, "..") && m.Files.IsDir(path.Join(versions, name)) {
			return name
		}
	}
	names, err := m.Files.List(versions, maxNames)
	if err != nil {
		return ""
	}
	latest := ""
	for _, name := range names {
		if strings.HasPrefix(name, strings.TrimPrefix(version, "python-")+".") && isNumbers(name) && (latest == "" || older(latest, name)) {
			latest = name
		}
	}
	return latest
}

func isNumbers(name string) bool { return strings.Trim(name, "0123456789.") == "" }

// older compares dotted numbers: of two numbers the one with more digits is the larger.
func older(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		if len(x[i]) != len(y[i]) {
			return len(x[i]) < len(y[i])
		}
		if x[i] != y[i] {
			return x[i] < y[i]
		}
	}
	return len(x) < len(y)
}

// look searches PATH for a program, but not in one directory.
func (m Machine) look(name, except string) string {
	const most = 64
	for i, dir := range strings.SplitN(m.env("PATH"), ":", most+1) {
		if i == most || !strings.HasPrefix(dir, "/") || path.Clean(dir) == except {
			continue
		}
		if file := path.Join(dir, name); m.Files.IsRegular(file) {
			return file
		}
	}
	return ""
}
