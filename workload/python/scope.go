// SPDX-License-Identifier: MIT

package python

import "slices"

// scope holds names: a module's, a function's, a class's or an object's. Most have a
// few names, which are found faster one by one than in a map.
type scope struct {
	list  []binding
	index map[string]int // into list, once there are many names
	born  int            // see interpreter.serial
}

// binding is a name and its value.
type binding struct {
	name  string
	value value
}

// manyNames is the number of names from which on a scope has an index.
const manyNames = 12

func newScope() *scope { return &scope{} }

// newScope returns a scope. The branches that run now need not take its writes back, because it ends with
// them.
func (in *interpreter) newScope() *scope { return &scope{born: in.serial} }

func (in *interpreter) newDict() *dict {
	d := newDict()
	d.born = in.serial
	return d
}

// isJournaled reports whether a write is kept, so that it can be taken back. It is, if the written object
// was made before the innermost branch began.
func (in *interpreter) isJournaled(born int) bool { return in.branches > 0 && born < in.began }

func (s *scope) find(name string) int {
	if s.index != nil {
		if i, ok := s.index[name]; ok {
			return i
		}
		return -1
	}
	for i := range s.list {
		if s.list[i].name == name {
			return i
		}
	}
	return -1
}

// get returns the value of a name.
func (s *scope) get(name string) (value, bool) {
	if i := s.find(name); i >= 0 {
		return s.list[i].value, true
	}
	return nil, false
}

// value returns the value of a name, nil if the name is not bound.
func (s *scope) value(name string) value {
	v, _ := s.get(name)
	return v
}

// put binds a name in a scope that nothing else refers to yet; see interpreter.set.
func (s *scope) put(name string, v value) {
	if i := s.find(name); i >= 0 {
		s.list[i].value = v
		return
	}
	if s.list == nil {
		s.list = make([]binding, 0, 4)
	}
	s.list = append(s.list, binding{name, v})
	switch {
	case s.index != nil:
		s.index[name] = len(s.list) - 1
	case len(s.list) == manyNames:
		s.index = make(map[string]int, 4*manyNames)
		for i := range s.list {
			s.index[s.list[i].name] = i
		}
	}
}

// remove takes a name out.
func (s *scope) remove(name string) {
	i := s.find(name)
	if i < 0 {
		return
	}
	last := len(s.list) - 1
	s.list[i] = s.list[last]
	s.list = s.list[:last]
	if s.index != nil {
		delete(s.index, name)
		if i < last {
			s.index[s.list[i].name] = i
		}
	}
}

// sorted returns the names in their order.
func (s *scope) sorted() []string {
	names := make([]string, len(s.list))
	for i := range s.list {
		names[i] = s.list[i].name
	}
	slices.Sort(names)
	return names
}

// place is a place for a value: a name of a scope, an entry of a dict, or the items of a list.
type place struct {
	scope *scope
	list  *list
	dict  *dict
	key   key // the name in a scope is its text
}

// write is one change of a place that can be taken back. The old items of a list are kept as a list.
type write struct {
	place
	old value
	had bool
}

func named(s *scope, name string) place { return place{scope: s, key: key{text: name}} }

// set binds a name.
func (in *interpreter) set(s *scope, name string, v value) {
	if in.isJournaled(s.born) {
		old, had := s.get(name)
		in.journal = append(in.journal, write{named(s, name), old, had})
	}
	s.put(name, v)
}

func (in *interpreter) unset(s *scope, name string) {
	old, had := s.get(name)
	if !had {
		return
	}
	if in.isJournaled(s.born) {
		in.journal = append(in.journal, write{named(s, name), old, true})
	}
	s.remove(name)
}

// setItems replaces the items of a list.
func (in *interpreter) setItems(l *list, items []value, open bool) {
	if in.isJournaled(l.born) {
		in.journal = append(in.journal, write{place{list: l}, &list{items: l.items, open: l.open}, true})
	}
	l.items, l.open = items, open
}

// maxItems bounds the items of a list that are known one by one. Arguments and
// options are below it; data are not followed.
const maxItems = 256

func (in *interpreter) appendItem(l *list, v value) {
	if len(l.items) >= maxItems {
		in.setItems(l, l.items, true)
		return
	}
	in.setItems(l, append(l.items[:len(l.items):len(l.items)], v), l.open)
}

// made is the value that a branch has given to a place; nil removes it.
type made struct {
	place
	value value
}

// undo takes the writes since a mark back. It returns the value that each place had after them, in the
// order of the first writes.
func (in *interpreter) undo(mark int) []made {
	if len(in.journal) == mark {
		return nil
	}
	changed := make([]made, 0, len(in.journal)-mark)
	for _, w := range in.journal[mark:] {
		changed = append(changed, made{place: w.place})
	}
	changed = distinct(changed)
	for i := range changed {
		changed[i].value = in.read(changed[i].place)
	}
	for i := len(in.journal) - 1; i >= mark; i-- {
		w := &in.journal[i]
		switch {
		case w.list != nil:
			old := w.old.(*list)
			w.list.items, w.list.open = old.items, old.open
		case w.dict != nil && w.key == isOpen:
			w.dict.open = w.old.(bool)
		case w.dict != nil:
			w.dict.restore(w.key, w.old, w.had)
		default:
			w.scope.restore(w.key.text, w.old, w.had)
		}
	}
	in.journal = in.journal[:mark]
	return changed
}

// fewPlaces is the number of places that are compared one by one.
const fewPlaces = 16

// distinct keeps the first value of each place.
func distinct(list []made) []made {
	kept := list[:0]
	if len(list) <= fewPlaces {
		for _, m := range list {
			if indexOf(kept, m.place) < 0 {
				kept = append(kept, m)
			}
		}
		return kept
	}
	seen := make(map[place]bool, len(list))
	for _, m := range list {
		if !seen[m.place] {
			seen[m.place] = true
			kept = append(kept, m)
		}
	}
	return kept
}

func indexOf(list []made, at place) int {
	for i := range list {
		if list[i].place == at {
			return i
		}
	}
	return -1
}

func (s *scope) restore(name string, old value, had bool) {
	if had {
		s.put(name, old)
	} else {
		s.remove(name)
	}
}

// merge joins the values that two branches have given to places. A branch that did not write a place has
// kept its old value.
func (in *interpreter) merge(a, b []made) {
	other := finder(b)
	both := make([]bool, len(b))
	for _, m := range a {
		if i := other(m.place); i >= 0 {
			both[i] = true
			in.put(m.place, m.value, b[i].value)
		} else {
			in.put(m.place, m.value, in.read(m.place))
		}
	}
	for i, m := range b {
		if !both[i] {
			in.put(m.place, m.value, in.read(m.place))
		}
	}
}

// finder returns a function that finds a place in a list.
func finder(list []made) func(at place) int {
	if len(list) <= fewPlaces {
		return func(at place) int { return indexOf(list, at) }
	}
	index := make(map[place]int, len(list))
	for i := range list {
		index[list[i].place] = i
	}
	return func(at place) int {
		if i, ok := index[at]; ok {
			return i
		}
		return -1
	}
}

func (in *interpreter) read(at place) value {
	switch {
	case at.list != nil:
		return &list{items: at.list.items, open: at.list.open}
	case at.dict != nil && at.key == isOpen:
		return at.dict.open
	case at.dict != nil:
		return at.dict.of[at.key]
	}
	return at.scope.value(at.key.text)
}

func (in *interpreter) put(at place, a, b value) {
	switch {
	case at.list != nil:
		x, y := a.(*list), b.(*list)
		longer := x
		if len(y.items) > len(x.items) {
			longer = y
		}
		in.setItems(at.list, longer.items, x.open || y.open || len(x.items) != len(y.items))
	case at.dict != nil && at.key == isOpen:
		in.setOpen(at.dict, a.(bool) || b.(bool))
	case at.dict != nil:
		in.setEntry(at.dict, at.key, join(a, b))
	default:
		v := join(a, b)
		if v == nil {
			in.unset(at.scope, at.key.text)
			return
		}
		in.set(at.scope, at.key.text, v)
	}
}

// replay writes the values of one branch.
func (in *interpreter) replay(list []made) {
	for _, m := range list {
		in.put(m.place, m.value, m.value)
	}
}
