// SPDX-License-Identifier: MIT

package syntax

import (
	"reflect"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// eager parses a text with all bodies at once.
func eager(text string) *parser {
	p := newParser("x.py", []byte(text))
	p.functions = maxLazy
	p.module()
	return p
}

// forced parses a text and then each body.
func forced(text string) *parser {
	p := newParser("x.py", []byte(text))
	p.module()
	visit(reflect.ValueOf(p.file.Body), func(int) {})
	return p
}

// visit calls see with the line of every node of a tree.
func visit(v reflect.Value, see func(line int)) {
	switch v.Kind() {
	case reflect.Interface:
		visit(v.Elem(), see)
	case reflect.Pointer:
		if f, ok := v.Interface().(*Function); ok {
			visit(reflect.ValueOf(f.Statements()), see)
		}
		if !v.IsNil() {
			visit(v.Elem(), see)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.Type == reflect.TypeFor[Line]() {
				see(int(v.Field(i).Int()))
			} else if f.IsExported() {
				visit(v.Field(i), see)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			visit(v.Index(i), see)
		}
	}
}

// stepsPerByte bounds what a parse costs. A body is skipped maxLazy times and parsed,
// a line may be parsed twice, and a string with replacement fields is read once for
// each of maxFormat strings around it.
const stepsPerByte = maxLazy + 1 + 2*(maxFormat+2)

// FuzzParse holds any text against what must be so for every one: lines inside of
// it, a cost that its length bounds, and the same tree if bodies are not skipped.
func FuzzParse(f *testing.F) {
	for _, file := range cases(f) {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, a := range archive.Files {
			f.Add(string(a.Data))
		}
	}
	for _, h := range hostile {
		f.Add(h.text(5))
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := forced(text)
		last := 1 + strings.Count(p.whole, "\n")
		visit(reflect.ValueOf(p.file.Body), func(line int) {
			if line < 1 || line > last {
				t.Errorf("line %d of %d", line, last)
			}
		})
		if most := stepsPerByte * (len(p.whole) + 10); p.steps > most {
			t.Errorf("%d steps for %d bytes, at most %d are allowed", p.steps, len(p.whole), most)
		}
		e := eager(text)
		if p.file.Cut != e.file.Cut || !reflect.DeepEqual(p.file.Body, e.file.Body) {
			t.Errorf("skipped bodies give\n%s\nbodies at once give\n%s", printTree(p.file.Body), printTree(e.file.Body))
		}
	})
}
