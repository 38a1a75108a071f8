// SPDX-License-Identifier: MIT

package workload

import (
	"sort"
	"strings"
)

// A declared option is one that the text declares with argparse, optparse or click.
type declared struct {
	words []string // as --workers, -j
	value string   // the literal that it has, since it is not given; "" if that is not known
	click bool     // it is a parameter of the function below it, no attribute
}

// declareOptions finds the options of the program. Their default is what counts
// where the command line does not give them: "Pool(args.jobs)" with a default of
// one job is no pool until somebody asks for more.
// Source: the documentation of argparse's add_argument, optparse's add_option
// and click's option.
func (p *program) declareOptions() {
	aliases := p.declarers()
	for _, s := range p.stmts {
		first, last := int(s.first), int(s.last)
		click := p.isOp(first, '@')
		for t := first; t+1 < last; t++ {
			if !p.isName(t) || !p.isOp(t+1, '(') {
				continue
			}
			if !p.isOp(t-1, '.') {
				if aliases[p.text(t)] {
					p.declareOption(t+1, false)
				}
				continue
			}
			switch p.text(t) {
			case "add_argument", "add_option":
				p.declareOption(t+1, false)
			case "option":
				if click {
					p.declareOption(t+1, true)
				}
			case "set_defaults", "default_map":
				p.options = nil
				return // values that we do not look for
			case "parse_args", "parse_known_args":
				if p.isOp(t+2, '[') {
					p.options = nil
					return // its words are not those of the command line
				}
			}
		}
	}
	if len(p.options) == 0 {
		return
	}
	for t := 1; t+1 < len(p.tokens); t++ {
		if p.isOp(t-1, '.') && p.isOp(t+1, '=') && p.isName(t) {
			delete(p.options, p.text(t)) // args.jobs = ...
		}
	}
}

// declarers gives the names that a program has for add_argument itself, as in
// "add = parser.add_argument".
func (p *program) declarers() map[string]bool {
	var names map[string]bool
	for i := range p.bindings {
		b := &p.bindings[i]
		if b.kind == bAssign && !b.attr && b.last > b.rhs && (p.is(int(b.last)-1, "add_argument") || p.is(int(b.last)-1, "add_option")) {
			if names == nil {
				names = make(map[string]bool)
			}
			names[b.name] = true
		}
	}
	return names
}

// declareOption reads the call whose parenthesis is at t.
func (p *program) declareOption(t int, click bool) {
	o := declared{click: click, value: "None"}
	name, set, unknown := "", false, false
	for _, a := range p.arguments(t, 0).args {
		if a.name != "" && a.last <= a.first { // "dest=" at the text's end
			unknown = true
			continue
		}
		switch a.name {
		case "":
			if a.last != a.first+1 || p.tokens[a.first].kind != tString {
				continue
			}
			word := unquote(p.text(a.first))
			if !strings.HasPrefix(word, "-") {
				if click {
					name = word
				}
				continue
			}
			if long := strings.HasPrefix(word, "--"); name == "" || long && len(o.words) > 0 && !strings.HasPrefix(o.words[0], "--") {
				name = strings.ReplaceAll(strings.TrimLeft(word, "-"), "-", "_")
			}
			o.words = append(o.words, word)
		case "dest":
			name = strings.Trim(p.text(a.first), "'\"")
		case "default":
			o.value = ""
			if a.last == a.first+1 {
				o.value = unquote(p.text(a.first))
			}
			set = true
		case "action":
			switch flag := unquote(p.text(a.first)); {
			case flag == "store_true" && !set:
				o.value = "False"
			case flag == "store_false" && !set:
				o.value = "True"
			case flag != "store" && flag != "store_true" && flag != "store_false":
				unknown = true
			}
		case "is_flag":
			if !set {
				o.value = "False"
			}
		case "required":
			unknown = unknown || !p.is(a.first, "False")
		case "envvar", "nargs", "multiple", "count":
			unknown = true
		default:
			unknown = unknown || a.spread
		}
	}
	if name == "" || len(o.words) == 0 {
		return
	}
	switch o.value {
	case "0", "1", "None", "False", "True":
	default:
		unknown = true
	}
	if unknown || p.given(o.words) {
		o.value = ""
	}
	if p.options == nil {
		p.options = make(map[string]declared)
	}
	if other, ok := p.options[name]; ok && other.value != o.value {
		o.value = "" // a subcommand's option of the same name
	}
	p.options[name] = o
}

// given says whether the command line may have one of the words. argparse takes
// the beginning of a long one, too, and a short one within "-vj4".
func (p *program) given(words []string) bool {
	for _, arg := range p.args {
		if !p.spend(len(words)) || strings.HasPrefix(arg, "@") || strings.ContainsAny(arg, "$`*") {
			return true // what is in there, we do not know
		}
		arg, _, _ = strings.Cut(arg, "=")
		if len(arg) < 2 || arg[0] != '-' {
			continue
		}
		for _, word := range words {
			switch long := strings.HasPrefix(word, "--"); {
			case arg == word, long && len(arg) > 2 && strings.HasPrefix(word, arg):
				return true
			case !long && len(word) == 2 && arg[1] != '-' && strings.Contains(arg, word[1:]):
				return true
			}
		}
	}
	return false
}

// optionAt gives the value that the text at t has because it is an option which
// the command line does not give: "args.jobs", or a parameter below click's
// decorator. It is "" for anything else.
func (p *program) optionAt(first, last int) string {
	if len(p.options) == 0 || !p.isName(first) || last != first+3 || !p.isOp(first+1, '.') || !p.isName(first+2) {
		return ""
	}
	o := p.options[p.text(first+2)]
	if o.click || o.value == "" || !p.isParsed(first) {
		return ""
	}
	return o.value
}

// computed gives the value of what is made of options: "args.jobs",
// "int(args.jobs)", "max(1, args.jobs)", "min(args.jobs, n)", "args.jobs or 1".
// It is "" for anything else.
func (p *program) computed(first, last int) string {
	if value := p.optionAt(first, last); value != "" || len(p.options) == 0 || !p.isName(first) {
		return value
	}
	if p.isOp(first+1, '(') && last > first+3 && p.closing(first+1) == last-1 {
		return p.computedCall(p.text(first), p.arguments(first+1, 0).args)
	}
	if last == first+5 && p.is(first+3, "or") {
		switch value := p.optionAt(first, first+3); value {
		case "None", "0", "False":
			return p.number(argument{first: first + 4, last: last})
		default:
			return value
		}
	}
	return ""
}

func (p *program) computedCall(function string, args []argument) string {
	value := ""
	for i, a := range args {
		n := p.number(a)
		switch function {
		case "int":
			if i == 0 && len(args) == 1 {
				value = n
			}
		case "min": // it is at most one
			if n == "1" {
				return n
			}
		case "max":
			if n != "0" && n != "1" {
				return ""
			}
			value = max(value, n)
		}
	}
	return value
}

// number gives an argument's value if it is a number or an option's.
func (p *program) number(a argument) string {
	if a.last == a.first+1 && p.tokens[a.first].kind == tNumber {
		return p.text(a.first)
	}
	return p.optionAt(a.first, a.last)
}

// isParsed says whether a name is that of the parsed options.
func (p *program) isParsed(t int) bool {
	name := p.text(t)
	switch name {
	case "args", "arg", "opt", "opts", "options", "arguments", "ns", "namespace", "params", "parsed", "parsed_args", "FLAGS":
		return true
	}
	for i := range p.bindings {
		b := &p.bindings[i]
		if !p.spend(1) {
			return false
		}
		if b.name != name || b.kind != bAssign {
			continue
		}
		for t := int(b.rhs); t < int(b.last) && p.spend(1); t++ {
			if p.is(t, "parse_args") || p.is(t, "parse_known_args") {
				return true
			}
		}
	}
	return false
}

// scopeAt gives the scope that token t stands in.
func (p *program) scopeAt(t int) int32 {
	i := sort.Search(len(p.stmts), func(i int) bool { return int(p.stmts[i].last) > t })
	if i == len(p.stmts) {
		return 0
	}
	return p.stmts[i].scope
}
