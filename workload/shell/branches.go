// SPDX-License-Identifier: MIT

package shell

func (w *walker) chain(c *chain) (truth, flow) {
	status, f := w.node(c.parts[0])
	for i, op := range c.ops {
		if f != goesOn || w.stopped() {
			return status, f
		}
		part, wanted := c.parts[i+1], yes
		if op == '|' {
			wanted = no
		}
		switch status {
		case wanted:
			status, f = w.node(part)
		case unsure:
			f = w.branches(false, func() (truth, flow) { return w.node(part) })
		}
	}
	return status, f
}

// branches runs each of several branches from the same state. It is used if it is not
// known which branch the shell takes. Unless all is set, the shell may take none of them.
func (w *walker) branches(all bool, bodies ...func() (truth, flow)) flow {
	var b branching
	for _, body := range bodies {
		w.try(&b, body)
	}
	if !all {
		b.outcomes = append(b.outcomes, outcome{state: w.state})
	}
	return w.joins(&b)
}

// branching has the results of several branches. The shell takes one of them.
type branching struct {
	outcomes []outcome // of the branches that go on
	ended    flow      // the flow of branches that end
}

// try runs a branch, and undoes its changes.
func (w *walker) try(b *branching, body func() (truth, flow)) {
	w.conditional++
	s := w.begin()
	_, f := body()
	o := w.takeBack(s)
	w.conditional--
	if f == goesOn {
		b.outcomes = append(b.outcomes, o)
		return
	}
	b.ended = f
	w.parted = true
}

// joins continues after the branches.
func (w *walker) joins(b *branching) flow {
	if len(b.outcomes) == 0 {
		return b.ended
	}
	w.merge(b.outcomes)
	return goesOn
}

// ifs runs the branch that a known condition takes, or all branches that may be taken.
func (w *walker) ifs(n *branch) (truth, flow) {
	var b branching
	tried := false
	last := n.otherwise
	conditional := w.conditional
	defer func() { w.conditional = conditional }()
	for i, condition := range n.conditions {
		status, f := w.list(condition)
		if w.stopped() || f != goesOn && !tried {
			return status, f
		}
		if status == yes {
			last = n.bodies[i]
			break
		}
		if status == unsure {
			w.conditional = conditional
			w.try(&b, func() (truth, flow) { return w.list(n.bodies[i]) })
			w.conditional, tried = conditional+1, true // the conditions after it
		}
	}
	w.conditional = conditional
	if !tried {
		return w.list(last)
	}
	w.try(&b, func() (truth, flow) { return w.list(last) })
	return unsure, w.joins(&b)
}

// choice runs the arm of a case that a known word takes, or all arms that may be taken.
func (w *walker) choice(c *choice) (truth, flow) {
	value := w.string(c.value.parts)
	var b branching
	tried, falls := false, false
	for i := 0; i < len(c.arms) && !w.stopped(); i++ {
		a := &c.arms[i]
		status := w.matchesAny(a.patterns, value)
		if status == yes && !tried && a.end != ";;&" {
			return w.arms(c, i)
		}
		if status == no && !falls {
			continue
		}
		// An arm may fall through to other arms. These arms are also run as separate
		// branches, so the variables that they assign are not known in either case.
		w.try(&b, func() (truth, flow) { return w.list(a.body) })
		tried, falls = true, a.end == ";&"
		if status == yes && (a.end == ";;" || a.end == "") {
			return unsure, w.joins(&b)
		}
	}
	if !tried {
		return yes, goesOn
	}
	b.outcomes = append(b.outcomes, outcome{state: w.state})
	return unsure, w.joins(&b)
}

// matchesAny reports whether a word is matched by one of some patterns.
func (w *walker) matchesAny(patterns []word, value string) truth {
	status := no
	for _, pattern := range patterns {
		switch w.matches(w.pattern(pattern.parts), value) {
		case yes:
			return yes
		case unsure:
			status = unsure
		}
	}
	return status
}

// arms runs the body of an arm, and the bodies of the later arms that it falls through
// to.
func (w *walker) arms(c *choice, i int) (status truth, f flow) {
	for ; i < len(c.arms); i++ {
		if status, f = w.list(c.arms[i].body); f != goesOn || c.arms[i].end != ";&" {
			break
		}
	}
	return status, f
}
