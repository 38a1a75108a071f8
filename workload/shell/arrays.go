// SPDX-License-Identifier: MIT

package shell

import "slices"

// entries returns the entries of an array. A variable that is not an array has one entry.
func (w *walker) entries(name string) ([]string, bool) {
	if v := w.variables[name]; v != nil && v.assigned && v.isList {
		return v.list, true
	}
	if name == "BASH_SOURCE" || name == "FUNCNAME" || name == "PIPESTATUS" {
		return nil, false
	}
	f := w.get(name)
	switch f.set {
	case no:
		return nil, true
	case yes:
		return []string{f.text}, true
	}
	return nil, false
}

// item returns ${A[index]}.
func (w *walker) item(name, index string) found {
	if name == "BASH_SOURCE" {
		if index == "0" {
			return w.get(name)
		}
		return found{Unknown, true, unsure}
	}
	list, ok := w.entries(name)
	i, known := w.calculate(index)
	if !ok || !known {
		return found{Unknown, false, unsure}
	}
	if i < 0 {
		if slices.Contains(list, UnknownWords) {
			return found{Unknown, false, unsure}
		}
		i += int64(len(list))
	}
	if i < 0 || i >= int64(len(list)) {
		if slices.Contains(list, UnknownWords) {
			return found{Unknown, false, unsure}
		}
		return found{"", false, no}
	}
	w.spend(int(i))
	return at(list, int(i))
}

// all expands a list: "$@" or ${A[@]}, with the operator after the name.
func (w *walker) all(list []string, sign string, p *param, args bool) expansion {
	if p.length {
		f := w.count(list)
		return expansion{text: f.text, one: f.one}
	}
	w.spend(len(list))
	e := expansion{list: list, many: true, joined: sign == "*"}
	empty := len(list) == 0 || len(list) == 1 && list[0] == ""
	switch p.op {
	case "":
	case ":-", "-", ":=", "=":
		if empty {
			return other(p.arg)
		}
	case ":+", "+":
		switch {
		case empty:
			return expansion{}
		case slices.Contains(list, UnknownWords):
			e.list = []string{UnknownWords}
		default:
			return other(p.arg)
		}
	case ":?", "?":
	case ":":
		e.list = w.sublist(list, w.string(p.arg), args)
	default:
		e.list = make([]string, len(list))
		for i, text := range list {
			e.list[i] = UnknownWords
			if text != UnknownWords {
				one := w.operate(found{text, false, yes}, "", p, true)
				e.list[i] = one.text
			}
			if w.stopped() {
				break
			}
		}
	}
	return e
}

// sublist expands ${A[@]:1:2}. The arguments count from 1.
func (w *walker) sublist(list []string, bounds string, args bool) []string {
	if slices.Contains(list, UnknownWords) {
		return []string{UnknownWords}
	}
	if args {
		list = append([]string{w.argument("0").text}, list...)
	}
	from, to, ok := w.slice(bounds, len(list))
	if !ok {
		return []string{UnknownWords}
	}
	return list[from:to]
}

// assignAll runs assignments.
func (w *walker) assignAll(assigns []assign, export bool) {
	for i := range assigns {
		if w.stopped() {
			return
		}
		w.assign(&assigns[i])
		if v := w.variables[assigns[i].name]; export && v != nil && !v.exported {
			c := v.content
			c.exported = true
			w.put(v, c)
		}
	}
}

func (w *walker) assign(a *assign) {
	v := w.variable(a.name)
	switch {
	case a.isList:
		w.assignList(v, a)
	case a.indexed:
		w.assignItem(v, a)
	case a.adds && v.assigned && v.isList:
		w.forget(a.name)
	case a.adds:
		old := w.get(a.name)
		text := string(appendText([]byte(old.text), w.string(a.value.parts)))
		w.spend(len(text))
		w.set(a.name, text, false)
	default:
		text, one := w.assigned(a.value.parts)
		w.set(a.name, text, one)
	}
}

// assigned expands the value of an assignment.
func (w *walker) assigned(parts []part) (string, bool) {
	for len(parts) == 1 && parts[0].kind == inQuotes {
		parts = parts[0].parts
	}
	if len(parts) == 1 {
		switch parts[0].kind {
		case number, command, parameter:
			if e := w.expand(&parts[0], true); e.parts == nil && !e.many {
				return e.text, e.one
			} else if e.parts != nil {
				return w.string(e.parts), false
			} else {
				return w.join(e.list), false
			}
		}
	}
	return w.homes(w.string(parts)), false
}

func (w *walker) assignList(v *variable, a *assign) {
	f := fields{walker: w}
	if old := v.content; a.adds {
		list, ok := w.entries(a.name)
		if !ok {
			list = []string{UnknownWords}
		}
		if old.isList || ok {
			w.spend(len(list))
			f.words = append(f.words, list...)
		}
	}
	for i := range a.items {
		f.word(a.items[i])
	}
	if a.keyed || v.dict {
		f.words = []string{UnknownWords}
	}
	w.setList(a.name, f.words)
}

func (w *walker) assignItem(v *variable, a *assign) {
	list, ok := w.entries(a.name)
	i, known := w.calculate(a.index)
	text := w.string(a.value.parts)
	if !ok || !known || a.adds || v.dict || i < 0 || i > int64(len(list)) || slices.Contains(list, UnknownWords) {
		// An array may have gaps. Such an array is not followed.
		dict := v.dict
		w.setList(a.name, []string{UnknownWords})
		v.dict = dict
		return
	}
	w.spend(len(list))
	list = append(slices.Clone(list), "")
	list[i] = text
	if int(i) < len(list)-1 {
		list = list[:len(list)-1]
	}
	w.setList(a.name, list)
}
