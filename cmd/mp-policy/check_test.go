// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slurm-mp-policy/plaintext"
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

// TestCheckJSON has the JSON of every case: it has what the text has, and the schema takes it.
func TestCheckJSON(t *testing.T) {
	validate := schemaOf(t, "check")
	files, err := filepath.Glob("testdata/check/*.conf")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, options := range [][]string{{"check"}, {"check", "--quiet"}, {"check", "--strict"}} {
			code, text, _ := runTool(append(options, file)...)
			jsonCode, out, errs := runTool(append(options, "--json", file)...)
			if code != jsonCode || errs != "" {
				t.Errorf("%q %s: exit %d, with --json %d, %s", options, file, code, jsonCode, errs)
			}
			if err := validate(out); err != nil {
				t.Errorf("%q %s: %v", options, file, err)
			}
			if validate(strings.Replace(out, `"findings"`, `"finding"`, 1)) == nil {
				t.Error("the schema takes what has no findings")
			}
			var c checked
			if err := json.Unmarshal([]byte(out), &c); err != nil {
				t.Fatal(err)
			}
			var lines strings.Builder
			for _, f := range c.Findings {
				source := f.File
				if f.Line > 0 {
					source = fmt.Sprintf("%s:%d", f.File, f.Line)
				}
				fmt.Fprintf(&lines, "%s: %s: %s\n", source, f.Level, f.Text)
			}
			if !slices.Contains(options, "--quiet") {
				fmt.Fprintf(&lines, "%s: %s, %s, %s\n", c.File, plaintext.Plural(c.Rules, "rule"), plaintext.Plural(c.Errors, "error"), plaintext.Plural(c.Warnings, "warning"))
			}
			if diff := cmp.Diff(text, lines.String()); diff != "" {
				t.Errorf("%q %s: text and JSON differ:\n%s", options, file, diff)
			}
		}
	}
	var none strings.Builder
	if err := checkNone(&none, "/etc/slurm/mp_policy.conf", checkOptions{json: true}); err != nil {
		t.Fatal(err)
	}
	if err := validate(none.String()); err != nil || !strings.Contains(none.String(), `"missing": true`) {
		t.Errorf("no file: %v\n%s", err, none.String())
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
	if code != 1 || !strings.Contains(errs, "testdata/check/errors.conf has 14 errors") || !strings.Contains(out, "testdata/check/errors.conf:8") {
		t.Errorf("a file with errors: exit %d, %s\n%s", code, errs, out)
	}
	for _, args := range []string{"--policy /nowhere", "--policy=", "--policy x --builtin", "KNL"} {
		if code, out, errs := runTool(append([]string{"rules"}, strings.Fields(args)...)...); code != 2 || out != "" || errs == "" {
			t.Errorf("rules %s: exit %d, stdout %q, stderr %q", args, code, out, errs)
		}
	}
}

// TestRulesInForce: the site's file is the one that plugstack.conf names, and what a launch
// refuses is not in force.
func TestRulesInForce(t *testing.T) {
	dir := t.TempDir() // below a directory that everybody may write to
	file := filepath.Join(dir, "mp_policy.conf")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(dir, "slurm.conf"), "TaskProlog=/etc/slurm/prolog\n")
	write(filepath.Join(dir, "plugstack.conf"), "optional mp_policy.so default=off config="+file+"\n")
	t.Setenv("SLURM_CONF", filepath.Join(dir, "slurm.conf"))
	defer func(was string) { killSwitch = was }(killSwitch)
	killSwitch = filepath.Join(dir, "off")

	notes := "mp-policy: plugstack.conf: default=off config=" + file + " (" + dir + "/plugstack.conf:1)\n"
	missing := notes + "mp-policy: " + file + " is not there: the built-in rules hold\n"
	if code, _, errs := runTool("rules"); code != 0 || errs != missing {
		t.Errorf("no file: exit %d, %s", code, errs)
	}
	if code, out, _ := runTool("check"); code != 0 || !strings.HasPrefix(out, file+": there is none") {
		t.Errorf("check: exit %d\n%s", code, out)
	}
	write(file, "rule ours\n set A 1\n")
	write(killSwitch, "")
	code, out, errs := runTool("rules")
	if code != exitFindings || strings.Contains(out, "ours") || !strings.Contains(out, "CPUs of the task") ||
		!strings.HasPrefix(errs, "mp-policy: "+killSwitch+" is there") ||
		!strings.Contains(errs, notes+"mp-policy: policy file refused, the built-in rules hold: /") {
		t.Errorf("exit %d, %s\n%s", code, errs, out)
	}
	for _, option := range [][]string{{"--policy", file}, {"--builtin"}} {
		code, out, errs := runTool(append([]string{"rules"}, option...)...)
		if code != 0 || errs != "" || strings.Contains(out, "rule \"ours\"") != (len(option) == 2) {
			t.Errorf("%s: exit %d, %s\n%s", option, code, errs, out)
		}
	}
}
