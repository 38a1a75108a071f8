// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"fmt"
	"strconv"
)

// The functions below read the directories of /sys/devices/system/node:
// https://docs.kernel.org/admin-guide/abi-stable.html (/sys/devices/system/node)

// nodeCPUs returns the CPUs of all NUMA nodes.
func (fs FS) nodeCPUs() (Mask, error) {
	var all Mask
	nodes, err := fs.numbered(nodeDir, "node")
	for node := range nodes.All() {
		cpus, err := fs.cpusOfNode(node)
		if err != nil {
			return Mask{}, err
		}
		all.add(cpus)
	}
	return all, err
}

// numaNodes returns the number of NUMA nodes that have a CPU in online. Their numbers
// have gaps, and all CPUs of a node may be offline. A CPU belongs to one node: if
// firmware assigns all CPUs to each of its nodes, they count once, as in hwloc. The file
// has_cpu would be enough, but it exists only since 2.6.26 and is not always right in
// recorded machines.
func (fs FS) numaNodes(online Mask) (int, error) {
	nodes, err := fs.nodeNumbers()
	if err != nil {
		return 0, err
	}
	n := 0
	var seen Mask
	for node := range nodes.All() {
		cpus, err := fs.cpusOfNode(node)
		if err != nil {
			return 0, err
		}
		cpus = cpus.And(online)
		before := seen.Count()
		if seen.add(cpus); seen.Count() > before {
			n++
		}
	}
	return n, nil
}

// maxNodes is the kernel's own bound on the number of NUMA nodes (NODES_SHIFT of at most
// 10).
const maxNodes = 1 << 10

// nodeNumbers returns the numbers of the NUMA nodes. A kernel without NUMA has none.
func (fs FS) nodeNumbers() (Mask, error) {
	nodes, err := fs.listFile(nodeDir + "/online")
	if absent(err) {
		nodes, err = fs.numbered(nodeDir, "node")
	}
	if absent(err) {
		return Mask{}, nil
	}
	if err == nil && nodes.Count() > maxNodes {
		err = fs.failed("list", nodeDir, fmt.Errorf("more than %d NUMA nodes", maxNodes))
	}
	return nodes, err
}

// cpusOfNode returns the CPUs of a NUMA node. It reads the node's list or mask, or the
// links to the CPUs, if there are any.
func (fs FS) cpusOfNode(node int) (Mask, error) {
	dir := nodeDir + "/node" + strconv.Itoa(node)
	cpus, _, err := fs.maskFile(dir+"/cpulist", dir+"/cpumap")
	if absent(err) {
		if links, err := fs.numbered(dir, "cpu"); err == nil && links.Count() > 0 {
			return links, nil
		}
	}
	return cpus, err
}
