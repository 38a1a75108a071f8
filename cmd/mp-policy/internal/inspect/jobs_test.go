// SPDX-License-Identifier: MIT

package inspect

import (
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/procfs"
)

func TestJobOfCgroups(t *testing.T) {
	for path, want := range map[string]string{
		"/slurm/uid_1000/job_7/step_0":                                             "7 0",
		"/slurm/uid_1000/job_7/step_batch/task_0":                                  "7 batch",
		"/slurm_node1/uid_0/job_7/step_12":                                         "7 12",
		"/slurm/uid_1000/job_7":                                                    "7 ",
		"/system.slice/slurmstepd.scope/job_7/step_0/user/task_0":                  "7 0",
		"/system.slice/node1_slurmstepd.scope/job_7/step_extern/user/task_special": "7 extern",
		"/system.slice/slurmstepd.scope/job_70000000000000000000/step_0":           "0 ",
		"/user.slice/job_7/step_0":                                                 "0 ",
		"/slurm/uid_1000/job_x/step_0":                                             "0 ",
		"/":                                                                        "0 ",
	} {
		job, step := jobOfCgroups([]procfs.Cgroup{{Path: "/"}, {Path: path}, {Path: "/other"}})
		if got := fmt.Sprintf("%d %s", job, step); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestJobOfEnvironment(t *testing.T) {
	for env, want := range map[string]string{
		"SLURM_JOB_ID=7 SLURM_STEP_ID=3":          "7 3",
		"SLURM_JOB_ID=7":                          "7 batch",
		"SLURM_JOB_ID=7 SLURM_STEP_ID=4294967290": "7 interactive",
		"SLURM_JOB_ID=x SLURM_STEP_ID=3":          "0 ",
		"":                                        "0 ",
	} {
		values := map[string]string{}
		for _, entry := range strings.Fields(env) {
			name, value, _ := strings.Cut(entry, "=")
			values[name] = value
		}
		job, step := jobOfEnvironment(values)
		if got := fmt.Sprintf("%d %s", job, step); got != want {
			t.Errorf("%s: %q, want %q", env, got, want)
		}
	}
}

func TestBoundMask(t *testing.T) {
	for _, test := range []struct{ kind, list, local, want string }{
		{"mask_cpu:", "0x3,0xC", "0", "0-1"},
		{"mask_cpu:", "0x3,0xC", "1", "2-3"},
		{"mask_cpu:", "0x3,0xC", "2", "0-1"},
		{"mask_cpu:", "0xF0000000000000000000000001", "0", "0,100-103"},
		{"mask_cpu:", "0xZ", "0", ""},
		{"mask_cpu:", "0x0", "0", ""},
		{"mask_cpu:", "0x3", "", ""},
		{"mask_cpu:", "", "0", ""},
		{"none", "0x3", "0", ""},
	} {
		mask, ok := boundMask(map[string]string{
			"SLURM_CPU_BIND_TYPE": test.kind, "SLURM_CPU_BIND_LIST": test.list, "SLURM_LOCALID": test.local,
		})
		if mask.String() != test.want || ok != (test.want != "") {
			t.Errorf("%+v: %q, %v", test, mask, ok)
		}
	}
}

// TestCPUsOfTheTask: what Slurm says comes before the masks, which a library may have
// narrowed; a step that is not bound has its number of CPUs.
func TestCPUsOfTheTask(t *testing.T) {
	const job = "SLURM_JOB_ID=7 SLURM_STEP_ID=0 SLURM_LOCALID=0 "
	for _, test := range []struct{ env, mask, want string }{
		{job + "SLURM_PROCID=0 SLURM_CPU_BIND_TYPE=mask_cpu: SLURM_CPU_BIND_LIST=0xF SLURM_CPUS_ON_NODE=4", "0", "4: 0-3 the binding of the step"},
		{job + "SLURM_PROCID=0 SLURM_CPU_BIND_TYPE=mask_cpu: SLURM_CPU_BIND_LIST=0xF", "0-5", "6: 0-5 the masks of its processes"},
		{job + "SLURM_PROCID=0 SLURM_CPU_BIND_TYPE=mask_cpu: SLURM_CPU_BIND_LIST=0xFFFF", "0", "1: 0 the masks of its processes"}, // of another node
		{job + "SLURM_PROCID=0 SLURM_CPUS_ON_NODE=2", "0-7", "2: 0-7 the masks of its processes; their number is the step's"},
		{"SLURM_CPUS_ON_NODE=2", "0-7", "8: 0-7 the masks of its processes"},
	} {
		r := record(t)
		r.add(fake{pid: 10, ppid: 1, command: "a.out", mask: test.mask, env: test.env})
		got := r.only(Target{ID: 10})
		if text := fmt.Sprintf("%d: %s %s", got.Count, got.CPUs, got.From); text != test.want {
			t.Errorf("%s, mask %s: %q, want %q", test.env, test.mask, text, test.want)
		}
	}
	// two tasks of one step share its CPUs
	r := record(t)
	r.add(fake{pid: 10, ppid: 1, command: "a.out", mask: "0-7", env: job + "SLURM_CPUS_ON_NODE=4 SLURM_PROCID=0"},
		fake{pid: 11, ppid: 1, command: "a.out", mask: "0-7", env: job + "SLURM_CPUS_ON_NODE=4 SLURM_PROCID=1"})
	for _, task := range r.inspect(Target{Kind: Job, ID: 7}).Tasks {
		if task.Count != 2 {
			t.Errorf("task %s has %d CPUs, want 2", task.Rank, task.Count)
		}
	}
}
