// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"slurm-mp-policy/nodeinfo/nodetest"
)

// TestKnownTags looks for tags that KnownTags lacks. It takes the tags of the machines in
// testdata, and the tags that the package's functions return.
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
	var parts []string
	for _, part := range armParts {
		parts = append(parts, part.tags...)
	}
	for _, tag := range slices.Concat(parts, armVendors.names(), gravitons.names(), x86Vendors.names(), intelModels.names(),
		riscvVendors.names(), riscvCores.names(), s390Machines.names(), releaseArchs.names()) {
		if !slices.Contains(known, tag) {
			t.Errorf("the table of processors has %q, which KnownTags lacks", tag)
		}
	}
}

func (t table[K]) names() []string {
	names := make([]string, len(t))
	for i, e := range t {
		names[i] = e.name
	}
	return names
}

// TestTagsAreGiven looks for tags of the table that the code never returns, and for
// missing meanings.
func TestTagsAreGiven(t *testing.T) {
	var sources strings.Builder
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if file == "tags.go" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sources.Write(text)
	}
	code := strings.ToLower(sources.String()) + `"armv7l"` // from runtime.GOARCH or the kernel
	seen := map[string]bool{}
	for _, tag := range Tags {
		number := strings.TrimPrefix(tag.Name, "power") // see powerTypes
		if _, err := strconv.Atoi(number); err != nil && !strings.Contains(code, strconv.Quote(tag.Name)) {
			t.Errorf("no code gives the tag %q", tag.Name)
		}
		if seen[tag.Name] || tag.Meaning == "" || !slices.Contains([]string{TagArchitecture, TagVendor, TagProcessor, TagFabric}, tag.Kind) {
			t.Errorf("%+v: there twice, or without a meaning or kind", tag)
		}
		seen[tag.Name] = true
	}
}

// tagsInSources returns the literals of lists of strings in the functions that return
// tags, and the place of each.
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
