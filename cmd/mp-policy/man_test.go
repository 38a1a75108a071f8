// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// TestManual makes the pages and looks whether each command and option is there.
func TestManual(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command("go", "run", "-tags", "man", ".", "man", dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	page := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name+".1"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(b), `\-`, "-")
	}
	top := page("mp-policy")
	for _, want := range []string{"EXIT STATUS", "NO_COLOR", `\fB--version\fP`, "/etc/slurm/mp_policy.off", "126 if the command", `_OPTION_mp_policy_mp_policy\fP`, `\fBSLURM_PROCID\fP`} {
		if !strings.Contains(top, want) {
			t.Errorf("mp-policy(1) has no %s", want)
		}
	}
	// no date: the same page whenever and wherever it is made
	if want := `.TH "MP-POLICY" "1" "" "slurm-mp-policy `; !strings.Contains(top, want) {
		t.Errorf("mp-policy(1) begins with %.80q, want %q in it", top, want)
	}
	commands := 0
	for _, c := range newRoot(screen{}).Commands() {
		if !c.IsAvailableCommand() {
			continue
		}
		commands++
		if !strings.Contains(top, "mp-policy-"+c.Name()+"(1)") {
			t.Errorf("mp-policy(1) does not name mp-policy-%s(1)", c.Name())
		}
		text := page("mp-policy-" + c.Name())
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			value, _ := pflag.UnquoteUsage(f)
			if value != "" {
				value = ` \fI` + value + `\fP`
			}
			if want := `\fB--` + f.Name + `\fP` + value + "\n"; !strings.Contains(text, want) {
				t.Errorf("mp-policy-%s(1) has no %q", c.Name(), want)
			}
		})
		if !strings.Contains(c.Long, "Exit status: 0") {
			t.Errorf("%s does not say how it exits", c.Name())
		}
	}
	if commands < 7 {
		t.Errorf("%d commands, want 7", commands)
	}
}

// TestCompletions: the shells' scripts are made of the same source.
func TestCompletions(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		code, out, errs := runTool("completion", shell)
		if code != 0 || errs != "" || !strings.Contains(out, "mp-policy") {
			t.Errorf("%s: exit %d, %s", shell, code, errs)
		}
	}
	code, out, _ := runTool("__complete", "explain", "--affinity", "")
	if code != 0 || !strings.Contains(out, "hint\n") {
		t.Errorf("--affinity: exit %d, %q", code, out)
	}
	if _, out, _ := runTool("__complete", "ex"); !strings.Contains(out, "explain\t") {
		t.Errorf("ex: %q", out)
	}
}
