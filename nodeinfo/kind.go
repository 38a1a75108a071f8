// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"errors"
	"runtime"
	"slices"
	"strings"

	"slurm-mp-policy/plaintext"
)

// Kind describes the node, with all facts that rules need at a launch.
type Kind struct {
	// Arch is the architecture, as in uname(2): x86_64, aarch64, ppc64le.
	Arch string `json:"arch,omitempty"`
	// Vendor is the maker of the processor: intel, amd, arm, ibm, fujitsu.
	Vendor string `json:"vendor,omitempty"`
	// Model is the processor's name, as a text for people.
	Model string `json:"model,omitempty"`
	// Kernel is the release of the kernel, as uname -r prints it.
	Kernel string `json:"kernel,omitempty"`
	// Tags are sorted and unique: Arch, Vendor, types of processor (knl, zen4,
	// graviton3) and fabrics (aries, infiniband).
	Tags []string `json:"tags"`
}

// Kind reads the kind of this node from the first entry of /proc/cpuinfo, the kernel's
// release, and a few files for each network device. The error joins one error for each
// file that should have been readable but was not. The other fields are valid.
func (fs FS) Kind() (Kind, error) {
	r := reading{FS: fs, fact: "processor"}
	c, err := r.cpuinfo()
	if r.note(err); err != nil {
		// The registers of an ARM processor have the same facts. An offline CPU has no
		// registers.
		if online, err := r.online(); err == nil {
			c.implementer, c.part = r.midr(online.first())
		}
	}
	var k Kind
	k.Kernel = r.kernel()
	k.Arch = r.arch(c, k.Kernel)
	var types []string
	k.Vendor, k.Model, types = r.processor(c)

	k.Tags = slices.Concat([]string{k.Arch, k.Vendor}, types, r.fabrics(k.Vendor))
	k.Tags = slices.DeleteFunc(k.Tags, func(tag string) bool { return tag == "" })
	slices.Sort(k.Tags)
	k.Tags = slices.Compact(k.Tags)
	return k, errors.Join(r.errs...)
}

// kernel returns the release of the kernel. It is the third word of /proc/version, "Linux
// version 6.1.0-13-amd64 (...) ...". Recorded machines have this file more often than
// /proc/sys/kernel/osrelease. See proc_version(5).
func (r *reading) kernel() string {
	defer r.about("kernel")()
	if words := strings.Fields(r.optional("proc/version")); len(words) > 2 {
		return plaintext.Printable(words[2])
	}
	release, err := r.value("proc/sys/kernel/osrelease")
	if err == nil {
		return plaintext.Printable(release)
	}
	noted := r.noted("OSRelease")
	if noted == "" {
		r.note(err)
	}
	return noted
}

// arch returns the machine's architecture. For the running machine, it is the
// architecture of this build. A recorded machine has it in /proc/sys/kernel/arch since
// Linux 6.1. Before that, the form of its cpuinfo decides, except for POWER: the cpuinfo
// of POWER does not show whether it runs in big or little endian.
func (r *reading) arch(c cpuinfo, kernel string) string {
	defer r.about("arch")()
	if r.live() {
		switch runtime.GOARCH {
		case "amd64":
			return "x86_64"
		case "arm64":
			return "aarch64"
		case "loong64":
			return "loongarch64"
		}
		return runtime.GOARCH // ppc64le, s390x, riscv64
	}
	if arch := r.optional("proc/sys/kernel/arch"); arch != "" {
		return plaintext.Printable(arch)
	}
	switch {
	case c.family >= 0 && c.bits32:
		return "i686"
	case c.family >= 0 && c.long:
		return "x86_64"
	case c.implementer >= 0 && c.armv >= 8, c.implementer >= 0 && c.armv < 0:
		return "aarch64"
	case strings.HasPrefix(c.vendor, "IBM/S390"):
		return "s390x"
	case strings.HasPrefix(c.isa, "rv64"):
		return "riscv64"
	case strings.HasPrefix(c.isa, "rv32"):
		return "riscv32"
	case strings.HasPrefix(c.loong, "Loongson-64"):
		return "loongarch64"
	case strings.HasPrefix(c.power, "POWER7"): // little endian needs POWER8
		return "ppc64"
	}
	// In distributions, the release ends with it: 4.18.0-477.el8.ppc64le,
	// 5.14.0-427.el9.aarch64+64k, 6.1.0-13-powerpc64le.
	release, _, _ := strings.Cut(kernel, "+")
	if arch := releaseArchs.of(release[strings.LastIndexAny(release, ".-")+1:]); arch != "" {
		return arch
	}
	return r.noted("Architecture")
}

// releaseArchs has the words at the end of a kernel's release. They are the words of
// uname -m, and Debian's own words.
var releaseArchs = table[string]{
	{"x86_64", "x86_64"},
	{"amd64", "x86_64"},
	{"aarch64", "aarch64"},
	{"arm64", "aarch64"},
	{"ppc64le", "ppc64le"},
	{"powerpc64le", "ppc64le"},
	{"ppc64", "ppc64"},
	{"powerpc64", "ppc64"},
	{"s390x", "s390x"},
	{"riscv64", "riscv64"},
	{"loongarch64", "loongarch64"},
}

// noted returns a line of the notes that hwloc-gather-topology(1) leaves beside the files
// that it copies. They have the words of uname, which no file of /proc has.
func (r *reading) noted(key string) string {
	if r.live() {
		return ""
	}
	for line := range strings.Lines(r.optional("proc/hwloc-nofile-info")) {
		if value, ok := strings.CutPrefix(line, key+":"); ok {
			return plaintext.Printable(trim(value))
		}
	}
	return ""
}
