// SPDX-License-Identifier: MIT

package shell

import "strings"

// loop runs the body of a loop once. At the beginning of the body, the variables that it
// assigns are not known.
func (w *walker) loop(l *loop) (truth, flow) {
	var words []string
	blank := false // an item may have a blank in it
	if l.kind == "for" || l.kind == "select" {
		words, blank = w.args, anyBlank(w.args)
		if l.given {
			words, blank = w.items(l.words)
		}
		if len(words) == 0 {
			return yes, goesOn
		}
		if len(words) == 1 && words[0] != UnknownWords && l.kind == "for" {
			w.set(l.variable, words[0], false)
			return w.list(l.body)
		}
	}
	if w.never(l) {
		return yes, goesOn
	}
	names := w.changesOf(l)
	w.repeated++
	defer func() { w.repeated-- }()
	start := w.begin()
	w.unknown(names)
	if l.variable != "" {
		w.set(l.variable, Unknown, l.kind == "for" && !blank)
	}
	runs := truth(unsure) // whether the body runs at all
	switch l.kind {
	case "while", "until":
		status, _ := w.list(l.test)
		if l.kind == "until" {
			status = status.not()
		}
		if runs = status; runs == no {
			w.takeBack(start)
			return yes, goesOn
		}
	case "((":
		for _, text := range strings.SplitN(l.head, ";", 3) {
			w.calculate(text)
		}
	case "for":
		runs = yes
		for _, word := range words {
			if word == UnknownWords {
				runs = unsure
			}
		}
	}
	_, f := w.list(l.body)
	after := w.takeBack(start)
	if runs == yes && !names.jumps {
		w.merge([]outcome{after})
		return unsure, f
	}
	outcomes := []outcome{{state: w.state}}
	if f == goesOn || names.jumps {
		outcomes = append(outcomes, after)
	} else {
		w.parted = true
	}
	w.merge(outcomes)
	return unsure, goesOn
}

// items expands the words of a for. It returns true for blank if a word may have a blank.
func (w *walker) items(words []word) (items []string, blank bool) {
	f := fields{walker: w}
	for i := range words {
		from := len(f.words)
		f.word(words[i])
		// The output of a command is split at its blanks: $(seq 1 9).
		split := len(words[i].parts) == 1 && (words[i].parts[0].kind == command || words[i].braces)
		blank = blank || !split && anyBlank(f.words[from:])
	}
	return f.words, blank || w.fields
}

// never reports whether the condition of a loop is false from the beginning. An example
// is a loop over arguments if there are none. Only a test is evaluated twice.
func (w *walker) never(l *loop) bool {
	if len(l.test) != 1 || l.test[0].background {
		return false
	}
	switch n := l.test[0].node.(type) {
	case *brackets, *arithmetic:
	case *simple:
		if name := n.first(); name != "[" && name != "test" && name != "false" && name != "true" {
			return false
		}
	default:
		return false
	}
	commands := len(w.commands)
	s := w.begin()
	status, _ := w.list(l.test)
	w.takeBack(s)
	if status == truthOf(l.kind == "until") {
		return true
	}
	w.commands = w.commands[:commands]
	return false
}

// unknown makes the variables that a loop assigns unknown.
func (w *walker) unknown(c *changes) {
	w.spend(len(c.names))
	for _, name := range c.names {
		w.forget(name)
	}
	if c.dir {
		w.dir = ""
	}
	if c.args {
		w.args = []string{UnknownWords}
	}
	w.unseen = w.unseen || c.unseen
}

func anyBlank(words []string) bool {
	for _, word := range words {
		if word == UnknownWords || strings.ContainsAny(word, " \t\n\x00") {
			return true
		}
	}
	return false
}
