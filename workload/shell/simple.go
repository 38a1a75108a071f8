// SPDX-License-Identifier: MIT

package shell

import (
	"slices"
	"strings"
)

// simple runs a command of words.
func (w *walker) simple(s *simple) (truth, flow) {
	var words []string
	if len(s.words) > 0 {
		f := fields{walker: w, words: make([]string, 0, len(s.words)), text: w.spare[:0]}
		w.spare = nil
		for i := range s.words {
			if s.declares && i > 0 {
				f.value(s.words[i])
			} else {
				f.word(s.words[i])
			}
		}
		words, w.spare = f.words, f.text
	}
	if w.stopped() {
		return unsure, goesOn
	}
	if len(words) == 0 {
		return w.assignOnly(s), goesOn
	}
	out := w.out
	if elsewhere(s.redirs) {
		w.out = nil
	}
	defer func() { w.out = out }()

	if s.declares {
		w.redirects(s)
		w.add(s, words, nil)
		return w.declare(s, words), goesOn
	}
	if f := w.functions[words[0]]; f != nil {
		w.redirects(s)
		return w.call(f, words[1:], s)
	}
	if len(s.assigns) == 0 {
		w.redirects(s)
		return w.builtin(s, words, nil)
	}
	// Assignments before a command are only for that command.
	start := w.begin()
	w.assignAll(s.assigns, true)
	own := make([]Assignment, 0, len(s.assigns))
	for _, a := range s.assigns {
		v := w.variable(a.name)
		own = append(own, Assignment{a.name, v.text, known(v.text), true})
	}
	w.takeBack(start)
	w.redirects(s)
	return w.builtin(s, words, own)
}

// assignOnly runs a command that has only assignments, or nothing.
func (w *walker) assignOnly(s *simple) truth {
	w.redirects(s)
	w.assignAll(s.assigns, false)
	status := yes
	for _, a := range s.assigns {
		if runs(a.value.parts) {
			status = unsure // it may be the status of a substitution
		}
	}
	if len(s.words) > 0 {
		return unsure
	}
	return status
}

// runs reports whether a word has a substitution.
func runs(parts []part) bool {
	return slices.ContainsFunc(parts, func(p part) bool { return p.kind == command || runs(p.parts) })
}

func (w *walker) redirects(s *simple) {
	for i := range s.redirs {
		w.redirect(&s.redirs[i])
	}
}

// redirect runs the substitutions in the file name of a redirection.
func (w *walker) redirect(r *redirect) {
	if r.here == nil && r.op != "<<<" {
		w.string(r.target.parts)
	}
	if len(r.fd) > 2 && r.fd[0] == '{' {
		w.forget(strings.Trim(r.fd, "{}"))
	}
}

// here returns the standard input that redirections give.
func (w *walker) here(s *simple) HereDocument {
	for i := len(s.redirs) - 1; i >= 0; i-- {
		r := &s.redirs[i]
		switch {
		case r.op == "<<<":
			return HereDocument{Text: w.string(r.target.parts) + "\n", Line: s.line}
		case r.here != nil && r.here.quoted:
			return HereDocument{Text: r.here.text, Line: r.here.line}
		case r.here != nil:
			return HereDocument{Text: w.expanded(r.here.text, r.here.line+1), Line: r.here.line}
		case r.op == "<" && (r.fd == "" || r.fd == "0"):
			return HereDocument{}
		}
	}
	return HereDocument{}
}

// expanded expands a text that is parsed only when it is needed. It is a here-document or
// arithmetic.
func (w *walker) expanded(text string, line int) string {
	if !strings.ContainsAny(text, "$`\\") {
		w.spend(len(text))
		return text
	}
	if w.inner++; w.inner > maxNest {
		w.cut = true
	}
	defer func() { w.inner-- }()
	if w.stopped() {
		return Unknown
	}
	p := newParser(&w.bounds, text, line)
	parts := p.parts(inText)
	if p.failed {
		return Unknown
	}
	return w.string(parts)
}

// add keeps a command.
func (w *walker) add(s *simple, words []string, own []Assignment) {
	c := Command{
		Words: words, Text: s.text, Line: s.line, Dir: w.dir, Own: own,
		Conditional: w.conditional > 0, Repeated: w.repeated > 0, Background: w.background > 0, Captured: w.captured > 0,
		Pipe: w.pipe, Trapped: w.trapped,
	}
	c.Before, c.Unset = w.assignments()
	if len(s.redirs) > 0 {
		c.Here = w.here(s)
	}
	if len(w.commands) >= maxCommands {
		w.cut = true
	}
	if !w.stopped() {
		w.commands = append(w.commands, c)
	}
}

// call runs a function.
func (w *walker) call(f *function, args []string, s *simple) (truth, flow) {
	if w.depth++; w.depth > maxDepth {
		w.cut = true
	}
	defer func() { w.depth-- }()
	if w.stopped() {
		return unsure, goesOn
	}
	outer := w.args
	w.args = args
	w.frames = append(w.frames, nil)
	for i := range s.assigns {
		w.localize(s.assigns[i].name)
	}
	w.assignAll(s.assigns, true)
	parted := w.parted
	w.parted = false
	status, flow := w.node(f.body)
	if w.parted {
		status = unsure // it may be the status of a "return"
	}
	w.parted = parted
	locals := w.frames[len(w.frames)-1]
	w.frames = w.frames[:len(w.frames)-1]
	for _, l := range slices.Backward(locals) {
		w.put(l.variable, l.before)
	}
	w.args = outer
	if flow == returns {
		flow = goesOn
	}
	return status, flow
}

// localize restores a variable at the end of the function.
func (w *walker) localize(name string) {
	if n := len(w.frames); n > 0 {
		v := w.variable(name)
		w.frames[n-1] = append(w.frames[n-1], change{v, v.content})
	}
}
