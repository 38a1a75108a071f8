// SPDX-License-Identifier: MIT

package workload

import (
	"strconv"
	"strings"
)

// A source says where a text comes from.
type source struct {
	file  string
	lines int    // lines of the file before the text
	entry string // the function that is called from outside, "" for a program
}

// scan tags a Python text.
func (w *walker) scan(text []byte, src source) {
	p := parse(text)
	p.args = w.args
	p.structure()
	p.bind()
	if !p.interest() {
		return
	}
	p.declareOptions()
	found := p.findings()
	if len(found) == 0 {
		return
	}
	dead := p.deadBlocks(src.entry != "")
	r := p.reachable(src.entry, dead)
	var best [eMPI + 1]*finding
	for i := range found {
		f := &found[i]
		s := p.stmts[f.stmt]
		if best[f.effect] == nil && r.runs(s.scope) && !dead[s.block] {
			best[f.effect] = f
		}
	}
	give := func(tag string, f *finding) {
		if f != nil {
			line, text := p.where(f.token)
			if src.file == commandLine {
				line = 0
			} else {
				line += src.lines
			}
			w.add(tag, src.file, line, text)
		}
	}
	give(TagMPI, best[eMPI])
	if best[ePool] != nil {
		w.pool = true
		give(TagMultiprocessing, best[ePool])
		return
	}
	give(TagMultiprocessing, best[eJoblib])
	give(TagWorkers, best[eJoblib])
	give(TagWorkers, best[eWorkers])
}

// where gives the number and the text of a token's line.
func (p *program) where(t int) (int, string) {
	at := int(p.tokens[t].start)
	from := strings.LastIndexAny(p.src[:at], "\r\n") + 1
	before := p.src[:from]
	number := 1 + strings.Count(before, "\n")
	if number == 1 {
		number += strings.Count(before, "\r")
	}
	return number, p.src[from:endOfLine(p.src, at)]
}

// deadBlocks says which blocks cannot run: below TYPE_CHECKING, a constant that
// is false, another system than Linux. In a module that is imported, __name__ is
// not "__main__".
func (p *program) deadBlocks(imported bool) []bool {
	dead := make([]bool, len(p.blocks))
	for i := 1; i < len(p.blocks); i++ {
		b := &p.blocks[i]
		dead[i] = dead[b.parent] || p.condition(b, imported) == no
		// An elif or else does not run where a condition before it always holds.
		for e := b.before; e > 0 && !dead[i] && p.spend(1); e = p.blocks[e].before {
			dead[i] = p.condition(&p.blocks[e], imported) == yes
		}
	}
	return dead
}

// condition evaluates the one of an if, elif or while.
func (p *program) condition(b *block, imported bool) int {
	head := int(b.head)
	if b.kind == kIf || b.kind == kElif || b.kind == kOther && p.is(head, "while") {
		return p.truth(head+1, int(b.colon), imported)
	}
	return unknown
}

const (
	unknown = iota
	yes
	no
)

// truth evaluates a condition as far as the text alone tells.
func (p *program) truth(t, end int, imported bool) int {
	if t >= end || !p.spend(1) {
		return unknown
	}
	negated := false
	for ; t < end && p.is(t, "not"); t++ {
		negated = !negated
	}
	if negated {
		switch p.truth(t, end, imported) {
		case yes:
			return no
		case no:
			return yes
		}
		return unknown
	}
	if t >= end {
		return unknown
	}
	value, next := p.truthOf(t, end, imported)
	switch {
	case value == unknown || next == end:
		return value
	case value == no && p.is(next, "and"), value == yes && p.is(next, "or"):
		return value
	}
	return unknown
}

// truthOf evaluates one operand, and gives the token after it.
func (p *program) truthOf(t, end int, imported bool) (value, next int) {
	if p.isOp(t, '(') {
		closing := min(p.closing(t), end)
		return p.truth(t+1, closing, imported), min(closing+1, end)
	}
	name, after := p.dotted(t, end)
	switch {
	case name == "TYPE_CHECKING", strings.HasSuffix(name, ".TYPE_CHECKING"):
		return no, after
	case name == "__name__" && imported && p.isOp(after, opCompare) && after+1 < end && p.tokens[after+1].kind == tString:
		if strings.Trim(p.text(after+1), "'\"") == "__main__" && p.text(after) == "==" {
			return no, after + 2
		}
		return unknown, after + 2
	case (name == "sys.platform" || name == "os.name") && after+1 < end && p.tokens[after+1].kind == tString && p.isOp(after, opCompare):
		linux := yes
		if value := strings.Trim(p.text(after+1), "'\""); value != "linux" && value != "posix" && value != "linux2" {
			linux = no
		}
		if p.text(after) != "==" {
			linux = yes + no - linux
		}
		return linux, after + 2
	}
	if after == t {
		after = t + 1
	}
	if value := p.literal(argument{first: t, last: after}); value != "" && after+1 < end {
		if holds := p.compare(value, after, end); holds != unknown {
			return holds, after + 2
		}
	}
	switch p.literal(argument{first: t, last: after}) {
	case "False", "None":
		return no, after
	case "True":
		return yes, after
	}
	if after-t > 1 {
		if p.optionAt(t, after) == "0" {
			return no, after
		}
		return unknown, after
	}
	if p.tokens[t].kind == tNumber || p.isName(t) {
		switch p.literal(argument{first: t, last: t + 1}) {
		case "0":
			return no, t + 1
		case "1":
			return yes, t + 1
		}
	}
	return unknown, t + 1
}

// compare evaluates "value > 1", where the operator is at t.
func (p *program) compare(value string, t, end int) int {
	left, err := strconv.Atoi(value)
	if err != nil || p.tokens[t+1].kind != tNumber || p.tokens[t].kind != tOp || t+2 < end && !p.is(t+2, "and") && !p.is(t+2, "or") && !p.isOp(t+2, ')') {
		return unknown
	}
	right, err := strconv.Atoi(p.text(t + 1))
	if err != nil {
		return unknown
	}
	holds := false
	switch p.text(t) {
	case "==":
		holds = left == right
	case "!=":
		holds = left != right
	case "<":
		holds = left < right
	case "<=":
		holds = left <= right
	case ">":
		holds = left > right
	case ">=":
		holds = left >= right
	default:
		return unknown
	}
	if holds {
		return yes
	}
	return no
}
