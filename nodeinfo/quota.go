// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"path"
	"strconv"
	"strings"
)

const (
	// maxDepth bounds the cgroups from a process to the root.
	maxDepth = 64
	// maxMounts bounds the mounts of a part of the hierarchy that are looked at.
	maxMounts = 4
	// defaultPeriod is the kernel's, in microseconds, for a cpu.max without one.
	defaultPeriod = 100000
)

// Quota returns the CPU time that the cgroups of a process allow, in CPUs: the
// smallest quota of its own cgroup and of all above it, 2.5 for 250 ms in each
// 100 ms. pid is a number or "self". limited is false where no cgroup sets one.
// The error joins one for each limit that could not be read; the rest stands.
//
// Of a cgroup that another mount or a container hides, only what is in sight
// counts. Affinity is no part of this: sched_getaffinity(2) has cpusets in it.
//
// prometheus/procfs can parse /proc/PID/cgroup and mountinfo, but reads them up
// to 1 MiB at once and compiles regular expressions when it is loaded.
//
// https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
// https://docs.kernel.org/scheduler/sched-bwc.html
func (fs FS) Quota(pid string) (cpus float64, limited bool, err error) {
	if _, err := strconv.ParseUint(pid, 10, 32); err != nil && pid != "self" {
		return 0, false, fmt.Errorf("%q is no process: want a number or self", clip(pid))
	}
	name := "proc/" + pid + "/cgroup"
	text, err := fs.read(name, maxCgroupFile)
	if absent(err) && fs.exists("proc/"+pid) {
		return 0, false, nil // a kernel without cgroups
	}
	if err != nil {
		return 0, false, err
	}
	m, found, err := parseCgroup(string(text))
	if err == nil && !found && len(text) == 0 {
		err = errors.New("empty")
	}
	if err == nil && strings.Contains(m.path+"/", "/../") {
		err = fmt.Errorf("cgroup %q is outside of the cgroup namespace", clip(m.path))
	}
	if err != nil {
		return 0, false, fs.failed("read", name, err)
	}
	if !found {
		return 0, false, nil
	}
	mounts, err := fs.cgroupMounts(pid, m)
	errs := []error{err}
	for _, mnt := range mounts {
		rel, _ := mnt.below(m.path)
		if mnt.aboveNamespace() {
			errs = append(errs, fs.failed("read", mnt.point[1:], errors.New("the cgroups between this one and the namespace's are out of sight")))
		}
		if own := path.Join(mnt.point, rel)[1:]; !fs.exists(own) {
			errs = append(errs, fs.failed("read", own, iofs.ErrNotExist))
		}
		for depth := 0; ; depth++ {
			if depth == maxDepth {
				errs = append(errs, fs.failed("read", name, fmt.Errorf("more than %d cgroups above one another", maxDepth)))
				break
			}
			q, set, err := fs.quotaAt(path.Join(mnt.point, rel)[1:], m.v1)
			errs = append(errs, err)
			if set && (!limited || q < cpus) {
				cpus, limited = q, true
			}
			if rel == "" {
				break
			}
			rel = rel[:max(strings.LastIndexByte(rel, '/'), 0)]
		}
	}
	return cpus, limited, errors.Join(errs...)
}

// cgroupMounts returns where the hierarchy of m can be read. On the running
// machine it is this process that reads, so its own mounts count and not those of
// pid, which may be in a container.
func (fs FS) cgroupMounts(pid string, m membership) ([]mount, error) {
	if fs.live() {
		pid = "self"
	}
	mounts, err := fs.mounts(pid, m)
	if len(mounts) > 0 {
		return mounts, err
	}
	if err != nil && !absent(err) {
		return nil, err
	}
	if absent(err) { // a recorded machine
		for _, point := range []string{"/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/cpu", "/sys/fs/cgroup"} {
			if m.v1 != (point == "/sys/fs/cgroup") && fs.exists(point[1:]) {
				return []mount{{root: "/", point: point}}, nil
			}
		}
	}
	return nil, fs.failed("read", "proc/"+pid+"/mountinfo", fmt.Errorf("no mount shows cgroup %q", clip(m.path)))
}

// quotaAt reads the quota of one cgroup. A cgroup without the files has none: the
// root never has, nor one whose parent does not pass the controller on.
func (fs FS) quotaAt(dir string, v1 bool) (cpus float64, set bool, err error) {
	if !v1 {
		text, err := fs.value(dir + "/cpu.max")
		if absent(err) {
			return 0, false, nil
		}
		if err == nil {
			if cpus, set, err = parseCPUMax(text); err != nil {
				err = fs.failed("read", dir+"/cpu.max", err)
			}
		}
		return cpus, set, err
	}
	quota, err := fs.value(dir + "/cpu.cfs_quota_us")
	if absent(err) || err == nil && strings.HasPrefix(quota, "-") {
		return 0, false, nil // -1 is no quota
	}
	period := ""
	if err == nil {
		period, err = fs.value(dir + "/cpu.cfs_period_us")
	}
	if err != nil {
		return 0, false, err
	}
	if cpus, err = divide(quota, period); err != nil {
		return 0, false, fs.failed("read", dir+"/cpu.cfs_quota_us", err)
	}
	return cpus, true, nil
}

// parseCPUMax reads a cpu.max, "$MAX $PERIOD" in microseconds: "250000 100000",
// or "max 100000" where there is no quota.
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

// divide returns quota in periods. Neither may be 0.
func divide(quota, period string) (float64, error) {
	q, err := strconv.ParseUint(quota, 10, 64)
	p, err2 := strconv.ParseUint(period, 10, 64)
	if err != nil || err2 != nil || q == 0 || p == 0 {
		return 0, fmt.Errorf("quota %q and period %q are not two positive numbers", clip(quota), clip(period))
	}
	return float64(q) / float64(p), nil
}
