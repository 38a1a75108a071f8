// SPDX-License-Identifier: MIT

package evaluation

import (
	"slices"
	"strconv"
	"strings"

	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/workload"
)

// share returns how many CPUs each task on a node could have, by the job's CPUs there. 0
// means not known.
func share(env map[string]string, tasks int) int { return jobCPUs(env) / max(tasks, 1) }

// jobCPUs returns the number of the job's CPUs on a node: SLURM_JOB_CPUS_PER_NODE,
// "72(x2),36", see srun(1). The variable does not name the number of this node, so the
// smallest counts. 0 means not known. It is also 0 if srun has to take one CPU of each
// core (SLURM_THREADS_PER_CORE) but the job does not (SLURM_HINT), because then the job
// has more CPUs than srun can give.
func jobCPUs(env map[string]string) int {
	if env["SLURM_THREADS_PER_CORE"] == "1" && env["SLURM_HINT"] != "nomultithread" {
		return 0
	}
	smallest := 0
	for part := range strings.SplitSeq(env["SLURM_JOB_CPUS_PER_NODE"], ",") {
		number, _, _ := strings.Cut(part, "(")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 {
			return 0
		}
		if smallest == 0 || n < smallest {
			smallest = n
		}
	}
	return smallest
}

// given returns the number of -c for the step or for its job, 0 without -c. srun sets
// SLURM_CPUS_PER_TASK if it has the option. Otherwise it leaves the value of the job
// (setup_env in src/common/env.c of Slurm). S_STEP_CPUS_PER_TASK is 1 in both cases.
func given(env map[string]string) int {
	n, err := strconv.Atoi(env["SLURM_CPUS_PER_TASK"])
	if err != nil || n < 1 {
		return 0
	}
	return n
}

// copies returns the number of tasks that run the same program side by side. Ranks of MPI
// belong together. It is not known which ranks of a --multi-prog step share a program.
func (e *Evaluation) copies(program workload.Result) int {
	if e.programs.look != nil || e.Request.Tasks < 2 || slices.Contains(program.Tags, workload.TagMPI) {
		return 0
	}
	return e.Request.Tasks
}

// sharing returns the number of tasks whose masks share a CPU with this task, including
// this task. It returns 0 if the task shares no CPU, or if the masks of other tasks are
// not known.
func (e *Evaluation) sharing(a nodeinfo.Allocation, masks []nodeinfo.Mask) int {
	if !a.Shared || len(masks) < e.Request.LocalTasks {
		return 0
	}
	n := 0
	for _, m := range masks {
		if m.And(a.Mask).Count() > 0 {
			n++
		}
	}
	return n
}
