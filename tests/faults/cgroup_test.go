// SPDX-License-Identifier: MIT

package faults

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// inGroups runs a host in cgroups. The root of cgroup v2 is at the place that it has on a
// node with only that version.
const inGroups = `#!/bin/sh
for group in %[1]s; do
	echo $$ >"$group/cgroup.procs" || exit 99
done
[ -z "%[2]s" ] || mount --bind "%[2]s" /sys/fs/cgroup || exit 99
exec %[3]s "$@"
`

// hostInGroups makes a host that runs in these cgroups; unified is the root of cgroup v2
// if it is to be the only version.
func hostInGroups(t *testing.T, unified string, groups ...string) string {
	t.Helper()
	inner := inScratch("host-in-groups.sh")
	must(t, os.WriteFile(inner, fmt.Appendf(nil, inGroups, strings.Join(groups, " "), unified, host), 0o755))
	outer := inScratch("host-in-groups")
	must(t, os.WriteFile(outer, fmt.Appendf(nil, "#!/bin/sh\nexec unshare -m %s \"$@\"\n", inner), 0o755))
	return outer
}

// makeGroups makes directories of cgroups, and removes them when the test is over.
func makeGroups(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if err := os.Mkdir(path, 0o755); err != nil {
			t.Skipf("this machine lets nobody make a cgroup: %v", err)
		}
		t.Cleanup(func() {
			until(t, "the cgroup is empty and removed", func() bool { return unix.Rmdir(path) == nil })
		})
	}
}

// unifiedRoot is the directory on which cgroup v2 is mounted.
func unifiedRoot(t *testing.T) string {
	t.Helper()
	for _, root := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
		var st unix.Statfs_t
		if unix.Statfs(root, &st) == nil && st.Type == unix.CGROUP2_SUPER_MAGIC {
			return root
		}
	}
	t.Skip("this machine has no cgroup v2")
	return ""
}

// The evaluator is in none of the step's cgroups, and has the CPUs that it had there. Under
// contain_spank it stays: there it reads the quota of its own cgroup for that of the tasks.
func TestEvaluatorLeavesCgroups(t *testing.T) {
	name := filepath.Base(rootOnly(t))
	t.Run("v2", func(t *testing.T) {
		root := unifiedRoot(t)
		scope := filepath.Join(root, name+".scope")
		group := scope + "/job_1/step_0/slurm"
		makeGroups(t, scope, scope+"/system", scope+"/job_1", scope+"/job_1/step_0", group)
		s := step{host: hostInGroups(t, root, group), lib: brokenEngine(t, "tells-cgroups"), more: []string{"tasks 2"}}
		s.asWithoutPlugin(t, `in:( cpu\d+)+`)
		s.more = append(s.more, "contain")
		s.asWithoutPlugin(t, `in: 0::/.*/job_1/step_0/slurm( cpu\d+)+`)
		// and the second process is slurmstepd's child, and reaped like the first
		for _, kind := range []string{"works", "sleeps", "segfaults", "sleeps-in-load", "allocates"} {
			s := step{host: s.host, lib: brokenEngine(t, kind), env: plain, ms: 200, more: []string{"tasks 2", "repeat 3"}}
			o := s.launch(t)
			o.unharmed(t)
			if kind == "works" && !o.has(1, "FROM_ENGINE=1") {
				t.Errorf("%q; the log %q", o.env(1), o.log)
			}
			s.more = []string{"tasks 2", "abort fork"}
			s.launch(t).unharmed(t)
		}
	})
	t.Run("v1", func(t *testing.T) {
		var groups []string
		for _, controller := range []string{"cpuset", "freezer", "memory"} {
			root := filepath.Join("/sys/fs/cgroup", controller)
			if _, err := os.Stat(filepath.Join(root, "tasks")); err != nil {
				t.Skipf("this machine has no cgroup v1: %v", err)
			}
			top := filepath.Join(root, "slurm_"+name)
			group := top + "/uid_1/job_1/step_0"
			makeGroups(t, top, top+"/uid_1", top+"/uid_1/job_1", group)
			groups = append(groups, group)
		}
		// the first of the CPUs for the step, all of them for what is above it
		var mask unix.CPUSet
		must(t, unix.SchedGetaffinity(0, &mask))
		cpu := 0
		for ; !mask.IsSet(cpu); cpu++ {
		}
		for _, dir := range []string{"", "/uid_1", "/uid_1/job_1", "/uid_1/job_1/step_0"} {
			top := filepath.Join("/sys/fs/cgroup/cpuset", "slurm_"+name)
			for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
				value, err := os.ReadFile(filepath.Join("/sys/fs/cgroup/cpuset", file))
				must(t, err)
				if strings.HasSuffix(dir, "step_0") && file == "cpuset.cpus" {
					value = fmt.Append(nil, cpu)
				}
				must(t, os.WriteFile(filepath.Join(top+dir, file), value, 0))
			}
		}
		s := step{host: hostInGroups(t, "", groups...), lib: brokenEngine(t, "tells-cgroups"), more: []string{"tasks 2"}}
		s.asWithoutPlugin(t, fmt.Sprint("in: cpu", cpu))
		s.more = append(s.more, "contain")
		s.asWithoutPlugin(t, fmt.Sprint("in: .*/job_1/step_0.* cpu", cpu))
	})
}

// The job's CPU quota counts also if the evaluator, which has left the job's cgroups, may not
// look into /proc/PID of a task.
func TestQuotaOfHiddenTasks(t *testing.T) {
	const hierarchy = "/sys/fs/cgroup/cpu"
	if _, err := os.Stat(hierarchy + "/tasks"); err != nil {
		t.Skipf("this machine has no CPU quotas of cgroup v1: %v", err)
	}
	top := filepath.Join(hierarchy, "slurm_"+filepath.Base(rootOnly(t)))
	job := top + "/uid_1/job_1"
	makeGroups(t, top, top+"/uid_1", job, job+"/step_0")
	must(t, os.WriteFile(job+"/cpu.cfs_quota_us", []byte("100000"), 0))
	inGroup := hostInGroups(t, "", job+"/step_0")
	for _, hidden := range []string{"hidepid=0", "hidepid=1", "hidepid=2"} {
		t.Run(hidden, func(t *testing.T) {
			outer := inScratch("host-with-" + hidden)
			must(t, os.WriteFile(outer, fmt.Appendf(nil, "#!/bin/sh\nexec unshare -m sh -c 'mount -t proc -o %s proc /proc && exec %s \"$@\"' sh \"$@\"\n", hidden, inGroup), 0o755))
			o := step{host: outer, more: []string{counted, "cpus 2"}}.launch(t)
			o.unharmed(t)
			for i := range o.tasks {
				if !o.has(i, "OMP_NUM_THREADS=1") {
					t.Errorf("task %d has %q; the log %q", i, o.env(i), o.log)
				}
			}
		})
	}
}

// jobGroups are the cgroups that the node has for jobs.
func (n *node) jobGroups() (found []string) {
	filepath.WalkDir("/sys/fs/cgroup", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasPrefix(entry.Name(), "job_") && strings.Contains(path, n.NodeNames[0]) {
			found = append(found, path)
		}
		return nil
	})
	return found
}

// An evaluator that hangs in the kernel keeps no cgroup of the step's, and the step ends
// while it hangs.
func TestHangingEvaluatorKeepsNoCgroup(t *testing.T) {
	dir, abort := mountHanging(t)
	n := startNode(t)
	defer abort() // before the cluster is stopped, which waits for each process
	if !n.Cgroup {
		t.Skipf("this machine has no cgroups for a cluster: %s", n.WhyNoCgroup)
	}
	must(t, copyTo("/bin/true", filepath.Join(n.Home, "python3")))
	n.plugstack("lib=" + n.lib + " deadline=200")
	out, complaints, err := n.run("srun", "-n", "1", "./python3", dir+"/x.py")
	if err != nil || out+complaints != "" {
		t.Errorf("srun: %v %q %q", err, out, complaints)
	}
	until(t, "slurmstepd ends", func() bool { return len(n.processes("slurmstepd")) == 0 })
	until(t, "the step's cgroups are gone", func() bool { return len(n.jobGroups()) == 0 })
	said := regexp.MustCompile(`the evaluator \(pid (\d+)\) hangs in the kernel`).FindStringSubmatch(n.log())
	if said == nil {
		t.Fatal("the log has no line about an evaluator that hangs")
	}
	// killed, it has lost its first thread, and has the one that hangs
	threads := func() int {
		found, _ := filepath.Glob("/proc/" + said[1] + "/task/*")
		return len(found)
	}
	if threads() < 2 {
		t.Errorf("the evaluator does not hang any more, so this does not show what it keeps: %d threads", threads())
	}
	abort()
	until(t, "the evaluator ends", func() bool { return threads() < 2 })
	n.inService()
}
