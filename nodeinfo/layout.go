// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"cmp"
	"fmt"
	"slices"
)

// Core is one physical core of a node, and where it is.
type Core struct {
	Socket int  // in the order of their first CPUs, from 0
	NUMA   int  // the kernel's number, -1 where it tells none
	CPUs   Mask // the core's online CPUs
}

// Layout returns the cores that have an online CPU, in the order of their first
// ones. Unlike Node it reads the files of every core, so it is nothing for a launch. The
// error says what the kernel should tell and does not; there are no cores then.
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

// socketOf numbers the sets of CPUs that share a package.
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

// numaOf gives each CPU its node, the first of those that have it; see numaNodes.
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

// FirstCPUs returns the mask that Slurm gives the first task with n CPUs of an empty node:
// whole cores, one socket after the other, the last one in part if n is no multiple of its
// threads. That is block distribution (CR_CORE_DEFAULT_DIST_BLOCK of slurm.conf(5));
// cyclic distribution gives other cores and as many. A node that does not tell its cores
// gives its first CPUs. The error says that the node has fewer, or that its CPUs are
// not known.
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
