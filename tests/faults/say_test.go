// SPDX-License-Identifier: MIT

package faults

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// explained is a step that has lines for the user.
func explained(stderr *os.File, more ...string) step {
	return step{stderr: stderr, more: append([]string{"tasks 2", "option mp-policy=explain"}, more...)}
}

// A line reaches a pipe and a file, and the same one each.
func TestLineReachesItsReader(t *testing.T) {
	for _, mode := range []string{"cpus 2", "contain"} {
		for name, s := range map[string]step{
			"served":       explained(nil, mode),
			"no engine":    {lib: "/nowhere/x.so", more: explained(nil, mode).more},
			"switched off": explained(nil, mode, "switch_off"),
		} {
			o := s.launch(t)
			o.unharmed(t)
			if !strings.HasPrefix(o.stderr, "mp-policy: ") {
				t.Errorf("%s: the pipe has %q", name, o.stderr)
			}
			path := filepath.Join(t.TempDir(), "stderr")
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
			must(t, err)
			s.stderr = f
			s.launch(t).unharmed(t)
			must(t, f.Close())
			until(t, name+": the file has what the pipe had", func() bool {
				text, err := os.ReadFile(path)
				must(t, err)
				return string(text) == o.stderr
			})
		}
	}
}

// A pipe that nothing reads, or that has no reader, ends no task, and the process that
// wanted to write there ends as well.
func TestLineToPipeWithoutReader(t *testing.T) {
	for _, mode := range []string{"cpus 2", "contain", "move"} {
		for _, full := range []bool{true, false} {
			r, w, err := os.Pipe()
			must(t, err)
			if full {
				size, err := unix.FcntlInt(w.Fd(), unix.F_GETPIPE_SZ, 0)
				must(t, err)
				_, err = w.Write(make([]byte, size))
				must(t, err)
			} else {
				must(t, r.Close())
			}
			o := explained(w, mode).launch(t)
			o.served(t)
			if !full || mode != "contain" {
				o.unharmed(t) // of a full one, the host may still find the process
			}
			must(t, w.Close())
			if full {
				until(t, "nothing has the pipe open any more", func() bool {
					poll := []unix.PollFd{{Fd: int32(r.Fd()), Events: unix.POLLIN}}
					_, err := unix.Poll(poll, 0)
					return err == nil && poll[0].Revents&unix.POLLHUP != 0
				})
				must(t, r.Close())
			}
		}
	}
}

// At a limit of a file's size, which is slurmd's own or is to be set for the task, nothing
// is written, and nothing ends.
func TestLineAtFileLimit(t *testing.T) {
	const limit = 1 << 16
	for _, mode := range []string{"cpus 2", "contain"} {
		path := filepath.Join(t.TempDir(), "stderr")
		must(t, os.WriteFile(path, make([]byte, limit), 0o644))
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		must(t, err)
		o := explained(f, mode, fmt.Sprintf("own_limit %d %d", unix.RLIMIT_FSIZE, limit)).launch(t)
		o.unharmed(t)
		o.served(t)
		must(t, f.Close())
		for limited, env := range map[bool]string{true: "SLURM_RLIMIT_FSIZE=U0", false: "SLURM_RLIMIT_FSIZE=18446744073709551615"} {
			s := explained(nil, mode)
			s.env = []string{"PATH=/usr/bin:/bin", env}
			o := s.launch(t)
			o.unharmed(t)
			if (o.stderr == "") != limited {
				t.Errorf("%s: stderr has %q", env, o.stderr)
			}
		}
	}
}

// A stderr on a file system that does not answer hangs no task, and the process that hangs
// in its place is in none of the step's cgroups: slurmstepd would wait for it.
func TestLineToHangingFile(t *testing.T) {
	dir, abort := mountHangingWrites(t)
	defer abort()
	name := filepath.Base(rootOnly(t))
	root := unifiedRoot(t)
	scope := filepath.Join(root, name+".scope")
	group := scope + "/job_1/step_0/slurm"
	makeGroups(t, scope, scope+"/system", scope+"/job_1", scope+"/job_1/step_0", group)
	for _, mode := range []string{"cpus 2", "move"} {
		f, err := os.OpenFile(dir+"/x", os.O_WRONLY|os.O_APPEND, 0)
		must(t, err)
		s := explained(f, mode)
		s.host = hostInGroups(t, root, group)
		o := s.launch(t)
		o.unharmed(t)
		o.served(t)
		must(t, f.Close())
		until(t, "no process is left in the step's cgroup", func() bool {
			text, err := os.ReadFile(group + "/cgroup.procs")
			return err == nil && len(text) == 0
		})
		// this shows something only if one hangs
		text, err := os.ReadFile(scope + "/system/cgroup.procs")
		if err != nil || len(text) == 0 {
			t.Errorf("%s: nothing hangs: %v", mode, err)
		}
	}
	abort()
}

// srun, which has the limit of the shell that starts it, is not ended by a line of the plugin's; nor
// is it if its stderr has no reader.
func TestLineAtFileLimitOfSrun(t *testing.T) {
	n := startNode(t)
	run := func(limit string) (string, error) {
		cmd := n.Command(t.Context(), "sh", "-c", limit+" srun --mp-policy=explain -n 1 true 2>stderr")
		err := cmd.Run()
		text, _ := os.ReadFile(filepath.Join(n.Home, "stderr"))
		return string(text), err
	}
	if text, err := run(""); err != nil || !strings.Contains(text, "mp-policy: ") {
		t.Errorf("without a limit: %v %q", err, text)
	}
	if text, err := run("ulimit -f 0;"); err != nil || text != "" {
		exit := new(exec.ExitError)
		t.Errorf("at the limit: %v (%v) %q", err, asExit(err, exit), text)
	}
	r, w, err := os.Pipe()
	must(t, err)
	must(t, r.Close())
	cmd := n.Command(t.Context(), "srun", "--mp-policy=explain", "-n", "1", "echo", "here")
	cmd.Stderr = w
	if out, err := cmd.Output(); err != nil || string(out) != "here\n" {
		t.Errorf("without a reader: %v %q", err, out)
	}
	must(t, w.Close())
	n.inService()
}

// The stderr of a batch step is a file, which a process of its own writes to; it is gone
// when the step is.
func TestLineToFileOfBatchStep(t *testing.T) {
	n := startNode(t)
	out, complaints, err := n.run("sbatch", "--wait", "--mp-policy=explain", "-o", "out", "--wrap", "echo here")
	if err != nil {
		t.Errorf("sbatch: %v %q %q", err, out, complaints)
	}
	until(t, "the file has the lines of both", func() bool {
		text, err := os.ReadFile(filepath.Join(n.Home, "out"))
		return err == nil && strings.Contains(string(text), "mp-policy: ") && strings.Contains(string(text), "here\n")
	})
	until(t, "no process is left", n.quiet)
	n.inService()
}
