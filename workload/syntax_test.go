// SPDX-License-Identifier: MIT

package workload

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestOptionTables walks every list of long options in this package's text. The tables
// are made at the place of their use, so that there is no variable to walk.
func TestOptionTables(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	lists := 0
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, list := range optionLists(n) {
				checkOptions(t, files.Position(list.Pos()), list)
				lists++
			}
			return true
		})
	}
	// If the walk found no list, the test would pass.
	if lists < 40 {
		t.Errorf("%d lists of options found, want at least 40", lists)
	}
}

// optionLists returns the values that a node assigns to a syntax's long options, or to
// the names of a container's option for its working directory.
func optionLists(n ast.Node) (lists []ast.Expr) {
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "long" {
			return []ast.Expr{n.Value}
		}
	case *ast.AssignStmt:
		for i, to := range n.Lhs {
			if field, ok := to.(*ast.SelectorExpr); ok && field.Sel.Name == "long" {
				lists = append(lists, n.Rhs[i])
			}
		}
	case *ast.FuncDecl:
		if n.Name.Name != "containerSyntax" {
			return nil
		}
		ast.Inspect(n.Body, func(n ast.Node) bool {
			if result, ok := n.(*ast.ReturnStmt); ok {
				if dir, ok := result.Results[1].(*ast.CompositeLit); ok {
					lists = append(lists, dir)
				}
			}
			return true
		})
	}
	return lists
}

// checkOptions checks one list of names of options.
func checkOptions(t *testing.T, at token.Position, list ast.Expr) {
	t.Helper()
	names, ok := list.(*ast.CompositeLit)
	if !ok {
		t.Errorf("%s: this list of options is not written out, so that it cannot be checked", at)
		return
	}
	seen := map[string]bool{}
	for _, element := range names.Elts {
		literal, ok := element.(*ast.BasicLit)
		if !ok {
			t.Errorf("%s: an entry is not a string literal", at)
			continue
		}
		name, err := strconv.Unquote(literal.Value)
		switch {
		case err != nil:
			t.Errorf("%s: %s: %v", at, literal.Value, err)
		case name == "":
			t.Errorf("%s: an entry is empty", at)
		case name[0] == '-', strings.ContainsAny(name, " \t\n="):
			t.Errorf("%s: %q is not the name of one option without its dashes", at, name)
		case seen[name]:
			t.Errorf("%s: %q stands twice", at, name)
		}
		seen[name] = true
	}
}
