// SPDX-License-Identifier: MIT

package nodeinfo

// The functions below read the files topology/thread_siblings, core_cpus (with _list) and
// smt/active of /sys/devices/system/cpu:
// https://docs.kernel.org/admin-guide/cputopology.html

// Cores returns the number of physical cores that have a CPU in m. It is an error if the kernel
// does not give the core of one of them.
func (fs FS) Cores(m Mask) (int, error) {
	n, _, err := fs.cores(m, m)
	return n, of("cores", err)
}

// cores returns the number of cores of the CPUs in m, and the largest number of CPUs in
// within that belong to one core. A CPU that was already read as a sibling of another CPU
// is not read again.
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

// noSMT reports whether no core has more than one online CPU, since Linux 4.19 (x86) or later. On a
// node without SMT, one file replaces a file for each CPU. The value counts only together with the
// first and the last CPU: on RISC-V it is 0 also if the CPUs are listed as siblings.
//
// https://docs.kernel.org/admin-guide/abi-testing.html (/sys/devices/system/cpu/smt)
func (fs FS) noSMT() bool {
	active, err := fs.value(cpuDir + "/smt/active")
	return err == nil && active == "0"
}

// siblings returns the CPUs of the core of cpu, including cpu itself. Some of them may be
// offline.
func (fs FS) siblings(cpu int) (Mask, error) {
	return fs.topology(cpu, "thread_siblings", "core_cpus")
}
