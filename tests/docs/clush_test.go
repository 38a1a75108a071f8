// SPDX-License-Identifier: MIT

package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// recordingSSH stands for ssh: it notes the host and the command in a file of the host's
// name, and prints a line of a log if it is asked for one.
const recordingSSH = `#!/bin/sh
for word; do
	case $word in
	node[0-9]*) host=$word ;;
	esac
done
printf '%s\n' "$*" >"$RECORD/$host"
case $* in
*' cat '*) echo "slurmd: mp-policy: step=1.0 user=1 partition=short tasks=1 verdict=none" ;;
esac
`

// TestClush runs the commands with clush, with a stand-in for ssh: each reaches each node,
// and clush passes it on as it is documented.
func TestClush(t *testing.T) {
	if _, err := exec.LookPath("clush"); err != nil {
		t.Skip("no clush; install clustershell to run this")
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "ssh"), []byte(recordingSSH), 0o755); err != nil {
		t.Fatal(err)
	}
	tool, err := filepath.Abs(filepath.Join(top, "build/mp-policy"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(tool, filepath.Join(bin, "mp-policy")); err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{
		"clush -w 'node[001-100]' touch /etc/slurm/mp_policy.off",
		"clush -w 'node[001-100]' rm -f /etc/slurm/mp_policy.off",
		"clush -w 'node[001-100]' mp-policy doctor --quiet",
		"clush -N -w 'node[001-100]' cat /var/log/slurm/slurmd.log | mp-policy report",
	} {
		record := t.TempDir()
		cmd := exec.Command("sh", "-c", strings.ReplaceAll(typed, "001-100", "001-003"))
		cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "RECORD="+record, "HOME="+record)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", typed, err, out)
			continue
		}
		if strings.Contains(typed, "report") && !strings.HasPrefix(string(out), "3 steps, ") {
			t.Errorf("%s: the report is not of three steps:\n%s", typed, out)
		}
		_, command, _ := strings.Cut(typed, "' ")
		command, _, _ = strings.Cut(command, " | ")
		for _, node := range []string{"node001", "node002", "node003"} {
			got, err := os.ReadFile(filepath.Join(record, node))
			words := strings.Fields(string(got))
			if want := strings.Fields(command); err != nil || len(words) < len(want) || !slices.Equal(words[len(words)-len(want):], want) {
				t.Errorf("%s: %s is sent %q, want %q", typed, node, got, command)
			}
		}
	}
}
