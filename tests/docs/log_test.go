// SPDX-License-Identifier: MIT

package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slurm-mp-policy/evaluation"
)

// TestLogKeys holds the table of the keys of log= against the keys that the engine and the
// shim write.
func TestLogKeys(t *testing.T) {
	page := readFile(t, "docs/administrators.md")
	_, table, _ := strings.Cut(page, "<!-- keys of log= -->")
	table, _, _ = strings.Cut(table, "<!-- end of keys -->")
	var documented []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(table, -1) {
		documented = append(documented, m[1])
	}
	written := evaluation.LogKeys()
	for _, m := range regexp.MustCompile(`\b([a-z_]+)=\\?"?%`).FindAllStringSubmatch(readFile(t, "cshim/log.c"), -1) {
		written = append(written, m[1])
	}
	slices.Sort(documented)
	slices.Sort(written)
	if diff := cmp.Diff(slices.Compact(written), documented); diff != "" {
		t.Errorf("what is written -, docs/administrators.md +:\n%s", diff)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(top, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
