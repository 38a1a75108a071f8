// SPDX-License-Identifier: MIT

package shell

import (
	"strconv"
	"strings"
)

// maxBraces bounds the number of words that the braces of one word expand to.
const maxBraces = 4096

// braces expands {a,b} and {1..4} into several words. It returns false if there are too
// many words.
func (f *fields) braces(parts []part) ([][]part, bool) {
	return f.walker.alternatives(parts, 0)
}

func (w *walker) alternatives(parts []part, depth int) ([][]part, bool) {
	if !w.spend(len(parts)) || depth > maxNest {
		return nil, false
	}
	before, inside, after, ok := w.findBraces(parts)
	if !ok {
		return [][]part{parts}, true
	}
	rest, ok := w.alternatives(after, depth+1)
	if !ok {
		return nil, false
	}
	var all [][]part
	for _, one := range inside {
		middles, ok := w.alternatives(one, depth+1)
		if !ok {
			return nil, false
		}
		for _, m := range middles {
			for _, r := range rest {
				if len(all) >= maxBraces || !w.spend(len(before)+len(m)+len(r)+1) {
					return nil, false
				}
				word := make([]part, 0, len(before)+len(m)+len(r))
				word = append(append(append(word, before...), m...), r...)
				all = append(all, word)
			}
		}
	}
	return all, true
}

// findBraces finds the first braces that have alternatives.
func (w *walker) findBraces(parts []part) (before []part, inside [][]part, after []part, ok bool) {
	for i := range parts {
		if parts[i].kind != literal {
			continue
		}
		text := parts[i].text
		for j := range len(text) {
			if text[j] != '{' {
				continue
			}
			inside, after, ok = w.closeBraces(parts[i+1:], text[j+1:])
			if ok {
				return append(parts[:i:i], part{kind: literal, text: text[:j]}), inside, after, true
			}
		}
	}
	return nil, nil, nil, false
}

// closeBraces reads the alternatives after a brace: first, then parts.
func (w *walker) closeBraces(parts []part, first string) (inside [][]part, after []part, ok bool) {
	var one []part
	depth := 0
	text, next := first, 0
	for {
		from := 0
		if !w.spend(len(text) + 1) {
			return nil, nil, false
		}
		for i := range len(text) {
			switch c := text[i]; {
			case c == '{':
				depth++
			case c == ',' && depth == 0:
				inside = append(inside, append(one, part{kind: literal, text: text[from:i]}))
				one, from = nil, i+1
			case c == '}' && depth > 0:
				depth--
			case c == '}':
				one = append(one, part{kind: literal, text: text[from:i]})
				if len(inside) > 0 {
					inside = append(inside, one)
				} else if inside, ok = w.sequence(one); !ok {
					return nil, nil, false
				}
				return inside, append([]part{{kind: literal, text: text[i+1:]}}, parts[next:]...), true
			}
		}
		one = append(one, part{kind: literal, text: text[from:]})
		for next < len(parts) && parts[next].kind != literal {
			one = append(one, parts[next])
			next++
		}
		if next == len(parts) {
			return nil, nil, false
		}
		text = parts[next].text
		next++
	}
}

// sequence expands {1..4}, {08..10}, {a..e} or {0..10..2}.
func (w *walker) sequence(parts []part) ([][]part, bool) {
	if len(parts) != 1 {
		return nil, false
	}
	list := strings.Split(parts[0].text, "..")
	if len(list) < 2 || len(list) > 3 {
		return nil, false
	}
	step := 1
	if len(list) == 3 {
		n, err := strconv.Atoi(list[2])
		if err != nil {
			return nil, false
		}
		step = max(n, -n, 1)
	}
	a, err := strconv.Atoi(list[0])
	b, err2 := strconv.Atoi(list[1])
	letters := err != nil && err2 != nil && len(list[0]) == 1 && len(list[1]) == 1
	if letters {
		a, b = int(list[0][0]), int(list[1][0])
	} else if err != nil || err2 != nil {
		return nil, false
	}
	width := 0
	if !letters && (padded(list[0]) || padded(list[1])) {
		width = max(len(list[0]), len(list[1]))
	}
	n := max(a-b, b-a)/step + 1
	if n > maxBraces || n < 1 {
		return [][]part{{{kind: anyWords}}}, true
	}
	if b < a {
		step = -step
	}
	all := make([][]part, 0, n)
	for i := range n {
		text := string(rune(a + i*step))
		if !letters {
			text = strconv.Itoa(a + i*step)
			if pad := width - len(text); pad > 0 {
				sign := ""
				if text[0] == '-' {
					sign, text = "-", text[1:]
				}
				text = sign + strings.Repeat("0", min(pad, maxShown)) + text
			}
		}
		w.spend(len(text))
		all = append(all, []part{{kind: literal, text: text}})
	}
	return all, true
}

func padded(number string) bool {
	digits := strings.TrimPrefix(number, "-")
	return len(digits) > 1 && digits[0] == '0'
}
