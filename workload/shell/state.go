// SPDX-License-Identifier: MIT

package shell

import (
	"slices"
	"strings"
)

// A content is the value of a variable at one time. Its text contains Unknown if the
// value is not fully known.
type content struct {
	text     string
	list     []string // the entries of an array
	isList   bool
	dict     bool // declare -A: its entries are not known
	one      bool // it is one word even if it is unknown
	assigned bool // by the script
	unset    bool // by the script
	exported bool
}

func (c *content) equal(d *content) bool {
	return c.text == d.text && c.one == d.one && c.isList == d.isList && c.assigned == d.assigned && c.unset == d.unset &&
		c.exported == d.exported && slices.Equal(c.list, d.list)
}

type variable struct {
	name string
	content
}

// A change holds the data that undoes the assignment of a variable.
type change struct {
	variable *variable
	before   content
}

// A state is the part of the shell that a subshell has for itself, except the variables.
type state struct {
	dir     string
	last    string   // OLDPWD
	stack   []string // the directories of pushd
	args    []string
	fields  bool // the script has set IFS
	exports bool // set -a
	unseen  bool // a file that was not read may have set variables
}

// A saved is an earlier state of the shell, for takeBack.
type saved struct {
	state
	mark int
}

// variable returns the place of a variable.
func (w *walker) variable(name string) *variable {
	v := w.variables[name]
	if v == nil {
		v = &variable{name: name}
		_, v.exported = w.environment(name)
		w.variables[name] = v
		w.order = append(w.order, v)
	}
	return v
}

// put sets the content of a variable. It keeps the old content if that may be restored.
func (w *walker) put(v *variable, c content) {
	if w.scopes > 0 {
		w.journal = append(w.journal, change{v, v.content})
	}
	w.spend(1)
	v.content = c
	w.stale = true
}

// set assigns a text to a variable. An exported variable stays exported.
func (w *walker) set(name, text string, one bool) {
	v := w.variable(name)
	w.put(v, content{text: text, one: one, assigned: true, exported: v.exported || w.exports})
	if name == "IFS" {
		w.fields = true
	}
}

func (w *walker) setList(name string, list []string) {
	v := w.variable(name)
	first := ""
	if len(list) > 0 {
		first = list[0]
		if first == UnknownWords {
			first = Unknown
		}
	}
	w.put(v, content{text: first, list: list, isList: true, assigned: true, exported: v.exported})
}

// forget makes a variable's content unknown.
func (w *walker) forget(name string) {
	v := w.variable(name)
	w.put(v, unknownFrom(v.content))
}

// unknownFrom returns an unknown content for a variable that had the content c.
func unknownFrom(c content) content {
	d := content{text: Unknown, isList: c.isList, assigned: true, exported: c.exported}
	if c.isList {
		d.list = []string{UnknownWords}
	}
	return d
}

// homes expands each "~" in the value of an assignment: "a:~/b".
func (w *walker) homes(text string) string {
	if !strings.Contains(text, ":~/") {
		return text
	}
	home := w.home("~")
	if !w.spend(len(text) + strings.Count(text, ":~/")*len(home)) {
		return Unknown
	}
	return strings.ReplaceAll(text, ":~/", ":"+home+"/")
}

// begin keeps the state of the shell, for takeBack.
func (w *walker) begin() saved {
	w.scopes++
	return saved{w.state, len(w.journal)}
}

// takeBack undoes the changes since begin and returns them.
func (w *walker) takeBack(s saved) outcome {
	o := outcome{state: w.state}
	changes := w.journal[s.mark:]
	w.spend(2 * len(changes))
	if len(changes) > 0 {
		seen := make(map[*variable]bool, len(changes))
		for _, c := range slices.Backward(changes) {
			if !seen[c.variable] {
				seen[c.variable] = true
				o.changes = append(o.changes, change{c.variable, c.variable.content})
			}
		}
		for _, c := range slices.Backward(changes) {
			c.variable.content = c.before
		}
		w.stale = true
	}
	w.journal = w.journal[:s.mark]
	w.state = s.state
	w.scopes--
	return o
}

// An outcome is the state of the shell at the end of one of several branches. It has the
// last content of each variable that the branch has changed.
type outcome struct {
	state   state
	changes []change
}

// merge joins the outcomes of branches. The shell runs exactly one of the branches, so a
// variable that differs between them is not known.
func (w *walker) merge(outcomes []outcome) {
	if len(outcomes) == 0 {
		return
	}
	type merged struct {
		content
		n      int
		differ bool
	}
	all := map[*variable]*merged{}
	var order []*variable
	for _, o := range outcomes {
		for i := range o.changes {
			c := &o.changes[i]
			m := all[c.variable]
			if m == nil {
				m = &merged{content: c.before}
				all[c.variable] = m
				order = append(order, c.variable)
			}
			m.n++
			m.differ = m.differ || !m.content.equal(&c.before)
			m.exported = m.exported || c.before.exported
			m.isList = m.isList || c.before.isList
		}
	}
	for _, v := range order {
		m := all[v]
		if m.n < len(outcomes) && !m.content.equal(&v.content) {
			m.differ = true
			m.exported = m.exported || v.exported
		}
		if m.differ {
			m.content = unknownFrom(m.content)
		}
		w.put(v, m.content)
	}
	w.state = outcomes[0].state
	for _, o := range outcomes[1:] {
		w.mergeState(o.state)
	}
}

func (w *walker) mergeState(s state) {
	if w.dir != s.dir {
		w.dir = ""
	}
	if w.last != s.last {
		w.last = ""
	}
	if !slices.Equal(w.stack, s.stack) {
		w.stack = nil
	}
	if !slices.Equal(w.args, s.args) {
		w.args = []string{UnknownWords}
	}
	w.fields = w.fields || s.fields
	w.exports = w.exports || s.exports
	w.unseen = w.unseen || s.unseen
}

// known reports whether all of a text is known.
func known(text string) bool { return strings.IndexByte(text, 0) < 0 }

// assignments returns the values of a command's Before and Unset.
func (w *walker) assignments() ([]Assignment, []string) {
	if !w.stale {
		return w.before, w.unset
	}
	w.stale = false
	n := 0
	for _, v := range w.order {
		if v.assigned {
			n++
		}
	}
	w.kept += n
	w.spend(len(w.order))
	if w.stopped() {
		return nil, nil
	}
	w.before, w.unset = make([]Assignment, 0, n), nil
	for _, v := range w.order {
		if v.assigned {
			w.before = append(w.before, Assignment{v.name, v.text, known(v.text), v.exported})
		} else if v.unset {
			w.unset = append(w.unset, v.name)
		}
	}
	return w.before, w.unset
}
