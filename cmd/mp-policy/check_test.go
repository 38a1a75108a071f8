// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	files, err := filepath.Glob("testdata/check/*.conf")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".conf")
		t.Run(name, func(t *testing.T) {
			code, out, errs := runTool("check", file)
			golden(t, "check/"+name, fmt.Sprintf("exit %d\n%s%s", code, errs, out))
		})
	}
}

// TestCheckBuiltin: what the project itself does must not be what it warns of.
func TestCheckBuiltin(t *testing.T) {
	code, out, errs := runTool("check", "--strict", "--quiet", "../../policy/builtin.conf")
	if code != 0 || out != "" || errs != "" {
		t.Errorf("exit %d\n%s%s", code, errs, out)
	}
}

func TestCheckExit(t *testing.T) {
	fine, warned, wrong := "testdata/site.conf", "testdata/check/harmful.conf", "testdata/check/errors.conf"
	for _, test := range []struct {
		args []string
		code int
	}{
		{[]string{fine}, 0},
		{[]string{"--strict", fine}, 0},
		{[]string{warned}, 0},
		{[]string{"--strict", warned}, 1},
		{[]string{wrong}, 1},
		{[]string{"/nowhere"}, 2},
		{[]string{""}, 2},
		{[]string{"."}, 2},
		{[]string{fine, warned}, 2},
		{[]string{"--lenient", fine}, 2},
	} {
		code, out, errs := runTool(append([]string{"check"}, test.args...)...)
		if code != test.code {
			t.Errorf("check %q: exit %d, want %d\n%s%s", test.args, code, test.code, out, errs)
		}
		if code == 2 && (out != "" || !strings.HasPrefix(errs, "mp-policy: ")) {
			t.Errorf("check %q: stdout %q, stderr %q", test.args, out, errs)
		}
	}
}

// TestCheckStdin is the tool in a pipeline.
func TestCheckStdin(t *testing.T) {
	stdin := os.Stdin
	defer func() { os.Stdin = stdin }()
	file, err := os.Open("testdata/check/errors.conf")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	os.Stdin = file
	code, out, _ := runTool("check", "-")
	if code != 1 || !strings.HasPrefix(out, "stdin:1: error: ") {
		t.Errorf("exit %d\n%s", code, out)
	}
}

func TestRules(t *testing.T) {
	code, out, errs := runTool("rules", "--policy", "testdata/site.conf")
	if code != 0 || errs != "" {
		t.Errorf("exit %d: %s", code, errs)
	}
	golden(t, "rules", out)
	code, out, errs = runTool("rules", "--policy", "testdata/check/errors.conf")
	if code != 1 || !strings.Contains(errs, "testdata/check/errors.conf has 8 errors") || !strings.Contains(out, "testdata/check/errors.conf:8") {
		t.Errorf("a file with errors: exit %d, %s\n%s", code, errs, out)
	}
	for _, args := range []string{"--policy /nowhere", "--policy=", "--policy x --builtin", "KNL"} {
		if code, out, errs := runTool(append([]string{"rules"}, strings.Fields(args)...)...); code != 2 || out != "" || errs == "" {
			t.Errorf("rules %s: exit %d, stdout %q, stderr %q", args, code, out, errs)
		}
	}
}

// TestRulesInForce: what a launch refuses is not in force.
func TestRulesInForce(t *testing.T) {
	defer func(was string) { sitePolicy = was }(sitePolicy)
	sitePolicy = filepath.Join(t.TempDir(), "mp_policy.conf") // below a folder that everybody may write to
	if code, _, errs := runTool("rules"); code != 0 || errs != "" {
		t.Errorf("no file: exit %d, %s", code, errs)
	}
	if err := os.WriteFile(sitePolicy, []byte("rule ours\n set A 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, errs := runTool("rules")
	if code != exitFindings || strings.Contains(out, "ours") || !strings.Contains(out, "CPUs of the task") ||
		!strings.Contains(errs, "mp-policy: policy file refused, the built-in rules hold: /") {
		t.Errorf("exit %d, %s\n%s", code, errs, out)
	}
	if code, out, _ := runTool("rules", "--policy", sitePolicy); code != 0 || !strings.Contains(out, "rule \"ours\"") {
		t.Errorf("--policy: exit %d\n%s", code, out)
	}
}
