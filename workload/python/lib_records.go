// SPDX-License-Identifier: MIT

package python

import (
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

// recordCalls returns the handlers of those of parsers whose options are the fields of classes, or the
// parameters of functions. Source: https://brentyi.github.io/tyro,
// https://github.com/lebrice/SimpleParsing, https://github.com/eladrich/pyrallis,
// https://github.com/swansonk14/typed-argument-parser,
// https://jsonargparse.readthedocs.io, https://argh.readthedocs.io,
// https://clize.readthedocs.io, https://defopt.readthedocs.io and
// transformers/hf_argparser.py.
func recordCalls() map[string]handler {
	calls := map[string]handler{
		"tyro.cli": parseRecord, "simple_parsing.parse": parseRecord, "pyrallis.parse": parseRecord, "draccus.parse": parseRecord,
		"tap.tapify": parseRecord, "jsonargparse.CLI": parseRecord, "jsonargparse.auto_cli": parseRecord, "defopt.run": parseRecord,
		"clize.run": parseRecord, "argh.dispatch_command": parseRecord, "plac.call": unknownCall, "datargs.parse": parseRecord,
		"argh.dispatch_commands": dispatchCommands, "pyrallis.wrap": wrapRecord, "draccus.wrap": wrapRecord,
		"pyrallis.wrap().__call__": wrapFunction, "wrapped record.__call__": callWrapped,
		"argh.ArghParser.add_commands": addFunctions, "argh.ArghParser.set_default_command": addFunctions, "argh.ArghParser.dispatch": dispatchParser,
		"simple_parsing.ArgumentParser.add_arguments":               addRecord,
		"transformers.HfArgumentParser.parse_args_into_dataclasses": parseRecords,
		"transformers.HfArgumentParser.parse_json_file":             unknownRecords,
		"transformers.HfArgumentParser.parse_yaml_file":             unknownRecords,
		"transformers.HfArgumentParser.parse_dict":                  unknownRecords,
		"transformers.hf_argparser.HfArgumentParser":                newParser,
	}
	return calls
}

// record is an object that a parser makes of its options.
type record struct {
	dest  string
	class value // a class of the program, or of a library
}

func recordParser() *parser {
	return &parser{defaults: map[string]value{}, prefix: "-"}
}

// maxNested bounds how deep records hold records.
const maxNested = 4

// fieldsOf adds the fields of a record as options. Those of a record in it have its
// name before theirs.
func (in *interpreter) fieldsOf(p *parser, k *class, prefix string, depth int) {
	for i := range k.fields {
		f := &k.fields[i]
		one := parameter{Parameter: &syntax.Parameter{Name: prefix + f.name, Annotation: f.annotation}}
		in.within(k.module, nil, f.line, func() { one.annotated = in.annotation(f.annotation, 0) })
		if one.record != nil && depth < maxNested {
			in.fieldsOf(p, one.record, prefix+f.name+".", depth+1)
			continue
		}
		if f.value != nil {
			one.missing = in.settle(in.fieldDefault(k, f))
		}
		o := one.optionOf(f.line)
		o.words = append(o.words, "--"+one.Name, "--"+strings.ReplaceAll(f.name, "_", "-"), "--"+f.name)
		in.add(p, o)
	}
}

// recordFrom makes a record of what its options are.
func (in *interpreter) recordFrom(k *class, s *scope, prefix string, depth int) value {
	a := arguments{}
	for i := range k.fields {
		f := &k.fields[i]
		name := prefix + f.name
		if v, ok := s.get(name); ok {
			a.name(f.name, v)
			continue
		}
		var t annotated
		in.within(k.module, nil, f.line, func() { t = in.annotation(f.annotation, 0) })
		if t.record != nil && depth < maxNested {
			a.name(f.name, in.recordFrom(t.record, s, name+".", depth+1))
		} else {
			a.name(f.name, setting)
		}
	}
	return in.construct(k, a, k.line)
}

// read takes the options of a parser out of the words.
func (c *call) read(p *parser, args value) (*scope, *reading) {
	words, known := c.wordsOf(args)
	r := &reading{in: c.interpreter, scope: newScope(), known: known, line: c.line, strict: true}
	for i := 0; known && i+1 < len(words); i++ {
		o, _ := p.find(words[i])
		if o == nil || o.action != "store_true" || words[i+1] == "" {
			continue
		}
		switch v := boolOf(words[i+1]); { // --flag True
		case isUnclear(words[i+1]):
			words[i] = unclearOption
		case v == false && len(o.off) > 0:
			words[i] = o.off[0]
			words = append(words[:i+1:i+1], words[i+2:]...)
		case v == true:
			words = append(words[:i+1:i+1], words[i+2:]...)
		}
	}
	r.all(p, words)
	return r.scope, r
}

// parseRecord is tyro.cli(C) and the like: C is a record, a class or a function.
func parseRecord(c *call) value {
	what := c.arg(0, "config_class")
	if what == nil {
		what = c.arg(0, "f")
	}
	switch k := what.(type) {
	case *class:
		if k.record {
			return c.parseClass(k)
		}
	case *function, *method:
	case *list:
		return dispatchCommands(c)
	case nil: // jsonargparse.CLI() takes the functions of the module
		left := maxCallbacks
		for _, name := range c.main.scope.sorted() {
			c.callbacksOf(c.main.scope.value(name), &left, false)
		}
		return setting
	default:
		return unknownCall(c)
	}
	if len(c.positional) > 1 && c.path == "clize.run" {
		return c.dispatch(c.positional)
	}
	p, a := c.functionParser(what)
	if p == nil {
		return setting
	}
	s, r := c.read(p, c.argumentsGiven())
	if r.helped {
		return c.exit(false)
	}
	return c.call(what, a(s), c.line)
}

// unknownCall runs a function with arguments that are not known.
func unknownCall(c *call) value {
	c.callbacks(&c.arguments)
	return setting
}

func (c *call) argumentsGiven() value {
	for _, name := range [...]string{"args", "argv"} {
		if v := c.arg(-1, name); v != nil {
			return v
		}
	}
	return nil
}

func (c *call) parseClass(k *class) value {
	p := recordParser()
	c.fieldsOf(p, k, "", 0)
	if d, ok := c.arg(-1, "default").(*instance); ok {
		for _, o := range p.options {
			if v, ok := d.scope.get(o.dest); ok {
				o.missing = v
			}
		}
	}
	s, r := c.read(p, c.argumentsGiven())
	if r.helped {
		return c.exit(false)
	}
	for _, w := range r.extra {
		if strings.HasPrefix(w, "--config") || strings.HasPrefix(w, "--cfg") { // a file gives the others
			for _, o := range p.options {
				if o.given == "" {
					c.set(s, o.dest, setting)
				}
			}
		}
	}
	return c.recordFrom(k, s, "", 0)
}

// wrapRecord is @pyrallis.wrap(): the function gets a record of its first parameter's
// class.
func wrapRecord(c *call) value { return &object{path: "pyrallis.wrap()", scope: newScope()} }

func wrapFunction(c *call) value {
	return &object{path: "wrapped record", scope: newScope(), data: orUnknown(c.arg(0, ""))}
}

func callWrapped(c *call) value {
	o, ok := c.self.(*object)
	if !ok {
		return data
	}
	fn, bound := c.callee(o.data)
	if fn == nil {
		return data
	}
	list := c.signature(fn, bound)
	if len(c.positional) > 0 || len(list) == 0 || list[0].record == nil {
		return c.call(o.data, c.arguments, c.line)
	}
	return c.call(o.data, positional(c.parseClass(list[0].record)), c.line)
}

// addRecord is parser.add_arguments(C, dest="name").
func addRecord(c *call) value {
	p := c.parserOf()
	k, ok := c.arg(0, "dataclass").(*class)
	dest, isText := c.text(1, "dest")
	if p == nil || !ok || !isText {
		if p != nil {
			p.isOpen = true
		}
		return data
	}
	c.fieldsOf(p, k, "", 0)
	p.records = append(p.records, record{dest: dest, class: k})
	return data
}

// addRecords adds the classes that HfArgumentParser gets as options.
func (c *call) addRecords(p *parser, classes value) {
	l, ok := classes.(*list)
	if !ok {
		l = &list{items: []value{classes}}
	}
	for _, v := range l.items {
		v = c.settle(v)
		p.records = append(p.records, record{class: v})
		switch k := v.(type) {
		case *class:
			c.fieldsOf(p, k, "", 0)
			if k.isA("transformers.TrainingArguments") {
				p.addLoaderWorkers()
			}
		default:
			p.addLoaderWorkers()
			p.isOpen = true
		}
	}
}

// addLoaderWorkers adds the option of TrainingArguments that starts workers.
func (p *parser) addLoaderWorkers() {
	p.options = append(p.options, &parsed{
		dest: "dataloader_num_workers", words: []string{"--dataloader_num_workers", "--dataloader-num-workers"}, action: "store",
		missing: int64(0), convert: &library{path: "int"},
	})
}

// parseRecords is parser.parse_args_into_dataclasses().
func parseRecords(c *call) value {
	p := c.parserOf()
	if p == nil {
		return setting
	}
	s, r := c.read(p, c.arg(0, "args"))
	if r.helped {
		return c.exit(false)
	}
	if c.arg(3, "args_filename") != nil || c.arg(-1, "args_file_flag") != nil {
		return unknownRecords(c)
	}
	return c.makeRecords(p, s)
}

func (c *call) makeRecords(p *parser, s *scope) value {
	l := &list{kind: syntax.Tuple}
	for _, made := range p.records {
		l.items = append(l.items, c.oneRecord(made, s))
	}
	if c.isSet(1, "return_remaining_strings") != no {
		l.items = append(l.items, &list{open: true})
	}
	return l
}

func (c *call) oneRecord(made record, s *scope) value {
	switch k := made.class.(type) {
	case *class:
		return c.recordFrom(k, s, "", 0)
	case *library:
		a := arguments{}
		a.name("dataloader_num_workers", s.value("dataloader_num_workers"))
		return c.call(k, a, c.line)
	}
	return setting
}

// unknownRecords is parser.parse_json_file(...): the values stand in a file.
func unknownRecords(c *call) value {
	p := c.parserOf()
	if p == nil {
		return setting
	}
	s := newScope()
	for _, o := range p.options {
		s.put(o.dest, setting)
	}
	return c.makeRecords(p, s)
}

// parseTap is Args().parse_args() of a class that is built on tap.Tap. Its method
// configure gives options other words.
func parseTap(c *call) value {
	i, ok := c.self.(*instance)
	if !ok {
		return setting
	}
	p := recordParser()
	i.data = p
	c.fieldsOf(p, i.class, "", 0)
	declared := len(p.options)
	if f, ok := i.class.find("configure"); ok {
		c.run(f, i, arguments{})
		if c.abrupt != next {
			return data
		}
	}
	for _, o := range p.options[declared:] {
		for _, have := range p.options[:declared] {
			if have.dest == o.dest {
				have.words = append(have.words, o.words...)
			}
		}
	}
	p.options = p.options[:declared]
	s, r := c.read(p, c.arg(0, "args"))
	if r.helped {
		return c.exit(false)
	}
	for _, o := range p.options {
		if o.action == "store_true" && o.missing == true && o.given == " " {
			c.set(s, o.dest, false) // a flag that is True by default is turned off
		}
	}
	for _, name := range s.sorted() {
		c.set(i.scope, name, s.value(name))
	}
	if f, ok := i.class.find("process_args"); ok {
		c.run(f, i, arguments{})
	}
	return i
}
