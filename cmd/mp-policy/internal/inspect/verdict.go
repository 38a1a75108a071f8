// SPDX-License-Identifier: MIT

package inspect

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"slurm-mp-policy/evaluation"
	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/policy"
	"slurm-mp-policy/workload"
)

// Command is the program of a task as Slurm has started it. The plugin judges it.
type Command struct {
	PID    int      `json:"pid"`
	UID    int      `json:"uid"`
	GID    int      `json:"gid"`
	Groups []int    `json:"groups"`
	Kind   string   `json:"kind"` // see evaluation.Request
	Argv   []string `json:"argv"`
	Env    []string `json:"env"`
	Dir    string   `json:"dir"`
	Root   string   `json:"root"` // of the files
	Mask   string   `json:"mask"`
	// Default and Deadline are the site's words, zero if they are not known.
	Default  string        `json:"default,omitempty"`
	Deadline time.Duration `json:"deadline,omitempty"`
}

// Verdict is the kind of program for which the plugin takes the command of a task.
type Verdict struct {
	// Tags are those of the program, as explain prints them.
	Tags []string `json:"tags"`
	// Why is the line of the program that decided.
	Why string `json:"why,omitempty"`
	// Off is the reason if the plugin leaves the step alone.
	Off string `json:"off,omitempty"`
	// Unknown is the reason if there is no verdict.
	Unknown string `json:"unknown,omitempty"`
}

// starts reports whether the plugin takes the program for one that starts workers.
func (v *Verdict) starts() bool {
	return slices.Contains(v.Tags, workload.TagMultiprocessing) || slices.Contains(v.Tags, workload.TagWorkers)
}

// Judge evaluates a command as a launch does. It reads the files of the program, so it
// has to run as the user of the process: root opens no path that a user can choose.
func Judge(c Command) Verdict {
	mask, err := nodeinfo.ParseList(c.Mask)
	if err != nil {
		return Verdict{Tags: []string{}, Unknown: err.Error()}
	}
	r := evaluation.DefaultRequest()
	r.Root, r.Kind, r.Argv, r.Env, r.Dir = c.Root, c.Kind, c.Argv, c.Env, c.Dir
	r.UID, r.GID, r.Groups = c.UID, c.GID, c.Groups
	r.Default, r.Deadline = cmp.Or(c.Default, r.Default), c.Deadline
	e := evaluation.PrepareOn("/", r)
	v := Verdict{Tags: []string{}, Off: e.WhyOff()}
	if v.Off != "" {
		return v
	}
	result := e.Decide([]evaluation.Task{{Mask: mask}})[0]
	v.Tags = append(v.Tags, result.Workload.Tags...)
	for _, ev := range result.Workload.Evidence {
		if ev.Tag == workload.TagMultiprocessing || ev.Tag == workload.TagWorkers {
			v.Why = cmp.Or(ev.Way, ev.File)
			if ev.Way == "" && ev.Line > 0 {
				v.Why += ":" + strconv.Itoa(ev.Line)
			}
			v.Why += ": " + ev.Text
		}
	}
	return v
}

// judge asks for the verdict on the program of a task: the command line of its first
// process, in the environment that it had before the policy.
func (in *inspection) judge(t *Task) {
	root := t.Processes[0]
	if in.Judge == nil {
		return
	}
	if !root.readable || len(root.Command) == 0 {
		t.Verdict = &Verdict{Tags: []string{}, Unknown: "its command line or environment cannot be read"}
		return
	}
	if root.mixed {
		t.Verdict = &Verdict{Tags: []string{}, Unknown: "it has rights of another user or group (set-uid)"}
		return
	}
	if root.Role != "" {
		return // the first process is not the one that Slurm started, or it has ended
	}
	c := Command{
		PID: root.PID, UID: root.UID, GID: root.gid, Groups: in.supplementary(root.PID), Kind: "step",
		Argv: root.Command, Root: "/", Mask: t.CPUs,
	}
	if t.Job != 0 {
		c.Kind = kindOf(t.Step)
	}
	if p, err := in.proc.Proc(root.PID); err == nil {
		c.Dir, _ = p.Cwd()
	}
	if in.Root == "/" && in.otherMounts(root.PID) {
		c.Root = fmt.Sprintf("/proc/%d/root", root.PID)
	}
	if root.env[policy.AppliedName] == "" { // else the user has asked for the policy
		c.Default, c.Deadline = in.Default, in.Deadline
	}
	own, _ := original(root.env)
	for name, value := range own {
		c.Env = append(c.Env, name+"="+value)
	}
	slices.Sort(c.Env)
	v := in.Judge(c)
	t.Verdict = &v
}

// otherMounts reports whether a process sees other files than this one. Examples are a
// container, or a job with a /tmp of its own (job_container/tmpfs).
func (in *inspection) otherMounts(pid int) bool {
	own, err := os.Readlink("/proc/self/ns/mnt")
	if err != nil {
		return false
	}
	other, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/mnt", pid))
	return err == nil && own != other
}
