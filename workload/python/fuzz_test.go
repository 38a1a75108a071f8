// SPDX-License-Identifier: MIT

package python

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzRun runs any text on paper: alone, with arguments, as a module that imports
// itself, and through a function of it. Each run ends within its bounds, and gives the
// same result again.
func FuzzRun(f *testing.F) {
	files, err := filepath.Glob("../testdata/programs/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, a := range archive.Files {
			if strings.HasSuffix(a.Name, ".py") {
				f.Add(string(a.Data), "--jobs 4 -v x", "main")
			}
		}
	}
	for _, text := range hostileTexts() {
		f.Add(text[:min(len(text), 300)], "", "f")
	}
	for _, text := range boundless() {
		f.Add(text, "", "f")
	}
	f.Fuzz(func(t *testing.T, text, arguments, function string) {
		p := Program{
			Name: "__main__", File: "x.py", Text: []byte(text), Arguments: append([]string{"x.py"}, strings.Fields(arguments)...),
			Find: func(name string) (Module, bool) {
				return Module{File: name + ".py", Text: func() ([]byte, error) { return []byte(text), nil }}, len(name) < 3
			},
		}
		for _, p.Function = range []string{"", function} {
			in := run(p)
			if in.steps > maxSteps+1 || in.files > maxFiles || in.size > MaxText {
				t.Fatalf("%d steps, %d files, %d bytes", in.steps, in.files, in.size)
			}
			if diff := cmp.Diff(in.result(), Run(p)); diff != "" {
				t.Errorf("not the same twice:\n%s", diff)
			}
		}
	})
}
