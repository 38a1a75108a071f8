// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	// maxUnread bounds the number of errors for one path of cgroups.
	maxUnread = 8
	// maxMounts bounds the number of mounts of a part of the hierarchy that are looked
	// at.
	maxMounts = 4
	// defaultPeriod is the kernel's default in microseconds, for a cpu.max without a
	// period.
	defaultPeriod = 100000
)

// Quota returns the CPU time that the cgroups of a process allow, in CPUs: the
// smallest quota of its own cgroup and of all above it, 2.5 for 250 ms in each
// 100 ms. pid is a number or "self". limited is false if no cgroup sets a quota.
// The error joins one error for each limit that could not be read; the other limits count.
//
// Cgroups that another mount or a container hides do not count. Cpusets are not a part of this:
// they show in sched_getaffinity(2).
//
// prometheus/procfs can parse /proc/PID/cgroup and mountinfo, but it reads up to 1 MiB of
// them at once and compiles regular expressions when it is loaded.
//
// https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
// https://docs.kernel.org/scheduler/sched-bwc.html
func (fs FS) Quota(pid string) (cpus float64, limited bool, err error) {
	q, err := fs.Quotas(pid)
	cpus = q.tightest()
	if math.IsInf(cpus, 1) {
		return 0, false, err
	}
	return cpus, true, err
}

// Quotas is the CPU time that cgroups allow, in CPUs. 0 means no limit.
type Quotas struct {
	// Task is the quota of the cgroup that Slurm made for the task, and of those below it. Only
	// the task is in it.
	Task float64
	// Shared is the quota of the cgroups above it. The other tasks of the step are in them as
	// well, or those of the job, or all processes of the node.
	Shared float64
}

func (q Quotas) tightest() float64 { return min(orNone(q.Task), orNone(q.Shared)) }

// orNone returns a quota, or infinity if there is none.
func orNone(cpus float64) float64 {
	if cpus == 0 {
		return math.Inf(1)
	}
	return cpus
}

// add keeps one more quota of the task or of a cgroup above it.
func (q *Quotas) add(cpus float64, task bool) {
	if task {
		q.Task = min(orNone(q.Task), cpus)
		return
	}
	q.Shared = min(orNone(q.Shared), cpus)
}

// ofTask reports whether name is that of the cgroup that Slurm makes for one task: task_0, or
// task_special for programs that a step runs beside its tasks.
// Source: Slurm's src/plugins/cgroup/common and cgroup/v2, "%s/task_%u".
func ofTask(name string) bool { return strings.HasPrefix(name, "task_") }

// Quotas is as Quota, but separates the quota of the task's cgroup from those above it.
func (fs FS) Quotas(pid string) (Quotas, error) {
	q, errs := fs.quotas(pid)
	return q, joinQuota(errs)
}

// QuotasIn is like Quotas, for a process whose /proc/PID/cgroup has this text. The text
// must come from the cgroup namespace of this process. On a recorded node, the mounts are
// the mounts of its process "self".
func (fs FS) QuotasIn(text string) (Quotas, error) {
	q, errs := fs.quotasIn("self", "proc/self/cgroup", text)
	return q, joinQuota(errs)
}

func joinQuota(errs []error) error {
	for i, err := range errs {
		errs[i] = of("quota", err)
	}
	return errors.Join(errs...)
}

func (fs FS) quotas(pid string) (q Quotas, errs []error) {
	if _, err := strconv.ParseUint(pid, 10, 32); err != nil && pid != "self" {
		return q, []error{fmt.Errorf("%q is no process: want a number or self", clip(pid))}
	}
	name := "proc/" + pid + "/cgroup"
	text, err := fs.read(name, maxCgroupFile)
	if absent(err) && fs.exists("proc/"+pid) {
		return q, nil // a kernel without cgroups
	}
	if err != nil {
		return q, []error{err}
	}
	return fs.quotasIn(pid, name, string(text))
}

// quotasIn reads the quotas of the cgroup in text, which is the content of the file name.
// It looks below the mounts that pid sees.
func (fs FS) quotasIn(pid, name, text string) (q Quotas, errs []error) {
	m, found, err := parseCgroup(text)
	if err == nil && text == "" {
		err = errors.New("empty")
	}
	if err != nil {
		errs = append(errs, fs.failed("read", name, err))
	}
	if !found {
		return q, errs
	}
	if len(m.path) > unix.PathMax {
		return q, append(errs, fs.failed("read", name, fmt.Errorf("cgroup %q of %d bytes: a path has %d at most", clip(m.path), len(m.path), unix.PathMax)))
	}
	mounts, err := fs.cgroupMounts(pid, m)
	errs = append(errs, err)
	for _, mnt := range mounts {
		if mnt.above(m.path) {
			errs = append(errs, fs.failed("read", mnt.point[1:], errors.New("the cgroups between this one and the namespace's are out of sight")))
		}
		rel, _ := mnt.below(m.path)
		errs = append(errs, fs.along(&q, mnt.point[1:], rel, m.v1)...)
	}
	return q, errs
}

// along keeps the smallest quotas of the cgroups from the directory point to the one at rel below
// it. It goes from directory to directory. To look up a path for each of them would take time in
// the square of their number.
func (fs FS) along(all *Quotas, point, rel string, v1 bool) (errs []error) {
	task := false
	dir, err := fs.open(point, unix.S_IFDIR)
	for at := point; err == nil; {
		q, set, err2 := fs.quotaIn(dir, at, v1)
		if set {
			all.add(q, task)
		}
		switch {
		case err2 != nil && len(errs) < maxUnread:
			errs = append(errs, err2)
		case err2 != nil && len(errs) == maxUnread:
			errs = append(errs, fs.failed("read", at, errors.New("cannot be read either, nor some of those below it")))
		}
		if rel == "" {
			_ = unix.Close(dir)
			return errs
		}
		var base string
		base, rel, _ = strings.Cut(strings.TrimLeft(rel, "/"), "/")
		at += "/" + base
		task = task || ofTask(base)
		var next int
		next, err = fs.openIn(dir, base, at, unix.S_IFDIR)
		_ = unix.Close(dir)
		dir = next
	}
	return append(errs, err)
}

// reader returns the process whose mounts count. On the running machine it is this process,
// because pid may be in a container.
func (fs FS) reader(pid string) string {
	if fs.live() {
		return "self"
	}
	return pid
}

// cgroupMounts returns the mounts in which the hierarchy of m can be read.
func (fs FS) cgroupMounts(pid string, m membership) ([]mount, error) {
	pid = fs.reader(pid)
	mounts, err := fs.mounts(pid, m)
	if len(mounts) > 0 {
		return mounts, err
	}
	if err != nil && !absent(err) {
		return nil, err
	}
	if absent(err) { // a recorded machine
		points := []string{"/sys/fs/cgroup/unified", "/sys/fs/cgroup"}
		if m.v1 {
			points = []string{"/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/cpuacct,cpu", "/sys/fs/cgroup/cpu"}
		}
		for _, point := range points {
			mnt := mount{root: "/", point: point}
			if _, ok := mnt.below(m.path); ok && fs.exists(point[1:]) {
				return []mount{mnt}, nil
			}
		}
	}
	outside := ""
	if ups(m.path) > 0 {
		outside = ", which is outside of the cgroup namespace"
	}
	return nil, fs.failed("read", "proc/"+pid+"/mountinfo", fmt.Errorf("no mount shows cgroup %q%s", clip(m.path), outside))
}

// quotaIn reads the quota of one cgroup, whose directory is open and called at. A cgroup without
// the files has no quota: the root, and one whose parent does not pass the controller on.
func (fs FS) quotaIn(dir int, at string, v1 bool) (cpus float64, set bool, err error) {
	if !v1 {
		text, err := fs.valueIn(dir, at, "cpu.max")
		if absent(err) {
			return 0, false, nil
		}
		if err == nil {
			if cpus, set, err = parseCPUMax(text); err != nil {
				err = fs.failed("read", at+"/cpu.max", err)
			}
		}
		return cpus, set, err
	}
	quota, err := fs.valueIn(dir, at, "cpu.cfs_quota_us")
	if absent(err) || err == nil && strings.HasPrefix(quota, "-") {
		return 0, false, nil // -1 means no quota
	}
	period := ""
	if err == nil {
		period, err = fs.valueIn(dir, at, "cpu.cfs_period_us")
	}
	if err != nil {
		return 0, false, err
	}
	if cpus, err = divide(quota, period); err != nil {
		return 0, false, fs.failed("read", at+"/cpu.cfs_quota_us", err)
	}
	return cpus, true, nil
}

// parseCPUMax reads a cpu.max, "$MAX $PERIOD" in microseconds: "250000 100000",
// or "max 100000" if there is no quota.
func parseCPUMax(text string) (cpus float64, set bool, err error) {
	words := strings.Fields(text)
	if len(words) == 1 {
		words = append(words, strconv.Itoa(defaultPeriod))
	}
	if len(words) != 2 {
		return 0, false, fmt.Errorf("%q is not a quota and a period", clip(text))
	}
	if words[0] == "max" {
		return 0, false, nil
	}
	cpus, err = divide(words[0], words[1])
	return cpus, err == nil, err
}

// divide returns the quota divided by the period. Both must be positive.
func divide(quota, period string) (float64, error) {
	q, err := strconv.ParseUint(quota, 10, 64)
	p, err2 := strconv.ParseUint(period, 10, 64)
	if err != nil || err2 != nil || q == 0 || p == 0 {
		return 0, fmt.Errorf("quota %q and period %q are not two positive numbers", clip(quota), clip(period))
	}
	return float64(q) / float64(p), nil
}
