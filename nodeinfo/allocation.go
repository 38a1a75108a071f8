// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"encoding/binary"
	"math"
)

// Step is the step on this node, as the scheduler describes it.
type Step struct {
	// CPUs is the number of CPUs of the step on this node, for all tasks together. 0
	// means unknown.
	CPUs int
	// CPUsPerTask is the value of -c; 0 if it was not given.
	CPUsPerTask int
	// LocalTasks is the number of the step's tasks on this node. 0 means unknown.
	LocalTasks int
}

// Allocation has the CPUs that one task may use.
type Allocation struct {
	// CPUs is the result of Allocate.
	CPUs int
	// Cores is the number of cores that have a CPU in Mask, 0 if unknown.
	Cores int
	// Mask is the task's affinity, see sched_getaffinity(2).
	Mask Mask
	// Shared is set if other tasks of the step may run on CPUs of Mask.
	Shared bool
	// Quota is the CPU time that the cgroups allow the task, in CPUs. Infinity means no
	// limit.
	Quota float64
}

// Limited reports whether the cgroups limit the CPU time of the task.
func (a Allocation) Limited() bool { return a.Quota > 0 && !math.IsInf(a.Quota, 1) }

// Allocate returns the number of CPUs that a task has, from its affinity mask, its
// part of that mask (see Shares), the quotas of its cgroups (see FS.Quotas) and its step.
//
// If the mask is wider than the step, it was not set for this task: there is neither binding nor a
// cpuset, so the numbers of the step count. A mask that several tasks of the step have (srun
// --cpu-bind=none) is divided. In both cases the task has the value of -c, if that is more. An
// inherited SLURM_CPUS_PER_TASK never counts. The result is at least 1 unless the mask is empty,
// and at most the mask. Tasks of other steps are not known, so steps that overlap do not share.
func Allocate(mask Mask, part float64, quotas Quotas, s Step) int {
	width := mask.Count()
	n, part := width, min(part, float64(width))
	wide := s.CPUs > 0 && width > s.CPUs
	if wide {
		part = min(part, float64(s.CPUs/max(s.LocalTasks, 1)))
	}
	if wide || part < float64(width) {
		n = max(s.CPUsPerTask, int(part))
	}
	if quota := quotas.PerTask(s.LocalTasks); quota < float64(n) {
		n = int(math.Ceil(quota))
	}
	return min(max(n, 1), width)
}

// PerTask returns the quota of one of so many tasks, infinity if there is none. A quota of a cgroup
// above the task's own is shared by all tasks of the step on the node. It may also be the quota of
// the job or of the node, and be shared with other steps. These are not known, so the task may get
// less than this.
func (q Quotas) PerTask(tasks int) float64 {
	return min(orNone(q.Task), orNone(q.Shared)/float64(max(tasks, 1)))
}

// Shares returns, for each of the tasks' masks, how many of its CPUs are for that task. A CPU in
// the masks of k tasks counts 1/k for each of them. So together the tasks never get more CPUs than
// there are.
func Shares(masks []Mask) []float64 {
	parts := make([]float64, len(masks))
	var all Mask
	sum := 0
	for i, m := range masks {
		sum += m.Count()
		parts[i] = float64(m.Count())
		all.add(m)
	}
	if sum == all.Count() {
		return parts // no CPU is in two masks
	}
	// Usually all tasks have one mask, so each distinct mask is looked at once.
	type group struct {
		mask  Mask
		tasks []int
	}
	groups := map[string]*group{}
	for i, m := range masks {
		key := make([]byte, 0, 8*len(m.w))
		for _, w := range m.w {
			key = binary.NativeEndian.AppendUint64(key, w)
		}
		g := groups[string(key)]
		if g == nil {
			g = &group{mask: m}
			groups[string(key)] = g
		}
		g.tasks = append(g.tasks, i)
	}
	tasks := make([]int, all.last()+1) // number of tasks of each CPU
	for _, g := range groups {
		for cpu := range g.mask.All() {
			tasks[cpu] += len(g.tasks)
		}
	}
	for _, g := range groups {
		part := 1e-9 // with it, three thirds are one
		for cpu := range g.mask.All() {
			part += 1 / float64(tasks[cpu])
		}
		for _, i := range g.tasks {
			parts[i] = part
		}
	}
	return parts
}
