// SPDX-License-Identifier: MIT

package shell

import "strings"

// fields collects the words that a word of the script expands to.
type fields struct {
	*walker
	words []string

	// These fields describe the word that is being made.
	text   []byte
	begun  bool
	quoted bool // a part of the word is quoted
	loose  bool // it has a piece that may be any number of words
	glob   bool // it is a pattern of file names
}

// word expands a word as an argument.
func (f *fields) word(w word) {
	if f.stopped() {
		return
	}
	if text, ok := w.plain(); ok && !w.braces && w.parts[0].kind == literal && (text == "" || text[0] != '~') && !strings.ContainsAny(text, "*?[") {
		f.spend(len(text))
		f.words = append(f.words, text)
		return
	}
	if !w.braces {
		f.parts(w.parts)
		f.end()
		return
	}
	alternatives, ok := f.braces(w.parts)
	if !ok {
		f.words = append(f.words, UnknownWords)
		return
	}
	for _, parts := range alternatives {
		f.parts(parts)
		f.end()
	}
}

// value expands a word that is always one word.
func (f *fields) value(w word) { f.words = append(f.words, f.string(w.parts)) }

// end ends the word.
func (f *fields) end() {
	if f.begun {
		word := string(f.text)
		if f.glob || f.loose && word == Unknown && !f.quoted {
			word = UnknownWords
		}
		f.words = append(f.words, word)
	}
	f.text, f.begun, f.quoted, f.loose, f.glob = f.text[:0], false, false, false, false
}

func (f *fields) parts(parts []part) {
	for i := range parts {
		if f.stopped() {
			return
		}
		p := &parts[i]
		switch p.kind {
		case literal:
			text := p.text
			if i == 0 {
				text = f.home(text)
			}
			f.glob = f.glob || isPattern(text)
			f.append(text)
		case quoted:
			f.quoted = true
			f.append(p.text)
		case inQuotes:
			f.quoted, f.begun = true, true
			f.inQuotes(p.parts)
		default:
			f.expansion(p)
		}
	}
}

// append adds text to the word.
func (f *fields) append(text string) {
	f.begun = true
	if !f.spend(len(text)) {
		return
	}
	f.text = appendText(f.text, text)
}

// appendText appends text to another text. Two adjacent unknown pieces become one.
func appendText(to []byte, text string) []byte {
	if len(to) > 0 && to[len(to)-1] == 0 {
		text = strings.TrimLeft(text, Unknown)
	}
	return append(to, text...)
}

// expansion adds the words of an expansion that is not quoted.
func (f *fields) expansion(p *part) {
	v := f.expand(p, false)
	switch {
	case v.parts != nil:
		for i := range v.parts {
			if q := &v.parts[i]; q.kind == literal {
				f.split(q.text, true)
			} else {
				f.parts(v.parts[i : i+1])
			}
		}
	case v.many:
		for i, word := range v.list {
			if i > 0 {
				f.end()
			}
			if word == UnknownWords {
				f.any()
			} else {
				f.split(word, false)
			}
		}
	default:
		f.split(v.text, v.one)
	}
}

// any adds an unknown number of words.
func (f *fields) any() {
	f.begun, f.loose = true, true
	f.text = appendText(f.text, Unknown)
}

// split splits text at its blanks and adds the words. If one is set, an unknown piece of
// the text has no blank.
func (f *fields) split(text string, one bool) {
	if !f.spend(len(text)) {
		return
	}
	if f.state.fields && !f.whole(text) {
		f.any()
		return
	}
	for text != "" {
		n := strings.IndexAny(text, " \t\n")
		if n == 0 {
			f.end()
			text = strings.TrimLeft(text, " \t\n")
			continue
		}
		if n < 0 {
			n = len(text)
		}
		f.begun = true
		f.loose = f.loose || !one && !known(text[:n])
		f.glob = f.glob || isPattern(text[:n])
		f.text = appendText(f.text, text[:n])
		text = text[n:]
	}
}

// whole reports whether a text stays one word although the script has set IFS.
func (f *fields) whole(text string) bool {
	ifs := f.get("IFS").text
	return known(ifs) && !strings.ContainsAny(text, ifs+" \t\n\x00")
}

// inQuotes adds the content of "...". "$@" becomes one word for each argument. Everything
// else becomes one word.
func (f *fields) inQuotes(parts []part) {
	for i := range parts {
		if f.stopped() {
			return
		}
		p := &parts[i]
		if p.kind == quoted {
			f.append(p.text)
			continue
		}
		if p.kind == inQuotes {
			f.inQuotes(p.parts)
			continue
		}
		v := f.expand(p, true)
		switch {
		case v.parts != nil:
			f.inQuotes(v.parts)
		case !v.many:
			f.append(v.text)
		case v.joined:
			f.append(f.join(v.list))
		default:
			f.each(v.list, len(parts) == 1)
		}
	}
}

// each adds words. It joins the first and the last of them to the word around them.
func (f *fields) each(list []string, alone bool) {
	if len(list) == 0 && alone && len(f.text) == 0 {
		f.begun = false // "$@" without arguments does not make a word
		f.quoted = false
	}
	for i, word := range list {
		if i > 0 {
			f.end()
			f.quoted = true
		}
		if word == UnknownWords {
			f.quoted = false
			f.any()
		} else {
			f.append(word)
		}
	}
}

// string expands parts to one text.
func (w *walker) string(parts []part) string {
	if len(parts) == 0 {
		return ""
	}
	if len(parts) == 1 && (parts[0].kind == quoted || parts[0].kind == literal) {
		w.spend(len(parts[0].text))
		return w.home(parts[0].text)
	}
	f := fields{walker: w, text: w.spare[:0]}
	w.spare = nil
	f.joinedText(parts)
	w.spare = f.text
	return string(f.text)
}

func (f *fields) joinedText(parts []part) {
	for i := range parts {
		if f.stopped() {
			return
		}
		p := &parts[i]
		switch p.kind {
		case literal:
			if i == 0 {
				f.append(f.home(p.text))
			} else {
				f.append(p.text)
			}
		case quoted:
			f.append(p.text)
		case inQuotes:
			f.joinedText(p.parts)
		default:
			v := f.expand(p, true)
			switch {
			case v.parts != nil:
				f.joinedText(v.parts)
			case v.many:
				f.append(f.join(v.list))
			default:
				f.append(v.text)
			}
		}
	}
}

// join returns a list as one text.
func (w *walker) join(list []string) string {
	n := 0
	for _, word := range list {
		n += len(word) + 1
	}
	if !w.spend(n) {
		return Unknown
	}
	var text []byte
	for i, word := range list {
		if i > 0 {
			text = append(text, ' ')
		}
		text = appendText(text, strings.ReplaceAll(word, UnknownWords, Unknown))
	}
	return string(text)
}

// home expands a "~" at the beginning of a text.
func (w *walker) home(text string) string {
	if text == "" || text[0] != '~' {
		return text
	}
	name, rest := text[1:], ""
	if i := strings.IndexByte(name, '/'); i >= 0 {
		name, rest = name[:i], name[i:]
	}
	home := Unknown
	switch name {
	case "":
		home = w.get("HOME").text
		if home == "" {
			home = Unknown
		}
	case "+":
		home = w.get("PWD").text
	case "-":
		home = w.get("OLDPWD").text
	}
	w.spend(len(home))
	return home + rest
}

// isPattern reports whether an unquoted text is a pattern of file names.
func isPattern(text string) bool {
	i := strings.IndexAny(text, "*?[")
	if i < 0 {
		return false
	}
	return text[i] != '[' || strings.IndexByte(text[i:], ']') > 0 || strings.ContainsAny(text[i:], "*?")
}
