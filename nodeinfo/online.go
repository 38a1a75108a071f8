// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"errors"
	"fmt"
	"strconv"
)

// The functions below read the files online, present and possible of
// /sys/devices/system/cpu, and the directories of the CPUs:
// https://docs.kernel.org/admin-guide/cputopology.html

// online returns the CPUs that are online. It reads the file online, or, on kernels
// before 2.6.26, the directories of the CPUs.
func (fs FS) online() (Mask, error) {
	m, err := fs.listFile(cpuDir + "/online")
	if err == nil && m.Count() == 0 {
		err = fs.failed("read", cpuDir+"/online", errors.New("no CPU is online"))
	}
	if !absent(err) {
		return m, err
	}
	cpus, err2 := fs.numbered(cpuDir, "cpu")
	if err2 != nil {
		return Mask{}, err2
	}
	if cpus.Count() == 0 {
		return Mask{}, err
	}
	if err := fs.complete(cpus); err != nil {
		return Mask{}, err
	}
	return fs.switchedOn(cpus)
}

// complete reports whether there is a directory for each CPU of the machine. A recorded machine may
// have lost some. The lists of CPUs show that, or those of the NUMA nodes. Without such lists, at
// least none may be missing from the first to the last.
func (fs FS) complete(cpus Mask) error {
	all, err := fs.listFile(cpuDir + "/present")
	if absent(err) {
		all, err = fs.listFile(cpuDir + "/possible")
	}
	if absent(err) {
		all, err = fs.nodeCPUs()
	}
	if absent(err) || err == nil && all.Count() == 0 {
		all, err = Mask{}, nil
		all.set(0, cpus.last())
	}
	if err != nil {
		return err
	}
	for cpu := range all.All() {
		if !cpus.Has(cpu) {
			return fs.failed("list", cpuDir, fmt.Errorf("no file online, and no directory cpu%d of the CPUs %s", cpu, clip(all.String())))
		}
	}
	return nil
}

// switchedOn returns the CPUs that are online by their own directories. It uses the file online, or
// the directory topology, which only a CPU has that was started. If the kernel makes no such
// directories, a CPU without the file beside others with it is online, because each CPU that can be
// taken offline has the file.
func (fs FS) switchedOn(cpus Mask) (Mask, error) {
	var on, bare Mask // bare has the CPUs with neither
	var states, topologies bool
	for cpu := range cpus.All() {
		dir := cpuDir + "/cpu" + strconv.Itoa(cpu)
		// A CPU that cannot be taken offline has no such file, and some
		// recorded machines have an empty one.
		state, err := fs.value(dir + "/online")
		if err != nil && !absent(err) {
			return Mask{}, err
		}
		topology := fs.exists(dir + "/topology")
		states, topologies = states || state != "", topologies || topology
		switch {
		case state == "1", state == "" && topology:
			on.set(cpu, cpu)
		case state == "":
			bare.set(cpu, cpu)
		}
	}
	switch {
	case !topologies && !states:
		return Mask{}, fs.failed("list", cpuDir, errors.New("no file online, and no directory cpuN has one or a topology"))
	case !topologies:
		on.add(bare)
	}
	if on.Count() == 0 {
		return Mask{}, fs.failed("list", cpuDir, errors.New("no CPU is online"))
	}
	return on, nil
}

// OnlineCPUs returns the CPUs that are online.
func (fs FS) OnlineCPUs() (Mask, error) { return fs.online() }
