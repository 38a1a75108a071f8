// SPDX-License-Identifier: MIT

package nodeinfo

import "math"

// Step is what the scheduler says of the step on this node.
type Step struct {
	// CPUs of the step on this node, all tasks together; 0 is unknown.
	CPUs int
	// CPUsPerTask as asked for with -c; 0 where it was not.
	CPUsPerTask int
	// LocalTasks is the number of the step's tasks on this node; 0 is unknown.
	LocalTasks int
}

// Allocation is what one task may use.
type Allocation struct {
	// CPUs is the result of Allocate.
	CPUs int
	// Cores is the number of cores that have a CPU in Mask, 0 if unknown.
	Cores int
	// Mask is the task's affinity, see sched_getaffinity(2).
	Mask Mask
	// Quota is the CPU time that its cgroups allow, in CPUs; 0 is no limit.
	Quota float64
}

// Allocate returns the number of CPUs that a task has, from its affinity mask,
// the quota of its cgroups (see FS.Quota) and its step.
//
// A mask that is wider than the step was never set for this task: there is
// neither binding nor a cpuset, so the step's own numbers count. An inherited
// SLURM_CPUS_PER_TASK never does. The result is at least 1 unless mask is empty,
// and at most the mask.
func Allocate(mask Mask, quota float64, limited bool, s Step) int {
	width := mask.Count()
	n := width
	if s.CPUs > 0 && n > s.CPUs {
		n = min(n, max(s.CPUsPerTask, s.CPUs/max(s.LocalTasks, 1)))
	}
	if limited && quota < float64(n) {
		n = int(math.Ceil(quota))
	}
	return min(max(n, 1), width)
}
