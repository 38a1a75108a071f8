// SPDX-License-Identifier: MIT

package sitecustomize

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// python is one interpreter.
type python struct {
	file         string
	version      string
	major, minor int
}

func (p python) older(major, minor int) bool {
	return p.major < major || p.major == major && p.minor < minor
}

// pythons are the interpreters of this machine: the system's, those that PATH has as
// python3.N, and those that MP_POLICY_TEST_PYTHONS lists with ":" between.
func pythons(t testing.TB) []python {
	t.Helper()
	files := append([]string{"/usr/bin/python3"}, filepath.SplitList(os.Getenv("MP_POLICY_TEST_PYTHONS"))...)
	for minor := 6; minor < 20; minor++ {
		files = append(files, fmt.Sprintf("python3.%d", minor))
	}
	var found []python
	seen := map[string]bool{}
	for _, file := range files {
		out, err := exec.Command(file, "-c", "import sys; print('%d %d %d %s' % (sys.version_info[:3] + (sys.executable,)))").Output()
		if err != nil { // it is not there, or a version manager's that is switched off
			continue
		}
		var p python
		var micro int
		if _, err := fmt.Sscan(string(out), &p.major, &p.minor, &micro, &p.file); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		p.version = fmt.Sprintf("%d.%d.%d", p.major, p.minor, micro)
		if real, err := filepath.EvalSymlinks(p.file); err == nil && !seen[real] {
			seen[real] = true
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		t.Fatal("there is no python3; run tests/install-deps")
	}
	return found
}

// each runs a test with each interpreter.
func each(t *testing.T, test func(*testing.T, python)) {
	for _, p := range pythons(t) {
		t.Run(p.version, func(t *testing.T) { test(t, p) })
	}
}

// outcome is what a program did.
type outcome struct {
	Out, Err string
	Code     int
}

// run runs an interpreter with these variables, and of others only PATH and HOME.
func (p python) run(t testing.TB, env []string, args ...string) outcome {
	t.Helper()
	return finish(t, p.command(env, args...))
}

func (p python) command(env []string, args ...string) *exec.Cmd {
	cmd := exec.Command(p.file, args...)
	cmd.Dir = "/"
	cmd.Env = append([]string{"PATH=/usr/bin:/bin", "HOME=/nowhere"}, env...)
	return cmd
}

func finish(t testing.TB, cmd *exec.Cmd) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v: %v", cmd.Args, err)
	}
	return outcome{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// cure is a directory with a copy of the file: Python writes its bytecode beside it.
func cure(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("../../python/sitecustomize.py")
	if err != nil {
		t.Fatal(err)
	}
	return directory(t, "sitecustomize.py", string(text))
}

// directory returns a new directory with one file in it, which has a path and a text.
func directory(t testing.TB, name, text string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sitecustomize-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	write(t, filepath.Join(dir, name), text)
	if err := os.Chmod(dir, 0o755); err != nil { // for another user
		t.Fatal(err)
	}
	return dir
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// pythonPath has no empty element, which is the current directory.
func pythonPath(dirs ...string) string {
	if len(dirs) == 0 {
		return "NO_PYTHONPATH=1"
	}
	return "PYTHONPATH=" + strings.Join(dirs, ":")
}
