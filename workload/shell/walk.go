// SPDX-License-Identifier: MIT

package shell

import "path"

// A truth is the exit status of a command: yes, no or unsure.
type truth uint8

const (
	unsure truth = iota
	yes
	no
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

func (t truth) not() truth {
	return [...]truth{unsure: unsure, yes: no, no: yes}[t]
}

// A flow is the place where the script continues after a command.
type flow uint8

const (
	goesOn  flow = iota
	returns      // after the function or the sourced file
	exits        // nowhere
)

// A walker runs a script on paper.
type walker struct {
	bounds
	script Script
	state
	file string // the file that is read, $BASH_SOURCE

	variables map[string]*variable
	order     []*variable
	journal   []change
	scopes    int // number of scopes that may undo the journal
	functions map[string]*function
	frames    [][]change // the local variables of each function that is called

	// These counters describe where the command is.
	conditional, repeated, background, captured int

	traps   []trap
	trapped bool // the texts of the traps are being run
	pipe    int  // number of the pipeline, 0 outside of one
	pipes   int  // number of pipelines so far

	inner  int  // number of nested texts that are parsed when they are expanded
	parted bool // a branch has ended, and the shell may not have taken it

	spare []byte // memory for the text of a word

	out *output // the output of the substitution around the command

	commands []Command
	unread   []string

	// These are the lists of the last command. Stale reports whether an assignment came
	// since.
	before []Assignment
	unset  []string
	stale  bool
}

func newWalker(s Script) *walker {
	w := &walker{script: s, file: s.Name, variables: map[string]*variable{}, functions: map[string]*function{}}
	w.dir, w.args = s.Dir, s.Args
	w.commands = make([]Command, 0, min(8+len(s.Text)/48, 256)) // enough for an ordinary script
	return w
}

func (w *walker) run() {
	w.text(w.script.Text, 1)
	w.runTraps()
}

func (w *walker) reading() Reading {
	return Reading{Commands: w.commands, Complete: !w.stopped(), Unread: w.unread}
}

// text runs a script, a sourced file or a text of eval.
func (w *walker) text(text string, line int) (truth, flow) {
	if w.depth++; w.depth > maxDepth {
		w.cut = true
	}
	defer func() { w.depth-- }()
	p := newParser(&w.bounds, text[:min(len(text), MaxText)], line)
	status := yes
	for !w.stopped() && !p.atEnd() {
		l := p.nextLine()
		s, f := w.list(l)
		if len(l) > 0 {
			status = s
		}
		if f != goesOn {
			return status, f
		}
		if p.failed {
			w.cut = true
		}
	}
	if len(text) > MaxText {
		w.cut = true
	}
	return status, goesOn
}

func (w *walker) list(l list) (truth, flow) {
	status := yes
	for i := range l {
		var f flow
		if l[i].background {
			w.background++
			w.subshell(l[i].node)
			w.background--
			status = yes
			continue
		}
		if status, f = w.node(l[i].node); f != goesOn || w.stopped() {
			return status, f
		}
	}
	return status, goesOn
}

func (w *walker) node(n node) (truth, flow) {
	if !w.spend(3) { // a command costs more than a byte of text
		return unsure, goesOn
	}
	switch n := n.(type) {
	case *simple:
		return w.simple(n)
	case *chain:
		return w.chain(n)
	case *pipeline:
		return w.pipeline(n)
	case *group:
		if n.subshell {
			return w.subshell(n.body), goesOn
		}
		return w.list(n.body)
	case *redirected:
		return w.redirected(n)
	case *branch:
		return w.ifs(n)
	case *loop:
		return w.loop(n)
	case *choice:
		return w.choice(n)
	case *function:
		w.functions[n.name] = n
		return yes, goesOn
	case *brackets:
		return w.holds(n.condition), goesOn
	case *arithmetic:
		return w.arithmetic(n.text), goesOn
	case *aside:
		w.background++
		w.subshell(n.node)
		w.background--
		return yes, goesOn
	case list:
		return w.list(n)
	}
	return unsure, goesOn
}

// subshell runs commands. Their changes do not affect the shell around them.
func (w *walker) subshell(n node) truth {
	s := w.begin()
	status, _ := w.node(n)
	w.takeBack(s)
	return status
}

func (w *walker) pipeline(p *pipeline) (truth, flow) {
	if len(p.parts) == 1 {
		status, f := w.node(p.parts[0])
		return status.not(), f
	}
	out, outer := w.out, w.pipe
	defer func() { w.pipe = outer }()
	if w.pipe == 0 {
		w.pipes++
		w.pipe = w.pipes
	}
	for i, part := range p.parts {
		if i < len(p.parts)-1 {
			w.out = nil
		} else if w.out = out; out != nil {
			out.unknown = true
		}
		w.subshell(part)
	}
	return unsure, goesOn
}

func (w *walker) redirected(r *redirected) (truth, flow) {
	out := w.out
	for i := range r.redirs {
		w.redirect(&r.redirs[i])
	}
	if elsewhere(r.redirs) {
		w.out = nil
	}
	status, f := w.node(r.node)
	w.out = out
	return status, f
}

// elsewhere reports whether redirections send the output to another place.
func elsewhere(redirs []redirect) bool {
	for _, r := range redirs {
		if (r.fd == "" || r.fd == "1") && (r.op[0] == '>' || r.op[0] == '&') {
			return true
		}
	}
	return false
}

// place returns the absolute path of a file that the script names, or "" if the path is
// not known.
func (w *walker) place(name string) string {
	if !known(name) || !w.spend(len(name)+len(w.dir)) {
		return ""
	}
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	if w.dir == "" {
		return ""
	}
	return path.Join(w.dir, name)
}
