// SPDX-License-Identifier: MIT

package faults

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each row of the tables of faults and of threats names tests, and each of them exists.
func TestDocsNameTests(t *testing.T) {
	name := regexp.MustCompile("`(\\w+)/([\\w.-]+)`")
	for _, page := range []string{"reliability.md", "security.md"} {
		text, err := os.ReadFile("../../docs/" + page)
		must(t, err)
		rows := 0
		for line := range strings.Lines(string(text)) {
			cells := strings.Split(strings.TrimSpace(line), " | ")
			if !strings.HasPrefix(line, "| ") || len(cells) != 3 || cells[2] == "test |" {
				continue
			}
			rows++
			found := name.FindAllStringSubmatch(cells[2], -1)
			if len(found) == 0 {
				t.Errorf("%s: no test in %q", page, line)
			}
			for _, m := range found {
				if !exists(t, m[1], m[2]) {
					t.Errorf("%s: there is no %s", page, m[0])
				}
			}
		}
		if rows < 15 {
			t.Errorf("%s: only %d rows", page, rows)
		}
	}
}

// exists looks for a test of a package, or for a script of testdata.
func exists(t *testing.T, directory, name string) bool {
	for _, dir := range []string{"..", "../.."} {
		if strings.HasSuffix(name, ".txt") {
			if _, err := os.Stat(filepath.Join(dir, directory, "testdata", name)); err == nil {
				return true
			}
			continue
		}
		files, err := filepath.Glob(filepath.Join(dir, directory, "*_test.go"))
		must(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			must(t, err)
			if strings.Contains(string(text), "\nfunc "+name+"(t *testing.T) {") {
				return true
			}
		}
	}
	return false
}
