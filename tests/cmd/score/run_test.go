// SPDX-License-Identifier: MIT

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// git runs git in dir, whatever is configured on this machine, and returns its output.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	cmd.Stderr = t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v", args, err)
	}
	return strings.TrimSpace(string(out))
}

func write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// TestPrepare checks out a commit whose mirror lacks one file, as a mirror without
// large files does.
func TestPrepare(t *testing.T) {
	mirrors, checkouts := t.TempDir(), t.TempDir()
	repo := filepath.Join(mirrors, "owner+name", "repo")
	write(t, filepath.Join(repo, "src", "a.py"), "pass\n", 0o600)
	write(t, filepath.Join(repo, "weights.bin"), "large\n", 0o600)
	git(t, repo, "init", "--quiet")
	git(t, repo, "add", ".")
	git(t, repo, "commit", "--quiet", "-m", "one")
	missing := git(t, repo, "rev-parse", "HEAD:weights.bin")
	if err := os.Remove(filepath.Join(repo, ".git", "objects", missing[:2], missing[2:])); err != nil {
		t.Fatal(err)
	}
	p := program{repository: "owner/name", commit: git(t, repo, "rev-parse", "HEAD")}
	if err := prepare(t.Context(), []program{p, p}, mirrors, checkouts, io.Discard); err != nil {
		t.Fatal(err)
	}
	var files []string
	err := filepath.Walk(checkouts, func(name string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			files = append(files, strings.TrimPrefix(name, checkouts))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/owner+name/src/a.py"}, files); diff != "" {
		t.Errorf("the checkouts differ (-want +got):\n%s", diff)
	}
	other := program{repository: "owner/other", commit: p.commit}
	if err := prepare(t.Context(), []program{other}, mirrors, checkouts, io.Discard); err == nil {
		t.Error("a repository without a mirror gives no error")
	}
}

// TestScore has a shell script in mp-policy's place, which writes the file "explained"
// of the directory that it runs in, and fails without one.
func TestScore(t *testing.T) {
	dir := t.TempDir()
	tool := filepath.Join(dir, "mp-policy")
	write(t, tool, "#!/bin/sh\nexec cat explained\n", 0o700)
	write(t, filepath.Join(dir, "o+capped", "src", "explained"), `{"settings": [{"action": "set", "name": "OMP_NUM_THREADS"}]}`, 0o600)
	write(t, filepath.Join(dir, "o+untouched", "explained"), `{}`, 0o600)
	programs := []program{
		{repository: "o/capped", directory: "src", command: "python a.py", label: labelPool, half: "a", reason: "a.py:1"},
		{repository: "o/capped", directory: "src", command: "python b.py", label: labelNone, half: "a", reason: "b.py:1"},
		{repository: "o/untouched", directory: ".", command: "python c.py", label: labelPool, half: "b", reason: "c.py:1"},
		{repository: "o/missing", directory: ".", command: "python d.py", label: labelNone, half: "b", reason: "d.py:1"},
	}
	var out strings.Builder
	if err := score(t.Context(), programs, explainer{tool: tool, checkouts: dir}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"falsely capped: half a, label none: o/capped, in src: python b.py: b.py:1\n",
		"missed: half b, label pool: o/untouched, in .: python c.py: c.py:1\n",
		"o/missing: python d.py: not judged: ",
		"protected, of pool and workers  1 of 1 (100 %)  0 of 1 (0 %)  1 of 2 (50 %)\n",
		"falsely capped, of none         1 of 1 (100 %)  0 of 0        1 of 1 (100 %)\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, &out)
		}
	}
}
