// SPDX-License-Identifier: MIT

package report

import (
	"cmp"
	"maps"
	"slices"
)

// maxRows bounds the names of one kind, because a log can have any number of them. If there
// are more, the rarer half is counted together from then on. So a frequent name that comes
// late still gets a row.
const maxRows = 2000

// Others is the name of the row that counts them.
const Others = "(others)"

// Row counts the steps of one name, such as a partition. A step counts once for each node.
type Row struct {
	Name    string `json:"name"`
	Steps   int    `json:"steps"`
	Changed int    `json:"changed"`      // something was set or removed
	Would   int    `json:"would_change"` // the same under default=observe
	Failed  int    `json:"failed"`
	Opted   int    `json:"opted_out"`
}

func (r *Row) add(l *line) {
	r.Steps++
	if l.set != nil || l.removed != nil {
		r.Changed++
	}
	if l.wouldSet != nil || l.wouldRemove != nil {
		r.Would++
	}
	switch string(l.verdict) {
	case "failed":
		r.Failed++
	case "opted-out":
		r.Opted++
	}
}

// Gain returns the number of steps that get settings, or would get them.
func (r Row) Gain() int { return r.Changed + r.Would }

type rows map[string]*Row

func (t rows) of(name []byte) *Row {
	if r, ok := t[string(name)]; ok {
		return r
	}
	if len(t) >= maxRows {
		t.halve()
	}
	r := &Row{Name: string(name)}
	t[r.Name] = r
	return r
}

// halve counts the rarer half of the names together.
func (t rows) halve() {
	list := t.list(func(r Row) int { return r.Steps })
	others := &Row{Name: Others}
	for _, r := range list[len(list)/2:] {
		others.Steps += r.Steps
		others.Changed += r.Changed
		others.Would += r.Would
		others.Failed += r.Failed
		others.Opted += r.Opted
		delete(t, r.Name)
	}
	t[Others] = others
}

// list returns the rows, those with most steps first and the others last.
func (t rows) list(by func(Row) int) []Row {
	list := []Row{}
	for r := range maps.Values(t) {
		list = append(list, *r)
	}
	slices.SortFunc(list, func(a, b Row) int {
		return cmp.Or(cmp.Compare(isOthers(a), isOthers(b)), cmp.Compare(by(b), by(a)), cmp.Compare(a.Name, b.Name))
	})
	return list
}

func isOthers(r Row) int {
	if r.Name == Others {
		return 1
	}
	return 0
}
