// SPDX-License-Identifier: MIT

package python

import "strings"

// namespacePath is the path of what parse_args gives.
const namespacePath = "argparse.Namespace"

// openNamespace marks a namespace that may have further attributes: its parser has
// options that are not known.
type openNamespace struct{}

// suppressed is argparse.SUPPRESS: an attribute with this default is left out.
const suppressed = "==SUPPRESS=="

// argparseCalls returns the handlers of argparse's, and those of libraries whose parsers are built on it.
// Source: https://docs.python.org/3/library/argparse.html, Lib/argparse.py, and
// https://github.com/bw2/ConfigArgParse for env_var.
func argparseCalls() map[string]handler {
	calls := map[string]handler{}
	for _, class := range [...]string{
		"argparse.ArgumentParser", "configargparse.ArgumentParser", "configargparse.ArgParser", "transformers.HfArgumentParser",
		"simple_parsing.ArgumentParser", "jsonargparse.ArgumentParser", "argh.ArghParser", "tap.Tap", "gooey.GooeyParser",
	} {
		for name, h := range map[string]handler{
			"": newParser, ".add_argument": addArgument, ".add": addArgument, ".add_arg": addArgument, ".add_argument_group": sameParser,
			".add_mutually_exclusive_group": sameParser, ".add_subparsers": addSubparsers, ".set_defaults": setDefaults, ".get_default": getDefault,
			".parse_args": parseArgs, ".parse_known_args": parseKnownArgs, ".parse_intermixed_args": parseArgs,
			".parse_known_intermixed_args": parseKnownArgs, ".print_help": nothing, ".print_usage": nothing, ".format_help": opaqueOnly,
			".format_usage": opaqueOnly, ".error": refuse, ".exit": exitCall,
		} {
			calls[class+name] = h
		}
	}
	calls["tap.Tap.parse_args"] = parseTap
	calls["argparse._SubParsersAction.add_parser"] = addParser
	calls["argparse.FileType"] = func(c *call) value { return c.made("argparse.FileType") }
	calls["configargparse.get_argument_parser"] = newParser
	calls["configargparse.get_arg_parser"] = newParser
	return calls
}

func exitCall(c *call) value { return c.exit(false) }

// style is how a library's parser differs from argparse's.
type style struct {
	exact  bool // options are not abbreviated
	greedy bool // an option takes the words behind it even if they look like options
	early  bool // the first word that is no option ends the options
}

// parser is an argument parser, or a group of its options.
type parser struct {
	style
	options  []*parsed
	defaults map[string]value
	missing  value // argument_default, nil if it is not given
	commands *subparsers
	isOpen   bool   // there may be options that are not known
	prefix   string // characters that options start with
	files    string // characters that a word with the name of a file of arguments starts with
	noHelp   bool
	records  []record
}

// subparsers are the commands of a parser.
type subparsers struct {
	dest   string
	names  []string // with aliases, of the same parser
	of     map[string]*parser
	isOpen bool // there may be further ones
}

// parsed is one option or positional argument.
type parsed struct {
	words      []string // as --jobs, -j; none for a positional argument
	off        []string // words that set a flag to False
	dest       string
	action     string
	class      *class // of the program, for an action that is its own
	nargs      value  // nil if it is not given
	constant   value
	missing    value // its default
	convert    value // its type; nil for text
	variables  []string
	isRequired bool
	isUnknown  bool
	repeats    bool // several values make a list
	hides      bool // its value is not handed on
	callback   value
	given      string // its words on the command line, " " for a flag, "" if it is not given
	line       int
}

func newParser(c *call) value {
	p := &parser{defaults: map[string]value{}, prefix: "-", isOpen: c.moreNamed, missing: c.arg(-1, "argument_default")}
	if s, ok := c.text(-1, "prefix_chars"); ok {
		p.prefix = s
	}
	p.files, _ = c.text(-1, "fromfile_prefix_chars")
	p.exact = c.isSet(-1, "allow_abbrev") == no && c.arg(-1, "allow_abbrev") != nil
	p.noHelp = c.isSet(-1, "add_help") != yes && c.arg(-1, "add_help") != nil
	if v := c.arg(-1, "parents"); v != nil {
		c.inherit(p, v)
	}
	if c.isSet(-1, "default_config_files") != no || c.isSet(-1, "config_files") != no {
		p.missing = setting // a file of the user's may give any option
	}
	if strings.HasSuffix(c.path, "HfArgumentParser") {
		c.addRecords(p, c.arg(0, "dataclass_types"))
	}
	return c.keep(p)
}

// inherit takes the options of a parser's parents.
func (c *call) inherit(p *parser, parents value) {
	l, ok := parents.(*list)
	if !ok {
		p.isOpen = true
		return
	}
	p.isOpen = p.isOpen || l.open
	for _, v := range l.items {
		of, ok := payload[*parser](c.settle(v))
		if !ok {
			p.isOpen = true
			continue
		}
		p.options = append(p.options, of.options...)
		p.isOpen = p.isOpen || of.isOpen
		for name, v := range of.defaults {
			p.defaults[name] = v
		}
	}
}

// maxDeclared bounds the options of one parser; those of large programs are some 200.
const maxDeclared = 500

// add adds an option that a call of the program declares.
func (in *interpreter) add(p *parser, o *parsed) {
	if len(p.options) >= maxDeclared {
		p.isOpen = true
		return
	}
	p.options = append(p.options, o)
	in.options = append(in.options, o)
}

// parserOf returns the parser that a method was called on.
func (c *call) parserOf() *parser {
	p, _ := payload[*parser](c.self)
	return p
}

// sameParser returns a group of the same parser: its options are the parser's.
func sameParser(c *call) value {
	p := c.parserOf()
	if p == nil {
		return data
	}
	return &object{path: "argparse.ArgumentParser", scope: newScope(), data: p}
}

func addArgument(c *call) value {
	p := c.parserOf()
	if p == nil {
		return data
	}
	o := c.declared(p)
	if o == nil {
		return data
	}
	c.add(p, o)
	return &object{path: "argparse.Action", scope: newScope(), data: o}
}

// declared returns the option that a call of add_argument describes, nil if its
// attribute is not known.
func (c *call) declared(p *parser) *parsed {
	o := &parsed{line: c.line}
	for i := range c.positional {
		word, ok := c.arg(i, "").(string)
		switch {
		case !ok:
			o.isUnknown = true
		case len(word) > 1 && strings.ContainsRune(p.prefix, rune(word[0])):
			o.words = append(o.words, word)
		default:
			o.dest = word
		}
	}
	dest := c.arg(-1, "dest")
	if c.more || len(o.words) == 0 && o.dest == "" && dest == nil {
		o.isUnknown, p.isOpen = true, true
	}
	if len(o.words) > 0 {
		o.dest = destOf(o.words, p.prefix)
	}
	if dest != nil {
		s, ok := dest.(string)
		if !ok {
			p.isOpen = true
			return nil
		}
		o.dest = s
	}
	c.describe(o, p)
	return o
}

// destOf returns the attribute of an option: its first long word, or else its first.
func destOf(words []string, prefix string) string {
	long := words[0]
	for _, w := range words {
		if len(w) > 1 && strings.ContainsRune(prefix, rune(w[1])) {
			long = w
			break
		}
	}
	return strings.ReplaceAll(strings.TrimLeft(long, prefix), "-", "_")
}

// describe takes the named arguments of add_argument.
func (c *call) describe(o *parsed, p *parser) {
	o.action = "store"
	switch a := c.arg(-1, "action").(type) {
	case nil:
	case string:
		o.action = a
	case *class:
		o.action, o.class = "own", a
	case *library:
		o.action = "other"
		if a.path == "argparse.BooleanOptionalAction" {
			o.action = "boolean"
		}
	default:
		o.action = "other"
	}
	if o.action == "boolean" {
		for _, w := range o.words {
			if rest, ok := strings.CutPrefix(w, "--"); ok {
				o.off = append(o.off, "--no-"+rest)
			}
		}
	}
	o.nargs = c.arg(-1, "nargs")
	o.constant = c.arg(-1, "const")
	o.convert = c.arg(-1, "type")
	if name, ok := c.text(-1, "env_var"); ok {
		o.variables = append(o.variables, name)
	}
	o.isRequired = c.isSet(-1, "required") != no
	o.isUnknown = o.isUnknown || c.moreNamed
	o.missing = c.arg(-1, "default")
	if v, ok := p.defaults[o.dest]; ok && o.missing == nil {
		o.missing = v
	}
	if o.missing == nil {
		o.missing = p.missing
	}
	if o.missing == nil {
		o.missing = o.noDefault()
	}
}

// noDefault is the value of an option that has no default and is not given.
func (o *parsed) noDefault() value {
	switch {
	case o.isRequired && len(o.words) > 0, len(o.words) == 0 && o.needs() > 0:
		return setting // a command line without it is refused: this one is not all
	case o.action == "store_true":
		return false
	case o.action == "store_false":
		return true
	case len(o.words) == 0 && (o.nargs == "*" || o.nargs == "..."):
		return &list{}
	}
	return none{}
}

func addSubparsers(c *call) value {
	p := c.parserOf()
	if p == nil {
		return data
	}
	if p.commands == nil {
		p.commands = &subparsers{of: map[string]*parser{}}
	}
	p.commands.dest, _ = c.text(-1, "dest")
	return &object{path: "argparse._SubParsersAction", scope: newScope(), data: p.commands}
}

func addParser(c *call) value {
	s, ok := payload[*subparsers](c.self)
	if !ok {
		return data
	}
	made := newParser(&call{
		interpreter: c.interpreter, arguments: arguments{named: c.named, order: c.order, moreNamed: c.moreNamed}, path: "argparse.ArgumentParser", line: c.line,
	})
	p := made.(*object).data.(*parser)
	p.isOpen = false
	names := &list{items: []value{c.arg(0, "name")}}
	if l, ok := c.arg(-1, "aliases").(*list); ok {
		names.items, names.open = append(names.items, l.items...), l.open
	}
	for _, v := range names.items {
		name, ok := c.settle(v).(string)
		if !ok {
			s.isOpen = true
			continue
		}
		s.names = append(s.names, name)
		s.of[name] = p
	}
	s.isOpen = s.isOpen || names.open
	return made
}

func setDefaults(c *call) value {
	p := c.parserOf()
	if p == nil {
		return none{}
	}
	for _, name := range c.order {
		v := c.named[name]
		p.defaults[name] = v
		for _, o := range p.options {
			if o.dest == name {
				o.missing = c.settle(v)
			}
		}
	}
	if c.moreNamed {
		// defaults from a file: each option may have another one
		for _, o := range p.options {
			o.missing = setting
		}
	}
	return none{}
}

func getDefault(c *call) value {
	p := c.parserOf()
	name, ok := c.text(0, "dest")
	if p == nil || !ok {
		return data
	}
	for _, o := range p.options {
		if o.dest == name {
			return o.missing
		}
	}
	if v, ok := p.defaults[name]; ok {
		return v
	}
	return none{}
}
