// SPDX-License-Identifier: MIT

package nodeinfo

import "slices"

// Architectures are the tags of which a node has exactly one, of those that
// Slurm runs on.
var Architectures = []string{"aarch64", "armv7l", "i686", "loongarch64", "ppc64", "ppc64le", "riscv32", "riscv64", "s390x", "x86_64"}

// KnownTags returns the tags that Kind gives, sorted: what a rule about nodes can
// match. A RISC-V core that the kernel names and this package does not know is
// tagged with that name, which is not among them.
func KnownTags() []string {
	tags := slices.Concat(Architectures,
		// vendors and types that the code names
		[]string{
			"intel", "amd", "hygon", "ibm", "loongson",
			"hybrid", "dhyana", "skylake", "skylake_avx512", "cascadelake", "cooperlake",
			"k10", "bulldozer", "piledriver", "steamroller", "excavator",
			"zen", "zen2", "zen3", "zen4", "zen5", "zen6", "mi300a", "mi300c",
			"power5", "power6", "power7", "power8", "power9", "power10", "power11",
			"grace", "graviton", "altra", "ampere",
		},
		// fabrics
		[]string{"aries", "efa", "gemini", "gni", "infiniband", "iwarp", "omnipath", "roce", "slingshot"},
		armVendors.names(), gravitons.names(), x86Vendors.names(), intelModels.names(),
		riscvVendors.names(), riscvCores.names(), s390Machines.names())
	for _, part := range armParts {
		tags = append(tags, part.tags...)
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}

func (t table[K]) names() []string {
	names := make([]string, len(t))
	for i, e := range t {
		names[i] = e.name
	}
	return names
}
