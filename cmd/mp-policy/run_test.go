// SPDX-License-Identifier: MIT

package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRun: the command is in the state in which it would be without the tool, and ends
// as it would.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	tool, state := filepath.Join(dir, "mp-policy"), filepath.Join(dir, "taskstate")
	for _, build := range [][]string{
		{"go", "build", "-o", tool, "."},
		{"cc", "-D_GNU_SOURCE", "../../tests/e2e/programs/taskstate.c", "-o", state},
	} {
		if out, err := exec.Command(build[0], build[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", build, err, out)
		}
	}
	sh := func(script string) (string, int) {
		cmd := exec.Command("sh", "-c", script)
		out, _ := cmd.Output() // the status is compared
		return string(out), cmd.ProcessState.ExitCode()
	}
	for _, before := range []string{
		"", "trap '' TERM PIPE QUIT CHLD TSTP;", "exec <&-;", "ulimit -S -n 100;", "umask 077; cd /;",
	} {
		want, _ := sh(before + " exec " + state)
		got, _ := sh(before + " exec " + tool + " run " + state)
		if diff := cmp.Diff(want, got); want == "" || diff != "" {
			t.Errorf("%s without -, with +:\n%s", before, diff)
		}
	}
	for command, want := range map[string]int{
		"":                        exitUsage,
		"nosuch":                  127,
		"/etc/passwd":             126,
		"sh -c 'exit 7'":          7,
		"-- sh -c 'exit 7'":       7,
		"--bogus sh -c 'exit 7'":  7,
		"--mp-policy=x true":      0,
		"sh -c 'kill -TERM $$'":   128 + 15,
		"sh -c 'read a; exit $a'": 3,
	} {
		if _, got := sh("echo 3 | { " + tool + " run " + command + "; exit $?; }"); got != want {
			t.Errorf("run %s: exit %d, want %d", command, got, want)
		}
	}
	outer := "OMP_NUM_THREADS=9 MP_POLICY_APPLIED=OMP_NUM_THREADS=9 "
	for _, options := range []string{"", "--no-mp-policy", "--mp-policy=off"} {
		if out, _ := sh(outer + tool + " run " + options + " env"); strings.Contains(out, "OMP_NUM_THREADS") {
			t.Errorf("%s keeps what an outer step has set:\n%s", options, out)
		}
	}
}
