// SPDX-License-Identifier: MIT

package modules

import (
	"path"
	"strings"
)

// maxEntryText is more than any installer writes: setuptools' longest form has some
// 1,000 bytes, and a "#!" line up to 2 paths more.
const maxEntryText = 4096

// Entry is what a script that an installer wrote calls.
type Entry struct {
	Module string // "pkg.cli"; "" if Dist or File holds what is run
	Attr   string // dotted path of the function in it: "main", "Command.run"

	// The entry point Name in Group of a distribution, to be looked up in its
	// entry_points.txt; with an empty Group, the script Name of the distribution. An
	// empty Dist stands for any distribution.
	Dist, Group, Name string
	// File is the script that an EASY-INSTALL-DEV-SCRIPT executes.
	File string
}

// EntryPoint recognises the script that an installer writes for a console script, and
// the __main__.py that zipapp writes. It returns false for every other text: that one
// is a program of its own.
//
// The forms are those of pip (distlib's ScriptMaker), uv, conda and poetry, which import
// the function and call it, and those of setuptools (easy_install.py and its
// "script.tmpl", "script (dev).tmpl"), which name a distribution.
func EntryPoint(text []byte) (Entry, bool) {
	if len(text) > maxEntryText {
		return Entry{}, false
	}
	s := string(text)
	if e, ok := setuptoolsScript(s); ok {
		return e, true
	}
	return importAndCall(s)
}

// setuptoolsScript recognises the forms that name a distribution.
func setuptoolsScript(text string) (Entry, bool) {
	if !strings.Contains(text, "__requires__") && !strings.Contains(text, "EASY-INSTALL-") {
		return Entry{}, false
	}
	// The call is the last one: before it stands the function's definition.
	if i := strings.LastIndex(text, "load_entry_point("); i >= 0 {
		r := reader{text: text[i+len("load_entry_point("):]}
		words := r.arguments(3)
		if words != nil && r.op('(') && r.op(')') {
			return Entry{Dist: distName(words[0]), Group: words[1], Name: words[2]}, true
		}
		return Entry{}, false
	}
	if i := strings.LastIndex(text, ".run_script("); i >= 0 {
		r := reader{text: text[i+len(".run_script("):]}
		if words := r.arguments(2); words != nil {
			return Entry{Dist: distName(words[0]), Name: words[1]}, true
		}
		return Entry{}, false
	}
	if i := strings.Index(text, "\n__file__ = "); i >= 0 && (strings.Contains(text[i:], "exec(compile(") || strings.Contains(text[i:], "execfile(__file__)")) {
		r := reader{text: text[i+len("\n__file__ = "):]}
		if file, ok := r.str(); ok && path.IsAbs(file) {
			return Entry{File: path.Clean(file)}, true
		}
	}
	return Entry{}, false
}

// arguments reads n strings and the closing bracket.
func (r *reader) arguments(n int) []string {
	var words []string
	for len(words) < n {
		word, ok := r.str()
		if !ok {
			return nil
		}
		words = append(words, word)
		r.op(',')
	}
	if !r.op(')') {
		return nil
	}
	return words
}

func distName(requirement string) string {
	name, _, _ := strings.Cut(requirement, "==")
	return strings.TrimSpace(name)
}

// frame holds the lines that may stand around the import and the call, by their
// beginning.
var frame = [...]string{"import re", "import sys", "import os", "from re import", "from sys import", "if __name__ ==", "sys.argv[0] =", "if sys.argv[0].endswith(", "elif sys.argv[0].endswith("}

// importAndCall recognises a text with one import and one call of what was imported.
// Any other statement makes it a program of its own.
func importAndCall(text string) (Entry, bool) {
	text, _ = strings.CutPrefix(text, "\ufeff")
	var e Entry
	name, call := "", ""
	quotes := "" // that end the string in which the line begins
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if quotes == "" && (strings.HasPrefix(line, "'''") || strings.HasPrefix(line, `"""`)) {
			// A docstring, or the way of pip and conda around a "#!" line that is too
			// long: a command for the shell, a string for Python.
			quotes, line = line[:3], line[3:]
		}
		if quotes != "" {
			if strings.HasSuffix(line, quotes) {
				quotes = ""
			}
			continue
		}
		switch {
		case line == "", line[0] == '#', isFrame(line):
		case strings.HasPrefix(line, "from "), strings.HasPrefix(line, "import "):
			module, bound, attr := parseImport(line)
			if bound == "" || name != "" {
				return Entry{}, false
			}
			e.Module, e.Attr, name = module, attr, bound
		default:
			called := calledIn(line)
			if called == "" || call != "" {
				return Entry{}, false
			}
			call = called
		}
	}
	rest, ok := strings.CutPrefix(call, name)
	if name == "" || !ok || rest != "" && rest[0] != '.' {
		return Entry{}, false
	}
	if e.Attr = strings.Trim(e.Attr+rest, "."); e.Attr == "" {
		return Entry{}, false
	}
	return e, true
}

func isFrame(line string) bool {
	for _, begin := range frame {
		rest, ok := strings.CutPrefix(line, begin)
		if !ok {
			continue
		}
		// "import re, sys" but not "import recipes"
		if !strings.HasPrefix(begin, "import ") || strings.Trim(strings.NewReplacer("re", "", "sys", "", "os", "").Replace(rest), " ,;") == "" && (rest == "" || strings.IndexByte(" ,;", rest[0]) >= 0) {
			return true
		}
	}
	return false
}

// parseImport reads "from MODULE import NAME [as NAME]" and "import MODULE". It returns
// the module, the name that is bound, and the attribute of the module that it stands
// for.
func parseImport(line string) (module, bound, attr string) {
	line, _, _ = strings.Cut(line, "#")
	words := strings.Fields(line)
	switch {
	case len(words) == 2 && words[0] == "import" && isDotted(words[1]):
		return words[1], words[1], ""
	case len(words) == 4 && words[2] == "import" && isDotted(words[1]) && isDotted(words[3]):
		return words[1], words[3], words[3]
	case len(words) == 6 && words[2] == "import" && words[4] == "as" && isDotted(words[1]) && isDotted(words[3]) && isDotted(words[5]):
		return words[1], words[5], words[3]
	}
	return "", "", ""
}

// calledIn returns the dotted name that a statement calls without arguments: "f()",
// "sys.exit(f())", "raise SystemExit(f())".
func calledIn(line string) string {
	line, _, _ = strings.Cut(line, "#")
	line = strings.ReplaceAll(strings.TrimSpace(line), " ", "")
	for _, exit := range [...]string{"sys.exit(", "exit(", "raiseSystemExit("} {
		if inner, ok := strings.CutPrefix(line, exit); ok {
			line, ok = strings.CutSuffix(inner, ")")
			if !ok {
				return ""
			}
			break
		}
	}
	name, ok := strings.CutSuffix(line, "()")
	if !ok || !isDotted(name) {
		return ""
	}
	return name
}

func isDotted(name string) bool {
	for _, part := range strings.Split(name, ".") {
		if part == "" || '0' <= part[0] && part[0] <= '9' {
			return false
		}
		for i := range len(part) {
			if c := part[i]; c != '_' && c < 0x80 && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
				return false
			}
		}
	}
	return true
}
