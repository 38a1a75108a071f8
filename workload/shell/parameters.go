// SPDX-License-Identifier: MIT

package shell

import (
	"strconv"
	"strings"
)

// An expansion is the result of a "$".
type expansion struct {
	text   string
	one    bool // an unknown value is one word
	list   []string
	many   bool   // the value is the list
	joined bool   // in quotes the list is one word: "$*"
	parts  []part // if not nil, the value is the expansion of these parts
}

// A found is the known part of a variable.
type found struct {
	text string
	one  bool
	set  truth
}

// expand expands one part.
func (w *walker) expand(p *part, quotes bool) expansion {
	if !w.spend(1) {
		return expansion{text: Unknown}
	}
	switch p.kind {
	case parameter:
		return w.parameter(p.param, quotes)
	case command:
		text, one := w.substitute(p.param.list)
		return expansion{text: text, one: one}
	case process:
		w.background++
		w.substitute(p.param.list)
		w.background--
		return expansion{text: "/dev/fd/63"}
	case anyWords:
		return expansion{list: []string{UnknownWords}, many: true}
	case number:
		n, ok := w.calculate(p.text)
		if !ok {
			return expansion{text: Unknown, one: true}
		}
		return expansion{text: strconv.FormatInt(n, 10)}
	}
	return expansion{text: w.string([]part{*p})}
}

// environment returns a variable of the environment that the script starts with.
func (w *walker) environment(name string) (string, bool) {
	if w.script.Env == nil {
		return Unknown, false
	}
	text, ok := w.script.Env(name)
	return text, ok
}

// get returns the value of a variable, an argument or a special parameter.
func (w *walker) get(name string) found {
	if v := w.variables[name]; v != nil {
		if v.assigned {
			return found{v.text, v.one, yes}
		}
		if v.unset {
			return found{"", false, no}
		}
	}
	if c := name[0]; c >= '0' && c <= '9' {
		return w.argument(name)
	}
	switch name {
	case "PWD":
		return orUnknown(w.dir)
	case "OLDPWD":
		return orUnknown(w.last)
	case "BASH_SOURCE":
		return orUnknown(w.file)
	case "IFS":
		return found{" \t\n", false, yes}
	case "?", "$", "!", "-", "_", "RANDOM", "SECONDS", "LINENO", "UID", "EUID", "PPID", "BASHPID", "EPOCHSECONDS", "EPOCHREALTIME", "PIPESTATUS", "FUNCNAME",
		"BASH", "BASH_VERSION", "BASH_VERSINFO", "BASH_SUBSHELL", "SHELLOPTS", "BASHOPTS", "OSTYPE", "HOSTTYPE", "MACHTYPE", "OPTIND", "COLUMNS", "LINES", "SHLVL":
		return found{Unknown, true, yes}
	case "#":
		return w.count(w.args)
	}
	text, ok := w.environment(name)
	switch {
	case ok && w.spend(len(text)):
		return found{text, false, yes}
	case name == "HOSTNAME":
		return found{Unknown, true, yes}
	case name == "SLURM_SUBMIT_DIR" && w.script.Dir != "":
		// The step's working directory, unless the job has set another one.
		return found{w.script.Dir, false, yes}
	case w.script.Env == nil || w.unseen:
		return found{Unknown, false, unsure}
	}
	return found{"", false, no}
}

// orUnknown returns a text that exists in the shell but may not be known here.
func orUnknown(text string) found {
	if text == "" {
		return found{Unknown, true, yes}
	}
	return found{text, false, yes}
}

// count returns the length of a list.
func (w *walker) count(list []string) found {
	w.spend(len(list))
	for _, word := range list {
		if word == UnknownWords {
			return found{Unknown, true, yes}
		}
	}
	return found{strconv.Itoa(len(list)), false, yes}
}

// argument returns $0, $1 and so on.
func (w *walker) argument(digits string) found {
	i, err := strconv.Atoi(digits)
	if err != nil {
		return found{Unknown, true, unsure}
	}
	if i == 0 {
		return orUnknown(w.script.Name)
	}
	return at(w.args, i-1)
}

// at returns an entry of a list.
func at(list []string, i int) found {
	for j := 0; j <= i && j < len(list); j++ {
		if list[j] == UnknownWords {
			return found{Unknown, true, unsure}
		}
	}
	if i < 0 || i >= len(list) {
		return found{"", false, no}
	}
	return found{list[i], false, yes}
}

// parameter expands $x and ${x...}.
func (w *walker) parameter(p *param, quotes bool) expansion {
	name := p.name
	if p.indirect {
		f := w.get(name)
		if p.indexed || p.op == "*" || p.op == "@" {
			return expansion{list: []string{UnknownWords}, many: true}
		}
		if !isVariable(f.text) && !isDigits(f.text) {
			return expansion{text: Unknown}
		}
		name = f.text
	}
	if name == "@" || name == "*" {
		return w.all(w.args, name, p, true)
	}
	if p.indexed && (p.index == "@" || p.index == "*") {
		list, ok := w.entries(name)
		if !ok {
			list = []string{UnknownWords}
		}
		return w.all(list, p.index, p, false)
	}
	f := w.get(name)
	if p.indexed {
		f = w.item(name, p.index)
	}
	if p.length {
		return length(f)
	}
	return w.operate(f, name, p, quotes)
}

// length expands ${#x}. It counts characters.
func length(f found) expansion {
	if !known(f.text) {
		return expansion{text: Unknown, one: true}
	}
	return expansion{text: strconv.Itoa(len([]rune(f.text)))}
}

// operate expands the operator of ${x...}.
func (w *walker) operate(f found, name string, p *param, quotes bool) expansion {
	plain := expansion{text: f.text, one: f.one}
	empty := unsure // unset; with ":", also empty
	switch {
	case f.set == no:
		empty = yes
	case f.set == yes && (p.op == "" || p.op[0] != ':' || strings.Trim(f.text, Unknown) != ""):
		empty = no
	case f.text == "":
		empty = yes
	}
	switch p.op {
	case "":
		return plain
	case ":-", "-", ":=", "=":
		if empty == no {
			return plain
		}
		if p.op == ":=" || p.op == "=" {
			if empty == unsure {
				w.forget(name)
				return plain
			}
			w.set(name, w.string(p.arg), false)
		}
		// Loaded modules set names that belong to them. They do not set a name for which
		// a script has a default.
		if empty == unsure && (f.set != unsure || w.script.Env == nil) {
			return plain
		}
		return other(p.arg)
	case ":+", "+":
		switch empty {
		case yes:
			return expansion{}
		case no:
			return other(p.arg)
		}
		return expansion{text: Unknown}
	case ":?", "?":
		return plain
	}
	if p.op == "/" || p.op == "//" || p.op == "/#" || p.op == "/%" {
		plain.text = w.replace(f.text, p)
		return plain
	}
	if f.text == "" {
		return plain
	}
	switch p.op {
	case "#", "##", "%", "%%":
		plain.text = w.trim(f.text, w.pattern(p.arg), p.op)
	case ":":
		plain.text = w.part(f.text, w.string(p.arg))
	case "^^", ",,", "^", ",":
		plain.text = w.fold(f.text, p)
	default:
		plain.text = Unknown
	}
	return plain
}

// other returns a word instead of a variable.
func other(arg []part) expansion {
	if len(arg) == 0 {
		return expansion{}
	}
	return expansion{parts: arg}
}

// fold changes the case of letters.
func (w *walker) fold(text string, p *param) string {
	if len(p.arg) > 0 || !isASCII(text) || !w.spend(len(text)) {
		return Unknown // of other letters, the locale decides
	}
	change := strings.ToUpper
	if p.op[0] == ',' {
		change = strings.ToLower
	}
	if len(p.op) == 2 {
		return change(text)
	}
	return change(text[:1]) + text[1:]
}

// part expands ${x:from:count}. An unknown piece may have any length.
func (w *walker) part(text, bounds string) string {
	from, to, ok := w.slice(bounds, len(text))
	if !ok || !known(text) || !isASCII(text) {
		return Unknown
	}
	return text[from:to]
}

// slice evaluates the "1:2" of ${x:1:2} for n entries.
func (w *walker) slice(bounds string, n int) (from, to int, ok bool) {
	first, second, two := strings.Cut(bounds, ":")
	a, ok := w.calculate(first)
	if !ok {
		return 0, 0, false
	}
	if a < 0 {
		a += int64(n)
	}
	if a < 0 || a > int64(n) {
		return 0, 0, true
	}
	b := int64(n)
	if two {
		c, ok := w.calculate(second)
		if !ok {
			return 0, 0, false
		}
		if c < 0 {
			b += c
		} else {
			b = min(b, a+min(c, int64(n)))
		}
	}
	return int(a), int(max(a, b)), true
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}
