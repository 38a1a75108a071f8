// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slurm-mp-policy/cmd/mp-policy/internal/doctor"
)

// What doctor finds is tested in its package; this is how it says it.
func TestDoctor(t *testing.T) {
	t.Setenv("SLURM_STEP_NUM_TASKS", "")
	root := t.TempDir()
	code, out, errs := runTool("doctor", "--prefix", root, "--slurm-version", "24.11.5", "--role", "submit")
	if code != exitFindings || errs != "" {
		t.Errorf("exit %d, stderr %q", code, errs)
	}
	golden(t, "doctor", out)
}

// pages has the same findings in every form.
func pages(t *testing.T, r doctor.Report, p doctorPage) (string, error) {
	t.Helper()
	var b strings.Builder
	err := p.write(&b, screen{}, r)
	return b.String(), err
}

// doctorReport has a finding of each level.
func doctorReport() doctor.Report {
	long := strings.Repeat("a word and ", 20)
	return doctor.Report{
		Version: doctor.Version, Host: "node7", Role: doctor.Node, Slurm: "24.11.5", On: true, State: doctor.Faulty, Faults: 1, Warnings: 1,
		Findings: []doctor.Finding{
			{Level: doctor.OK, What: "Slurm", Text: "24.11.5"},
			{Level: doctor.Note, What: "plugstack.conf", Text: long, Do: long, Type: "ln -sf " + strings.Repeat("/directory", 12)},
			{Level: doctor.Warn, What: "words", Text: long, Do: long},
			{Level: doctor.Fail, What: "engine", Text: "\x1b[31m", Type: "rm x"},
		},
	}
}

func TestDoctorText(t *testing.T) {
	text, err := pages(t, doctorReport(), doctorPage{})
	if !errors.Is(err, errFindings) {
		t.Errorf("error %v", err)
	}
	for line := range strings.Lines(text) {
		if len([]rune(line)) > drawWidth+1 && !strings.Contains(line, "ln -sf ") { // what is to be copied is not broken
			t.Errorf("wider than %d characters: %s", drawWidth, line)
		}
	}
	if !strings.Contains(text, "\nFAIL  engine ") || !strings.Contains(text, " to do: rm x\n") || strings.Contains(text, "\x1b") {
		t.Error(text)
	}
	if !strings.HasSuffix(text, "\n\nthe plugin does not work as it should: 1 fault, 1 warning\n") {
		t.Error(text)
	}
}

func TestDoctorQuiet(t *testing.T) {
	text, err := pages(t, doctorReport(), doctorPage{quiet: true})
	if !errors.Is(err, errFindings) || !strings.HasPrefix(text, "warn  words ") || !strings.Contains(text, "\nFAIL  engine ") ||
		strings.Contains(text, "note") || strings.Contains(text, "Slurm") || !strings.HasSuffix(text, "to do: rm x\n") {
		t.Errorf("error %v\n%s", err, text)
	}
	r := doctorReport()
	r.Findings, r.State, r.Faults, r.Warnings = r.Findings[:2], doctor.NotOn, 0, 0
	for _, host := range []bool{false, true} {
		if text, err := pages(t, r, doctorPage{quiet: true, host: host}); err != nil || text != "" {
			t.Errorf("nothing is wrong: error %v, %q", err, text)
		}
	}
}

// TestDoctorHost: in a step of several tasks the lines of all hosts come together.
func TestDoctorHost(t *testing.T) {
	text, err := pages(t, doctorReport(), doctorPage{host: true})
	if !errors.Is(err, errFindings) {
		t.Errorf("error %v", err)
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) != 9 { // 4 findings, 4 lines of what to do, the sum
		t.Errorf("%d lines:\n%s", len(lines), text)
	}
	for _, line := range lines {
		if rest, ok := strings.CutPrefix(line, "node7: "); !ok || strings.TrimSpace(rest) == "" {
			t.Errorf("want the host's name and a text: %q", line)
		}
	}
	root := t.TempDir()
	for value, want := range map[string]bool{"100": true, "1": false, "": false, "x": false} {
		t.Setenv("SLURM_STEP_NUM_TASKS", value)
		for option, want := range map[string]bool{"--role=node": want, "--host": true, "--host=false": false} {
			_, out, _ := runTool("doctor", "--prefix", root, "--slurm-version", "24.11.5", option)
			if strings.HasPrefix(out, root+": ") != want {
				t.Errorf("SLURM_STEP_NUM_TASKS=%q %s: want names %v\n%s", value, option, want, out)
			}
		}
	}
}

func TestDoctorSum(t *testing.T) {
	for want, r := range map[string]doctor.Report{
		"the plugin is set up right":                                             {State: doctor.Right, On: true},
		"the plugin works, with 2 warnings":                                      {State: doctor.Warned, On: true, Warnings: 2},
		"installed, not switched on":                                             {State: doctor.NotOn},
		"installed, not switched on, with 1 warning":                             {State: doctor.NotOn, Warnings: 1},
		"not switched on, and would not work as it should: 2 faults, 0 warnings": {State: doctor.Faulty, Faults: 2},
		"the plugin does not work as it should: 1 fault, 0 warnings":             {State: doctor.Faulty, On: true, Faults: 1},
	} {
		if got := doctorSum(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestDoctorJSON(t *testing.T) {
	validate := schemaOf(t, "doctor")
	for _, args := range [][]string{
		{},
		{"--quiet"},
		{"--host"},
		{"--prefix", t.TempDir(), "--slurm-version", "24.11.5"},
		{"--prefix", t.TempDir(), "--role", "node", "--quiet"},
	} {
		code, out, errs := runTool(append([]string{"doctor", "--json"}, args...)...)
		if err := validate(out); err != nil || errs != "" {
			t.Errorf("%q: %v, stderr %q\n%s", args, err, errs, out)
		}
		if validate(strings.Replace(out, `"findings"`, `"finding"`, 1)) == nil {
			t.Error("the schema takes what has no findings")
		}
		var r doctor.Report
		if err := json.Unmarshal([]byte(out), &r); err != nil || (code == exitFindings) != (r.Faults > 0) {
			t.Errorf("%q: %v, exit %d with %d faults", args, err, code, r.Faults)
		}
		if len(r.Wrong()) != r.Faults+r.Warnings || strings.Contains(strings.Join(args, " "), "--quiet") && len(r.Findings) != len(r.Wrong()) {
			t.Errorf("%q: %d faults and %d warnings in\n%s", args, r.Faults, r.Warnings, out)
		}
	}
	text, err := pages(t, doctorReport(), doctorPage{json: true})
	if !errors.Is(err, errFindings) || validate(text) != nil {
		t.Errorf("%v, %v\n%s", err, validate(text), text)
	}
}

// TestDoctorSchema has each thing that doctor looks at, and no other.
func TestDoctorSchema(t *testing.T) {
	text, err := os.ReadFile("../../docs/doctor.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties struct {
			Findings struct {
				Items struct {
					Properties struct {
						What struct{ Enum []string }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("internal/doctor/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	what := regexp.MustCompile(`const what = "([^"]+)"|\.add\w*\(\w+, "([^"]+)"`)
	used := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range what.FindAllStringSubmatch(string(code), -1) {
			used[m[1]+m[2]] = true
		}
	}
	want := slices.Sorted(slices.Values(schema.Properties.Findings.Items.Properties.What.Enum))
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(used))); diff != "" {
		t.Errorf("docs/doctor.schema.json and the code differ:\n%s", diff)
	}
}

// TestDoctorHere must come to an end on whatever host this is.
func TestDoctorHere(t *testing.T) {
	code, out, errs := runTool("doctor")
	if code > exitFindings || errs != "" || !strings.Contains(out, "kill switch") {
		t.Errorf("exit %d, stderr %q\n%s", code, errs, out)
	}
}

func TestDoctorUsage(t *testing.T) {
	for args, want := range map[string]string{
		"--prefix=":           "--prefix is empty: want a directory",
		"--prefix /nowhere":   "--prefix: stat /nowhere",
		"--plugstack x":       `--plugstack "x": want an absolute path`,
		"--plugindir=":        `--plugindir "": want an absolute path`,
		"--slurm-conf x.conf": `--slurm-conf "x.conf": want an absolute path`,
		"--role both":         `--role "both" is not known: want node or submit`,
		"now":                 `doctor takes no "now": want mp-policy doctor`,
	} {
		code, out, errs := runTool(append([]string{"doctor"}, strings.Fields(args)...)...)
		if code != exitUsage || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q; want %q", args, code, out, errs, want)
		}
	}
}
