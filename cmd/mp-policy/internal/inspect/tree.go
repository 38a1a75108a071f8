// SPDX-License-Identifier: MIT

package inspect

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"slurm-mp-policy/nodeinfo"
)

// tasks divides the processes into trees, and joins the trees of one Slurm task: a process
// whose parent has ended still belongs to its task.
func (in *inspection) tasks(some []*Process, all map[int]*Process) []*Task {
	chosen := map[int]bool{}
	children := map[int][]*Process{}
	for _, p := range some {
		chosen[p.PID] = true
	}
	var roots []*Process
	for _, p := range some {
		parent := all[p.PPID]
		if chosen[p.PPID] && parent.start <= p.start && parent.step == p.step {
			children[p.PPID] = append(children[p.PPID], p)
			continue
		}
		roots = append(roots, p)
	}
	// The program that Slurm has started is first. Its process number may be higher than
	// that of a later process if the kernel's numbers have started again.
	slices.SortFunc(roots, func(a, b *Process) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.PID, b.PID))
	})
	var list []*Task
	for _, root := range roots {
		t := &Task{Job: root.job, Step: root.step}
		if root.job != 0 && in.Target.Kind != Number {
			t.Rank = root.env["SLURM_PROCID"]
		}
		at := slices.IndexFunc(list, func(o *Task) bool {
			return t.Job != 0 && t.Rank != "" && o.Job == t.Job && o.Step == t.Step && o.Rank == t.Rank
		})
		if at >= 0 {
			t = list[at]
		} else {
			list = append(list, t)
		}
		t.add(root, children, 0)
	}
	slices.SortStableFunc(list, func(a, b *Task) int {
		return cmp.Or(cmp.Compare(a.Job, b.Job), compareNumbers(a.Step, b.Step), compareNumbers(a.Rank, b.Rank))
	})
	return list
}

// compareNumbers orders 9 before 10, and numbers before names.
func compareNumbers(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

func (t *Task) add(p *Process, children map[int][]*Process, depth int) {
	p.Depth = depth
	t.Processes = append(t.Processes, p)
	for _, child := range children[p.PID] {
		t.add(child, children, depth+1)
	}
}

// finish fills in the activity of a task's processes, and the findings.
func (in *inspection) finish(t *Task, s *sample) {
	t.Running, t.Findings = []CPUThreads{}, []Finding{}
	for _, p := range t.Processes {
		p.setVariables(in.Variables)
		in.measure(p, s)
	}
	// a process without a mask has ended in the meantime
	t.Processes = slices.DeleteFunc(t.Processes, func(p *Process) bool { return p.mask.Count() == 0 })
	if len(t.Processes) == 0 {
		t.Processes = []*Process{}
		return
	}
	on := map[int]int{}
	for _, p := range t.Processes {
		t.Used += p.Used
		t.Runnable += p.Runnable
		if p.Role == Worker {
			t.Workers++
		}
		for _, one := range s.threads[p.PID] {
			if one.runs() {
				on[one.mostly()]++
			}
		}
	}
	for cpu, threads := range on {
		t.Running = append(t.Running, CPUThreads{cpu, threads})
	}
	slices.SortFunc(t.Running, func(a, b CPUThreads) int { return a.CPU - b.CPU })
	in.allocate(t, s.last)
	in.judge(t)
	t.Findings = append(t.Findings, t.findings(s)...)
}

// allocate finds the CPUs of the task. A program or a library may have narrowed the mask
// of every process, so the data of Slurm comes first.
func (in *inspection) allocate(t *Task, all map[int]*Process) {
	root := t.Processes[0]
	var masks nodeinfo.Mask
	for _, p := range t.Processes {
		masks = masks.Or(p.mask)
	}
	t.Mask, t.From = masks, "the masks of its processes"
	online, err := in.node.OnlineCPUs()
	if err != nil {
		in.note("the CPUs of this node are not known: " + err.Error())
	}
	bound, ok := boundMask(root.env)
	// an environment is inherited: its mask must fit this node, and cover the CPUs in use
	if ok && t.Job != 0 && bound.And(online).Equal(bound) && bound.And(masks).Equal(masks) {
		t.Mask, t.From = bound, "the binding of the step"
	}
	t.Count = t.Mask.Count()
	tasks := localTasks(root, all)
	// Without a binding the mask is the node's, or the step's with all of its tasks.
	if n, err := strconv.Atoi(root.env["SLURM_CPUS_ON_NODE"]); t.Job != 0 && !ok && err == nil && n > 0 && n/tasks < t.Count {
		t.Count, t.From = max(1, n/tasks), "the masks of its processes; their number is the step's"
	}
	if quotas, err := in.node.Quotas(strconv.Itoa(root.PID)); err == nil {
		if quota := quotas.PerTask(tasks); quota < float64(t.Count) {
			t.Quota, t.Count = quota, max(1, int(math.Ceil(quota)))
		}
	}
	if cores, err := in.node.Cores(t.Mask); err == nil {
		t.Cores = cores
	}
	t.CPUs = t.Mask.String()
}

// localTasks counts the tasks on this node in the step of a process. It is 1 without a step.
func localTasks(of *Process, all map[int]*Process) int {
	ranks := map[string]bool{}
	for _, p := range all {
		if rank := p.env["SLURM_PROCID"]; of.job != 0 && p.job == of.job && p.step == of.step && rank != "" {
			ranks[rank] = true
		}
	}
	return max(1, len(ranks))
}
