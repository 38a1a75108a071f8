// SPDX-License-Identifier: MIT

package workload

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// addPrograms seeds a fuzz target with the texts of the labelled programs.
func addPrograms(f *testing.F, pattern, suffix string) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, a := range archive.Files {
			if strings.HasSuffix(a.Name, suffix) {
				f.Add(string(a.Data))
			}
		}
	}
}

// FuzzShell reads any text as a shell script, and as the arguments of one.
func FuzzShell(f *testing.F) {
	addPrograms(f, "testdata/commands/shell.txtar", ".sh")
	f.Add(`bash -c 'python "$1"' x y`)
	dir := f.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pool.py"), []byte("import multiprocessing\nmultiprocessing.Pool()\n"), 0o644); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := Command{Argv: []string{"bash", "-c", text, "zero", "one", text}, Dir: dir, Env: map[string]string{"PATH": dir}}
		r, _ := Recognise(c)
		again, _ := Recognise(c)
		if diff := cmp.Diff(r, again); diff != "" {
			t.Errorf("not the same twice:\n%s", diff)
		}
		if !strings.ContainsAny(text, "'\x00") {
			c.Argv = []string{"bash", "-c", "bash -c '" + text + "' zero one"}
			if nested, _ := Recognise(c); slices.Contains(nested.Tags, TagMultiprocessing) && !strings.Contains(text, "py") {
				t.Errorf("have %v", nested)
			}
		}
	})
}

// FuzzBatch reads any text as a batch script.
func FuzzBatch(f *testing.F) {
	addPrograms(f, "testdata/commands/shell.txtar", ".sh")
	addPrograms(f, "testdata/batch/*.txtar", "job.sh")
	dir := f.TempDir()
	for name, text := range map[string]string{"pool.py": "import multiprocessing\nmultiprocessing.Pool()\n", "python3": "\x7fELF"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			f.Fatal(err)
		}
	}
	script := filepath.Join(dir, "job.sh")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(script, []byte("#!/bin/bash\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
		c := Command{Argv: []string{script, "one"}, Dir: dir, Env: map[string]string{"PATH": dir}}
		r, _ := Batch(c)
		again, _ := Batch(c)
		if diff := cmp.Diff(r, again); diff != "" {
			t.Errorf("not the same twice:\n%s", diff)
		}
		if r.Beside != "" && len(r.Tags) > 0 {
			t.Errorf("%q stands beside others, and the script has the tags %q", r.Beside, r.Tags)
		}
		// If the script starts another program as well, the result has no tags.
		if err := os.WriteFile(script, []byte("#!/bin/bash\n./binary\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
		if r, _ := Batch(c); len(r.Tags) > 0 {
			t.Errorf("beside a binary: tags %q", r.Tags)
		}
	})
}

// FuzzShebang splits any text as a "#!" line and as env -S does.
func FuzzShebang(f *testing.F) {
	for _, text := range []string{"#!/usr/bin/env python3\n", "#! /bin/sh -e x\r\n", "#!\n", "#!/usr/bin/env -S A=1 python\\_-u 'x y' #c", "#!/a\x00b", "x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		interp, arg, ok := shebang([]byte(text))
		if ok && (interp == "" || strings.ContainsAny(interp+arg, "\n\x00") || strings.ContainsAny(interp, " \t") || !strings.Contains(text, interp) || !strings.Contains(text, arg)) {
			t.Errorf("%q: %q, %q", text, interp, arg)
		}
		if !strings.ContainsAny(text, "'\"\\#\v\f") && !strings.ContainsAny(text, "\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000") {
			want := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\n\r", r) })
			if diff := cmp.Diff(want, splitEnv(text)); diff != "" && len(want) > 0 {
				t.Errorf("%q (-want +have):\n%s", text, diff)
			}
		}
		splitEnv(text)
	})
}

// FuzzMultiProg reads any text as a --multi-prog file.
func FuzzMultiProg(f *testing.F) {
	f.Add(silly, 3)
	f.Add("0-2 a 'b\\\nc' %t%o\\\n d\n* e", 5)
	f.Add("0,,-,1-,4-2 x\n", 0)
	f.Fuzz(func(t *testing.T, text string, rank int) {
		argv, err := MultiProg(text, rank, 16)
		if (err == nil) != (len(argv) > 0) || len(argv) >= maxArgs {
			t.Fatalf("%d words, %v", len(argv), err)
		}
		if err == nil && (rank < 0 || rank >= 16) {
			t.Errorf("rank %d of 16 has %q", rank, argv)
		}
		if err == nil && !strings.ContainsAny(text, "%\\'\x00\n") {
			// Without an escape the words are those of the line.
			if want := strings.FieldsFunc(text, func(r rune) bool { return r < utf8.RuneSelf && isMultiProgSpace(byte(r)) }); len(want) < maxArgs && !slices.Equal(want[1:], argv) {
				t.Errorf("want %q, have %q", want[1:], argv)
			}
		}
	})
}

// FuzzZip reads any bytes as a zip file.
func FuzzZip(f *testing.F) {
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("#!/usr/bin/env python3\nPK\x03\x04"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(dir, "x.pyz")
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if r, _ := Recognise(Command{Argv: []string{"python", name}}); !slices.Contains(r.Tags, TagPython) {
			t.Errorf("have %v", r)
		}
	})
}
