// SPDX-License-Identifier: MIT

package workload

import (
	"regexp"
	"slices"
	"strings"

	"slurm-mp-policy/workload/python/modules"
)

// asksVersion reports whether a command only prints its version or its help.
func asksVersion(argv []string) bool {
	return len(argv) == 2 && slices.Contains([]string{"--version", "-version", "-V", "--help", "-h"}, argv[1])
}

// isPythonTool reports whether a Python program without workers computes nothing: it prepares an
// environment, or its text only imports and prints.
func (w *walker) isPythonTool() bool {
	given, _ := syntax{short: "WXQ", stop: "cm"}.parse(w.words[1:])
	for _, o := range given {
		switch o.name {
		case "V", "version", "h", "help":
			return true
		case "c":
			return onlyPrints(o.value) && !w.importsOwn(given, o.value)
		case "m":
			return slices.Contains([]string{"pip", "venv", "virtualenv", "ensurepip", "compileall", "site", "sysconfig", "json.tool", "zipfile", "tarfile"}, o.value)
		}
	}
	return false
}

// onlyPrints reports whether each statement of a short text imports, prints or exits. A longer
// text may compute in the arguments of print.
func onlyPrints(text string) bool {
	const most = 300 // bytes
	if len(text) > most {
		return false
	}
	for statement := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == ';' || c == '\n' }) {
		statement = strings.TrimLeft(statement, " \t")
		rest := strings.TrimLeft(statement, "abcdefghijklmnopqrstuvwxyz.")
		switch word := statement[:len(statement)-len(rest)]; word {
		case "import", "from", "print":
		case "sys.exit", "exit", "assert": // but not sys.exit(main())
			if strings.Count(rest, "(") > 1 {
				return false
			}
		default:
			if statement != "" && statement[0] != '#' {
				return false
			}
		}
	}
	return true
}

// importsOwn reports whether a text imports a module that the user wrote. Such a module
// may compute when it is imported.
func (w *walker) importsOwn(given []option, text string) bool {
	p := w.searchPath(modules.Start{Flags: flags(given)})
	for _, list := range importedNames.FindAllStringSubmatch(text, -1) {
		for one := range strings.SplitSeq(list[1], ",") {
			root, _, _ := strings.Cut(strings.TrimSpace(one), ".")
			root, _, _ = strings.Cut(root, " ") // "a as b"
			if m, ok := p.Find(root); ok && m.Place == modules.Own && m.Kind != modules.Namespace {
				return true
			}
		}
	}
	return false
}

// importedNames returns the names after "import", and the name after "from".
var importedNames = regexp.MustCompile(`(?:^|[;\n])[ \t]*(?:import|from)[ \t]+([^;\n]*)`)
