// SPDX-License-Identifier: MIT

package inspect

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// aJob is the number of a job that is no process and no job of Slurm's.
func aJob() int { return 1<<26 + os.Getpid() }

// inCgroup puts a program into a cgroup of its own below a hierarchy, with the names of a
// step, and removes the cgroups when the test ends.
func inCgroup(t *testing.T, hierarchy string, names ...string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root makes cgroups")
	}
	if _, err := os.Stat(filepath.Join(hierarchy, "cgroup.procs")); err != nil {
		t.Skipf("this machine has no such cgroups: %v", err)
	}
	dir := hierarchy
	for _, name := range names {
		dir = filepath.Join(dir, name)
		made := dir
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Skipf("no cgroup can be made here: %v", err)
		}
		t.Cleanup(func() {
			for range 500 { // a process that was killed takes a moment to leave
				if err := unix.Rmdir(made); err == nil || errors.Is(err, unix.ENOENT) {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
			t.Errorf("%s cannot be removed", made)
		})
	}
	pid := start(t, []string{"SLURM_JOB_ID=1", "SLURM_STEP_ID=9"}, "/bin/sh", "-c", "read go; sleep 1000 & wait")
	must(t, os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(strconv.Itoa(pid)), 0))
}

// The cgroup counts more than the environment, which a user can change.
func jobIsSeen(t *testing.T, step string) {
	t.Helper()
	task := eventually(t, Target{Kind: Job, ID: aJob()}, "the job's process", func(*Task) bool { return true })
	if task.Job != aJob() || task.Step != step {
		t.Errorf("job %d, step %q; want job %d, step %q", task.Job, task.Step, aJob(), step)
	}
}

func TestCgroupV1(t *testing.T) {
	inCgroup(t, "/sys/fs/cgroup/freezer", "slurm_"+strconv.Itoa(aJob()), "uid_0", "job_"+strconv.Itoa(aJob()), "step_3")
	jobIsSeen(t, "3")
}

func TestCgroupV2(t *testing.T) {
	root := "/sys/fs/cgroup"
	var st unix.Statfs_t
	if unix.Statfs(root, &st) != nil || st.Type != unix.CGROUP2_SUPER_MAGIC {
		root = "/sys/fs/cgroup/unified" // of systemd's hybrid mode
	}
	inCgroup(t, root, strconv.Itoa(aJob())+"_slurmstepd.scope", "job_"+strconv.Itoa(aJob()), "step_batch", "user", "task_0")
	jobIsSeen(t, "batch")
}

// Without cgroups the environment has the job.
func TestJobWithoutCgroups(t *testing.T) {
	start(t, []string{"SLURM_JOB_ID=" + strconv.Itoa(aJob()), "SLURM_STEP_ID=3"}, "/bin/sleep", "1000")
	jobIsSeen(t, "3")
}
