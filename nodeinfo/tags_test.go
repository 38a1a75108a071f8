// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"slurm-mp-policy/nodeinfo/nodetest"
)

// TestKnownTags looks for tags that KnownTags lacks: those of the machines in
// testdata, and those that the package's functions return.
func TestKnownTags(t *testing.T) {
	known := KnownTags()
	for _, file := range machines(t) {
		text, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		kind, _ := New(nodetest.Machine(t, text)).Kind()
		for _, tag := range kind.Tags {
			if !slices.Contains(known, tag) {
				t.Errorf("%s has the tag %s, which KnownTags lacks", name(file), tag)
			}
		}
	}
	for tag, where := range tagsInSources(t) {
		if !slices.Contains(known, tag) {
			t.Errorf("%s: %q, which KnownTags lacks", where, tag)
		}
	}
}

// tagsInSources returns the literals of lists of strings in the functions that give
// tags, and where each is.
func tagsInSources(t *testing.T) map[string]string {
	t.Helper()
	giving := []string{
		"processor", "powerTypes", "amdTypes", "intelTypes", "hybridIntel", "hybridARM", "armSystem", "firmwareTags",
		"fabrics", "gni", "rdma", "rdmaDevice", "ports",
	}
	tag := regexp.MustCompile(`^[a-z][a-z0-9_]+$`)
	tags := map[string]string{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range tree.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || !slices.Contains(giving, f.Name.Name) {
				continue
			}
			found++
			ast.Inspect(f, func(n ast.Node) bool {
				list, ok := n.(*ast.CompositeLit)
				var elements []ast.Expr
				if ok {
					elements = list.Elts
				}
				if call, ok := n.(*ast.CallExpr); ok {
					if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "append" {
						elements = call.Args[1:]
					}
				}
				for _, e := range elements {
					if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
						if text, _ := strconv.Unquote(lit.Value); tag.MatchString(text) {
							tags[text] = set.Position(lit.Pos()).String()
						}
					}
				}
				return true
			})
		}
	}
	if found != len(giving) {
		t.Errorf("%d of %d functions were found", found, len(giving))
	}
	return tags
}
