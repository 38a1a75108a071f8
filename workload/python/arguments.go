// SPDX-License-Identifier: MIT

package python

import (
	"slices"
	"strings"
)

// reading is one parsing of a command line.
type reading struct {
	in     *interpreter
	scope  *scope
	target value // the namespace, for actions that the program defines
	self   value // the parser, for the same
	known  bool  // the words are all known
	line   int
	lost   bool     // there was a word whose meaning is not known
	helped bool     // the program shows its options and ends
	strict bool     // the parser refuses words that nothing takes
	extra  []string // words that no option has taken
	seen   map[*parsed]bool
}

// all gives every option its default, and then the values of the words.
func (r *reading) all(p *parser, words []string) {
	if r.seen == nil {
		r.seen = map[*parsed]bool{}
	}
	for _, o := range p.options {
		if o.dest == "" || o.dest == suppressed || o.action == "help" || o.action == "version" || o.action == "context" {
			continue
		}
		if _, ok := r.scope.get(o.dest); !ok {
			r.preset(o)
		}
	}
	for _, name := range sortedNames(p.defaults) {
		if _, ok := r.scope.get(name); !ok {
			r.in.set(r.scope, name, p.defaults[name])
		}
	}
	if p.commands != nil && p.commands.dest != "" {
		r.in.set(r.scope, p.commands.dest, none{})
	}
	if r.known {
		r.take(p, words)
		return
	}
	r.unclear(p)
}

// preset gives an option its value without the command line: from the environment, or
// its default. A default that is text is converted like a word.
func (r *reading) preset(o *parsed) {
	v := o.missing
	switch s := v.(type) {
	case string:
		if s == suppressed {
			return
		}
		if o.convert != nil && o.action != "own" {
			v = r.in.converted(o, s)
		}
	case *library:
		if s.path == "argparse.SUPPRESS" {
			return
		}
	}
	if o.isUnknown {
		v = setting
	}
	for _, name := range o.variables {
		if have := r.in.variable(r.in.environ(), name); have != nil {
			s, ok := have.(string)
			if !ok {
				v = setting
				break
			}
			o.given = "from " + name
			v = r.in.converted(o, s)
			break
		}
	}
	r.in.set(r.scope, o.dest, v)
}

// take goes through the words. It passes over words that a parser would refuse.
func (r *reading) take(p *parser, words []string) {
	var loose []string // words of positional arguments
	places := p.places()
	for i := 0; i < len(words) && r.in.spend(); i++ {
		w := words[i]
		switch {
		case w == UnknownWords:
			r.unclear(p)
			i = len(words)
		case w == "--":
			loose = append(loose, words[i+1:]...)
			i = len(words)
		case p.isUnclearOption(w):
			r.unclear(p)
		case p.files != "" && w != "" && strings.Contains(p.files, w[:1]):
			r.unclear(p)
		case p.isOption(w):
			i = r.option(p, words, i)
		case p.early, takesRest(places, len(loose)):
			loose = append(loose, words[i:]...)
			i = len(words)
		case p.commands != nil && len(loose) >= len(places) && isUnclear(w):
			r.unclear(p)
			i = len(words)
		case p.commands != nil && len(loose) >= len(places):
			sub, ok := p.commands.of[w]
			if ok {
				r.positional(p, loose)
				r.command(p, w, sub, words[i+1:])
				return
			}
			if p.commands.isOpen {
				r.unclear(p)
			}
			loose = append(loose, w)
		default:
			loose = append(loose, w)
		}
		if r.helped {
			return
		}
	}
	r.positional(p, loose)
}

// command gives the words after a command's name to its parser. The command has its own namespace
// first, so its defaults replace those of the parser.
func (r *reading) command(p *parser, name string, sub *parser, words []string) {
	if p.commands.dest != "" {
		r.in.set(r.scope, p.commands.dest, name)
	}
	own := *r
	own.scope, own.extra = newScope(), nil
	own.all(sub, words)
	for _, name := range own.scope.sorted() {
		r.in.set(r.scope, name, own.scope.value(name))
	}
	r.extra = append(r.extra, own.extra...)
	r.helped, r.lost = own.helped, r.lost || own.lost
}

// unclear handles a word whose meaning is not known: it may be any option, and any command.
func (r *reading) unclear(p *parser) {
	r.lost = true
	for _, o := range p.options {
		if o.dest != "" && !r.isFixed(p, o) {
			r.in.set(r.scope, o.dest, setting)
		}
	}
	if p.commands == nil {
		return
	}
	if p.commands.dest != "" {
		r.in.set(r.scope, p.commands.dest, setting)
	}
	for _, name := range p.commands.names {
		sub := p.commands.of[name]
		for _, o := range sub.options {
			r.in.set(r.scope, o.dest, setting)
		}
		for _, name := range sortedNames(sub.defaults) {
			v := r.in.settle(sub.defaults[name])
			if have, ok := r.scope.get(name); ok {
				v = join(r.in.settle(have), v)
			}
			r.in.set(r.scope, name, v)
		}
	}
}

// isOption reports whether a word is an option. A negative number is not, unless an option looks
// like one.
func (p *parser) isOption(w string) bool {
	if len(w) < 2 || !strings.ContainsRune(p.prefix, rune(w[0])) {
		return false
	}
	if w[1] >= '0' && w[1] <= '9' || w[1] == '.' {
		for _, o := range p.options {
			for _, word := range o.words {
				if len(word) > 1 && word[1] >= '0' && word[1] <= '9' {
					return true
				}
			}
		}
		return false
	}
	name, _, _ := strings.Cut(w, "=")
	return !strings.Contains(name, " ")
}

// option takes the option at words[i], and returns the index of its last word.
func (r *reading) option(p *parser, words []string, i int) int {
	w, value, joined := strings.Cut(words[i], "=")
	o, off := p.find(w)
	if o == nil {
		if several := p.abbreviated(w); len(several) == 1 {
			o, off = several[0], slices.ContainsFunc(several[0].off, func(word string) bool { return strings.HasPrefix(word, w) })
		} else if len(several) > 1 {
			for _, one := range several { // it may be each of them
				r.in.set(r.scope, one.dest, setting)
			}
			return i
		}
	}
	switch {
	case o == nil && !p.noHelp && (w == "-h" || w == "--help"), o != nil && (o.action == "help" || o.action == "version"):
		r.helped = true
		return i
	case o == nil && len(w) > 1 && w[1] != w[0]:
		return r.short(p, words, i)
	case o == nil:
		r.extra = append(r.extra, words[i])
		return i
	case !o.takesValue():
		r.flag(o, off, w)
		return i
	case joined:
		r.store(o, []string{value})
		return i
	}
	return r.values(p, o, words, i)
}

// find returns the option of a word, and whether the word sets a flag to False.
func (p *parser) find(w string) (o *parsed, off bool) {
	for i := len(p.options) - 1; i >= 0; i-- {
		switch o := p.options[i]; {
		case slices.Contains(o.words, w):
			return o, false
		case slices.Contains(o.off, w):
			return o, true
		}
	}
	return nil, false
}

// abbreviated returns the options that a long word is the beginning of.
func (p *parser) abbreviated(w string) []*parsed {
	if p.exact || len(w) < 3 || w[0] != w[1] {
		return nil
	}
	var list []*parsed
	for _, o := range p.options {
		begins := func(word string) bool { return strings.HasPrefix(word, w) }
		if slices.ContainsFunc(o.words, begins) || slices.ContainsFunc(o.off, begins) {
			list = append(list, o)
		}
	}
	return list
}

// short takes "-j8" and "-vj8".
func (r *reading) short(p *parser, words []string, i int) int {
	dash, letters := words[i][:1], words[i][1:]
	for at := range len(letters) {
		letter := dash + letters[at:at+1]
		o, off := p.find(letter)
		if o == nil {
			if letter == "-h" && !p.noHelp {
				r.helped = true
			} else {
				r.extra = append(r.extra, words[i])
			}
			return i
		}
		if !o.takesValue() {
			r.flag(o, off, letter)
			continue
		}
		if rest := letters[at+1:]; rest != "" {
			if !p.greedy {
				rest = strings.TrimPrefix(rest, "=")
			}
			r.store(o, []string{rest})
			return i
		}
		return r.values(p, o, words, i)
	}
	return i
}

func (o *parsed) takesValue() bool {
	switch o.action {
	case "store", "append", "extend", "other", "own":
		return o.nargs != int64(0)
	}
	return false
}

// values takes the words after an option.
func (r *reading) values(p *parser, o *parsed, words []string, i int) int {
	least, most := 1, 1
	switch n := o.nargs.(type) {
	case string:
		switch n {
		case "?":
			least = 0
		case "+":
			most = len(words)
		default:
			least, most = 0, len(words)
		}
	case int64:
		least, most = int(n), int(n)
	}
	var given []string
	for len(given) < most && i+1 < len(words) {
		next := words[i+1]
		if next == UnknownWords || p.isOption(next) && !(p.greedy && len(given) < least) && o.nargs != "..." {
			break
		}
		i++
		given = append(given, next)
	}
	if len(given) == 0 && o.nargs == "?" {
		r.seen[o] = true
		o.given = " "
		v := o.constant
		if v == nil {
			v = none{}
		}
		if s, ok := v.(string); ok && o.convert != nil {
			v = r.in.converted(o, s)
		}
		r.in.set(r.scope, o.dest, v)
		return i
	}
	if len(given) < least {
		r.in.set(r.scope, o.dest, setting) // refused
		return i
	}
	r.store(o, given)
	return i
}
