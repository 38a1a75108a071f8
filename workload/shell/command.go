// SPDX-License-Identifier: MIT

package shell

import (
	"path"
	"strings"
)

// finish ends a command, and follows those that change what comes after them.
func (r *reader) finish() {
	words, own := r.words, r.own
	chained, unclear := r.chained, r.unclear
	r.words, r.own, r.chained, r.unclear = nil, nil, false, false
	if len(words) == 0 {
		for _, a := range own {
			r.assign(a)
		}
		if len(own) == 0 { // the line ended in && or ||: it goes on in the next one
			r.chained = chained
		}
		return
	}
	c := Command{Words: words, Known: !unclear, Dir: r.dir, Own: own, Before: r.assigned[:len(r.assigned):len(r.assigned)]}
	if n := len(r.functions); n > 0 {
		c.Function = r.functions[n-1]
	}
	r.commands = append(r.commands, c)
	if !unclear {
		r.effect(words)
	}
	if c.Function == "" && r.nest == 0 && r.parens == 0 && !chained {
		r.ended = words[0] == "exit" || words[0] == "exec" && len(words) > 1 && !strings.HasPrefix(words[1], "-")
	}
}

// assign sets a variable. One that is exported stays so.
func (r *reader) assign(a Assignment) {
	a.Exported = a.Exported || r.vars[a.Name].Exported
	r.vars[a.Name] = a
	r.assigned = append(r.assigned, a)
}

// effect follows the commands that change the shell itself.
func (r *reader) effect(words []string) {
	switch words[0] {
	case "cd", "pushd":
		if len(words) == 2 && words[1] != "-" && len(r.functions) == 0 {
			r.dir = r.place(words[1])
		}
	case "export", "declare", "local", "readonly":
		for _, word := range words[1:] {
			r.declare(word, words[0] == "export")
		}
	case "source", ".":
		if len(words) > 1 && path.Base(words[1]) == "activate" {
			r.activate(path.Dir(r.place(words[1])))
		}
	}
}

// declare follows one word of export and its like: NAME=VALUE, or for export
// NAME only.
func (r *reader) declare(word string, export bool) {
	name, value, given := strings.Cut(word, "=")
	a := Assignment{Name: name, Value: value, Known: true}
	if !given {
		if a, given = r.vars[name]; !given || !export {
			return
		}
	}
	if isVariable(name) {
		a.Exported = export
		r.assign(a)
	}
}

// activate puts an environment's directory first on PATH. Activated anew it is
// not there twice: venv's script takes out first what it put in the time before.
func (r *reader) activate(bin string) {
	old := r.vars["PATH"].Value
	if strings.HasPrefix(old, bin+":") || !r.spend(len(bin)+len(old)) {
		return
	}
	r.assign(Assignment{Name: "PATH", Value: bin + ":" + old, Known: true})
}

// place returns the absolute path of a file that the script names.
func (r *reader) place(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	if !r.spend(len(r.dir) + len(name)) {
		return r.dir
	}
	return path.Join(r.dir, name)
}
