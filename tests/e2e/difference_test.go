// SPDX-License-Identifier: MIT

package e2e

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slurm-mp-policy/tests/cluster"
)

// both runs a shell command on the site as the ordinary user, once with an empty
// plugstack.conf and once with the plugin, and returns both outputs.
func (s *site) both(t *testing.T, run func() string) (without, with string) {
	t.Helper()
	for _, lines := range []string{"", defaultLine} {
		if err := s.write(lines); err != nil {
			t.Fatal(err)
		}
		without, with = with, run()
	}
	return without, with
}

// shellAsPython makes a sh that is called python3, and returns its path: what MP_POLICY says
// of the program holds only for Python.
func (s *site) shellAsPython(t *testing.T) string {
	t.Helper()
	path := filepath.Join(s.bin, "shell-as-python", "python3")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/bin/sh", path); err != nil && !errors.Is(err, os.ErrExist) {
		t.Fatal(err)
	}
	return path
}

func (s *site) shell(command string) *exec.Cmd {
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = "/tmp"
	for name, value := range s.environment() {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// A task differs from one launched without the plugin in its environment only,
// also where soft limits are below the hard ones, whether Slurm propagates
// the submitter's limits or not.
func TestTaskDiffersInItsEnvironmentAlone(t *testing.T) {
	for _, propagate := range []string{"ALL", "NONE"} {
		t.Run("PropagateResourceLimits="+propagate, func(t *testing.T) {
			s := start(t, "", "PropagateResourceLimits="+propagate)
			for _, step := range []string{"-n 1", "-n 1 -c $CPUS", "-n 4 --overcommit", "-n 1 --cpu-bind=none", "-n 1 --pty"} {
				// MP_POLICY and not the option, which srun without the plugin does not know
				command := "ulimit -Sn 512; ulimit -Sc 0; ulimit -Ss 4096; ulimit -St 600; umask 027; " +
					"export MP_POLICY=multiprocessing OMP_PLACES=cores; exec nice -n 3 srun -l " + step +
					" " + s.shellAsPython(t) + " -c 'taskstate; echo OMP_NUM_THREADS=$OMP_NUM_THREADS'"
				if strings.Contains(step, "--pty") {
					// srun wants a terminal on its own side
					command = "export MP_POLICY=multiprocessing; script -qec \"srun " + step + " " + s.shellAsPython(t) + " -c taskstate\" /dev/null"
				}
				without, with := s.both(t, func() string {
					cmd := s.shell(command)
					var out, complaints bytes.Buffer
					cmd.Stdout, cmd.Stderr = &out, &complaints
					// script(1) would show the end of its input
					input, err := cmd.StdinPipe()
					if err != nil {
						t.Fatal(err)
					}
					defer input.Close()
					if err := cmd.Run(); err != nil {
						t.Fatalf("%s: %v\n%s%s", command, err, &out, &complaints)
					}
					return sorted(out.String())
				})
				if !strings.Contains(step, "--pty") && (!strings.Contains(with, "OMP_NUM_THREADS=1\n") || strings.Contains(without, "OMP_NUM_THREADS=1")) {
					t.Fatalf("%s: the plugin was not at work with it, or was without it:\n%s", step, with)
				}
				with = strings.ReplaceAll(with, "OMP_NUM_THREADS=1\n", "OMP_NUM_THREADS=\n")
				if diff := cmp.Diff(without, with); diff != "" {
					t.Errorf("%s: without -, with +:\n%s", step, diff)
				}
				if !strings.Contains(without, "limit 7: 512 ") && propagate == "ALL" && !strings.Contains(step, "--pty") {
					t.Errorf("%s: the soft limit of open files is not what was propagated:\n%s", step, without)
				}
			}
		})
	}
}

// sorted orders the lines of a labelled output by task, and within a task as
// they came.
func sorted(out string) string {
	// srun may have to wait for the job before; which terminal is free is chance
	out = regexp.MustCompile(`(?m)^srun: job .*\n`).ReplaceAllString(out, "")
	out = regexp.MustCompile(`/dev/pts/[0-9]+`).ReplaceAllString(out, "/dev/pts/N")
	if strings.Contains(os.Getenv(cluster.ConfVariable), "tmpfs") {
		// each job has a mount namespace of its own
		out = regexp.MustCompile(`mnt:\[[0-9]+\]`).ReplaceAllString(out, "mnt:[N]")
	}
	// with --pty, of two terminals both may have added one: srun makes its own raw while the task runs
	out = regexp.MustCompile(`\r+\n`).ReplaceAllString(out, "\n")
	lines := strings.SplitAfter(out, "\n")
	slices.SortStableFunc(lines, func(a, b string) int {
		label := func(line string) string { l, _, _ := strings.Cut(line, ":"); return strings.TrimSpace(l) }
		return strings.Compare(label(a), label(b))
	})
	return strings.Join(lines, "")
}

// While the step runs, slurmstepd has the children, threads, descriptors and
// shared memory that it has without the plugin.
func TestNothingRemainsInSlurmstepd(t *testing.T) {
	s := start(t, "")
	for _, step := range []string{"-n 1", "-n 4 --overcommit"} {
		without, with := s.both(t, func() string {
			cmd := s.shell("exec env MP_POLICY=multiprocessing srun " + step + " " + s.shellAsPython(t) + " -c 'echo $SLURM_JOB_ID $OMP_NUM_THREADS; exec sleep 300'")
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() {
				cmd.Process.Kill()
				cmd.Wait()
			}()
			line, err := bufio.NewReader(out).ReadString('\n')
			if err != nil {
				t.Fatalf("%s: srun ended: %v", step, err)
			}
			job, count, _ := strings.Cut(strings.TrimSpace(line), " ")
			if (count != "") != strings.Contains(s.lines, "mp_policy") {
				t.Fatalf("%s: OMP_NUM_THREADS=%q with plugstack.conf %q", step, count, s.lines)
			}
			// the launch opens and closes sockets for a moment, with or without us
			state, same := "", 0
			for tries := 0; same < 10 && tries < 200; tries++ {
				now := s.stepdState(t, "slurmstepd: ["+job+".0]")
				same++
				if now != state {
					state, same = now, 0
				}
				time.Sleep(50 * time.Millisecond)
			}
			if out, err := s.shell("scancel " + job).CombinedOutput(); err != nil {
				t.Fatalf("scancel: %v\n%s", err, out)
			}
			return state
		})
		if diff := cmp.Diff(without, with); diff != "" {
			t.Errorf("%s: without -, with +:\n%s", step, diff)
		}
	}
}

// stepdState describes the cluster's slurmstepd with this command line; other
// clusters on the machine count their jobs from 1 too.
func (s *site) stepdState(t *testing.T, cmdline string) string {
	t.Helper()
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		have, _ := os.ReadFile(dir + "/cmdline")
		if !strings.HasPrefix(strings.ReplaceAll(string(have), "\x00", " "), cmdline) || !s.logs(dir) {
			continue
		}
		var state []string
		pid := filepath.Base(dir)
		threads, _ := filepath.Glob(dir + "/task/*")
		state = append(state, fmt.Sprintf("threads: %d", len(threads)))
		for _, thread := range threads {
			children, _ := os.ReadFile(thread + "/children")
			for child := range strings.FieldsSeq(string(children)) {
				comm, _ := os.ReadFile("/proc/" + child + "/comm")
				state = append(state, "child: "+strings.TrimSpace(string(comm)))
			}
		}
		descriptors, _ := os.ReadDir(dir + "/fd")
		for _, d := range descriptors {
			to, _ := os.Readlink(dir + "/fd/" + d.Name())
			to = regexp.MustCompile(`[0-9]+`).ReplaceAllString(to, "N")
			state = append(state, "descriptor: "+to)
		}
		maps, err := os.ReadFile(dir + "/maps")
		if err != nil {
			t.Fatalf("pid %s: %v", pid, err)
		}
		for line := range strings.Lines(string(maps)) {
			if f := strings.Fields(line); len(f) > 1 && strings.HasSuffix(f[1], "s") {
				state = append(state, "shared mapping: "+strings.Join(f[5:], " "))
			}
			if strings.Contains(line, "libmp_policy") {
				state = append(state, "the engine is loaded")
			}
		}
		slices.Sort(state)
		return strings.Join(state, "\n") + "\n"
	}
	t.Fatalf("no process %q", cmdline)
	return ""
}

// logs reports whether the process has the log of this cluster's slurmd open.
func (s *site) logs(dir string) bool {
	descriptors, _ := filepath.Glob(dir + "/fd/*")
	return slices.ContainsFunc(descriptors, func(d string) bool {
		to, _ := os.Readlink(d)
		// it runs in another mount namespace, where the path may begin elsewhere
		return strings.HasSuffix(to, s.SlurmdLog)
	})
}
