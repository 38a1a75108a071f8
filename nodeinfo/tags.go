// SPDX-License-Identifier: MIT

package nodeinfo

import "slices"

// These constants are the kinds of tags.
const (
	TagArchitecture = "architecture" // of those that Slurm runs on; a node has exactly one
	TagVendor       = "vendor"       // who made the processor
	TagProcessor    = "processor"    // a type of processor, or of a system that is built from it
	TagFabric       = "fabric"       // a network that the node is on
)

// Tag is a tag that Kind returns.
type Tag struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Meaning string `json:"meaning"`
}

// Tags are the tags that Kind returns, which rules can match. A RISC-V core that this package does
// not know has the kernel's name of it as a tag, which is not among them.
var Tags = []Tag{
	{"aarch64", TagArchitecture, "64-bit ARM"},
	{"armv7l", TagArchitecture, "32-bit ARM"},
	{"i686", TagArchitecture, "32-bit x86"},
	{"loongarch64", TagArchitecture, "LoongArch"},
	{"ppc64", TagArchitecture, "POWER, big endian"},
	{"ppc64le", TagArchitecture, "POWER, little endian"},
	{"riscv32", TagArchitecture, "32-bit RISC-V"},
	{"riscv64", TagArchitecture, "64-bit RISC-V"},
	{"s390x", TagArchitecture, "IBM Z"},
	{"x86_64", TagArchitecture, "64-bit x86"},

	{"amd", TagVendor, "AMD"},
	{"ampere", TagVendor, "Ampere, also its Altra with ARM's cores"},
	{"apm", TagVendor, "Applied Micro"},
	{"apple", TagVendor, "Apple"},
	{"arm", TagVendor, "cores of ARM's own, whoever made the processor"},
	{"broadcom", TagVendor, "Broadcom"},
	{"cavium", TagVendor, "Cavium"},
	{"fujitsu", TagVendor, "Fujitsu"},
	{"hisilicon", TagVendor, "HiSilicon"},
	{"hygon", TagVendor, "Hygon"},
	{"ibm", TagVendor, "IBM"},
	{"intel", TagVendor, "Intel"},
	{"loongson", TagVendor, "Loongson"},
	{"marvell", TagVendor, "Marvell"},
	{"microsoft", TagVendor, "Microsoft"},
	{"nvidia", TagVendor, "cores of NVIDIA's own; Grace has ARM's"},
	{"phytium", TagVendor, "Phytium"},
	{"qualcomm", TagVendor, "Qualcomm"},
	{"samsung", TagVendor, "Samsung"},
	{"sifive", TagVendor, "SiFive"},
	{"spacemit", TagVendor, "SpacemiT"},
	{"thead", TagVendor, "T-Head"},
	{"zhaoxin", TagVendor, "Zhaoxin, Centaur"},

	{"a64fx", TagProcessor, "Fujitsu A64FX"},
	{"alderlake", TagProcessor, "Intel Alder Lake"},
	{"altra", TagProcessor, "Ampere Altra"},
	{"ampere1", TagProcessor, "AmpereOne, first core"},
	{"ampere1a", TagProcessor, "AmpereOne, second core"},
	{"ampere1b", TagProcessor, "AmpereOne, third core"},
	{"ampereone", TagProcessor, "AmpereOne, all cores"},
	{"arrowlake", TagProcessor, "Intel Arrow Lake"},
	{"arrowlake_s", TagProcessor, "Intel Arrow Lake of desktops"},
	{"broadwell", TagProcessor, "Intel Broadwell"},
	{"bulldozer", TagProcessor, "AMD Bulldozer"},
	{"cannonlake", TagProcessor, "Intel Cannon Lake"},
	{"cascadelake", TagProcessor, "Intel Cascade Lake"},
	{"clearwaterforest", TagProcessor, "Intel Clearwater Forest"},
	{"cobalt100", TagProcessor, "Azure Cobalt 100"},
	{"cooperlake", TagProcessor, "Intel Cooper Lake"},
	{"core2", TagProcessor, "Intel Core 2"},
	{"cortex_a72", TagProcessor, "ARM Cortex-A72"},
	{"dhyana", TagProcessor, "Hygon Dhyana"},
	{"emeraldrapids", TagProcessor, "Intel Emerald Rapids"},
	{"excavator", TagProcessor, "AMD Excavator"},
	{"grace", TagProcessor, "NVIDIA Grace"},
	{"graniterapids", TagProcessor, "Intel Granite Rapids"},
	{"graviton", TagProcessor, "AWS Graviton, all generations"},
	{"graviton1", TagProcessor, "AWS Graviton"},
	{"graviton2", TagProcessor, "AWS Graviton2"},
	{"graviton3", TagProcessor, "AWS Graviton3"},
	{"graviton4", TagProcessor, "AWS Graviton4"},
	{"graviton5", TagProcessor, "AWS Graviton5"},
	{"haswell", TagProcessor, "Intel Haswell"},
	{"hybrid", TagProcessor, "cores of several kinds"},
	{"icelake", TagProcessor, "Intel Ice Lake"},
	{"ivybridge", TagProcessor, "Intel Ivy Bridge"},
	{"k10", TagProcessor, "AMD K10"},
	{"kabylake", TagProcessor, "Intel Kaby Lake, Coffee Lake"},
	{"knl", TagProcessor, "Intel Xeon Phi, Knights Landing"},
	{"knm", TagProcessor, "Intel Xeon Phi, Knights Mill"},
	{"kunpeng", TagProcessor, "HiSilicon Kunpeng, all"},
	{"kunpeng920", TagProcessor, "HiSilicon Kunpeng 920"},
	{"lunarlake", TagProcessor, "Intel Lunar Lake"},
	{"m1", TagProcessor, "Apple M1"},
	{"m2", TagProcessor, "Apple M2"},
	{"meteorlake", TagProcessor, "Intel Meteor Lake"},
	{"mi300a", TagProcessor, "AMD MI300A"},
	{"mi300c", TagProcessor, "AMD MI300C"},
	{"monaka", TagProcessor, "Fujitsu MONAKA"},
	{"nehalem", TagProcessor, "Intel Nehalem"},
	{"neoverse_n1", TagProcessor, "ARM Neoverse N1"},
	{"neoverse_n2", TagProcessor, "ARM Neoverse N2"},
	{"neoverse_n3", TagProcessor, "ARM Neoverse N3"},
	{"neoverse_v1", TagProcessor, "ARM Neoverse V1"},
	{"neoverse_v2", TagProcessor, "ARM Neoverse V2"},
	{"neoverse_v3", TagProcessor, "ARM Neoverse V3"},
	{"neoverse_v3ae", TagProcessor, "ARM Neoverse V3AE"},
	{"pantherlake", TagProcessor, "Intel Panther Lake"},
	{"piledriver", TagProcessor, "AMD Piledriver"},
	{"power5", TagProcessor, "IBM POWER5"},
	{"power6", TagProcessor, "IBM POWER6"},
	{"power7", TagProcessor, "IBM POWER7"},
	{"power8", TagProcessor, "IBM POWER8"},
	{"power9", TagProcessor, "IBM POWER9"},
	{"power10", TagProcessor, "IBM Power10"},
	{"power11", TagProcessor, "IBM Power11"},
	{"raptorlake", TagProcessor, "Intel Raptor Lake"},
	{"rocketlake", TagProcessor, "Intel Rocket Lake"},
	{"sandybridge", TagProcessor, "Intel Sandy Bridge"},
	{"sapphirerapids", TagProcessor, "Intel Sapphire Rapids"},
	{"sierraforest", TagProcessor, "Intel Sierra Forest"},
	{"skylake", TagProcessor, "Intel Skylake, clients and servers"},
	{"skylake_avx512", TagProcessor, "Intel Skylake of servers"},
	{"steamroller", TagProcessor, "AMD Steamroller"},
	{"thunderx", TagProcessor, "Cavium ThunderX"},
	{"thunderx2", TagProcessor, "Broadcom, Cavium ThunderX2"},
	{"thunderx3", TagProcessor, "Marvell ThunderX3"},
	{"tigerlake", TagProcessor, "Intel Tiger Lake"},
	{"u74mc", TagProcessor, "SiFive U74-MC"},
	{"vera", TagProcessor, "NVIDIA Vera"},
	{"westmere", TagProcessor, "Intel Westmere"},
	{"x60", TagProcessor, "SpacemiT X60"},
	{"xgene", TagProcessor, "Applied Micro X-Gene"},
	{"z10", TagProcessor, "IBM z10"},
	{"z114", TagProcessor, "IBM z114"},
	{"z13", TagProcessor, "IBM z13"},
	{"z13s", TagProcessor, "IBM z13s"},
	{"z14", TagProcessor, "IBM z14"},
	{"z15", TagProcessor, "IBM z15"},
	{"z16", TagProcessor, "IBM z16"},
	{"z17", TagProcessor, "IBM z17"},
	{"z196", TagProcessor, "IBM z196"},
	{"zbc12", TagProcessor, "IBM zBC12"},
	{"zec12", TagProcessor, "IBM zEC12"},
	{"zen", TagProcessor, "AMD Zen, Zen+"},
	{"zen2", TagProcessor, "AMD Zen 2"},
	{"zen3", TagProcessor, "AMD Zen 3"},
	{"zen4", TagProcessor, "AMD Zen 4"},
	{"zen5", TagProcessor, "AMD Zen 5"},
	{"zen6", TagProcessor, "AMD Zen 6"},

	{"aries", TagFabric, "Cray Aries (XC)"},
	{"efa", TagFabric, "AWS Elastic Fabric Adapter"},
	{"gemini", TagFabric, "Cray Gemini (XE, XK)"},
	{"gni", TagFabric, "the driver of Gemini and Aries"},
	{"infiniband", TagFabric, "InfiniBand"},
	{"iwarp", TagFabric, "RDMA over TCP"},
	{"omnipath", TagFabric, "Omni-Path"},
	{"roce", TagFabric, "RDMA over Ethernet"},
	{"slingshot", TagFabric, "HPE Slingshot 11 (CXI)"},
}

// KnownTags returns the names of Tags, sorted.
func KnownTags() []string {
	names := namesOf("")
	slices.Sort(names)
	return names
}

// Architectures returns the names of the architecture tags. A node has exactly one of
// them.
func Architectures() []string { return namesOf(TagArchitecture) }

// namesOf returns the names of one kind of tags, or of all tags if kind is empty.
func namesOf(kind string) []string {
	var names []string
	for _, tag := range Tags {
		if kind == "" || tag.Kind == kind {
			names = append(names, tag.Name)
		}
	}
	return names
}
