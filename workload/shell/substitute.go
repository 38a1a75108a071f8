// SPDX-License-Identifier: MIT

package shell

import (
	"path"
	"strings"
)

// An output is the known part of the text that the commands of a substitution write.
type output struct {
	text    strings.Builder
	unknown bool
	one     bool // it is one word although it is unknown
	n       int  // number of commands that write

	conditional, repeated int // around the substitution
}

// substitute runs the commands of $(...) and returns their output.
func (w *walker) substitute(l list) (text string, one bool) {
	if !w.enter() {
		return Unknown, false
	}
	defer func() { w.inner-- }()
	out := &output{conditional: w.conditional, repeated: w.repeated}
	outer := w.out
	w.out = out
	w.captured++
	w.subshell(l)
	w.captured--
	w.out = outer
	if out.unknown || w.stopped() {
		return Unknown, out.one && out.n == 1
	}
	return strings.TrimRight(out.text.String(), "\n"), false
}

func (w *walker) enter() bool {
	if w.inner++; w.inner > maxNest {
		w.cut = true
	}
	if w.stopped() {
		w.inner--
		return false
	}
	return true
}

// emit adds text to the output of the substitution around a command.
func (w *walker) emit(text string, ok, one bool) {
	o := w.out
	if o == nil {
		return
	}
	o.n++
	o.one = one
	if !ok || !w.spend(len(text)) || w.conditional > o.conditional || w.repeated > o.repeated {
		o.unknown = true
		return
	}
	b := appendText(nil, text)
	if s := o.text.String(); strings.HasSuffix(s, Unknown) {
		b = appendText([]byte(Unknown), text)[1:]
	}
	o.text.Write(b)
}

// emitOf adds the output of a command if it depends only on the script.
func (w *walker) emitOf(name string, args []string) {
	if w.out == nil {
		return
	}
	for len(args) > 1 && args[0] == "--" {
		args = args[1:]
	}
	last := ""
	if n := len(args); n > 0 {
		last = args[n-1]
	}
	plain := last != "" && last != UnknownWords
	switch {
	case name == "pwd":
		w.emit(w.dir+"\n", w.dir != "", true)
	case name == "dirname" && len(args) == 1 && plain:
		w.emit(w.trimmed(last, true)+"\n", true, true)
	case name == "basename" && plain && len(args) <= 2:
		base := w.trimmed(args[0], false)
		if len(args) == 2 && base != last {
			if !known(base) && !known(last) {
				base = Unknown
			}
			base = strings.TrimSuffix(base, last)
		}
		w.emit(base+"\n", args[0] != UnknownWords, true)
	case name == "which" && len(args) == 1 && plain,
		name == "command" && len(args) == 2 && args[0] == "-v" && plain,
		name == "type" && len(args) == 2 && args[0] == "-P" && plain,
		name == "type" && len(args) == 2 && args[0] == "-p" && plain:
		w.emit(last+"\n", true, true)
	case name == "readlink" && len(args) == 2 && args[0] == "-f" && plain,
		name == "realpath" && plain && (len(args) == 1 || strings.HasPrefix(args[0], "-")):
		// Symbolic links in the path are not followed.
		p := w.place(last)
		w.emit(p+"\n", p != "", true)
	case name == "nproc", name == "hostname", name == "whoami", name == "mktemp":
		w.emit("", false, true)
	default:
		w.emit("", false, false)
	}
}

// trimmed returns the output of dirname or basename.
func (w *walker) trimmed(name string, dir bool) string {
	if !w.spend(len(name)) {
		return Unknown
	}
	if !known(name) {
		p := &param{op: "##"}
		op, pattern := p.op, "*/"
		if dir {
			op, pattern = "%", "/*"
		}
		if strings.HasSuffix(name, "/") {
			return Unknown
		}
		return w.trim(name, pattern, op)
	}
	if !dir {
		return path.Base(name)
	}
	name = strings.TrimRight(name, "/")
	i := strings.LastIndexByte(name, '/')
	switch {
	case name == "" || i >= 0 && strings.Trim(name[:i], "/") == "":
		return "/"
	case i < 0:
		return "."
	}
	return strings.TrimRight(name[:i], "/")
}

// prints follows echo and printf.
func (w *walker) prints(name string, args []string) truth {
	if name == "printf" && len(args) > 1 && args[0] == "-v" {
		if isVariable(args[1]) {
			w.forget(args[1])
		}
		return yes
	}
	if w.out == nil {
		return yes
	}
	text := w.join(args)
	for _, a := range args {
		if a == UnknownWords {
			w.emit("", false, false)
			return yes
		}
	}
	switch {
	case name == "echo" && len(args) > 0 && args[0] == "-n":
		w.emit(w.join(args[1:]), true, false)
	case name == "echo" && len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && strings.Trim(args[0], "-neE") == "":
		w.emit("", false, false)
	case name == "echo":
		w.emit(text+"\n", true, false)
	case len(args) == 2 && strings.TrimSuffix(args[0], `\n`) == "%s":
		w.emit(args[1]+strings.ReplaceAll(strings.TrimPrefix(args[0], "%s"), `\n`, "\n"), true, false)
	case len(args) == 1 && !strings.ContainsAny(args[0], `%\`):
		w.emit(args[0], true, false)
	default:
		w.emit("", false, false)
	}
	return yes
}
