// SPDX-License-Identifier: MIT

package workload

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestKnownTags compares KnownTags with the constants of the package.
func TestKnownTags(t *testing.T) {
	tree, err := parser.ParseFile(gotoken.NewFileSet(), "workload.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	ast.Inspect(tree, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Tag") {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, text)
		}
		return true
	})
	slices.Sort(want)
	if got := KnownTags(); len(want) == 0 || !slices.Equal(want, got) {
		t.Errorf("want %v, got %v", want, got)
	}
}
