// SPDX-License-Identifier: MIT

package shim

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"slurm-mp-policy/workload"
)

var update = flag.Bool("update", false, "write cshim/names.h")

const namesHeader = "../../cshim/names.h"

// workloadFiles returns the syntax trees of package workload, without its tests.
func workloadFiles(t *testing.T) []*ast.File {
	t.Helper()
	paths, err := filepath.Glob("../../workload/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	if len(files) < 20 {
		t.Fatalf("only %d files", len(files))
	}
	return files
}

// literals returns the string literals in a tree.
func literals(node ast.Node) []string {
	var list []string
	ast.Inspect(node, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil {
				list = append(list, text)
			}
		}
		return true
	})
	return list
}

// namesOfWorkload returns the names of programs that package workload distinguishes: the
// cases of each switch over a program's name. A name in capitals is a variable's.
func namesOfWorkload(t *testing.T) []string {
	var names []string
	for _, file := range workloadFiles(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			choice, ok := n.(*ast.SwitchStmt)
			if !ok {
				return true
			}
			if tag, ok := choice.Tag.(*ast.Ident); !ok || !slices.Contains([]string{"name", "program", "tool"}, tag.Name) {
				return true
			}
			for _, clause := range choice.Body.List {
				for _, value := range clause.(*ast.CaseClause).List {
					names = append(names, literals(value)...)
				}
			}
			return true
		})
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == strings.ToUpper(name) })
	slices.Sort(names)
	return slices.Compact(names)
}

// TestNamesOfPrograms holds the names in the shim's header against those in package
// workload.
func TestNamesOfPrograms(t *testing.T) {
	var b strings.Builder
	b.WriteString(`/* SPDX-License-Identifier: MIT */
/*
 * names.h - the programs that the engine knows by name
 *
 * Made from package workload by "go test ./tests/shim -run TestNamesOfPrograms -update".
 */
#ifndef MP_POLICY_NAMES_H
#define MP_POLICY_NAMES_H

/* Each has a NUL behind it, and the last one has two. */
static const char mp_names[] =
`)
	names := namesOfWorkload(t)
	for i, name := range names {
		end := ""
		if i == len(names)-1 {
			end = ";"
		}
		// an octal digit must not follow the NUL
		fmt.Fprintf(&b, "\t%s \"\\0\"%s\n", strconv.Quote(name), end)
	}
	b.WriteString("\n#endif\n")
	if *update {
		if err := os.WriteFile(namesHeader, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(namesHeader)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != b.String() {
		t.Error("cshim/names.h is not made from package workload as it is: go test ./tests/shim -run TestNamesOfPrograms -update")
	}
}

// isKnown is is_known of cshim/plain.c.
func isKnown(name string, names []string) bool {
	return name == "" || strings.HasPrefix(name, "py") || slices.Contains(names, name)
}

// TestNamesAreAllNames has package workload look at binaries that the shim takes for
// unknown programs. Each text that is in its source is a name once.
func TestNamesAreAllNames(t *testing.T) {
	dir := t.TempDir()
	pool := "import multiprocessing\nmultiprocessing.Pool(4)\n"
	if err := os.WriteFile(filepath.Join(dir, "pool.py"), []byte(pool), 0o644); err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile("/bin/true")
	if err != nil {
		t.Fatal(err)
	}
	words := [][]string{
		{"python3", "pool.py"},
		{"pool.py"},
		{"run", "python3", "pool.py"},
		{"exec", "image", "python3", "pool.py"},
		{"-m", "pool"},
		{"worker", "-j", "8", "-n", "8", "train", "start", "serve"},
	}
	names := namesOfWorkload(t)
	var texts []string
	for _, file := range workloadFiles(t) {
		for _, text := range literals(file) {
			texts = append(texts, text, text+"3", text+"3.12")
		}
	}
	slices.Sort(texts)
	looked := 0
	for _, name := range slices.Compact(texts) {
		if isKnown(name, names) || len(name) > 64 || strings.ContainsAny(name, "/\x00") || name == "." || name == ".." || name == "pool.py" {
			continue
		}
		looked++
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, binary[:1024], 0o755); err != nil {
			t.Fatal(err)
		}
		for _, more := range words {
			for _, word := range []string{path, name} {
				r, _ := workload.Recognise(workload.Command{
					Argv: append([]string{word}, more...), Dir: dir, Env: map[string]string{"PATH": dir + ":/usr/bin"},
				})
				if len(r.Tags)+len(r.FurtherTags())+len(r.Notes)+len(r.Later) > 0 {
					t.Errorf("%s is known to package workload: %v", name, r)
				}
			}
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if looked < 500 {
		t.Errorf("only %d names were looked at", looked)
	}
}
