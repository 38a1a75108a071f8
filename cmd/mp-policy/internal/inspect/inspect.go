// SPDX-License-Identifier: MIT

// Package inspect shows what the processes of a running job do, from /proc: which of
// them are workers of a Python program, the CPUs that each may run on and those that it
// runs on, and what is wrong with that.
package inspect

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/procfs"

	"slurm-mp-policy/nodeinfo"
)

// Options are the target and the way to look at it.
type Options struct {
	// Root is the root directory of the node, "/" except for a recorded one.
	Root   string
	Target Target
	// UID is the user who looks. A user sees the user's own processes, root sees all.
	UID int
	// Self is the process that looks, which is left out.
	Self int
	// Judge returns the plugin's verdict on the command of a task. Nil: there is none.
	Judge func(Command) Verdict
	// Default and Deadline are the site's words, zero if they are not known.
	Default  string
	Deadline time.Duration
	// Variables are the names that the policy may set.
	Variables []string
	// Sleep and Now are those of package time. A test replaces them.
	Sleep func(time.Duration)
	Now   func() time.Time
}

// ErrNone is the error if there is no process to look at.
var ErrNone = errors.New("nothing to look at")

// Report is the result. docs/inspect.schema.json describes its JSON.
type Report struct {
	Version int    `json:"version"`
	Host    string `json:"host"`
	// Target is the text of the target: process N, job N, or all.
	Target string `json:"target"`
	// Seconds is the time for which the processes were watched.
	Seconds float64 `json:"seconds"`
	Tasks   []*Task `json:"tasks"`
	// Notes name the things that could not be read, and how the target was understood.
	Notes []string `json:"notes"`
	// Cores are those of the node, nil if they are not known.
	Cores []nodeinfo.Core `json:"-"`
}

// Version is that of the JSON. It rises with every change.
const Version = 1

// Task is a task of a step on this node, or a process and all that it has started.
type Task struct {
	Job  int    `json:"job,omitempty"`
	Step string `json:"step,omitempty"`
	Rank string `json:"task,omitempty"` // SLURM_PROCID
	// CPUs is the mask of the task, and From is its source.
	CPUs string `json:"cpus"`
	From string `json:"cpus_from"`
	// Count is the CPUs that the task has: those of the mask, or fewer by a quota.
	Count int     `json:"cpu_count"`
	Quota float64 `json:"quota,omitempty"`
	Cores int     `json:"cores,omitempty"`
	// Used is the CPU time of all processes of the task, in CPUs.
	Used float64 `json:"used"`
	// Runnable is the number of threads that ran or waited for a CPU most of the time.
	Runnable int `json:"runnable"`
	// Workers counts the worker processes of the task's Python programs.
	Workers   int          `json:"workers"`
	Verdict   *Verdict     `json:"verdict,omitempty"`
	Processes []*Process   `json:"processes"`
	Running   []CPUThreads `json:"running"`
	Findings  []Finding    `json:"findings"`

	Mask nodeinfo.Mask `json:"-"`
}

// CPUThreads is how many runnable threads were last seen on a CPU.
type CPUThreads struct {
	CPU     int `json:"cpu"`
	Threads int `json:"threads"`
}

// Inspect watches the processes of the target for a second.
func Inspect(o Options) (*Report, error) {
	proc, err := procfs.NewFS(filepath.Join(o.Root, "proc"))
	if err != nil {
		return nil, fmt.Errorf("the processes of this node cannot be read: %w; mount /proc", err)
	}
	in := &inspection{Options: o, proc: proc, node: nodeinfo.New(o.Root)}
	before, err := in.list()
	if err != nil {
		return nil, fmt.Errorf("the processes of this node cannot be read: %w; mount /proc", err)
	}
	if len(in.selected(before)) == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNone, in.whyNone())
	}
	s := in.watch(func(all map[int]*Process) []*Process { return in.selected(all) }, before)
	r := &Report{Version: Version, Target: in.Target.String(), Seconds: s.seconds, Notes: []string{}, Tasks: []*Task{}}
	r.Host, _ = os.Hostname()
	if r.Cores, err = in.node.Layout(); err != nil {
		in.note("the cores of this node are not known: " + err.Error())
	}
	in.classify(s.last)
	for _, t := range in.tasks(in.selected(s.last), s.last) {
		in.finish(t, s)
		r.Tasks = append(r.Tasks, t)
	}
	if in.Target.Kind == All {
		r.Tasks = worthShowing(r.Tasks)
	}
	if len(r.Tasks) == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNone, in.whyNone())
	}
	r.Notes = append(r.Notes, in.allNotes(r.Tasks)...)
	return r, nil
}

// worthShowing are the tasks of jobs, and those with Python programs that have workers.
func worthShowing(tasks []*Task) (some []*Task) {
	for _, t := range tasks {
		if t.Job != 0 || t.Workers > 0 {
			some = append(some, t)
		}
	}
	return some
}

// inspection is one run of Inspect.
type inspection struct {
	Options
	proc   procfs.FS
	node   nodeinfo.FS
	others map[int]bool // processes that only root may look at
	unread map[int]bool // processes of the target with something that could not be read
	notes  []string
	// inJobs are the jobs of other users' processes. They explain an empty result.
	inJobs map[int]bool
}

func (in *inspection) note(text string) { in.notes = append(in.notes, text) }

// allNotes returns the notes, and a note for what could not be read, each once.
func (in *inspection) allNotes(tasks []*Task) []string {
	notes := in.notes
	if len(in.others) > 0 && in.Target.Kind == All {
		notes = append(notes, "processes of other users are not shown: only root may look at them")
	}
	unread := 0
	for _, t := range tasks {
		for _, p := range t.Processes {
			if in.unread[p.PID] {
				unread++
			}
		}
	}
	if unread > 0 {
		notes = append(notes, "the command or environment of "+processes(unread)+" could not be read: look as root")
	}
	var once []string
	for _, note := range notes {
		if !slices.Contains(once, note) {
			once = append(once, note)
		}
	}
	return once
}
