// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"cmp"
	"fmt"
	"slices"
)

// Core is one physical core of a node, and its place.
type Core struct {
	Socket int  // from 0, in the order of the sockets' first CPUs
	NUMA   int  // the kernel's number, -1 if the kernel has none
	CPUs   Mask // the core's online CPUs
}

// Layout returns the cores that have an online CPU, in the order of their first online
// CPUs. Unlike Node it reads the files of every core, so it is too slow for a launch. The
// error names a fact that the kernel should report but does not. Then there are no cores.
//
// https://docs.kernel.org/admin-guide/cputopology.html
func (fs FS) Layout() ([]Core, error) {
	online, err := fs.online()
	if err != nil {
		return nil, err
	}
	socketOf, err := fs.socketOf(online)
	if err != nil {
		return nil, err
	}
	numaOf, err := fs.numaOf(online)
	if err != nil {
		return nil, err
	}
	var cores []Core
	var seen Mask
	for cpu := range online.All() {
		if seen.Has(cpu) {
			continue
		}
		siblings, err := fs.siblings(cpu)
		if err != nil {
			return nil, err
		}
		core := Core{Socket: socketOf[cpu], NUMA: -1, CPUs: siblings.And(online)}
		if node, ok := numaOf[cpu]; ok {
			core.NUMA = node
		}
		seen.add(core.CPUs)
		cores = append(cores, core)
	}
	return cores, nil
}

// socketOf returns the socket number of each CPU. CPUs of one socket share a package.
func (fs FS) socketOf(online Mask) (map[int]int, error) {
	sets, err := fs.packages(online)
	if err != nil {
		return nil, err
	}
	of := map[int]int{}
	for socket, set := range sets {
		for cpu := range set.And(online).All() {
			if _, seen := of[cpu]; !seen {
				of[cpu] = socket
			}
		}
	}
	return of, nil
}

// numaOf returns the NUMA node of each CPU. It is the first node that has it; see
// numaNodes.
func (fs FS) numaOf(online Mask) (map[int]int, error) {
	of := map[int]int{}
	nodes, err := fs.nodeNumbers()
	if err != nil {
		return nil, err
	}
	for node := range nodes.All() {
		cpus, err := fs.cpusOfNode(node)
		if err != nil {
			return nil, err
		}
		for cpu := range cpus.And(online).All() {
			if _, ok := of[cpu]; !ok {
				of[cpu] = node
			}
		}
	}
	return of, nil
}

// FirstCPUs returns the mask that Slurm gives the first task with n CPUs of an empty
// node. It has whole cores, one socket after the other. The last core is used only in
// part if n is not a multiple of its threads. This is block distribution
// (CR_CORE_DEFAULT_DIST_BLOCK of slurm.conf(5)). Cyclic distribution uses other cores,
// but the same number. If a node does not report its cores, the mask has its first CPUs.
// It returns an error if the node has fewer CPUs, or if its CPUs are not known.
func (fs FS) FirstCPUs(n int) (Mask, error) {
	var first Mask
	online, err := fs.online()
	if err != nil {
		return first, err
	}
	if n > online.Count() {
		return first, fmt.Errorf("the node has %d CPUs online", online.Count())
	}
	cores, err := fs.Layout()
	if err != nil {
		cores = []Core{{CPUs: online}}
	}
	slices.SortStableFunc(cores, func(a, b Core) int { return cmp.Compare(a.Socket, b.Socket) })
	for _, core := range cores {
		for cpu := range core.CPUs.All() {
			if n > 0 {
				first.set(cpu, cpu)
				n--
			}
		}
	}
	return first, nil
}
