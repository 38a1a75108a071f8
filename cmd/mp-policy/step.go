// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"

	"slurm-mp-policy/cmd/mp-policy/internal/site"
	"slurm-mp-policy/evaluation"
	"slurm-mp-policy/nodeinfo"
)

func (st *step) recorded() bool { return st.root != "/" }

// mask returns the mask of the task: the caller's list, or all online CPUs.
func (st *step) mask(fs nodeinfo.FS) (nodeinfo.Mask, error) {
	online, onlineErr := fs.OnlineCPUs()
	if st.perTask > 0 && onlineErr == nil {
		mask, err := fs.FirstCPUs(st.perTask)
		if err != nil {
			err = fmt.Errorf("-c %d: %w: want no more", st.perTask, err)
		}
		return mask, err
	}
	if !st.given("cpus") {
		if onlineErr != nil {
			return online, fmt.Errorf("%s does not tell which CPUs are online: %w; name the task's with --cpus", st.root, onlineErr)
		}
		return online, nil
	}
	if st.cpus == "self" && !st.recorded() {
		return site.OwnMask()
	}
	return parseCPUs(st.cpus, online)
}

// perCPUs makes a step with -c, in a job of that size unless the caller is in a job. The cgroups of
// this process do not limit that task.
func (st *step) perCPUs(r *evaluation.Request, env *environment, mask nodeinfo.Mask, online int) {
	r.LocalTasks = max(1, min(st.tasks, online/st.perTask))
	r.CPUsPerTask, r.CPUs = st.perTask, r.LocalTasks*mask.Count()
	r.Cgroup = unlimited
	env.add("SLURM_CPUS_PER_TASK=" + strconv.Itoa(st.perTask))
	if _, inJob := env.values["SLURM_JOB_CPUS_PER_NODE"]; !inJob {
		env.add("SLURM_JOB_CPUS_PER_NODE=" + strconv.Itoa(r.CPUs))
	}
}

// unlimited is the /proc/PID/cgroup of a process that no cgroup limits: none of its cgroups has the
// controller of CPU time (cgroups(7)).
const unlimited = "1:name=none:/\n"

// request returns the step as the shim would describe it to the engine.
func (st *step) request(mask nodeinfo.Mask, online int) (evaluation.Request, error) {
	r := evaluation.DefaultRequest()
	r.Default, r.Affinity, r.Option, r.Kind = st.def, st.affinity, st.words, st.kind
	r.Argv, r.Dir, r.UID, r.GID, r.Tasks, r.LocalTasks = st.argv, st.cwd, os.Getuid(), os.Getgid(), st.tasks, st.tasks
	r.Deadline = st.deadline
	r.Groups, _ = os.Getgroups() // the primary one is among the facts anyway
	if !st.given("policy") && !st.builtin {
		r.Config = st.config
	}
	if !st.given("cwd") {
		dir, err := os.Getwd()
		if err != nil {
			return r, fmt.Errorf("the working directory cannot be told: %w; name one with --cwd", err)
		}
		r.Dir = dir
	}
	env := newEnvironment()
	if !st.cleanEnv {
		env.add(os.Environ()...)
	}
	for _, o := range []struct{ option, name, value string }{
		{"partition", "SLURM_JOB_PARTITION", st.partition},
		{"account", "SLURM_JOB_ACCOUNT", st.account},
		{"qos", "SLURM_JOB_QOS", st.qos},
	} {
		if st.given(o.option) {
			env.add(o.name + "=" + o.value)
		}
	}
	if err := st.who(&r, env); err != nil {
		return r, err
	}
	if st.perTask > 0 {
		st.perCPUs(&r, env, mask, online)
	}
	env.add(st.env...)
	r.Env = env.list()
	r.Option = site.Option(st.words, r.Env)
	return r, nil
}

// who sets the job's user and group.
func (st *step) who(r *evaluation.Request, env *environment) error {
	if st.user != "" {
		u, err := user.Lookup(st.user)
		if isNumber(st.user) {
			if u, err = user.LookupId(st.user); err != nil { // a number needs no name
				u, err = &user.User{Uid: st.user, Gid: strconv.Itoa(r.GID)}, nil
			}
		}
		if err != nil {
			return fmt.Errorf("--user %q: no such user here: want a name that is known here, or a number", st.user)
		}
		r.UID, _ = strconv.Atoi(u.Uid)
		r.GID, _ = strconv.Atoi(u.Gid)
		r.Groups = nil
		if ids, err := u.GroupIds(); err == nil {
			for _, id := range ids {
				gid, _ := strconv.Atoi(id)
				r.Groups = append(r.Groups, gid)
			}
		}
		delete(env.values, "SLURM_JOB_USER")
		if u.Username != "" {
			env.add("SLURM_JOB_USER=" + u.Username)
		}
	}
	if st.group != "" {
		number := st.group
		if !isNumber(number) {
			g, err := user.LookupGroup(st.group)
			if err != nil {
				return fmt.Errorf("--group %q: no such group here: want a name that is known here, or a number", st.group)
			}
			number = g.Gid
		}
		r.GID, _ = strconv.Atoi(number)
	}
	return nil
}

func isNumber(id string) bool {
	_, err := strconv.ParseUint(id, 10, 32)
	return err == nil
}

// environment returns a list NAME=VALUE. The last value of a name counts.
type environment struct {
	values map[string]string
}

func newEnvironment() *environment { return &environment{map[string]string{}} }

func (e *environment) add(entries ...string) {
	for _, entry := range entries {
		name, value, _ := strings.Cut(entry, "=")
		e.values[name] = value
	}
}

func (e *environment) list() []string {
	var list []string
	for name, value := range e.values {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}
