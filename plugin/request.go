// SPDX-License-Identifier: MIT

package main

// #include "../cshim/abi.h"
import "C"

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"time"

	"slurm-mp-policy/evaluation"
	"slurm-mp-policy/nodeinfo"
)

// decode reads the request of abi.h. An unknown key is an error, because the shim has the
// same ABI.
func decode(request []byte) (evaluation.Request, error) {
	r := evaluation.DefaultRequest()
	abi, deadline := 0, 0
	numbers := map[string]*int{
		C.MP_KEY_ABI: &abi, C.MP_KEY_NODE: &r.Node, C.MP_KEY_TASKS: &r.Tasks, C.MP_KEY_LOCAL_TASKS: &r.LocalTasks,
		C.MP_KEY_CPUS: &r.CPUs, C.MP_KEY_CPUS_PER_TASK: &r.CPUsPerTask, C.MP_KEY_UID: &r.UID, C.MP_KEY_GID: &r.GID,
		C.MP_KEY_DEADLINE: &deadline,
	}
	// one copy of the whole request, because an environment can have thousands of
	// variables
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
				return r, fmt.Errorf("the request's %s is not a number: %q", key, text)
			}
			*to = int(n)
			continue
		}
		switch key {
		case C.MP_KEY_ROOT:
			r.Root = text
		case C.MP_KEY_CONFIG:
			r.Config = text
		case C.MP_KEY_DEFAULT:
			r.Default = text
		case C.MP_KEY_AFFINITY:
			r.Affinity = text
		case C.MP_KEY_LOG:
			r.Log = text
		case C.MP_KEY_HINTS:
			r.Hints = text == "on"
		case C.MP_KEY_OPTION:
			r.Option = text
		case C.MP_KEY_KIND:
			r.Kind = text
		case C.MP_KEY_CGROUP:
			r.Cgroup = text
		case C.MP_KEY_ARGV:
			r.Argv = append(r.Argv, text)
		case C.MP_KEY_ENV:
			r.Env = append(r.Env, text)
		default:
			return r, fmt.Errorf("the request has an unknown key %q", key)
		}
	}
	if abi != C.MP_ABI {
		return r, fmt.Errorf("the plugin has ABI %d, the engine %d; install the two from one package", abi, C.MP_ABI)
	}
	r.Deadline = time.Duration(deadline) * time.Millisecond
	r.Groups, _ = syscall.Getgroups()
	r.Dir = workingDirectory(r.Env)
	return r, nil
}

// workingDirectory returns the step's working directory. If slurmstepd has joined the
// job's namespace before (SlurmdParameters=contain_spank), setns(2) has moved this
// process to the namespace's root. Then the environment has the directory.
func workingDirectory(env []string) string {
	dir := ""
	// not os.Getwd, which would trust an environment variable
	buffer := make([]byte, syscall.PathMax)
	if n, err := syscall.Getcwd(buffer); err == nil && n > 0 {
		dir = string(buffer[:n-1])
	}
	if dir != "/" {
		return dir
	}
	// SLURM_SUBMIT_DIR is the directory in which srun or sbatch was called. Every --export
	// keeps it.
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
