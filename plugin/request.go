// SPDX-License-Identifier: MIT

package main

// #include "../cshim/abi.h"
import "C"

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"

	"slurm-mp-policy/evaluation"
	"slurm-mp-policy/nodeinfo"
)

// decode reads the request of abi.h. A key that is not known is an error: the
// shim is of the same ABI.
func decode(request []byte) (evaluation.Request, error) {
	r := evaluation.Request{Root: "/"}
	abi := 0
	numbers := map[string]*int{
		"abi": &abi, "node": &r.Node, "tasks": &r.Tasks, "local_tasks": &r.LocalTasks,
		"cpus": &r.CPUs, "cpus_per_task": &r.CPUsPerTask, "uid": &r.UID, "gid": &r.GID,
	}
	// one copy of all of it, since an environment can be thousands of variables
	for rest := string(request); rest != ""; {
		var key, text string
		var ok bool
		if key, rest, ok = strings.Cut(rest, "\x00"); ok {
			text, rest, ok = strings.Cut(rest, "\x00")
		}
		if !ok {
			return r, fmt.Errorf("the request ends within %q", key)
		}
		if to, isNumber := numbers[key]; isNumber {
			n, err := strconv.ParseUint(text, 10, 32)
			if err != nil {
				return r, fmt.Errorf("the request's %s is no number: %q", key, text)
			}
			*to = int(n)
			continue
		}
		switch key {
		case "root":
			r.Root = text
		case "config":
			r.Config = text
		case "default":
			r.Default = text == "on"
		case "affinity":
			r.Affinity = text
		case "hints":
			r.Hints = text == "on"
		case "option":
			r.Option = text
		case "kind":
			r.Kind = text
		case "cgroup":
			r.Cgroup = text
		case "argv":
			r.Argv = append(r.Argv, text)
		case "env":
			r.Env = append(r.Env, text)
		default:
			return r, fmt.Errorf("the request has an unknown key %q", key)
		}
	}
	if abi != C.MP_ABI {
		return r, fmt.Errorf("the plugin has ABI %d, the engine %d; install the two from one package", abi, C.MP_ABI)
	}
	r.Groups, _ = syscall.Getgroups()
	r.Dir = workingDirectory(r.Env)
	return r, nil
}

// workingDirectory returns the step's. Where slurmstepd has joined the namespace
// of the job for us (SlurmdParameters=contain_spank), setns(2) has left us at its
// root, and the environment has to tell.
func workingDirectory(env []string) string {
	dir := ""
	// not os.Getwd, which would believe an environment variable
	buffer := make([]byte, syscall.PathMax)
	if n, err := syscall.Getcwd(buffer); err == nil && n > 0 {
		dir = string(buffer[:n-1])
	}
	if dir != "/" {
		return dir
	}
	// --export keeps SLURM_SUBMIT_DIR whatever it drops: where srun or sbatch was called
	for _, name := range []string{"PWD=/", "SLURM_SUBMIT_DIR=/"} {
		for _, entry := range env {
			if path, ok := strings.CutPrefix(entry, name); ok {
				return "/" + path
			}
		}
	}
	return dir
}

func decodeTasks(tasks []C.struct_mp_task, masks []byte, maskSize int) []evaluation.Task {
	list := make([]evaluation.Task, len(tasks))
	for i, task := range tasks {
		list[i] = evaluation.Task{
			Rank: int(task.rank), PID: int(task.pid),
			Mask: nodeinfo.MaskFromBytes(masks[i*maskSize : (i+1)*maskSize]),
		}
	}
	return list
}
