// SPDX-License-Identifier: MIT

package nodeinfo

import "errors"

// Node is what sort of node this is, and how much of it there is. Counts are of
// what is online; 0 is unknown.
//
// They are those of lscpu. They are also those of hwloc, except for three cases:
//   - What the kernel calls siblings are the threads of a core, also on AMD's family
//     15h (Bulldozer to Excavator). hwloc takes each of a pair for a core there.
//   - If NUMA nodes share CPUs, as faulty firmware says, a node counts if it has a CPU
//     that no node before it has. hwloc drops nodes whose CPUs it cannot nest.
//   - A kernel without NUMA has no nodes. hwloc shows one. Memory without CPUs is not a
//     node here.
type Node struct {
	Kind
	// CPUs is the number of online CPUs (hardware threads).
	CPUs int `json:"cpus,omitempty"`
	// Online has them as a list: "0-271".
	Online string `json:"online,omitempty"`
	// Cores have at least one online CPU.
	Cores int `json:"cores,omitempty"`
	// Sockets have at least one online CPU.
	Sockets int `json:"sockets,omitempty"`
	// ThreadsPerCore is the largest number of online CPUs of one core.
	ThreadsPerCore int `json:"threads_per_core,omitempty"`
	// NUMANodes have at least one online CPU; memory without CPUs does not count.
	NUMANodes int `json:"numa_nodes,omitempty"`
}

const (
	cpuDir  = "sys/devices/system/cpu"
	nodeDir = "sys/devices/system/node"
)

// Node reads what Kind does, and the counts. They come from the topology files of sysfs, one
// for each core and socket, and never from /proc/cpuinfo. If a fact cannot be known that the
// kernel should give, the error names it ("sockets: ...") and the other facts hold.
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
