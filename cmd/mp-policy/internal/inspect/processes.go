// SPDX-License-Identifier: MIT

package inspect

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"

	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/policy"
	"slurm-mp-policy/workload"
)

// Process is one process of a task.
type Process struct {
	PID  int `json:"pid"`
	PPID int `json:"ppid"`
	UID  int `json:"uid"`
	// Depth is the number of processes of the task that are above it.
	Depth   int      `json:"depth"`
	Name    string   `json:"name"`
	Command []string `json:"command"`
	Python  bool     `json:"python"`
	// Role is worker, helper (a resource tracker, a fork server) or "".
	Role string `json:"role,omitempty"`
	// Start is the start method of a worker, or the kind of a helper.
	Start string `json:"start,omitempty"`
	// CPUs are those that its threads may run on. On are those that they ran on.
	CPUs    string `json:"cpus"`
	On      string `json:"on"`
	Threads int    `json:"threads"`
	// Runnable counts the threads that ran or waited for a CPU most of the time.
	Runnable int `json:"runnable"`
	// Used is CPU time, in CPUs.
	Used float64 `json:"used"`
	// Variables are those that the policy may set, as they were when the program began.
	Variables []Variable `json:"variables"`
	Applied   string     `json:"applied,omitempty"`

	job        int
	step       string
	daemon     bool // slurmstepd, or a process that it starts for itself
	executable string
	start      uint64
	flags      uint
	env        map[string]string
	gid        int
	mask, on   nodeinfo.Mask
	readable   bool // its command and environment
	mixed      bool // it has rights of more than one user or group
	ticks      float64
}

// Variable is one of those that the policy may set. Policy is true if the policy has set
// it.
type Variable struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Policy bool   `json:"policy"`
}

// gone reports whether an error means that a process has ended. A read of /proc/PID/stat
// returns ESRCH then.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH)
}

// list reads all processes that the user may look at. It leaves out a process that ends
// during the call.
func (in *inspection) list() (map[int]*Process, error) {
	procs, err := in.proc.AllProcs()
	if err != nil {
		return nil, err
	}
	in.others, in.inJobs, in.unread = map[int]bool{}, map[int]bool{}, map[int]bool{}
	all := make(map[int]*Process, len(procs))
	for _, p := range procs {
		if read := in.read(p); read != nil {
			all[p.PID] = read
		}
	}
	inherit(all)
	for _, p := range all {
		// slurmstepd starts it to keep an extern step
		if parent := all[p.PPID]; parent != nil && parent.daemon && p.step == "extern" && p.Name == "sleep" {
			p.daemon = true
		}
	}
	return all, nil
}

// inherit gives a process without a job the job of the nearest process above it that has
// one. Its environment may have been emptied (env -i), or cannot be read.
func inherit(all map[int]*Process) {
	for _, p := range all {
		if p.job != 0 || p.daemon {
			continue
		}
		above := all[p.PPID]
		for range len(all) {
			if above == nil || above.daemon || above.job != 0 {
				break
			}
			above = all[above.PPID]
		}
		if above != nil && !above.daemon && above.job != 0 && above.start <= p.start {
			p.job, p.step = above.job, above.step
		}
	}
}

// read returns nil for a process that has ended, is the kernel's or is another user's.
func (in *inspection) read(p procfs.Proc) *Process {
	stat, err := p.Stat()
	switch {
	case err != nil && !gone(err):
		// hidepid=1 of proc(5): the process is there and only root may look at it
		in.others[p.PID] = true
		return nil
	case err != nil, stat.State == "Z", stat.State == "X":
		return nil
	}
	read := &Process{
		PID: p.PID, PPID: stat.PPID, Name: stat.Comm, Threads: stat.NumThreads,
		start: stat.Starttime, flags: stat.Flags, ticks: stat.CPUTime(),
	}
	status, err := p.NewStatus()
	if err != nil {
		return nil
	}
	read.UID, read.gid = int(status.UIDs[0]), int(status.GIDs[0])
	read.mixed = slices.ContainsFunc(status.UIDs[:], func(id uint64) bool { return id != status.UIDs[0] }) ||
		slices.ContainsFunc(status.GIDs[:], func(id uint64) bool { return id != status.GIDs[0] })
	read.daemon = stat.Comm == "slurmstepd" && read.UID == 0 || stat.Comm == "slurmd" && read.UID == 0
	if cgroups, err := p.Cgroups(); err == nil {
		read.job, read.step = jobOfCgroups(cgroups)
	}
	if in.UID != 0 && read.UID != in.UID {
		in.others[p.PID] = true
		in.inJobs[read.job] = true
		return nil
	}
	read.readCommand(in, p)
	if read.job == 0 && !read.daemon {
		read.job, read.step = jobOfEnvironment(read.env)
	}
	return read
}

// readCommand reads the data that the kernel shows only to the user of a process and to
// root.
func (p *Process) readCommand(in *inspection, from procfs.Proc) {
	var errs [3]error
	var env []string
	p.Command, errs[0] = from.CmdLine()
	env, errs[1] = from.Environ()
	p.executable, errs[2] = from.Executable()
	p.executable = strings.TrimSuffix(p.executable, " (deleted)")
	for _, err := range errs {
		if err != nil && !gone(err) {
			in.unread[p.PID] = true
		}
	}
	p.readable = errors.Join(errs[:]...) == nil
	p.env = map[string]string{}
	for _, entry := range env {
		name, value, ok := strings.Cut(entry, "=")
		if _, twice := p.env[name]; ok && !twice {
			p.env[name] = value
		}
	}
}

// isPython reports whether the process runs a Python interpreter.
func (p *Process) isPython() bool {
	if p.executable != "" {
		return workload.IsPython(filepath.Base(p.executable))
	}
	return len(p.Command) > 0 && workload.IsPython(filepath.Base(p.Command[0]))
}

// setVariables keeps the variables of the environment that the policy may set.
func (p *Process) setVariables(names []string) {
	p.Variables = []Variable{}
	p.Applied = p.env[policy.AppliedName]
	_, injected := original(p.env)
	for _, name := range names {
		if value, ok := p.env[name]; ok {
			p.Variables = append(p.Variables, Variable{name, value, slices.Contains(injected, name)})
		}
	}
}

// original returns an environment without the policy's changes, and the names of the
// changed variables. A decision without rules takes the changes back.
func original(env map[string]string) (own map[string]string, changed []string) {
	own = map[string]string{}
	for name, value := range env {
		own[name] = value
	}
	for _, c := range (policy.Rules{}).Decide(policy.Facts{Env: env}).Changes {
		changed = append(changed, c.Name)
		if own[c.Name] = c.Value; c.Unset {
			delete(own, c.Name)
		}
	}
	return own, changed
}

// maskOf turns the numbers of a list of CPUs into a mask.
func maskOf(cpus []uint64) nodeinfo.Mask {
	words := make([]string, len(cpus))
	for i, cpu := range cpus {
		words[i] = strconv.FormatUint(cpu, 10)
	}
	mask, err := nodeinfo.ParseList(strings.Join(words, ","))
	if err != nil {
		return nodeinfo.Mask{}
	}
	return mask
}

// supplementary returns the further groups of a process. Package procfs does not read them.
func (in *inspection) supplementary(pid int) (groups []int) {
	text, err := os.ReadFile(filepath.Join(in.Root, "proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		if list, ok := strings.CutPrefix(line, "Groups:"); ok {
			for _, word := range strings.Fields(list) {
				if gid, err := strconv.Atoi(word); err == nil {
					groups = append(groups, gid)
				}
			}
		}
	}
	return groups
}
