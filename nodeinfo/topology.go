// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Node is what sort of node this is, and how much of it there is. Counts are of
// what is online; 0 is unknown.
//
// They are those of lscpu, and of hwloc but for this:
//   - What the kernel calls siblings are the threads of a core, also on AMD's family
//     15h (Bulldozer to Excavator), where hwloc takes each of a pair for a core.
//   - Where NUMA nodes share CPUs, which only firmware in error says, a node counts
//     if it has a CPU that no node before it has. hwloc drops nodes whose CPUs it
//     cannot nest into the rest.
//   - A kernel without NUMA has no nodes, where hwloc shows one, and memory without
//     CPUs is none.
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

// Node reads what Kind does, and the counts: from the topology files of sysfs,
// one for each core and socket, never from /proc/cpuinfo. The error joins one for
// each fact that cannot be known although the kernel should tell it, "sockets:" and
// what is wrong; the rest stands.
//
// https://docs.kernel.org/admin-guide/cputopology.html
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

// Cores returns the number of physical cores that have a CPU in m. It is an error
// if the kernel does not tell the core of one of them.
func (fs FS) Cores(m Mask) (int, error) {
	n, _, err := fs.cores(m, m)
	return n, of("cores", err)
}

// cores counts the cores of the CPUs in m, and the largest number of CPUs in
// within that one of them has. CPUs that were already seen as another's sibling
// are not read again.
func (fs FS) cores(m, within Mask) (cores, threads int, err error) {
	if m.Count() == 0 {
		return 0, 0, nil
	}
	var seen Mask
	for cpu := range m.All() {
		if seen.Has(cpu) {
			continue
		}
		core, err := fs.siblings(cpu)
		if err != nil {
			return 0, 0, err
		}
		if cores == 0 && core.Count() == 1 && fs.noSMT() {
			if last, err := fs.siblings(m.last()); err == nil && last.Count() == 1 {
				return m.Count(), 1, nil
			}
		}
		seen.add(core)
		cores++
		threads = max(threads, core.And(within).Count())
	}
	return cores, threads, nil
}

// noSMT tells that no core has more than one online CPU, since Linux 4.19 (x86)
// or later. Without SMT, which is how many sites run, it stands for one file of
// each CPU. It is believed only together with the first and the last CPU: on RISC-V
// it is 0 also where the CPUs are said to be siblings.
//
// https://docs.kernel.org/admin-guide/abi-testing.html (/sys/devices/system/cpu/smt)
func (fs FS) noSMT() bool {
	active, err := fs.value(cpuDir + "/smt/active")
	return err == nil && active == "0"
}

// siblings returns the CPUs of the core that cpu is in, itself among them. They
// are not always online.
func (fs FS) siblings(cpu int) (Mask, error) {
	return fs.topology(cpu, "thread_siblings", "core_cpus")
}

// topology reads one of two files that say the same, the newer name since Linux
// 5.4, each as a list (since 2.6.25) or as a mask.
func (fs FS) topology(cpu int, old, name string) (Mask, error) {
	dir := cpuDir + "/cpu" + strconv.Itoa(cpu) + "/topology/"
	m, from, err := fs.maskFile(dir+old+"_list", dir+old)
	if absent(err) {
		if newer, from2, err2 := fs.maskFile(dir+name+"_list", dir+name); !absent(err2) {
			m, from, err = newer, from2, err2
		}
	}
	if err == nil && !m.Has(cpu) {
		err = fs.failed("read", from, fmt.Errorf("CPU %d is not among its own siblings", cpu))
	}
	return m, err
}

// maskFile reads a set of CPUs from the file list or, where there is none, from
// the file mask, and returns from which.
func (fs FS) maskFile(list, mask string) (m Mask, from string, err error) {
	m, err = fs.listFile(list)
	if !absent(err) {
		return m, list, err
	}
	b, err2 := fs.read(mask, maxListFile)
	if absent(err2) {
		return m, list, err
	}
	if err2 == nil {
		m, err2 = ParseHexMask(string(b))
		if err2 != nil {
			err2 = fs.failed("read", mask, err2)
		}
	}
	return m, mask, err2
}

func (fs FS) listFile(name string) (Mask, error) {
	b, err := fs.read(name, maxListFile)
	if err != nil {
		return Mask{}, err
	}
	m, err := ParseList(string(b))
	if err != nil {
		return Mask{}, fs.failed("read", name, err)
	}
	return m, nil
}

// sockets counts the sets of CPUs that share a package, as lscpu and hwloc do,
// not the values of physical_package_id: those are -1 where the firmware says
// nothing, and on s390 they repeat from book to book. Kernels before 3.18 cut a
// socket in two at its NUMA nodes (Cluster on Die); lscpu and hwloc say two then.
//
// Packages whose CPUs differ in capacity are the clusters of one processor,
// unless memory tells them apart: before 5.19 arm64 called each cluster a package
// where the firmware is a device tree (drivers/base/arch_topology.c).
func (fs FS) sockets(online Mask) (int, error) {
	sets, err := fs.packages(online)
	return len(sets), err
}

// packages are the CPUs of each socket, in the order of their first online ones. They
// are not always online.
func (fs FS) packages(online Mask) ([]Mask, error) {
	var seen Mask
	var sets []Mask
	var first []int // CPU of each set
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

// differInCapacity tells whether two of the CPUs differ in what arm64 and some
// others say of each CPU's speed; where there is no such file, none do.
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

// online returns the CPUs that are online: from the file of that name, or, on
// kernels before 2.6.26, from the directories of the CPUs.
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

// complete tells whether there is a directory for each CPU of the machine. A recorded
// one may have lost some, and what is left must not be taken for the whole: the
// lists of CPUs tell, or those of the NUMA nodes; without either, at least none is
// missing from the first to the last.
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

// switchedOn returns those of the CPUs that their own directories say are online: by a
// file online, by the directory topology, which only CPUs have that were started, or,
// where the kernel makes no such directories, by being without the file beside others
// that have it, since it is made for each CPU that can be taken offline.
func (fs FS) switchedOn(cpus Mask) (Mask, error) {
	var on, bare Mask // bare have neither
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

// numaNodes counts the NUMA nodes that have a CPU in online. Their numbers have
// gaps, and a node's CPUs may all be offline. A CPU is of one node: firmware that
// gives all CPUs to each of its nodes counts once, as in hwloc. The file has_cpu
// would do, but is only there since 2.6.26 and is not always right in recorded
// machines.
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

// maxNodes is the kernel's own bound of NUMA nodes (NODES_SHIFT of at most 10).
const maxNodes = 1 << 10

// nodeNumbers returns the numbers of the NUMA nodes, none for a kernel without NUMA.
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

// cpusOfNode returns the CPUs of a NUMA node: from its list or mask, or from its
// links to them, where it has any.
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

// numbered returns the numbers of the names in dir that are prefix and a number.
func (fs FS) numbered(dir, prefix string) (Mask, error) {
	names, err := fs.names(dir)
	if err != nil {
		return Mask{}, err
	}
	var m Mask
	for _, name := range names {
		if digits, ok := strings.CutPrefix(name, prefix); ok {
			if n, err := parseCPU(digits); err == nil {
				m.set(n, n)
			}
		}
	}
	return m, nil
}
