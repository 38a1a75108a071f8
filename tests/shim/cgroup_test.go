// SPDX-License-Identifier: MIT

package shim

import (
	"strings"
	"testing"
)

// Only a cgroup that Slurm has made for a job is left, for the one that stands above all jobs.
func TestCgroupOutside(t *testing.T) {
	long := strings.Repeat("/x", 2100)
	lines := []struct{ in, want string }{
		{"9:cpuset:/slurm/uid_1000/job_7/step_0", "v1 /sys/fs/cgroup/cpuset/slurm"},
		{"9:freezer:/slurm_node1/uid_0/job_7", "v1 /sys/fs/cgroup/freezer/slurm_node1"},
		{"4:cpu,cpuacct:/slurm/uid_1000/job_7/step_batch/task_0", "v1 /sys/fs/cgroup/cpu,cpuacct/slurm"},
		{"4:memory:/a/uid_x/b/uid_5/job_7/step_extern", "v1 /sys/fs/cgroup/memory/a/uid_x/b"},
		{"0::/system.slice/slurmstepd.scope/job_7/step_0/slurm", "v2 /sys/fs/cgroup/system.slice/slurmstepd.scope/system"},
		{"0::/system.slice/node1_slurmstepd.scope/job_7/step_0/user/task_0", "v2 /sys/fs/cgroup/system.slice/node1_slurmstepd.scope/system"},
		{"0::/job_7/step_0", "v2 /sys/fs/cgroup/system"},
		{"0::/system.slice/slurmd.service", "stays"},
		{"0::/system.slice/job_x/step_0", "stays"},
		{"0::/", "stays"},
		{"1:name=systemd:/user.slice/user-1000.slice/session-2.scope", "stays"},
		{"9:cpuset:/slurm/uid_1000/step_0", "stays"},
		{"9:cpuset:/slurm/uid_1000x/job_7/step_0", "stays"},
		{"9:cpuset:/slurm/job_7/uid_1000", "stays"},
		{"9:cpuset:" + long + "/uid_1/job_1", "stays"},
		{"9:cpuset", "stays"},
		{"", "stays"},
	}
	var in strings.Builder
	for _, line := range lines {
		in.WriteString(line.in + "\n")
	}
	program := compile(t, "programs/cgroup.c", "../../cshim/cgroup.c")
	got := strings.Split(run(t, in.String(), program), "\n")
	for i, line := range lines {
		if i >= len(got) || got[i] != line.want {
			t.Errorf("%.80q: got %q, want %q", line.in, got[min(i, len(got)-1)], line.want)
		}
	}
}
