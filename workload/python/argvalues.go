// SPDX-License-Identifier: MIT

package python

import (
	"strconv"
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

// flag sets an option that takes no value.
func (r *reading) flag(o *parsed, off bool, word string) {
	o.given = " "
	r.seen[o] = true
	var v value = data
	switch o.action {
	case "store_true":
		v = !off
	case "store_false":
		v = off
	case "boolean":
		v = !off
		if off {
			o.given = "not"
		}
	case "store_const":
		v = orNone(o.constant)
	case "append_const":
		l := &list{}
		if have, ok := r.scope.value(o.dest).(*list); ok {
			l.items, l.open = append(l.items, have.items...), have.open
		}
		l.items = append(l.items, orNone(o.constant))
		v = l
	case "count":
		n, _ := r.scope.value(o.dest).(int64)
		v = n + 1
	case "own":
		r.act(o, &list{}, word)
		return
	case "callback":
		v = setting
	}
	r.in.set(r.scope, o.dest, v)
}

func orNone(v value) value {
	if v == nil {
		return none{}
	}
	return v
}

// isOne reports whether an option's value is not a list.
func (o *parsed) isOne() bool {
	switch n := o.nargs.(type) {
	case int64:
		return false
	case string:
		return n == "?"
	}
	return true
}

// store gives an option its words.
func (r *reading) store(o *parsed, words []string) {
	o.given = strings.Join(words, " ")
	l := &list{}
	if o.repeats {
		l.kind = syntax.Tuple
	}
	for _, w := range words {
		l.items = append(l.items, r.in.converted(o, w))
	}
	var v value = l
	if o.isOne() {
		v = l.items[0]
	}
	switch {
	case o.action == "other":
		v = setting
	case o.action == "own":
		r.act(o, v, "")
		r.seen[o] = true
		return
	case o.action == "append" || o.action == "extend" || o.repeats:
		all := &list{kind: l.kind}
		have, ok := r.scope.value(o.dest).(*list)
		if ok && (r.seen[o] || !o.repeats) {
			all.items, all.open = append(all.items, have.items...), have.open
		}
		if o.action == "extend" || o.repeats {
			all.items = append(all.items, l.items...)
		} else {
			all.items = append(all.items, v)
		}
		v = all
	}
	r.seen[o] = true
	r.in.set(r.scope, o.dest, v)
}

// act calls an action that the program defines: a class that is called with the parser, the
// namespace, the values and the option's word.
func (r *reading) act(o *parsed, v value, word string) {
	if word == "" && len(o.words) > 0 {
		word = o.words[0]
	}
	i := &instance{class: o.class, scope: newScope(), open: true}
	for name, of := range map[string]value{
		"dest": o.dest, "default": orNone(o.missing), "const": orNone(o.constant), "nargs": orNone(o.nargs), "type": orNone(o.convert), "option_strings": data,
	} {
		i.scope.put(name, of)
	}
	f, ok := o.class.find("__call__")
	if !ok {
		r.in.set(r.scope, o.dest, setting)
		return
	}
	r.in.call(&method{self: i, function: f}, positional(r.self, r.target, v, word), o.line)
	if r.in.abrupt == raised {
		r.in.abrupt = next
		r.in.set(r.scope, o.dest, setting)
	}
}

// converted returns the value that an option's type makes of a word.
func (in *interpreter) converted(o *parsed, word string) value {
	if isUnclear(word) {
		return setting
	}
	switch t := o.convert.(type) {
	case nil, none:
		return word
	case *object:
		switch t.path {
		case "argparse.FileType":
			return &object{path: "io.TextIOWrapper", scope: newScope()}
		case "functools.partial":
			return in.convertedBy(t, o, word)
		}
	case *library:
		switch t.path {
		case "str", "pathlib.Path", "os.path.abspath":
			return word
		case "click.BOOL":
			return boolOf(word)
		}
		return in.convertedBy(t, o, word)
	case *class:
		if t.isEnum() {
			return in.memberOf(t, word)
		}
		return in.convertedBy(t, o, word)
	case *instance:
		if f, ok := t.class.find("convert"); ok { // click.ParamType
			return in.convertedBy(&method{self: t, function: f}, o, word, none{}, none{})
		}
		return in.convertedBy(t, o, word)
	case *function, *method:
		return in.convertedBy(t, o, word)
	}
	return setting
}

func (in *interpreter) convertedBy(f value, o *parsed, words ...value) value {
	v := in.settle(in.call(f, positional(words...), o.line))
	if in.abrupt == raised {
		in.abrupt = next // the program would end with a message, so it is not run like this
		return setting
	}
	if is, _ := isUnknown(v); is {
		return setting
	}
	return v
}

// boolOf returns the truth value of a word. Source: click/types.py, absl and
// dataclass parsers take the same words.
func boolOf(word string) value {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "1", "true", "t", "yes", "y", "on":
		return true
	case "0", "false", "f", "no", "n", "off", "":
		return false
	}
	return setting
}

// isEnum reports whether a class is an enumeration. Its members are their values here.
func (c *class) isEnum() bool {
	for _, base := range [...]string{"enum.Enum", "enum.StrEnum", "enum.IntEnum", "enum.Flag", "enum.IntFlag"} {
		if c.isA(base) {
			return true
		}
	}
	return false
}

// memberOf returns the member of an enumeration with a name or a value.
func (in *interpreter) memberOf(c *class, word string) value {
	if v, ok := c.scope.get(word); ok {
		return v
	}
	for _, name := range c.scope.sorted() {
		if s, ok := display(in.settle(c.scope.value(name))); ok && strings.EqualFold(s, word) {
			return c.scope.value(name)
		}
		if strings.EqualFold(name, word) {
			return c.scope.value(name)
		}
	}
	return setting
}

// literalOf returns the value of a word that is a Python literal: a number, a bool, None or text in
// quotes. Any other word is text.
func literalOf(word string) value {
	if isUnclear(word) {
		return setting
	}
	if v := constant(word); v != value(data) {
		return v
	}
	if n, err := strconv.ParseInt(strings.ReplaceAll(word, "_", ""), 10, 64); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(word, 64); err == nil {
		return f
	}
	if len(word) > 1 && (word[0] == '"' || word[0] == '\'') && word[len(word)-1] == word[0] {
		return word[1 : len(word)-1]
	}
	if strings.ContainsAny(word, "[({") && !strings.HasPrefix(word, "/") {
		return setting
	}
	return word
}
