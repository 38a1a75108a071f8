// SPDX-License-Identifier: MIT

package docs_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"slurm-mp-policy/tests/cluster"
)

// rollOut is a private cluster whose administrator has installed the package.
type rollOut struct {
	*cluster.Cluster
	t    *testing.T
	bin  string
	here *strings.Replacer // paths of the documentation to those of the cluster
}

const asksForThreads = `import multiprocessing
import os

if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        pool.map(abs, range(4))
    print("threads", os.environ.get("OMP_NUM_THREADS"))
`

func newRollOut(t *testing.T) rollOut {
	t.Helper()
	c, err := cluster.Start(cluster.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	if c.EtcSlurm() == "/etc/slurm" {
		t.Skip("the cluster has no /etc/slurm of its own here")
	}
	share, included := filepath.Join(c.Dir, "share"), filepath.Join(c.EtcSlurm(), "plugstack.conf.d")
	r := rollOut{c, t, filepath.Join(c.Dir, "bin"), strings.NewReplacer(
		"/usr/share/slurm-mp-policy/plugstack.conf.d", share, "/etc/slurm", c.EtcSlurm(),
		"/var/log/slurm/slurmd.log", c.SlurmdLog, "'node[001-100]'", c.NodeNames[0],
	)}
	if _, err := c.InstallPlugin(filepath.Join(top, "build")); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{share, included, r.bin} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for from, to := range map[string]string{"plugstack.conf": "mp_policy.conf", "plugstack-observe.conf": "mp_policy-observe.conf"} {
		// a busy machine may need more than the deadline of 500 ms
		line := strings.TrimSuffix(c.PluginLine(), "\n") + " deadline=10000"
		text := strings.ReplaceAll(readFile(t, filepath.Join("packaging", from)), "\noptional mp_policy.so", "\n"+line)
		r.write(filepath.Join(share, to), text)
	}
	tool := readFile(t, "build/mp-policy")
	if err := os.WriteFile(filepath.Join(r.bin, "mp-policy"), []byte(tool), 0o755); err != nil {
		t.Fatal(err)
	}
	r.write(filepath.Join(c.Home, "pool.py"), asksForThreads)
	if err := c.WritePlugstack("include " + included + "/*.conf\n"); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r rollOut) write(path, text string) {
	r.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// root types a command of the documentation as root.
func (r rollOut) root(typed string) string {
	r.t.Helper()
	cmd := exec.Command("sh", "-c", r.here.Replace(typed))
	cmd.Env = append(os.Environ(), append(r.Env(), "PATH="+r.bin+":"+os.Getenv("PATH"))...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%s: %v\n%s", typed, err, out)
	}
	return string(out)
}

// step runs a pool as a step, and compares what it says of OMP_NUM_THREADS.
func (r rollOut) step(when, want string, options ...string) {
	r.t.Helper()
	cmd := r.Command(context.Background(), "srun", append(append([]string{"-Q", "-n", "1"}, options...), "python3", "pool.py")...)
	out, err := cmd.Output()
	if err != nil || string(out) != "threads "+want+"\n" {
		r.t.Errorf("%s: %v, %q, want %s", when, err, out, want)
	}
}

// logged waits for a line of slurmd's log: srun may be faster than slurmstepd.
func (r rollOut) logged(line string) {
	r.t.Helper()
	want := regexp.MustCompile(line)
	for range 100 {
		text, err := os.ReadFile(r.SlurmdLog)
		if err != nil {
			r.t.Fatal(err)
		}
		if want.Match(text) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	r.t.Errorf("slurmd's log has no %q", line)
}

// TestRollOut follows docs/administrators.md from installation to removal.
func TestRollOut(t *testing.T) {
	r := newRollOut(t)
	r.step("installed", "None")

	r.root("ln -sf /usr/share/slurm-mp-policy/plugstack.conf.d/mp_policy-observe.conf /etc/slurm/plugstack.conf.d/mp_policy.conf")
	r.step("observed", "None")
	r.logged(` would_set=[^ ]*OMP_NUM_THREADS:1`)
	r.step("observed, and the user asks", "1", "--mp-policy=on")
	if out := r.root("mp-policy report /var/log/slurm/slurmd.log"); !strings.Contains(out, "OMP_NUM_THREADS") {
		t.Errorf("the report has no OMP_NUM_THREADS:\n%s", out)
	}
	r.root("grep mp-policy: /var/log/slurm/slurmd.log")
	r.root("mp-policy report --by program --since 7d /var/log/slurm/slurmd.log")

	r.write(filepath.Join(r.EtcSlurm(), "mp_policy.conf"), "rule \"pilot\" partition=!short\n    leave\n")
	r.root("mp-policy check /etc/slurm/mp_policy.conf")
	r.root("ln -sf /usr/share/slurm-mp-policy/plugstack.conf.d/mp_policy.conf /etc/slurm/plugstack.conf.d/mp_policy.conf")
	r.step("not of the pilot", "None")
	r.write(filepath.Join(r.EtcSlurm(), "mp_policy.conf"), "rule \"pilot\" partition=expert\n    leave\n")
	r.step("everybody", "1")

	r.root("touch /etc/slurm/mp_policy.off")
	r.step("switched off", "None")
	r.root("rm /etc/slurm/mp_policy.off")
	r.step("switched on again", "1")
	r.root("srun -w 'node[001-100]' --ntasks-per-node=1 touch /etc/slurm/mp_policy.off")
	r.step("switched off by srun", "None")
	if out := r.root("srun -w 'node[001-100]' --ntasks-per-node=1 mp-policy doctor || :"); !strings.Contains(out, "kill switch") {
		t.Errorf("doctor does not name the kill switch:\n%s", out)
	}
	r.root("rm -f /etc/slurm/mp_policy.off")

	r.write(filepath.Join(r.EtcSlurm(), "mp_policy.conf"), "")
	r.root("rm /etc/slurm/plugstack.conf.d/mp_policy.conf")
	r.step("removed", "None")
}
