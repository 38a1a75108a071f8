// SPDX-License-Identifier: MIT

package syntax

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write the trees in testdata anew")

// cases returns the archives in testdata.
func cases(t testing.TB) []string {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	return files
}

// TestTrees parses the texts in testdata. The tree of "name" stands in "name.tree".
func TestTrees(t *testing.T) {
	for _, file := range cases(t) {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		trees := map[string]string{}
		for _, f := range archive.Files {
			trees[f.Name] = string(f.Data)
		}
		written := &txtar.Archive{Comment: archive.Comment}
		for _, f := range archive.Files {
			if strings.HasSuffix(f.Name, ".tree") {
				continue
			}
			got := printTree(Parse(f.Name, f.Data).Body)
			written.Files = append(written.Files, f, txtar.File{Name: f.Name + ".tree", Data: []byte(got)})
			if *update {
				continue
			}
			t.Run(filepath.Base(file)+"/"+f.Name, func(t *testing.T) {
				if diff := cmp.Diff(trees[f.Name+".tree"], got); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			})
		}
		if *update {
			if err := os.WriteFile(file, txtar.Format(written), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
