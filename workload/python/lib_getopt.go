// SPDX-License-Identifier: MIT

package python

import (
	"slices"
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

// getoptCalls returns the handlers of getopt's. Source: https://docs.python.org/3/library/getopt.html and
// Lib/getopt.py.
func getoptCalls() map[string]handler {
	calls := map[string]handler{"getopt.getopt": getOptions, "getopt.gnu_getopt": getOptions}
	return calls
}

// getOptions gives the pairs of options and values, and the words behind them.
func getOptions(c *call) value {
	pairs, rest := &list{}, &list{}
	result := &list{kind: syntax.Tuple, items: []value{pairs, rest}}
	l, ok := c.arg(0, "args").(*list)
	short, isShort := c.arg(1, "shortopts").(string)
	long, isLong := c.longOptions(c.arg(2, "longopts"))
	words, known := []string(nil), false
	if ok {
		words, known = texts(c.interpreter, l, 0)
	}
	if !known || !isShort || !isLong {
		return c.anyOption(nil)
	}
	p := c.getoptParser(short, long, c.path == "getopt.getopt")
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case w == UnknownWords, p.isUnclearOption(w), p.isDashed(w) && i+1 < len(words) && words[i+1] == UnknownWords:
			return c.anyOption(pairs.items)
		case w == "--":
			rest.extend(wordList(words[i+1:]))
			return result
		case p.isDashed(w):
			given := p.pairsOf(words, &i)
			if given == nil {
				c.throw("getopt.GetoptError")
				return data
			}
			pairs.items = append(pairs.items, given...)
		case p.early:
			rest.extend(wordList(words[i:]))
			return result
		default:
			rest.items = append(rest.items, wordOf(w))
		}
	}
	return result
}

func (p *parser) isDashed(w string) bool { return len(w) > 1 && w[0] == '-' }

// anyOption is the result of words that are not known: any option may follow those that
// are given for certain.
func (c *call) anyOption(given []value) value {
	pairs := &list{open: true, unclear: true}
	pairs.items = append(slices.Clone(given), &list{kind: syntax.Tuple, items: []value{setting, setting}})
	return &list{kind: syntax.Tuple, items: []value{pairs, &list{open: true, unclear: true}}}
}

func (c *call) longOptions(v value) (words []string, known bool) {
	switch v := v.(type) {
	case nil:
		return nil, true
	case string:
		return []string{v}, true
	case *list:
		return texts(c.interpreter, v, 0)
	}
	return nil, false
}

// getoptParser makes a parser of "hj:" and ["help", "jobs="]. A "+" at the start ends
// the options at the first other word.
func (c *call) getoptParser(short string, long []string, early bool) *parser {
	p := &parser{style: style{greedy: true, early: early || strings.HasPrefix(short, "+")}, prefix: "-", noHelp: true}
	add := func(word string, takes bool) {
		o := &parsed{words: []string{word}, action: "store_true", line: c.line}
		if takes {
			o.action = "store"
		}
		p.options = append(p.options, o)
	}
	short = strings.TrimPrefix(short, "+")
	for i, letter := range short {
		if letter != ':' {
			add("-"+string(letter), strings.HasPrefix(short[i+1:], ":"))
		}
	}
	for _, name := range long {
		add("--"+strings.TrimSuffix(name, "="), strings.HasSuffix(name, "="))
	}
	c.options = append(c.options, p.options...)
	return p
}

// pairsOf returns the pairs of the option at words[*i], nil if it is refused, and
// moves *i to its last word.
func (p *parser) pairsOf(words []string, i *int) []value {
	w := words[*i]
	pair := func(word, v string) value { return &list{kind: syntax.Tuple, items: []value{word, wordOf(v)}} }
	if strings.HasPrefix(w, "--") {
		name, v, joined := strings.Cut(w, "=")
		o, _ := p.find(name)
		if several := p.abbreviated(name); o == nil && len(several) == 1 {
			o = several[0]
		}
		switch {
		case o == nil, joined && o.action != "store":
			return nil
		case o.action == "store" && !joined:
			if *i++; *i >= len(words) {
				return nil
			}
			v = words[*i]
		}
		o.given = v + " "
		return []value{pair(o.words[0], v)}
	}
	var list []value
	for at := 1; at < len(w); at++ {
		o, _ := p.find("-" + w[at:at+1])
		if o == nil {
			return nil
		}
		if o.action != "store" {
			o.given = " "
			list = append(list, pair(o.words[0], ""))
			continue
		}
		v := w[at+1:]
		if v == "" {
			if *i++; *i >= len(words) {
				return nil
			}
			v = words[*i]
		}
		o.given = v
		return append(list, pair(o.words[0], v))
	}
	return list
}
