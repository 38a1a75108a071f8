// SPDX-License-Identifier: MIT

package workload

// A reach knows which functions of a text can run. A pool in a function that
// nothing calls is no pool.
type reach struct {
	all   bool
	units []unit
	of    []int32 // the unit of each scope
}

// A unit is the module's own code, a function of the module, a class or a
// method: what can be reached as a whole, by its name.
type unit struct {
	name    string
	class   int32 // the class that a method belongs to, or -1
	asked   bool  // something that runs mentions its name
	free    bool  // it may be called by who does not mention it: a decorator, a base class, the language
	reached bool
}

// reachable finds what can run, starting from the module's own code and the
// entry function. Where the text asks for names that we cannot see, everything
// can; and so in a text that calls nothing of its own, which is a library that
// was started by mistake or by a name that we do not know.
func (p *program) reachable(entry string, dead []bool) reach {
	r := reach{units: make([]unit, 1, len(p.scopes)), of: make([]int32, len(p.scopes))}
	r.units[0] = unit{class: -1, reached: true}
	byName := make(map[string][]int32)
	for i := 1; i < len(p.scopes); i++ {
		s := p.scopes[i]
		parent := s.parent
		method := p.scopes[parent].kind == kClass && p.scopes[parent].parent == 0
		if parent != 0 && !method || s.name < 0 {
			r.of[i] = r.of[parent]
			continue
		}
		u := unit{name: p.text(int(s.name)), class: -1, free: s.decorated, asked: false}
		if method {
			u.class = r.of[parent]
			u.free = u.free || p.scopes[parent].bases >= 0 || len(u.name) > 4 && u.name[:2] == "__"
		}
		r.of[i] = int32(len(r.units))
		byName[u.name] = append(byName[u.name], r.of[i])
		r.units = append(r.units, u)
	}
	uses, calls, dynamic := p.mentions(byName, r.of, dead)
	r.all = dynamic
	for _, u := range byName[entry] {
		r.units[u].asked = true
	}
	if entry == "" && !calls {
		r.all = true
	}
	if !r.all {
		r.spreadFrom(uses, byName)
	}
	return r
}

// mentions gives, for each unit, the names of units that its code has; calls
// says that the module's own code calls one, or names one below a condition as
// "if __name__".
func (p *program) mentions(byName map[string][]int32, of []int32, dead []bool) (uses [][]string, calls, dynamic bool) {
	uses = make([][]string, len(of)+1)
	for _, s := range p.stmts {
		from := of[s.scope]
		first := int(s.first)
		own := s.scope == 0 && !p.isOp(first, '@')
		switch {
		case dead[s.block]:
			continue
		case p.is(first, "def"), p.is(first, "class"):
			first, own = first+2, false
		case p.is(first, "async") && p.is(first+1, "def"):
			first, own = first+3, false
		case p.is(first, "import"), p.is(first, "from"):
			continue
		}
		for t := first; t < int(s.last); t++ {
			if p.tokens[t].kind != tName {
				continue
			}
			name := p.text(t)
			switch name {
			case "globals", "locals", "vars", "eval", "exec", "execfile", "getattr", "Fire", "unittest", "pytest", "nose", "__subclasses__", "getmembers":
				return uses, calls, true
			}
			if _, ok := byName[name]; ok {
				uses[from] = append(uses[from], name)
				calls = calls || own && (p.isOp(t+1, '(') || s.block != 0)
			}
		}
	}
	return uses, calls, false
}

func (r *reach) spreadFrom(uses [][]string, byName map[string][]int32) {
	done := make([]bool, len(r.units))
	for changed := true; changed; {
		changed = false
		for i := range r.units {
			u := &r.units[i]
			if !u.reached {
				member := u.class >= 0 && r.units[u.class].reached
				u.reached = u.class < 0 && (u.asked || u.free) || member && (u.asked || u.free)
			}
			if !u.reached || done[i] {
				continue
			}
			done[i], changed = true, true
			for _, name := range uses[i] {
				for _, other := range byName[name] {
					r.units[other].asked = true
				}
			}
			byNameDrop(byName, uses[i])
		}
	}
}

// byNameDrop forgets names that were asked for, so that a text which mentions
// one name without end costs no more than its size.
func byNameDrop(byName map[string][]int32, names []string) {
	for _, name := range names {
		delete(byName, name)
	}
}

// runs says whether the code of a scope can run.
func (r *reach) runs(scope int32) bool {
	return r.all || r.units[r.of[scope]].reached
}
