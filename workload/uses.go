// SPDX-License-Identifier: MIT

package workload

import "strings"

// A finding is a place in the text that has an effect.
type finding struct {
	effect uint8
	token  int
	stmt   int
}

// findings gives every place that has an effect, were it to run.
func (p *program) findings() []finding {
	var found []finding
	context := p.joblibContext()
	for i, s := range p.stmts {
		first, last := int(s.first), int(s.last)
		switch {
		case p.is(first, "import"), p.is(first, "from"):
			continue
		case p.is(first, "def"), p.is(first, "class"):
			first += 2 // a function's own name is no use of it
		}
		for t := first; t < last; t++ {
			if p.tokens[t].kind != tName || p.isOp(t-1, '.') && t > first {
				continue
			}
			name := p.text(t)
			self := (name == "self" || name == "cls") && p.isOp(t+1, '.')
			if !self && !p.marked(name) && name != "__import__" {
				if e := p.keyword(t, name); e != eNone {
					found = append(found, finding{e, t, i})
				}
				continue
			}
			if self && (!p.isName(t+2) || p.attrs[p.text(t+2)] == nil && p.names[p.text(t+2)] == nil) {
				continue
			}
			path, next := p.primary(t, i, s.scope)
			if path == "" {
				continue
			}
			if strings.HasPrefix(path, "mpi4py.MPI.") {
				found = append(found, finding{eMPI, t, i})
			}
			if (path == "functools.partial" || path == "pathos.maps.Map") && p.isOp(next, '(') {
				if made, _ := p.primary(next+1, i, s.scope); made != "" && callRule(made).effect == ePool {
					found = append(found, finding{ePool, t, i})
				}
				continue
			}
			decorates := p.isOp(first, '@') && t == first+1
			if !decorates && !p.isOp(next, '(') {
				continue
			}
			if r := callRule(path); r.effect != eNone {
				if e := p.holds(r, p.arguments(next, i), context); e != eNone {
					found = append(found, finding{e, t, i})
				}
			}
		}
	}
	return p.imports(found)
}

// imports adds the imports that initialise MPI.
func (p *program) imports(found []finding) []finding {
	for i := range p.bindings {
		b := &p.bindings[i]
		if b.kind != bImport && b.kind != bStar {
			continue
		}
		path := b.path
		if b.kind == bImport && p.is(int(p.stmts[b.stmt].first), "import") {
			full, _ := p.dotted(int(b.rhs), int(b.last))
			path = full
		}
		if importsMPI(path) {
			found = append(found, finding{eMPI, int(p.stmts[b.stmt].first), int(b.stmt)})
		}
	}
	return found
}

// joblibContext gives what the text's joblib contexts set for every Parallel:
// eWorkers for processes, eNone for threads, eJoblib where it has no context.
func (p *program) joblibContext() uint8 {
	context := uint8(eJoblib)
	if !p.imported("joblib") {
		return context
	}
	for i, s := range p.stmts {
		for t := int(s.first); t < int(s.last); t++ {
			if p.tokens[t].kind != tName || !strings.HasPrefix(p.text(t), "parallel_") {
				continue
			}
			from := t
			for from >= 2 && p.isOp(from-1, '.') && p.isName(from-2) {
				from -= 2
			}
			path, next := p.primary(from, i, s.scope)
			if path != "joblib.parallel_backend" && path != "joblib.parallel_config" || !p.isOp(next, '(') {
				continue
			}
			backend, _ := p.arguments(next, i).argument("backend", 0)
			switch p.literal(backend) {
			case "threading", "sequential", "dask", "ray", "spark", "ipyparallel":
				return eNone
			}
			context = eWorkers
		}
	}
	return context
}

// An argument of a call.
type argument struct {
	name        string // "" for a positional one
	first, last int
	spread      bool // *args or **kwargs
}

// A call's arguments, and where it stands.
type call struct {
	args []argument
	stmt int
}

// arguments takes the call whose parenthesis is at t apart.
func (p *program) arguments(t, s int) call {
	c := call{stmt: s}
	if !p.isOp(t, '(') {
		return c
	}
	const most = 64
	for t++; t < len(p.tokens) && !p.isOp(t, ')') && len(c.args) < most; t++ {
		end, equals := p.argument(t, len(p.tokens))
		a := argument{first: t, last: end, spread: p.isOp(t, '*')}
		if equals == t+1 && p.isName(t) {
			a.name, a.first = p.text(t), t+2
		}
		c.args = append(c.args, a)
		if t = end; !p.isOp(t, ',') {
			break
		}
	}
	return c
}

// argument gives the argument of a name or position.
func (c call) argument(name string, pos int) (argument, bool) {
	for i, a := range c.args {
		if a.name == name || a.name == "" && i == pos && !a.spread {
			return a, true
		}
		if a.spread && a.name == "" && i < pos {
			pos = -1
		}
	}
	return argument{}, false
}

// literal gives the value of an argument that the text tells: a number, a
// string without its quotes, True, False or None, or a name that is bound to
// one of these once and for all. It is "" for any other.
func (p *program) literal(a argument) string {
	switch {
	case a.last == a.first+2 && p.isOp(a.first, '-') && p.tokens[a.first+1].kind == tNumber:
		return "-" + p.text(a.first+1)
	case a.last != a.first+1:
		return p.computed(a.first, a.last)
	}
	switch text := p.text(a.first); p.tokens[a.first].kind {
	case tNumber:
		return text
	case tString:
		return unquote(text)
	case tName:
		if text == "True" || text == "False" || text == "None" {
			return text
		}
		return p.constant(text, p.scopeAt(a.first))
	}
	return ""
}

// constant gives the literal that a name has wherever it is bound in the scope
// or, if it is not, in the next one around that binds it; or "".
func (p *program) constant(name string, scope int32) string {
	for ; scope >= 0; scope = p.scopes[scope].parent {
		if value, bound := p.constantIn(name, scope); bound || !p.spend(1) {
			return value
		}
	}
	return ""
}

func (p *program) constantIn(name string, scope int32) (value string, bound bool) {
	for i := range p.bindings {
		b := &p.bindings[i]
		if !p.spend(1) {
			return "", true
		}
		if b.name != name || b.attr || b.scope != scope {
			continue
		}
		if bound || b.kind != bAssign && b.kind != bOpaque {
			return "", true
		}
		bound = true
		if p.isParameter(b) {
			if o := p.options[name]; o.click && p.scopes[scope].decorated {
				value = o.value
				continue
			}
			return "", true // a default, which the caller may replace
		}
		if b.kind != bAssign {
			return "", true
		}
		if computed := p.computed(int(b.rhs), int(b.last)); computed != "" {
			value = computed
			continue
		}
		if b.last != b.rhs+1 {
			return "", true
		}
		switch text := p.text(int(b.rhs)); {
		case p.tokens[b.rhs].kind == tNumber, text == "True", text == "False", text == "None":
			value = text
		case p.tokens[b.rhs].kind == tString:
			value = unquote(text)
		default:
			return "", true
		}
	}
	return value, bound
}

func (p *program) isParameter(b *binding) bool {
	head := int(p.stmts[b.stmt].first)
	return p.is(head, "def") || p.is(head, "async")
}

// holds gives the effect that a call has with its arguments.
func (p *program) holds(r rule, c call, context uint8) uint8 {
	count, given := c.argument(r.count, r.pos)
	if r.count == "" {
		given = false
	}
	workers := ""
	if given {
		workers = p.literal(count)
	}
	none := workers == "None" || workers == "0"
	switch r.check {
	case cJoblib:
		return p.joblib(c, given && !none, workers, context)
	case cContext:
		backend, _ := c.argument("backend", 0)
		switch p.literal(backend) {
		case "threading", "sequential":
			return eNone
		}
		return eWorkers
	case cThreading:
		if a, ok := c.argument("start_method", -1); ok && p.literal(a) == "threading" {
			return eNone
		}
	case cParmap:
		if a, ok := c.argument("pm_parallel", -1); ok && p.literal(a) == "False" {
			return eNone
		}
	case cDask:
		return p.dask(c, r.effect)
	case cLiteral:
		if workers == "" {
			return eNone
		}
	case cMPIFile:
		if a, ok := c.argument("driver", 2); !ok || p.literal(a) != "mpio" {
			return eNone
		}
	case cMPIBackend:
		if a, ok := c.argument("backend", 0); !ok || p.literal(a) != "mpi" {
			return eNone
		}
	case cChooser:
		if a, ok := c.argument("mpi", 0); ok && p.literal(a) != "False" {
			return eMPI
		}
	}
	if r.need && (!given || none) {
		return p.spread(r, c)
	}
	if workers == "1" {
		// One worker has all the CPUs to itself: to cap its threads would be the mistake.
		// It must not be bound to one of them.
		if r.effect == ePool && !r.need {
			return eWorkers
		}
		return eNone
	}
	return r.effect
}

// spread decides for a call that passes **kwargs on: PyTorch's own examples give
// num_workers so. Where the text never mentions the argument, it is not given.
func (p *program) spread(r rule, c call) uint8 {
	if r.effect != eWorkers {
		return eNone
	}
	for _, a := range c.args {
		if a.spread && p.isOp(a.first+1, '*') {
			return p.mentioned(r.count, r.effect)
		}
	}
	return eNone
}

// mentioned gives the effect if the text has the word as a dict's key, as
// {"num_workers": 4} or dict(num_workers=4).
func (p *program) mentioned(word string, effect uint8) uint8 {
	for t := range p.tokens {
		switch p.tokens[t].kind {
		case tString:
			if strings.Trim(p.text(t), "'\"") == word {
				return effect
			}
		case tName:
			if p.isOp(t+1, '=') && p.text(t) == word && (p.isOp(t-1, '(') || p.isOp(t-1, ',')) {
				return effect
			}
		}
	}
	return eNone
}

func (p *program) joblib(c call, given bool, workers string, context uint8) uint8 {
	if workers == "1" || !given && context != eWorkers {
		return eNone
	}
	if a, ok := c.argument("require", -1); ok && p.literal(a) != "None" {
		return eNone
	}
	if a, ok := c.argument("backend", 1); ok && p.literal(a) != "None" {
		switch p.literal(a) {
		case "loky", "": // "" is a choice made at run time, and loky the default
			return eJoblib
		case "multiprocessing":
			return ePool // joblib limits the threads of loky's workers alone
		}
		return eNone
	}
	if context == eNone {
		return eNone
	}
	if a, ok := c.argument("prefer", -1); ok && p.literal(a) != "processes" && p.literal(a) != "None" {
		return eNone
	}
	return eJoblib
}

func (p *program) dask(c call, effect uint8) uint8 {
	for i, a := range c.args {
		switch a.name {
		case "":
			if i == 0 && !a.spread {
				return eNone // the address of a scheduler, or a cluster
			}
		case "address", "scheduler_file":
			return eNone
		case "processes":
			if p.literal(a) == "False" {
				return eNone
			}
		}
	}
	return effect
}

// keyword finds the libraries' own pools that an argument asks of a method,
// whose object we do not know.
func (p *program) keyword(t int, name string) uint8 {
	library := ""
	switch name {
	case "use_multiprocessing":
		library = "keras"
	case "num_proc":
		library = "datasets"
	case "n_process":
		library = "spacy"
	case "scheduler":
		library = "dask"
	default:
		return eNone
	}
	if !p.isOp(t+1, '=') || !p.isOp(t-1, ',') && !p.isOp(t-1, '(') || !p.imported(library) {
		return eNone
	}
	end, _ := p.argument(t+2, len(p.tokens))
	value := p.literal(argument{first: t + 2, last: end})
	switch {
	case name == "scheduler" && value != "processes" && value != "multiprocessing", value == "False", value == "None", value == "0", value == "1":
		return eNone
	}
	return eWorkers
}

func (p *program) imported(library string) bool {
	for i := range p.bindings {
		b := &p.bindings[i]
		if b.kind != bImport && b.kind != bStar || !p.spend(1) {
			continue
		}
		if root, _, _ := strings.Cut(b.path, "."); root == library || library == "keras" && root == "tensorflow" || library == "dask" && root == "distributed" {
			return true
		}
	}
	return false
}

// unquote gives what is between a string's quotes, as it is written.
func unquote(text string) string {
	return strings.Trim(strings.TrimLeft(text, "rRbBuUfF"), "'\"")
}
