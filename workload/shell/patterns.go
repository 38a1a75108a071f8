// SPDX-License-Identifier: MIT

package shell

import "strings"

// pattern expands parts to a pattern. It puts a backslash before a quoted character that
// would be special in a pattern.
func (w *walker) pattern(parts []part) string {
	var b []byte
	for i := range parts {
		p := &parts[i]
		if p.kind == literal {
			w.spend(len(p.text))
			text := p.text
			if i == 0 {
				text = w.home(text)
			}
			b = appendText(b, text)
			continue
		}
		text := w.string(parts[i : i+1])
		if p.kind == quoted && len(parts) == 1 {
			text = p.text
		}
		if p.kind != quoted && p.kind != inQuotes { // a pattern in a variable
			b = appendText(b, text)
			continue
		}
		w.spend(len(text))
		for j := range len(text) {
			if strings.IndexByte(`*?[]\()|`, text[j]) >= 0 {
				b = append(b, '\\')
			}
			b = append(b, text[j])
		}
	}
	return string(b)
}

// simplePattern reports whether a pattern has nothing but * and literal text.
func simplePattern(pattern string) bool {
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			i++
		case '?', '[':
			return false
		case '(':
			if i > 0 && strings.IndexByte("?*+@!", pattern[i-1]) >= 0 {
				return false
			}
		case 0:
			return false
		}
	}
	return true
}

// literals returns the texts between the stars of a simple pattern.
func literals(pattern string) []string {
	var list []string
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		if c == '*' {
			list = append(list, b.String())
			b.Reset()
			continue
		}
		if c == '\\' && i+1 < len(pattern) {
			i++
			c = pattern[i]
		}
		b.WriteByte(c)
	}
	return append(list, b.String())
}

// matches reports whether a pattern matches all of a text.
func (w *walker) matches(pattern, text string) truth {
	if pattern != "" && strings.Trim(pattern, "*") == "" {
		return yes
	}
	if !known(text) || !known(pattern) || !w.spend(len(pattern)+len(text)) {
		return unsure
	}
	if simplePattern(pattern) {
		return truthOf(matchLiterals(literals(pattern), text))
	}
	if strings.ContainsAny(pattern, "*(") || len(pattern) > 1000 {
		return unsure
	}
	return matchOne(pattern, text)
}

// matchLiterals finds the texts between stars, in order. The first text must be at the
// beginning, the last one at the end. Each of the others is taken at its first place.
func matchLiterals(list []string, text string) bool {
	last := len(list) - 1
	if last == 0 {
		return text == list[0]
	}
	if !strings.HasPrefix(text, list[0]) {
		return false
	}
	text = text[len(list[0]):]
	for _, l := range list[1:last] {
		_, after, ok := strings.Cut(text, l)
		if !ok {
			return false
		}
		text = after
	}
	return strings.HasSuffix(text, list[last])
}

// matchOne matches a pattern without stars.
func matchOne(pattern, text string) truth {
	for len(pattern) > 0 {
		if text == "" {
			return no
		}
		switch c := pattern[0]; c {
		case '?':
			pattern = pattern[1:]
			if text[0] >= 0x80 {
				return unsure
			}
		case '[':
			set, rest, ok := strings.Cut(pattern[1:], "]")
			if !ok || set == "" || strings.ContainsAny(set, "[\\") || text[0] >= 0x80 {
				return unsure
			}
			if !inSet(set, text[0]) {
				return no
			}
			pattern = rest
		default:
			if c == '\\' && len(pattern) > 1 {
				pattern = pattern[1:]
			}
			if pattern[0] != text[0] {
				return no
			}
			pattern = pattern[1:]
		}
		text = text[1:]
	}
	return truthOf(text == "")
}

// inSet reports whether a byte is one of "a-z_" or, after "!" or "^", is not.
func inSet(set string, c byte) bool {
	not := set[0] == '!' || set[0] == '^'
	if not {
		set = set[1:]
	}
	in := false
	for i := 0; i < len(set); i++ {
		if i+2 < len(set) && set[i+1] == '-' {
			in = in || set[i] <= c && c <= set[i+2]
			i += 2
			continue
		}
		in = in || set[i] == c
	}
	return in != not
}

// trim removes the part that a pattern matches at the beginning or the end of a text.
func (w *walker) trim(text, pattern, op string) string {
	if !w.spend(2*len(pattern)+len(text)) || !simplePattern(pattern) {
		return Unknown
	}
	list := literals(pattern)
	if len(list) > 2 {
		return Unknown
	}
	first, last := list[0], list[len(list)-1]
	// An unknown piece of the text may hide an earlier match. It cannot do so if the
	// pattern removes only a known end.
	if !known(text) && len(list) == 2 && !clear(text, first, last, op) {
		return Unknown
	}
	if len(list) == 1 {
		switch {
		case op[0] == '#' && strings.HasPrefix(text, first):
			return text[len(first):]
		case op[0] == '%' && strings.HasSuffix(text, first):
			return text[:len(text)-len(first)]
		case !known(text) && first != "" && op[0] == '#' && text[0] == 0, !known(text) && first != "" && op[0] == '%' && text[len(text)-1] == 0:
			return Unknown
		}
		return text
	}
	if op[0] == '#' {
		rest, ok := strings.CutPrefix(text, first)
		if !ok {
			return text
		}
		i := strings.Index(rest, last)
		if op == "##" {
			i = strings.LastIndex(rest, last)
		}
		if i < 0 {
			return text
		}
		return rest[i+len(last):]
	}
	rest, ok := strings.CutSuffix(text, last)
	if !ok {
		return text
	}
	i := strings.LastIndex(rest, first)
	if op == "%%" {
		i = strings.Index(rest, first)
	}
	if i < 0 {
		return text
	}
	return rest[:i]
}

// clear reports whether the match lies in a known part of the text. An example is the
// last "/" for "${x%/*}" or "${x##*/}", if all behind it is known.
func clear(text, first, last, op string) bool {
	behind := text[strings.LastIndexByte(text, 0)+1:]
	before := text[:strings.IndexByte(text, 0)]
	switch op {
	case "%":
		return last == "" && first != "" && strings.Contains(behind, first)
	case "##":
		return first == "" && last != "" && strings.Contains(behind, last)
	case "#":
		return first == "" && last != "" && strings.Contains(before, last)
	case "%%":
		return last == "" && first != "" && strings.Contains(before, first)
	}
	return false
}

// replace expands ${x/a/b} and similar operators.
func (w *walker) replace(text string, p *param) string {
	pattern, with := w.pattern(p.arg), w.string(p.with)
	if !w.spend(len(text)+len(pattern)) || !known(text) || !known(pattern) || !simplePattern(pattern) {
		return Unknown
	}
	list := literals(pattern)
	if len(list) > 1 {
		return Unknown
	}
	old := list[0]
	switch p.op {
	case "/#":
		if rest, ok := strings.CutPrefix(text, old); ok {
			return with + rest
		}
		return text
	case "/%":
		if rest, ok := strings.CutSuffix(text, old); ok {
			return rest + with
		}
		return text
	}
	if old == "" {
		return text
	}
	n := 1
	if p.op == "//" {
		n = -1
		if !w.spend(strings.Count(text, old) * len(with)) {
			return Unknown
		}
	}
	return strings.Replace(text, old, with, n)
}
