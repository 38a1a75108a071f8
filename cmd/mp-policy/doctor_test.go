// SPDX-License-Identifier: MIT

package main

import (
	"strings"
	"testing"
)

// What doctor finds is tested in its package; this is how it says it.
func TestDoctor(t *testing.T) {
	root := t.TempDir()
	code, out, errs := runTool("doctor", "--prefix", root, "--slurm-version", "24.11.5", "--role", "submit")
	if code != exitFindings || errs != "" {
		t.Errorf("exit %d, stderr %q", code, errs)
	}
	golden(t, "doctor", out)
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
		"--prefix=":           "--prefix is empty: want a folder",
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
