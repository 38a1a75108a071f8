// SPDX-License-Identifier: MIT

package docs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slurm-mp-policy/nodeinfo"
)

const (
	beginTags = "<!-- from nodeinfo/tags.go, by go test ./tests/docs -update -->\n"
	endTags   = "<!-- end of the tags of nodes -->\n"
)

// TestPolicyHasTheTags: docs/policy.md lists the tags that a node may have.
func TestPolicyHasTheTags(t *testing.T) {
	path := filepath.Join(top, "docs/policy.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), beginTags)
	have, after, ok2 := strings.Cut(rest, endTags)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the tags: the lines\n%s%s", path, beginTags, endTags)
	}
	var table strings.Builder
	table.WriteString("\n| tag | kind | meaning |\n|---|---|---|\n")
	for _, tag := range nodeinfo.Tags {
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", tag.Name, tag.Kind, tag.Meaning)
	}
	want := table.String() + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(before+beginTags+want+endTags+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("docs/policy.md has other tags than nodeinfo (go test ./tests/docs -update): want -, got +:\n%s", diff)
	}
}
