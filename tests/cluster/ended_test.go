// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// stubborn is a task that leaves a process behind, detached from everything that
// it can be detached from; its arguments still name the directory, for remains.
const stubborn = `setsid env -i sh -c "touch running; sleep 1000; : $PWD" <&- >&- 2>&- &
exec sleep 1000`

// TestMain lets this program be the one that is killed, see TestKilled.
func TestMain(m *testing.M) {
	if os.Getenv("CLUSTER_TEST_VICTIM") != "" {
		victim()
		return
	}
	os.Exit(m.Run())
}

// victim starts a cluster with a task that tries to stay, says where, and waits
// for its end.
func victim() {
	c, err := Start(Options{})
	if err != nil {
		panic(err)
	}
	if err := c.Command(context.Background(), "srun", "-n1", "sh", "-c", stubborn).Start(); err != nil {
		panic(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(c.Home, "running")); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"dir": c.Dir, "plugin": c.pluginDir, "nodes": c.NodeNames, "conf": c.Conf, "supervisor": c.supervisor.Process.Pid,
	})
	select {}
}

func TestKilled(t *testing.T) {
	if err := checkPrograms(); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), "CLUSTER_TEST_VICTIM=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var v struct {
		Dir, Plugin, Conf string
		Nodes             []string
		Supervisor        int
	}
	if err := json.NewDecoder(out).Decode(&v); err != nil {
		cmd.Process.Kill()
		t.Fatal(err)
	}
	if n := len(remains(v.Dir, v.Plugin, v.Conf, v.Nodes)); n < 8 {
		t.Errorf("before the end only %d things of the cluster are there: the test is blind", n)
	}
	if err := cmd.Process.Signal(unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	// the supervisor is now nobody's child that we could wait for
	deadline := time.Now().Add(patience)
	for unix.Kill(v.Supervisor, 0) == nil && time.Now().Before(deadline) {
		if state, _, ok := stat(v.Supervisor); ok && state == 'Z' {
			break // this machine's process 1 takes its time
		}
		time.Sleep(10 * time.Millisecond)
	}
	if left := remains(v.Dir, v.Plugin, v.Conf, v.Nodes); len(left) > 0 {
		t.Errorf("left after kill -9:\n%s", strings.Join(left, "\n"))
	}
}

func TestStopEndsEverything(t *testing.T) {
	// nothing finds the processes by their cgroup here
	c, err := Start(Options{NoCgroup: true})
	if err != nil {
		t.Fatal(err)
	}
	srun := c.Command(t.Context(), "srun", "-n1", "sh", "-c", stubborn)
	if err := srun.Start(); err != nil {
		t.Fatal(err)
	}
	defer srun.Wait() // its end is what matters, killed or not
	defer srun.Process.Kill()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(c.Home, "running")); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the step does not start\n" + c.Logs())
		}
	}
	if err := c.Stop(); err != nil {
		t.Error(err)
	}
	if left := remains(c.Dir, c.pluginDir, c.Conf, c.NodeNames); len(left) > 0 {
		t.Errorf("left after Stop:\n%s", strings.Join(left, "\n"))
	}
	if err := c.Stop(); err != nil {
		t.Errorf("once more: %v", err)
	}
}

func TestGivenDirectoryStays(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cluster")
	// Go's temporary directories are closed to other users
	for d := filepath.Dir(dir); d != "/tmp" && d != "/"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Start(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	output(t, c, "srun", "-n1", "true")
	if err := c.Stop(); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(c.SlurmdLog); err != nil || !strings.Contains(string(text), "launch task") {
		t.Errorf("slurmd's log after Stop: %v, %d bytes", err, len(text))
	}
}

// remains returns what is there of a cluster: directories, cgroups, and processes
// that name its directory.
func remains(dir, plugin, conf string, nodes []string) []string {
	var left []string
	for _, path := range []string{dir, plugin} {
		if _, err := os.Stat(path); err == nil {
			left = append(left, path)
		}
	}
	left = append(left, cgroupsOf(nodes)...)
	fs.WalkDir(os.DirFS("/proc"), ".", func(path string, _ fs.DirEntry, _ error) error {
		pid, err := strconv.Atoi(path)
		if err != nil {
			if path == "." {
				return nil
			}
			return fs.SkipDir
		}
		cmdline, _ := os.ReadFile(filepath.Join("/proc", path, "cmdline"))
		if pid != os.Getpid() && (hasVariable(pid, "SLURM_CONF="+conf) || strings.Contains(string(cmdline), dir)) {
			left = append(left, describe(pid))
		}
		return fs.SkipDir
	})
	return left
}
