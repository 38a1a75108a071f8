// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"strconv"
)

// The functions below read the files topology/core_siblings, package_cpus (with _list)
// and cpu_capacity of /sys/devices/system/cpu:
// https://docs.kernel.org/admin-guide/cputopology.html

// sockets counts the sets of CPUs that share a package, as lscpu and hwloc do,
// not the values of physical_package_id: those are -1 if the firmware gives none,
// and on s390 they repeat from book to book. Kernels before 3.18 cut a socket in two at its NUMA
// nodes (Cluster on Die); lscpu and hwloc print two then.
//
// Packages whose CPUs differ in capacity are the clusters of one processor, unless they are in
// different NUMA nodes. Before 5.19, arm64 called each cluster a package if the firmware is a
// device tree (drivers/base/arch_topology.c).
func (fs FS) sockets(online Mask) (int, error) {
	sets, err := fs.packages(online)
	return len(sets), err
}

// packages returns the CPUs of each socket, in the order of their first online CPUs. Some
// of the CPUs may be offline.
func (fs FS) packages(online Mask) ([]Mask, error) {
	var seen Mask
	var sets []Mask
	var first []int // first CPU of each set
	for cpu := range online.All() {
		if seen.Has(cpu) {
			continue
		}
		set, err := fs.topology(cpu, "core_siblings", "package_cpus")
		if err != nil {
			return nil, err
		}
		seen.add(set)
		sets = append(sets, set)
		first = append(first, cpu)
	}
	clusters, err := fs.differInCapacity(first)
	if err != nil {
		return nil, err
	}
	if clusters {
		nodes, err := fs.numaNodes(online)
		if err != nil {
			return nil, err
		}
		if nodes < 2 {
			return []Mask{seen}, nil
		}
	}
	return sets, nil
}

// differInCapacity reports whether two of the CPUs differ in the file cpu_capacity, which arm64 and
// some other architectures have. Without such a file, none do.
func (fs FS) differInCapacity(cpus []int) (bool, error) {
	if len(cpus) < 2 {
		return false, nil
	}
	var one string
	for i, cpu := range cpus {
		capacity, err := fs.value(cpuDir + "/cpu" + strconv.Itoa(cpu) + "/cpu_capacity")
		if absent(err) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if i > 0 && capacity != one {
			return true, nil
		}
		one = capacity
	}
	return false, nil
}
