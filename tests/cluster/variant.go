// SPDX-License-Identifier: MIT

package cluster

import (
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Variables that change each cluster, to run all tests on another kind of cluster.
const (
	// ConfVariable has lines for slurm.conf. Those of [Options] come after them.
	ConfVariable = "MP_POLICY_TEST_CONF"
	// BaseVariable is the directory below which clusters without an Options.Dir
	// make theirs, in place of /tmp, which jobs do not see if each job has a private /tmp.
	BaseVariable = "MP_POLICY_TEST_BASE"
	// MountsVariable, when it is "caller", has the cluster make no mount namespace
	// of its own: its caller has made one for it. Slurm's tmpfs plugins bind the
	// namespace of each job to a file, which the kernel refuses where its number is
	// lower than the present one's (mnt_ns_loop in Linux's fs/namespace.c), and
	// Linux 6.18 numbers them on each CPU apart (kernel/nstree.c).
	MountsVariable = "MP_POLICY_TEST_MOUNTS"
	// SystemdVariable, when it is "yes", has systemd make the scope of each node's
	// slurmstepds, as on a node where systemd starts slurmd. It needs cgroup version 2.
	SystemdVariable = "MP_POLICY_TEST_SYSTEMD"
)

func confFromEnvironment() []string {
	var lines []string
	for line := range strings.Lines(os.Getenv(ConfVariable)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func belowSystemd() bool { return os.Getenv(SystemdVariable) == "yes" }

func base() string {
	if dir := os.Getenv(BaseVariable); dir != "" {
		return dir
	}
	return "/tmp"
}

// jobContainerConf returns the text of job_container.conf, which Slurm reads
// where JobContainerType=job_container/tmpfs (to 25.05) or
// NamespaceType=namespace/tmpfs (from 25.11) stands in slurm.conf.
func (l layout) jobContainerConf() string {
	return "AutoBasePath=true\nBasePath=" + l.dir + "/private\n"
}

// unmountBelow unmounts what slurmd leaves mounted below a directory; the paths
// are those of proc_pid_mountinfo(5), the last mounted first.
func unmountBelow(dir string) {
	text, _ := os.ReadFile("/proc/self/mountinfo")
	lines := strings.Split(string(text), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		fields := strings.Fields(lines[i])
		if len(fields) > 4 && strings.HasPrefix(fields[4], dir+string(filepath.Separator)) {
			unix.Unmount(fields[4], unix.MNT_DETACH)
		}
	}
}
