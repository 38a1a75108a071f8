// SPDX-License-Identifier: MIT

package vm

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// passedFile has the digest of what the tests on an emulated node passed with. They write it,
// and it is committed.
const passedFile = "testdata/passed"

// tested are the directories of what an emulated node tests: how the plugin gets from the
// kernel and from Slurm to variables. What a program does is tested elsewhere.
var tested = []string{"cshim", "plugin", "nodeinfo", "evaluation", "policy", "tests/cluster", "tests/vm"}

func passed() string {
	text, err := os.ReadFile(passedFile)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// digest is that of all files of the directories, except the tests of single packages.
func digest(t *testing.T) string {
	t.Helper()
	sum := sha256.New()
	for _, dir := range tested {
		err := filepath.WalkDir(filepath.Join("../..", dir), func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Clean(name) == filepath.Join("../../tests/vm", passedFile) {
				return err
			}
			ofPackage := strings.HasSuffix(name, "_test.go") || strings.Contains(name, "/testdata/")
			if ofPackage && dir != "tests/vm" {
				return nil
			}
			text, err := os.ReadFile(name)
			fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// TestDigest: the digest is not that of a directory that is empty or has another name.
func TestDigest(t *testing.T) {
	before := digest(t)
	if again := digest(t); again != before {
		t.Errorf("two digests of the same files: %s and %s", before, again)
	}
	old := tested
	defer func() { tested = old }()
	for i, dir := range old {
		if tested = append(append([]string{}, old[:i]...), old[i+1:]...); digest(t) == before {
			t.Errorf("the digest does not depend on %s", dir)
		}
	}
}
