// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestExplainSiteWords: on this node the words of plugstack.conf hold unless an option
// says otherwise.
func TestExplainSiteWords(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"slurm.conf":     "ClusterName=x\nTaskProlog=/etc/slurm/prolog\n",
		"plugstack.conf": "optional mp_policy.so default=off config=/nonexistent/mp_policy.conf\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("SLURM_CONF", filepath.Join(dir, "slurm.conf"))
	const off = "the site's default is off"
	for _, c := range []struct {
		args []string
		want []string
		not  string
	}{
		{nil, []string{
			off, "plugstack.conf: default=off config=/nonexistent/mp_policy.conf (" + dir + "/plugstack.conf:1)",
			"/nonexistent/mp_policy.conf is not there", "TaskProlog /etc/slurm/prolog runs after",
		}, ""},
		{[]string{"--default", "on"}, []string{"plugstack.conf: config="}, off},
		{[]string{"--builtin"}, nil, "plugstack.conf"},
		{[]string{"--root", machine(t, "grace-hpe")}, nil, "plugstack.conf"},
	} {
		code, out, errs := runTool(append(append([]string{"explain"}, c.args...), "--", "true")...)
		if code != 0 || c.not != "" && strings.Contains(out, c.not) {
			t.Errorf("%v: exit %d, %q in\n%s%s", c.args, code, c.not, out, errs)
		}
		for _, want := range c.want {
			if !strings.Contains(strings.Join(strings.Fields(out), " "), want) { // lines are broken at 80 columns
				t.Errorf("%v: no %q in\n%s", c.args, want, out)
			}
		}
	}
}
