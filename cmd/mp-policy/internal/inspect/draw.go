// SPDX-License-Identifier: MIT

package inspect

import (
	"strconv"

	"slurm-mp-policy/nodeinfo"
)

// Sign returns the sign of a CPU in a drawing. It is the number of the task's runnable
// threads that were mostly on the CPU, or "+" for more than 9. Without such a thread it is
// "." if the CPU is the task's, else "-".
func (t *Task) Sign(cpu int) string {
	for _, on := range t.Running {
		switch {
		case on.CPU != cpu:
		case on.Threads > 9:
			return "+"
		default:
			return strconv.Itoa(on.Threads)
		}
	}
	if t.Mask.Has(cpu) {
		return "."
	}
	return "-"
}

// Around are the cores of the sockets and NUMA nodes that have a CPU of the task, or one
// on which a thread of it runs.
func (t *Task) Around(cores []nodeinfo.Core) (some []nodeinfo.Core) {
	type place struct{ socket, numa int }
	near := map[place]bool{}
	for _, c := range cores {
		for cpu := range c.CPUs.All() {
			if t.Sign(cpu) != "-" {
				near[place{c.Socket, c.NUMA}] = true
			}
		}
	}
	for _, c := range cores {
		if near[place{c.Socket, c.NUMA}] {
			some = append(some, c)
		}
	}
	return some
}
