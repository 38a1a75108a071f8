// SPDX-License-Identifier: MIT

package shell

import "strings"

// declare runs export, declare, typeset, local or readonly. Its words are already
// expanded. The assignments of arrays are in the tree.
func (w *walker) declare(s *simple, words []string) truth {
	export, local := words[0] == "export", words[0] == "local"
	if len(w.frames) > 0 && (words[0] == "declare" || words[0] == "typeset") {
		local = true
	}
	unexport, dict, number, global, reference := false, false, false, false, false
	for _, word := range words[1:] {
		if len(word) < 2 || word[0] != '-' && word[0] != '+' {
			continue
		}
		for _, c := range word[1:] {
			switch c {
			case 'x':
				export, unexport = word[0] == '-', word[0] == '+'
			case 'n':
				unexport = words[0] == "export"
				reference = words[0] != "export"
			case 'A':
				dict = true
			case 'i':
				number = true
			case 'g':
				global = true
			case 'f', 'F', 'p':
				return unsure // these options are for functions or only print
			}
		}
	}
	local = local && !global
	for _, word := range words[1:] {
		name, value, given := strings.Cut(word, "=")
		if !isVariable(name) {
			if word == UnknownWords {
				w.unseen = true
			}
			continue
		}
		if local {
			w.localize(name)
		}
		v := w.variable(name)
		switch {
		case number && given && (!isNumber(value)), reference && given:
			w.forget(name)
		case given:
			w.set(name, value, false)
		case local && !export && !hasAssign(s, name):
			w.put(v, content{unset: true, exported: false})
		case export && !v.assigned && !v.unset:
			w.adopt(v)
		}
		if dict {
			w.setList(name, []string{UnknownWords})
			v.dict = true
		}
		if export || unexport {
			c := v.content
			c.exported = export && !unexport
			w.put(v, c)
		}
	}
	for i := range s.assigns {
		if a := &s.assigns[i]; a.isList || a.indexed || a.adds {
			w.assign(a)
		}
	}
	return yes
}

// adopt sets an exported variable to its content in the environment.
func (w *walker) adopt(v *variable) {
	if f := w.get(v.name); f.set == yes && v.exported {
		return // the environment already has it
	} else if f.set == unsure {
		w.put(v, content{text: Unknown, assigned: true, exported: true})
	}
}

func hasAssign(s *simple, name string) bool {
	for i := range s.assigns {
		if s.assigns[i].name == name {
			return true
		}
	}
	return false
}

func isNumber(s string) bool { return isDigits(strings.TrimPrefix(s, "-")) }
