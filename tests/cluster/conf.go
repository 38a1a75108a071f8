// SPDX-License-Identifier: MIT

package cluster

import (
	"fmt"
	"slices"
	"strings"
)

// layout has the values of the configuration files.
type layout struct {
	machine
	dir        string
	id         string // makes the cluster's names unique on the machine
	port       int    // slurmctld's; the slurmds' follow it
	nodes      int
	cgroup     bool
	systemd    bool // makes the scope of the slurmstepds
	bind       bool
	configless bool
	extra      []string // lines of slurm.conf that go before ours
}

func (l layout) nodeNames() []string {
	names := make([]string, l.nodes)
	for i := range names {
		names[i] = fmt.Sprintf("mpp%s-%d", l.id, i)
	}
	return names
}

// slurmConf returns the text of slurm.conf. All keys are those of Slurm 22.05
// that 26.05 still has.
func (l layout) slurmConf() string {
	proctrack, task := "proctrack/linuxproc", "task/none"
	switch {
	case l.cgroup:
		proctrack, task = "proctrack/cgroup", "task/cgroup,task/affinity"
	case l.bind:
		task = "task/affinity"
	}
	lines := []string{
		"ClusterName=mpp" + l.id,
		fmt.Sprintf("SlurmctldHost=%s(127.0.0.1)", l.hostname),
		fmt.Sprintf("SlurmctldPort=%d", l.port),
		"AuthInfo=socket=" + mungeSocket(l.dir),
		"SlurmUser=root",
		"SlurmdUser=root",
		"StateSaveLocation=" + l.dir + "/state",
		"SlurmdSpoolDir=" + l.dir + "/spool/%n",
		"SlurmctldPidFile=" + l.dir + "/run/slurmctld.pid",
		"SlurmdPidFile=" + l.dir + "/run/%n.pid",
		"SlurmctldLogFile=" + l.dir + "/log/slurmctld.log",
		"SlurmdLogFile=" + l.dir + "/log/%n.log",
		"SlurmdDebug=verbose", // the lines of slurm_info, and more
		"MailProg=/bin/true",
		"MpiDefault=none",
		"ProctrackType=" + proctrack,
		"TaskPlugin=" + task,
		"SelectType=select/cons_tres",
		"SelectTypeParameters=CR_CPU",
		"SchedulerType=sched/builtin",
		// else each batch job waits for 3 s, as the first one does: slurmctld reads
		// this when it first schedules
		"SchedulerParameters=batch_sched_delay=0,sched_interval=1",
		"ReturnToService=2",
		"KillWait=1",
		"MinJobAge=4", // makes sbatch --wait look every 2 s, not after 2, 8, 32 s
		"InactiveLimit=0",
	}
	ports := fmt.Sprint(l.port + 1)
	nodes := l.nodeNames()[0]
	if l.nodes > 1 {
		ports = fmt.Sprintf("[%d-%d]", l.port+1, l.port+l.nodes)
		nodes = fmt.Sprintf("mpp%s-[0-%d]", l.id, l.nodes-1)
	}
	lines = append(
		lines,
		fmt.Sprintf("NodeName=%s NodeHostname=%s NodeAddr=127.0.0.1 Port=%s %s", nodes, l.hostname, ports, l.topology),
		"PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP",
	)
	if l.configless {
		lines = append(lines, "SlurmctldParameters=enable_configless")
	}
	extra := l.extra
	if !l.isHardware {
		extra = overridden(extra)
	}
	given := map[string]bool{}
	for _, line := range extra {
		given[key(line)] = true
	}
	var b strings.Builder
	for _, line := range lines {
		if !given[key(line)] {
			b.WriteString(line + "\n")
		}
	}
	for _, line := range extra {
		b.WriteString(line + "\n")
	}
	return b.String()
}

// overridden adds the parameter with which slurmd takes the number of CPUs from slurm.conf and not from the
// machine.
func overridden(lines []string) []string {
	const name, parameter = "SlurmdParameters", "config_overrides"
	for i, line := range lines {
		if key(line) == strings.ToLower(name) {
			lines = slices.Clone(lines)
			lines[i] = line + "," + parameter
			return lines
		}
	}
	return append(slices.Clone(lines), name+"="+parameter)
}

// key returns the key of a line; Slurm does not look at its case.
func key(line string) string {
	name, _, _ := strings.Cut(line, "=")
	return strings.ToLower(strings.TrimSpace(name))
}

// Cgroups names the control groups that the cluster uses, for people.
func (c *Cluster) Cgroups() string {
	switch {
	case !c.Cgroup:
		return "no cgroups: " + c.WhyNoCgroup
	case !cgroupV2():
		return "cgroup version 1"
	case belowSystemd():
		return "cgroup version 2, below systemd"
	}
	return "cgroup version 2, without systemd"
}

// cgroupConf returns the text of cgroup.conf.
func (l layout) cgroupConf() string {
	if !l.cgroup {
		return ""
	}
	lines := "ConstrainCores=yes\n"
	switch {
	case cgroupV2() && l.systemd:
		// systemd makes the scope of the slurmstepds, and an emulated machine is slow
		return "CgroupPlugin=cgroup/v2\nSystemdTimeout=120000\n" + lines
	case cgroupV2():
		// systemd knows nothing of a private slurmd
		return "CgroupPlugin=cgroup/v2\nIgnoreSystemd=yes\n" + lines
	}
	return "CgroupPlugin=cgroup/v1\nCgroupMountpoint=" + cgroupRoot + "\n" + lines
}
