// SPDX-License-Identifier: MIT

package shell

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// builtin runs a command that is not a function. It keeps the command. If the command
// changes the shell itself, builtin follows the change.
func (w *walker) builtin(s *simple, words []string, own []Assignment) (truth, flow) {
	plain := words
	for len(plain) > 1 && (plain[0] == "command" || plain[0] == "builtin") && !strings.HasPrefix(plain[1], "-") {
		plain = plain[1:]
	}
	args := plain[1:]
	switch plain[0] {
	case "exec":
		if len(args) == 0 {
			return yes, goesOn
		}
		w.add(s, words, own)
		w.emit("", false, false)
		return unsure, exits
	case "trap":
		w.add(s, words, own)
		w.trap(args, s.line)
		return yes, goesOn
	case "eval":
		return w.eval(s, words, own, args)
	case "exit", "return":
		w.add(s, words, own)
		return exitStatus(args), map[string]flow{"exit": exits, "return": returns}[plain[0]]
	case "source", ".":
		w.add(s, words, own)
		if len(args) > 0 && len(args[0]) > 0 {
			return w.source(plain)
		}
		return unsure, goesOn
	case "break", "continue":
		w.add(s, words, own)
		return yes, goesOn
	}
	w.add(s, words, own)
	return w.effect(plain, args), goesOn
}

// exitStatus returns the status of "exit N".
func exitStatus(args []string) truth {
	if len(args) == 0 {
		return unsure
	}
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return unsure
	}
	return truthOf(n == 0)
}

// effect follows a command whose effect changes the next commands.
func (w *walker) effect(words, args []string) truth {
	switch name := path.Base(words[0]); name {
	case "cd":
		w.cd(args)
		if w.captured > 0 {
			return yes // $(cd DIR && pwd)
		}
	case "pushd":
		dir := w.dir
		w.cd(args)
		w.stack = append(slices.Clip(w.stack), dir)
	case "popd":
		if n := len(w.stack); n > 0 {
			w.last, w.dir, w.stack = w.dir, w.stack[n-1], w.stack[:n-1]
		} else {
			w.dir = ""
		}
	case "true", ":":
		return yes
	case "false":
		return no
	case "[", "test":
		return w.bracket(name, args)
	case "set":
		w.setOptions(args)
		return yes
	case "shift":
		w.shift(args)
		return yes
	case "unset":
		w.unsets(args)
		return yes
	case "read", "mapfile", "readarray", "getopts", "let", "wait":
		w.reads(name, args)
	case "echo", "printf":
		return w.prints(name, args)
	case "module", "ml", "spack":
		w.unseen = true
	case "conda", "mamba", "micromamba":
		w.activate(words)
	default:
		w.emitOf(name, args)
	}
	return unsure
}

func (w *walker) cd(args []string) {
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		args = args[1:]
	}
	dir := w.dir
	switch {
	case len(args) == 0:
		w.dir = w.place(w.get("HOME").text)
	case args[0] == "-":
		w.dir = w.last
	default:
		w.dir = w.place(args[0])
	}
	w.last = dir
}

// setOptions follows set: options of the shell, then its arguments.
func (w *walker) setOptions(args []string) {
	for i := 0; i < len(args); i++ {
		switch a := args[i]; {
		case a == "--":
			w.args = args[i+1:]
			return
		case len(a) > 1 && (a[0] == '-' || a[0] == '+'):
			if strings.IndexByte(a, 'a') > 0 && a[1] != '-' {
				w.exports = a[0] == '-'
			}
			if strings.HasSuffix(a, "o") {
				if i++; i < len(args) && args[i] == "allexport" {
					w.exports = a[0] == '-'
				}
			}
		default:
			w.args = args[i:]
			return
		}
	}
}

func (w *walker) shift(args []string) {
	n := 1
	if len(args) > 0 {
		var err error
		if n, err = strconv.Atoi(args[0]); err != nil || n < 0 {
			w.args = []string{UnknownWords}
			return
		}
	}
	if slices.Contains(w.args[:min(n, len(w.args))], UnknownWords) {
		w.args = []string{UnknownWords}
		return
	}
	if n <= len(w.args) { // otherwise the shell does not change the arguments
		w.args = w.args[n:]
	}
}

func (w *walker) unsets(args []string) {
	if len(args) > 0 && args[0] == "-f" {
		for _, name := range args[1:] {
			delete(w.functions, name)
		}
		return
	}
	for _, name := range args {
		if v, index, ok := strings.Cut(name, "["); ok && index != "" && isVariable(v) {
			w.forget(v)
		} else if isVariable(name) {
			w.put(w.variable(name), content{unset: true})
		}
	}
}

// reads follows the commands that assign values that are not known.
func (w *walker) reads(name string, args []string) {
	switch name {
	case "let":
		for _, a := range args {
			w.arithmetic(a)
		}
		return
	case "wait":
		return
	case "getopts":
		w.forget("OPTARG")
		w.forget("OPTIND")
		if len(args) > 1 && isVariable(args[1]) {
			w.set(args[1], Unknown, true)
		}
		return
	case "read":
		w.forget("REPLY")
	}
	for i, a := range args {
		if isVariable(a) && (i == 0 || args[i-1] != "-p" && args[i-1] != "-d") {
			w.forget(a)
			if name != "read" || i > 0 && strings.HasPrefix(args[i-1], "-") && strings.HasSuffix(args[i-1], "a") {
				w.setList(a, []string{UnknownWords})
			}
		}
	}
}

// eval runs the text that its words form.
func (w *walker) eval(s *simple, words []string, own []Assignment, args []string) (truth, flow) {
	text := strings.Join(args, " ")
	w.spend(len(text))
	if known(text) {
		return w.text(text, s.line)
	}
	w.unseen = true
	// A command that prepares the shell, such as "conda shell.bash hook", is already
	// kept. Its output is not another command of the script.
	if !fromCommands(s.words) || w.readsText(s.line) {
		w.add(s, words, own)
	}
	return unsure, goesOn
}

// fromCommands reports whether words have text and substitutions of commands
// only.
func fromCommands(words []word) bool {
	for _, word := range words {
		for _, p := range word.parts {
			if p.kind == parameter || p.kind == number || slices.ContainsFunc(p.parts, func(q part) bool { return q.kind == parameter || q.kind == number }) {
				return false
			}
		}
	}
	return true
}

// readsText reports whether the last command of a line is a substitution that reads or
// writes a text: "eval $(sed -n 3p commands)".
func (w *walker) readsText(line int) bool {
	n := len(w.commands)
	if n == 0 || !w.commands[n-1].Captured || w.commands[n-1].Line != line {
		return false
	}
	switch path.Base(w.commands[n-1].Words[0]) {
	case "cat", "head", "tail", "sed", "awk", "gawk", "grep", "egrep", "cut", "tr", "echo", "printf", "sort", "shuf", "tac", "envsubst", "jq":
		return true
	}
	return false
}

// source runs a file in place.
func (w *walker) source(words []string) (truth, flow) {
	if w.activate(words) {
		return unsure, goesOn
	}
	file := words[1]
	if p := w.place(file); p != "" {
		file = p
	}
	text, ok := "", false
	if w.script.Source != nil && known(file) && path.IsAbs(file) {
		text, ok = w.script.Source(file)
	}
	if !ok {
		w.unseen = true
		w.unread = append(w.unread, file)
		return unsure, goesOn
	}
	args, outer := w.args, w.file
	if len(words) > 2 {
		w.args = words[2:]
	}
	w.file = file
	status, f := w.text(text, 1)
	w.file = outer
	if len(words) > 2 {
		w.args = args
	}
	if f == returns {
		f = goesOn
	}
	return status, f
}

// activate asks for the value of PATH after a command that puts a directory first on
// PATH.
func (w *walker) activate(words []string) bool {
	switch path.Base(words[0]) {
	case "source", ".":
	default:
		if len(words) < 2 || words[1] != "activate" {
			return false
		}
		w.unseen = true
	}
	if w.script.Path == nil {
		return false
	}
	old := w.get("PATH").text
	w.spend(len(old))
	text, ok := w.script.Path(words, w.dir, old)
	if !ok || !w.spend(len(text)) {
		return false
	}
	if text != old {
		w.set("PATH", text, true)
		w.variable("PATH").exported = true
	}
	return true
}
