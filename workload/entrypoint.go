// SPDX-License-Identifier: MIT

package workload

import (
	"path"
	"strings"
)

// maxEntryPoint is more than pip, uv, conda or poetry write into such a script.
const maxEntryPoint = 2048

// entryPoint recognises the script that an installer writes for a
// "console_scripts" entry point: it imports one function and ends in
// sys.exit(function()). It gives the module and the function.
func entryPoint(text []byte) (module, function string, ok bool) {
	if len(text) > maxEntryPoint {
		return "", "", false
	}
	p := parse(text)
	var from, called string
	for _, l := range p.lines {
		words := p.words(l)
		switch {
		case len(words) >= 4 && words[0] == "from":
			if from != "" {
				return "", "", false
			}
			i := index(words, "import")
			if i < 0 || len(words) != i+2 {
				return "", "", false
			}
			from, function = strings.Join(words[1:i], ""), words[i+1]
		case len(words) >= 4 && words[0] == "sys" && words[2] == "exit" && words[3] == "(":
			called = strings.Join(words[4:], "")
		case words[0] == "def" || words[0] == "class":
			return "", "", false
		}
	}
	if from == "" || !isDotted(from) || called == "" || !strings.HasPrefix(called, function) || !strings.HasSuffix(called, "())") {
		return "", "", false
	}
	return from, function, true
}

func index(words []string, word string) int {
	for i := range words {
		if words[i] == word {
			return i
		}
	}
	return -1
}

// entryPoint follows an installer's script into the module that it names: the
// script itself is nothing but that name, and the module is the program. It is
// one more file, not more: what the module imports is not followed.
func (w *walker) entryPoint(script, module, function string) {
	tail := strings.ReplaceAll(module, ".", "/")
	prefix := path.Dir(path.Dir(script))
	interpreter := path.Base(w.argv0)
	file := w.moduleInPrefix(prefix, interpreter, tail, false)
	if file == "" {
		if exe := w.find(w.argv0); exe != "" && path.Dir(path.Dir(exe)) != prefix {
			file = w.moduleInPrefix(path.Dir(path.Dir(exe)), interpreter, tail, false)
		}
	}
	if file != "" {
		w.pythonFile(file, function)
	}
}
