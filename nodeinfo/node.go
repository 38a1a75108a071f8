// SPDX-License-Identifier: MIT

package nodeinfo

import "errors"

// Node describes a node with the numbers of its parts. The numbers count the online
// parts; 0 means unknown.
//
// They are the same as in lscpu. They are also the same as in hwloc, except for three
// cases:
//   - The kernel's siblings are the threads of a core, even on AMD's family 15h (Bulldozer
//     to Excavator). There, hwloc counts each of a pair as a core.
//   - If NUMA nodes share CPUs because of faulty firmware, a node counts if it has a CPU
//     that no node before it has. hwloc drops nodes whose CPUs it cannot nest.
//   - A kernel without NUMA has no nodes. hwloc shows one. Memory without CPUs is not a
//     node here.
type Node struct {
	Kind
	// CPUs is the number of online CPUs (hardware threads).
	CPUs int `json:"cpus,omitempty"`
	// Online is the list of the online CPUs: "0-271".
	Online string `json:"online,omitempty"`
	// Cores is the number of cores that have at least one online CPU.
	Cores int `json:"cores,omitempty"`
	// Sockets is the number of sockets that have at least one online CPU.
	Sockets int `json:"sockets,omitempty"`
	// ThreadsPerCore is the largest number of online CPUs of one core.
	ThreadsPerCore int `json:"threads_per_core,omitempty"`
	// NUMANodes is the number of NUMA nodes that have at least one online CPU. Memory
	// without CPUs does not count.
	NUMANodes int `json:"numa_nodes,omitempty"`
}

const (
	cpuDir  = "sys/devices/system/cpu"
	nodeDir = "sys/devices/system/node"
)

// Node reads the facts of Kind, and the numbers. The numbers come from the topology files
// of sysfs, one for each core and socket, and never from /proc/cpuinfo. If a fact is not
// known although the kernel should report it, the error names it ("sockets: ...") and the
// other facts hold.
func (fs FS) Node() (Node, error) {
	var n Node
	var errs [5]error
	n.Kind, errs[0] = fs.Kind()
	online, err := fs.online()
	if err != nil {
		errs[1] = of("online", err)
		return n, errors.Join(errs[:]...)
	}
	n.CPUs, n.Online = online.Count(), online.String()
	n.Cores, n.ThreadsPerCore, err = fs.cores(online, online)
	errs[2] = of("cores", err)
	n.Sockets, err = fs.sockets(online)
	errs[3] = of("sockets", err)
	n.NUMANodes, err = fs.numaNodes(online)
	errs[4] = of("numa_nodes", err)
	return n, errors.Join(errs[:]...)
}
