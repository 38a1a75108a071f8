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
// can; and so in a program that calls nothing of its own below "if __name__",
// since what it calls there may well call back, unless that is doctest. A text
// without either is a library: to start it runs none of its functions.
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
	uses, dynamic, calls, guarded := p.mentions(byName, &r, dead)
	for _, u := range byName[entry] {
		r.units[u].asked = true
	}
	if entry == "" && !calls && guarded {
		r.all = true
	}
	if !r.all {
		r.spreadFrom(uses, byName)
	}
	for i, u := range r.units {
		r.all = r.all || u.reached && dynamic[i]
	}
	return r
}

// mentions gives, for each unit, the names of units that its code has; calls
// says that the module's own code calls one, or names one below a condition as
// "if __name__"; guarded that it has code there which may call back.
func (p *program) mentions(byName map[string][]int32, r *reach, dead []bool) (uses [][]string, dynamic []bool, calls, guarded bool) {
	uses = make([][]string, len(r.units))
	dynamic = make([]bool, len(r.units))
	tested := false
	for _, s := range p.stmts {
		from := r.of[s.scope]
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
			case "Fire", "unittest", "pytest", "nose", "__subclasses__", "getmembers":
				dynamic[from] = true
			case "globals", "locals", "vars", "eval", "exec", "execfile", "getattr":
				if !p.isOp(t-1, '.') && p.isOp(t+1, '(') || name == "exec" {
					asked, all := p.asksFor(t, s.scope)
					if _, ok := byName[asked]; ok {
						uses[from] = append(uses[from], asked)
						calls = calls || own
					}
					dynamic[from] = dynamic[from] || all
				}
			case "__name__":
				guarded = guarded || own && p.is(first, "if")
			case "doctest", "testmod":
				tested = tested || own
			}
			if units, ok := byName[name]; ok {
				uses[from] = append(uses[from], name)
				// A method's name alone may be that of another module's function.
				calls = calls || own && (p.isOp(t+1, '(') || s.block != 0) && r.units[units[0]].class < 0
			}
		}
	}
	return uses, dynamic, calls, guarded && !tested
}

// asksFor says what the built-in function at t may name: one name, or all.
func (p *program) asksFor(t int, scope int32) (name string, all bool) {
	args := p.arguments(t+1, 0).args
	switch p.text(t) {
	case "getattr":
		if len(args) > 1 && args[1].last == args[1].first+1 && p.tokens[args[1].first].kind == tString {
			return unquote(p.text(args[1].first)), false
		}
	case "vars":
		if len(args) == 1 && args[0].last == args[0].first+1 && p.isName(args[0].first) {
			return "", !p.isParsed(args[0].first)
		}
	case "locals":
		return "", scope == 0
	}
	return "", true
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
