// SPDX-License-Identifier: MIT

package shell

import (
	"maps"
	"slices"
)

// changes are the parts of the shell's state that a part of a script may change.
type changes struct {
	names  []string
	seen   map[string]bool
	calls  map[string]bool // commands that may be functions and were followed
	dir    bool
	args   bool
	unseen bool
	jumps  bool // break or continue
}

func (c *changes) name(s string) {
	if !c.seen[s] {
		c.seen[s] = true
		c.names = append(c.names, s)
	}
}

// changesOf collects from a loop's tree the variables that the loop assigns. It follows
// calls of functions that are defined at this moment.
func (w *walker) changesOf(l *loop) *changes {
	c := &changes{seen: map[string]bool{}, calls: map[string]bool{}}
	w.collectList(c, l.test)
	w.collectList(c, l.body)
	for _, name := range arithmeticNames(l.head) {
		c.name(name)
	}
	w.spend(len(l.head))
	return c
}

func (w *walker) collectList(c *changes, l list) {
	for i := range l {
		if !l[i].background {
			w.collect(c, l[i].node)
		}
	}
}

func (w *walker) collect(c *changes, n node) {
	if !w.spend(1) {
		return
	}
	switch n := n.(type) {
	case *simple:
		w.collectSimple(c, n)
	case *chain:
		for _, part := range n.parts {
			w.collect(c, part)
		}
	case *pipeline:
		if len(n.parts) == 1 {
			w.collect(c, n.parts[0])
		}
	case *group:
		if !n.subshell {
			w.collectList(c, n.body)
		}
	case *redirected:
		w.collect(c, n.node)
	case *branch:
		for i := range n.conditions {
			w.collectList(c, n.conditions[i])
			w.collectList(c, n.bodies[i])
		}
		w.collectList(c, n.otherwise)
	case *loop:
		if n.variable != "" {
			c.name(n.variable)
		}
		for _, name := range arithmeticNames(n.head) {
			c.name(name)
		}
		jumps := c.jumps
		w.collectList(c, n.test)
		w.collectList(c, n.body)
		c.jumps = jumps
	case *choice:
		for i := range n.arms {
			w.collectList(c, n.arms[i].body)
		}
	case *arithmetic:
		w.spend(len(n.text))
		for _, name := range arithmeticNames(n.text) {
			c.name(name)
		}
	}
}

func (w *walker) collectSimple(c *changes, s *simple) {
	if len(s.words) == 0 || s.declares {
		for i := range s.assigns {
			c.name(s.assigns[i].name)
		}
	}
	for i := range s.words {
		w.collectParts(c, s.words[i].parts)
	}
	for i := range s.assigns {
		w.collectParts(c, s.assigns[i].value.parts)
	}
	if len(s.words) == 0 {
		return
	}
	args := s.words[1:]
	name := s.words[0].bare()
	switch name {
	case "command", "builtin":
		if len(args) > 0 {
			name, args = args[0].bare(), args[1:]
		}
	case "break", "continue":
		c.jumps = true
	}
	switch name {
	case "":
		// An unknown command may be any function.
		if !c.calls[""] && len(w.functions) > 0 {
			c.calls[""] = true
			for _, name := range slices.Sorted(maps.Keys(w.functions)) {
				w.collectCall(c, w.functions[name])
			}
		}
	case "cd", "pushd", "popd":
		c.dir = true
	case "set", "shift":
		c.args = true
	case "source", ".", "eval", "module", "ml", "spack", "conda", "mamba", "micromamba":
		c.unseen = true
		if name == "source" || name == "." || name == "eval" {
			c.dir = true
		}
	case "read", "mapfile", "readarray", "getopts", "unset", "printf", "export", "declare", "typeset", "local", "readonly":
		c.name("REPLY")
		for _, a := range args {
			if text := a.bare(); isVariable(text) {
				c.name(text)
			}
			if text := a.parts; len(text) > 0 && text[0].kind == quoted {
				if n := nameLength(text[0].text); n > 0 && (n == len(text[0].text) || text[0].text[n] == '=') {
					c.name(text[0].text[:n])
				}
			}
		}
	case "let":
		for _, a := range args {
			if text, ok := a.plain(); ok {
				for _, name := range arithmeticNames(text) {
					c.name(name)
				}
			}
		}
	}
	if f := w.functions[name]; f != nil && !c.calls[name] {
		w.collectCall(c, f)
	}
}

func (w *walker) collectCall(c *changes, f *function) {
	if c.calls[f.name] {
		return
	}
	c.calls[f.name] = true
	args, jumps := c.args, c.jumps
	w.collect(c, f.body)
	c.args, c.jumps = args, jumps
}

// collectParts collects the variables that expansions assign: ${x:=y} and $((x++)).
func (w *walker) collectParts(c *changes, parts []part) {
	for i := range parts {
		w.spend(1)
		p := &parts[i]
		switch p.kind {
		case inQuotes:
			w.collectParts(c, p.parts)
		case number:
			w.spend(len(p.text))
			for _, name := range arithmeticNames(p.text) {
				c.name(name)
			}
		case parameter:
			if p.param.op == ":=" || p.param.op == "=" {
				c.name(p.param.name)
			}
		}
	}
}
