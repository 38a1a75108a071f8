// SPDX-License-Identifier: MIT

package inspect

import (
	"fmt"
	"slices"
)

// Kinds of a Target.
const (
	// Number is a process if there is one, else a job.
	Number = iota
	Job
	All
)

// Target is the process or the job to look at, or all.
type Target struct {
	Kind int
	ID   int // of the process or job
}

func (t Target) String() string {
	switch t.Kind {
	case All:
		return "all jobs"
	case Job:
		return fmt.Sprintf("job %d", t.ID)
	}
	return fmt.Sprintf("process %d", t.ID)
}

// selected are the processes of the target, by their numbers.
func (in *inspection) selected(all map[int]*Process) []*Process {
	if in.Target.Kind == Number {
		in.settle(all)
	}
	var some []*Process
	for _, p := range all {
		if p.daemon || p.PID == in.Self {
			continue
		}
		switch in.Target.Kind {
		case Job:
			if p.job == in.Target.ID {
				some = append(some, p)
			}
		case Number:
			if descends(p, in.Target.ID, all) {
				some = append(some, p)
			}
		default:
			if p.job != 0 || in.hasPython(p, all) {
				some = append(some, p)
			}
		}
	}
	slices.SortFunc(some, func(a, b *Process) int { return a.PID - b.PID })
	return some
}

// settle takes a number for a process if there is one, else for a job. If the number is
// both, it adds a note.
func (in *inspection) settle(all map[int]*Process) {
	id := in.Target.ID
	isJob := in.inJobs[id]
	for _, p := range all {
		isJob = isJob || p.job == id
	}
	process := all[id] != nil || in.others[id]
	switch {
	case !process && isJob:
		in.Target.Kind = Job
	case process && isJob:
		text := fmt.Sprintf("%d is a process and a job: this is the process; mp-policy inspect --job %[1]d shows the job", id)
		if !slices.Contains(in.notes, text) {
			in.note(text)
		}
	}
}

// descends reports whether p is the process of that number or one of its descendants.
func descends(p *Process, pid int, all map[int]*Process) bool {
	for range len(all) {
		if p == nil {
			return false
		}
		if p.PID == pid {
			return true
		}
		p = all[p.PPID]
	}
	return false
}

// hasPython reports whether p or a process above it is a Python interpreter.
func (in *inspection) hasPython(p *Process, all map[int]*Process) bool {
	for range len(all) {
		if p == nil {
			return false
		}
		if p.isPython() {
			return true
		}
		p = all[p.PPID]
	}
	return false
}

// whyNone returns the reason why the target has no process, and the thing to do.
func (in *inspection) whyNone() string {
	id := in.Target.ID
	switch {
	case in.Target.Kind == All && in.UID == 0:
		return "no process on this node belongs to a job, and no Python program here has workers"
	case in.Target.Kind == All:
		return "none of your processes on this node belongs to a job, and no Python program of yours here has workers"
	case in.Target.Kind == Job && in.inJobs[id]:
		return fmt.Sprintf("job %d is another user's: only root sees its processes", id)
	case in.Target.Kind == Job:
		return fmt.Sprintf("job %d has no process on this node, or none that you may see: run srun --overlap --jobid=%[1]d mp-policy inspect, or look as root", id)
	case in.others[id]:
		return fmt.Sprintf("process %d is another user's: only root may look at it", id)
	}
	return fmt.Sprintf("%d is neither a process nor a job with a process on this node, or none that you may see: "+
		"want a number that ps has, or run srun --overlap --jobid=JOBID mp-policy inspect", id)
}
