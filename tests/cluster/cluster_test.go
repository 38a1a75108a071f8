// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience ends a test whose cluster hangs; no result depends on it.
const patience = 2 * time.Minute

func started(t *testing.T, o Options) *Cluster {
	t.Helper()
	c, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(c.Logs())
		}
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// output runs a command as the ordinary user and returns the lines of its
// output. What srun says beside them, that a job waits for one, is no result.
func output(t *testing.T, c *Cluster, name string, args ...string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := c.Command(ctx, name, args...)
	var errors strings.Builder
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, errors.String())
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

func TestTaskIsTheUser(t *testing.T) {
	c := started(t, Options{})
	if got, want := output(t, c, "srun", "-n1", "id", "-u"), []string{strconv.Itoa(c.UID)}; !slices.Equal(got, want) {
		t.Errorf("srun id -u: got %q, want %q", got, want)
	}
	want := output(t, c, "id", "-G")
	if got := output(t, c, "srun", "-n1", "id", "-G"); !slices.Equal(got, want) {
		t.Errorf("srun id -G: got %q, want %q", got, want)
	}
	if os.Getenv(UserVariable) == "" && len(strings.Fields(want[0])) < 3 {
		t.Errorf("groups %q of %s: want two supplementary ones", want, c.User)
	}
	if got := output(t, c, "srun", "-n1", "pwd"); got[0] != c.Home {
		t.Errorf("srun pwd: got %q, want %q", got, c.Home)
	}
}

func TestTasksAreConfined(t *testing.T) {
	c := started(t, Options{})
	if !c.Cgroup {
		t.Skipf("no cgroups: %s", c.WhyNoCgroup)
	}
	got := output(t, c, "srun", "-n1", "-c1", "grep", "Cpus_allowed_list", "/proc/self/status")
	// a core is given as a whole, with its hardware threads
	core, err := os.ReadFile("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list")
	if err != nil {
		t.Fatal(err)
	}
	if want := "\t" + strings.TrimSpace(string(core)); !strings.HasSuffix(got[0], want) {
		t.Errorf("task with one CPU: got %q, want the core of CPU 0,%s", got, want)
	}
	got = output(t, c, "srun", "-n1", "cat", "/proc/self/cgroup")
	if !strings.Contains(strings.Join(got, "\n"), c.NodeNames[0]) {
		t.Errorf("no cgroup of %s: %q", c.NodeNames[0], got)
	}
}

func TestBatchScript(t *testing.T) {
	c := started(t, Options{NoCgroup: true})
	if c.Cgroup || c.WhyNoCgroup == "" {
		t.Errorf("cgroups %v, because %q", c.Cgroup, c.WhyNoCgroup)
	}
	output(t, c, "sbatch", "--wait", "--output=out", "--wrap=srun -n1 echo from the step")
	text, err := os.ReadFile(filepath.Join(c.Home, "out"))
	if err != nil || string(text) != "from the step\n" {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestNodesCPUsAndExtraLines(t *testing.T) {
	c := started(t, Options{Nodes: 3, CPUs: 7, SlurmConf: []string{"clustername=chosen", "PropagateResourceLimits=NONE"}})
	got := output(t, c, "srun", "-N3", "--ntasks-per-node=1", "sh", "-c", "echo $SLURMD_NODENAME")
	slices.Sort(got)
	if !slices.Equal(got, c.NodeNames) {
		t.Errorf("nodes: got %q, want %q", got, c.NodeNames)
	}
	config := strings.Join(output(t, c, "scontrol", "show", "config"), "\n")
	for _, want := range []string{"= chosen\n", "PropagateResourceLimits = NONE"} {
		if !strings.Contains(config, want) {
			t.Errorf("scontrol show config has no %q", want)
		}
	}
	if got := output(t, c, "sinfo", "--noheader", "--format=%c"); got[0] != "7" || c.CPUs != 7 {
		t.Errorf("CPUs of a node: sinfo says %q, Cluster %d, want 7", got, c.CPUs)
	}
}

func TestTwoAtOnce(t *testing.T) {
	a, b := started(t, Options{}), started(t, Options{})
	if a.Dir == b.Dir || a.NodeNames[0] == b.NodeNames[0] {
		t.Fatalf("the same twice: %s %s, %s %s", a.Dir, b.Dir, a.NodeNames, b.NodeNames)
	}
	for _, c := range []*Cluster{a, b} {
		got := output(t, c, "srun", "-n1", "sh", "-c", "echo $SLURMD_NODENAME")
		if !slices.Equal(got, c.NodeNames) {
			t.Errorf("got %q, want %q", got, c.NodeNames)
		}
	}
	if err := a.Stop(); err != nil {
		t.Error(err)
	}
	output(t, b, "srun", "-n1", "true") // b does not mind
}

func TestPlugstackIsReadAtEachLaunch(t *testing.T) {
	c := started(t, Options{Plugstack: "# none\n", NoCgroup: true})
	output(t, c, "srun", "true")
	if err := c.WritePlugstack("required /nonexistent.so\n"); err != nil {
		t.Fatal(err)
	}
	if out, err := c.Command(t.Context(), "srun", "true").CombinedOutput(); err == nil {
		t.Errorf("srun with a plugin that does not exist: %s", out)
	}
	if err := c.WritePlugstack("# none\n"); err != nil {
		t.Fatal(err)
	}
	// slurmd keeps what it read, but slurmstepd and srun do not
	output(t, c, "srun", "true")
}

func TestEtcSlurmIsTheClustersOwn(t *testing.T) {
	c := started(t, Options{})
	if c.EtcSlurm() == "/etc/slurm" {
		t.Skip("no mount namespace on this machine")
	}
	if err := os.WriteFile(filepath.Join(c.EtcSlurm(), "seen"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := output(t, c, "srun", "ls", "/etc/slurm"); !slices.Equal(got, []string{"seen"}) {
		t.Errorf("tasks see %q in /etc/slurm", got)
	}
	if _, err := os.Stat("/etc/slurm/seen"); !os.IsNotExist(err) {
		t.Errorf("the machine's /etc/slurm has it too: %v", err)
	}
}

func TestInstallPlugin(t *testing.T) {
	c := started(t, Options{NoCgroup: true})
	build := t.TempDir()
	if _, err := c.InstallPlugin(build); err == nil || !strings.Contains(err.Error(), "run make") {
		t.Errorf("empty build directory: got %v", err)
	}
	for _, name := range []string{shimFile, engineFile} {
		if err := os.WriteFile(filepath.Join(build, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	lib, err := c.InstallPlugin(build)
	if err != nil {
		t.Fatal(err)
	}
	output(t, c, "srun", "true") // nothing is loaded before plugstack.conf says so
	if err := checkRootOnly(filepath.Dir(lib)); err != nil {
		t.Error(err)
	}
	for _, word := range strings.Fields(c.PluginLine())[1:] {
		if _, err := os.Stat(strings.TrimPrefix(word, "lib=")); err != nil {
			t.Error(err)
		}
	}
}

func TestPluginIsThereBeforeSlurmd(t *testing.T) {
	build := t.TempDir()
	for _, name := range []string{shimFile, engineFile} {
		if err := os.WriteFile(filepath.Join(build, name), []byte("no library"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := started(t, Options{Plugin: build, NoCgroup: true})
	text, err := os.ReadFile(c.SlurmdLog)
	if err != nil || !strings.Contains(string(text), shimFile+": file too short") && !strings.Contains(string(text), "invalid ELF header") {
		t.Errorf("slurmd did not try to load it: %v\n%s", err, text)
	}
}

func TestMissingProgramNamesTheScript(t *testing.T) {
	defer func(old []string) { needed = old }(needed)
	needed = append([]string{"no-such-daemon"}, needed...)
	_, err := Start(Options{})
	if err == nil || !strings.Contains(err.Error(), "no-such-daemon: not installed; run tests/install-deps") {
		t.Errorf("got %v", err)
	}
}

func TestDaemonThatEnds(t *testing.T) {
	_, err := Start(Options{SlurmConf: []string{"SelectType=select/nonsense"}})
	if err == nil || !strings.Contains(err.Error(), "select/nonsense") {
		t.Errorf("the error does not show slurmctld's: %v", err)
	}
	for _, pid := range targets(nobody) {
		t.Errorf("left behind: %s", describe(pid))
	}
}
