// SPDX-License-Identifier: MIT

package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAnsible runs the play on this machine, below a directory of the test's, with a
// package that is there already.
func TestAnsible(t *testing.T) {
	ansible, err := exec.LookPath("ansible-playbook")
	if err != nil {
		t.Skip("no ansible-playbook; install ansible-core to run this")
	}
	top := project(t)
	etc, share := filepath.Join(t.TempDir(), "etc"), filepath.Join(t.TempDir(), "share")
	lines := filepath.Join(share, "plugstack.conf.d")
	rules := filepath.Join(t.TempDir(), "rules")
	wrong := filepath.Join(t.TempDir(), "wrong")
	for _, err := range []error{
		os.MkdirAll(filepath.Join(etc, "plugstack.conf.d"), 0o755),
		os.MkdirAll(lines, 0o755),
		os.WriteFile(filepath.Join(lines, "mp_policy.conf"), nil, 0o644),
		os.WriteFile(filepath.Join(lines, "mp_policy-observe.conf"), nil, 0o644),
		os.WriteFile(rules, []byte("rule \"KNL\" off\n"), 0o644),
		os.WriteFile(wrong, []byte("rule \"KNL\n"), 0o644),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	play := func(more ...string) (string, error) {
		args := append([]string{
			"-i", "localhost,", "-c", "local", filepath.Join(top, "packaging/ansible/mp_policy.yml"),
			"-e", "ansible_become=false", "-e", "ansible_python_interpreter=/usr/bin/python3",
			"-e", "mp_policy_etc=" + etc, "-e", "mp_policy_share=" + share, "-e", "mp_policy_package=",
		}, more...)
		cmd := exec.Command(ansible, args...)
		cmd.Env = append(os.Environ(), "PATH="+filepath.Join(top, "build")+":"+os.Getenv("PATH"),
			"HOME="+t.TempDir(), "ANSIBLE_NOCOLOR=1", "LC_ALL=C.UTF-8")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := play("--syntax-check"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	const observe, on = "plugstack.conf.d/mp_policy.conf -> mp_policy-observe.conf", "plugstack.conf.d/mp_policy.conf -> mp_policy.conf"
	for _, step := range []struct {
		name    string
		args    []string
		changed string // as Ansible counts
		fails   bool
		want    []string // what is below etc
	}{
		{name: "as it stands", changed: "changed=1 ", want: []string{observe}},
		{name: "again", changed: "changed=0 ", want: []string{observe}},
		{
			name: "rules that are wrong stop it before the line", fails: true, want: []string{observe},
			args: []string{"-e", "mp_policy_line=mp_policy.conf", "-e", "mp_policy_rules=" + wrong},
		},
		{
			name: "on", changed: "changed=2 ", want: []string{"mp_policy.conf", on},
			args: []string{"-e", "mp_policy_line=mp_policy.conf", "-e", "mp_policy_rules=" + rules},
		},
		{
			name: "switched off", changed: "changed=1 ", want: []string{"mp_policy.conf", "mp_policy.off", on},
			args: []string{"--tags", "kill_switch", "-e", "mp_policy_off=true"},
		},
		{
			name: "another run leaves the kill switch", changed: "changed=0 ", want: []string{"mp_policy.conf", "mp_policy.off", on},
			args: []string{"-e", "mp_policy_line=mp_policy.conf"},
		},
		{
			name: "switched on again", changed: "changed=1 ", want: []string{"mp_policy.conf", on},
			args: []string{"--tags", "kill_switch", "-e", "mp_policy_off=false"},
		},
		{
			name: "removed", changed: "changed=1 ", want: []string{"mp_policy.conf"},
			args: []string{"-e", "mp_policy_state=absent"},
		},
	} {
		out, err := play(step.args...)
		if (err != nil) != step.fails || !strings.Contains(out, step.changed) {
			t.Errorf("%s: error %v, want %q:\n%s", step.name, err, step.changed, out)
		}
		if diff := cmp.Diff(step.want, below(t, etc)); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", step.name, diff)
		}
	}
}

// below lists the files in a directory, and of links the base name of what they name.
func below(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if e.Type()&os.ModeSymlink != 0 {
			to, err := os.Readlink(path)
			names = append(names, name+" -> "+filepath.Base(to))
			return err
		}
		names = append(names, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
