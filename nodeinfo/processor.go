// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"slices"
	"strings"

	"slurm-mp-policy/plaintext"
)

// processor returns the vendor of the processor, its name, and the tags of its type. The names of
// microarchitectures are those of archspec, which software stacks of sites use too.
func (r *reading) processor(c cpuinfo) (vendor, model string, types []string) {
	model = c.name
	switch {
	case c.implementer >= 0:
		id := armID{c.implementer, c.part}
		vendor = armVendors.of(c.implementer)
		part := id.kind()
		if model == "" || strings.HasPrefix(model, "ARM") {
			model = part.name
		}
		types = slices.Clone(part.tags)
		types = append(types, r.armSystem(id)...)
		types = append(types, r.hybridARM(part)...)
	case c.power != "":
		vendor, model = "ibm", c.power
		types = powerTypes(c.power)
	case strings.HasPrefix(c.vendor, "IBM/S390"):
		vendor, model = "ibm", strings.TrimSpace("IBM "+c.machine)
		if gen := s390Machines.of(c.machine); gen != "" {
			model += " (" + gen + ")"
			types = []string{gen}
		}
	case c.family >= 0 && x86Vendors.of(c.vendor) != "":
		vendor = x86Vendors.of(c.vendor)
		switch vendor {
		case "intel":
			types = intelTypes(c)
			types = append(types, r.hybridIntel(c)...)
		case "amd":
			types = amdTypes(c)
		case "hygon":
			types = []string{"dhyana"}
		}
	case c.isa != "":
		vendor = riscvVendors.of(c.riscv)
		if core := riscvCores.of(c.march); core != "" {
			types = append(types, core)
		}
		if maker, core, ok := strings.Cut(c.uarch, ","); ok {
			keep(&vendor, maker)
			types = append(types, strings.ReplaceAll(core, "-", ""))
		}
		keep(&model, c.uarch)
	case c.loong != "":
		vendor = "loongson"
	default:
		keep(&model, c.others)
	}
	return plaintext.Printable(vendor), plaintext.Printable(model), clean(types)
}

// clean makes tags printable and easy to match.
func clean(tags []string) []string {
	for i, tag := range tags {
		tags[i] = plaintext.Printable(tag)
	}
	return tags
}

// table is a small table of names. Unlike a map, it costs nothing at start-up, and the
// engine starts at each launch.
type table[K comparable] []struct {
	key  K
	name string
}

// of returns the name of key, "" if the table has none.
func (t table[K]) of(key K) string {
	for _, e := range t {
		if e.key == key {
			return e.name
		}
	}
	return ""
}

// x86Vendors has the values of vendor_id, which come from the instruction cpuid.
var x86Vendors = table[string]{
	{"GenuineIntel", "intel"},
	{"AuthenticAMD", "amd"},
	{"HygonGenuine", "hygon"},
	{"CentaurHauls", "zhaoxin"},
	{"Shanghai", "zhaoxin"}, // "  Shanghai  "
}

// riscvVendors has the JEDEC numbers of mvendorid.
var riscvVendors = table[int]{{0x489, "sifive"}, {0x5b7, "thead"}, {0x710, "spacemit"}}

// riscvCores has the marchid of cores, because not all entries have a uarch line.
var riscvCores = table[string]{{"0x8000000000000007", "u74mc"}, {"0x8000000058000001", "x60"}}

// s390Machines has the machine types of /proc/cpuinfo, from IBM z10 on.
var s390Machines = table[string]{
	{"2097", "z10"},
	{"2098", "z10"},
	{"2817", "z196"},
	{"2818", "z114"},
	{"2827", "zec12"},
	{"2828", "zbc12"},
	{"2964", "z13"},
	{"2965", "z13s"},
	{"3906", "z14"},
	{"3907", "z14"},
	{"8561", "z15"},
	{"8562", "z15"},
	{"3931", "z16"},
	{"3932", "z16"},
	{"9175", "z17"},
	{"9176", "z17"},
}

// powerTypes returns the tags for "POWER9, altivec supported", "POWER7 (architected),
// altivec supported" or "POWER8NVL (raw), altivec supported".
func powerTypes(cpu string) []string {
	digits := strings.TrimPrefix(cpu, "POWER")
	n := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' })
	if n < 0 {
		n = len(digits)
	}
	if n == 0 || n > 2 {
		return nil
	}
	return []string{"power" + digits[:n]}
}

// amdTypes distinguishes the generations by family and model, as the kernel does (bsp_init_amd in
// arch/x86/kernel/cpu/amd.c). Other families and models are not known.
func amdTypes(c cpuinfo) []string {
	m := c.model
	in := func(from, to int) bool { return from <= m && m <= to }
	var tags []string
	switch c.family {
	case 0x10:
		tags = []string{"k10"}
	case 0x15:
		switch {
		case in(0x00, 0x01):
			tags = []string{"bulldozer"}
		case in(0x02, 0x1f):
			tags = []string{"piledriver"}
		case in(0x30, 0x3f):
			tags = []string{"steamroller"}
		case in(0x60, 0x7f):
			tags = []string{"excavator"}
		}
	case 0x17:
		switch {
		case in(0x00, 0x2f), in(0x50, 0x5f):
			tags = []string{"zen"}
		case in(0x30, 0x4f), in(0x60, 0x7f), in(0x90, 0x91), in(0xa0, 0xaf):
			tags = []string{"zen2"}
		}
	case 0x19:
		switch {
		case in(0x00, 0x0f), in(0x20, 0x5f):
			tags = []string{"zen3"}
		case in(0x10, 0x1f), in(0x60, 0xaf):
			tags = []string{"zen4"}
		}
	case 0x1a:
		switch {
		case in(0x00, 0x2f), in(0x40, 0x4f), in(0x60, 0x7f):
			tags = []string{"zen5"}
		case in(0x50, 0x5f), in(0x80, 0xaf), in(0xc0, 0xcf):
			tags = []string{"zen6"}
		}
	}
	for _, accelerated := range []string{"MI300A", "MI300C"} {
		if strings.Contains(c.name, accelerated) {
			tags = append(tags, strings.ToLower(accelerated))
		}
	}
	return tags
}

// intelModels has the models of family 6, by the kernel's intel-family.h. Models
// of more than one generation are distinguished in intelTypes.
var intelModels = table[int]{
	{0x0f, "core2"},
	{0x17, "core2"},
	{0x1d, "core2"},
	{0x1a, "nehalem"},
	{0x1e, "nehalem"},
	{0x1f, "nehalem"},
	{0x2e, "nehalem"},
	{0x25, "westmere"},
	{0x2c, "westmere"},
	{0x2f, "westmere"},
	{0x2a, "sandybridge"},
	{0x2d, "sandybridge"},
	{0x3a, "ivybridge"},
	{0x3e, "ivybridge"},
	{0x3c, "haswell"},
	{0x3f, "haswell"},
	{0x45, "haswell"},
	{0x46, "haswell"},
	{0x3d, "broadwell"},
	{0x47, "broadwell"},
	{0x4f, "broadwell"},
	{0x56, "broadwell"},
	{0x4e, "skylake"},
	{0x5e, "skylake"},
	{0x8e, "kabylake"},
	{0x9e, "kabylake"},
	{0x57, "knl"},
	{0x85, "knm"},
	{0x66, "cannonlake"},
	{0x6a, "icelake"},
	{0x6c, "icelake"},
	{0x7d, "icelake"},
	{0x7e, "icelake"},
	{0x8c, "tigerlake"},
	{0x8d, "tigerlake"},
	{0xa7, "rocketlake"},
	{0x97, "alderlake"},
	{0x9a, "alderlake"},
	{0xb7, "raptorlake"},
	{0xba, "raptorlake"},
	{0xbf, "raptorlake"},
	{0xaa, "meteorlake"},
	{0xac, "meteorlake"},
	{0xb5, "arrowlake"},
	{0xc5, "arrowlake"},
	{0xc6, "arrowlake_s"},
	{0xbd, "lunarlake"},
	{0xcc, "pantherlake"},
	{0x8f, "sapphirerapids"},
	{0xcf, "emeraldrapids"},
	{0xad, "graniterapids"},
	{0xae, "graniterapids"},
	{0xaf, "sierraforest"},
	{0xdd, "clearwaterforest"},
}

func intelTypes(c cpuinfo) []string {
	if c.family != 6 {
		return nil
	}
	if c.model == 0x55 { // three generations with different steppings
		switch {
		case c.stepping < 0:
			return nil
		case c.stepping <= 4:
			return []string{"skylake", "skylake_avx512"}
		case c.stepping <= 7:
			return []string{"cascadelake"}
		}
		return []string{"cooperlake"}
	}
	if tag := intelModels.of(c.model); tag != "" {
		return []string{tag}
	}
	return nil
}

// hybridIntel reports whether the cores are of two kinds. Only then the kernel has a PMU for each
// kind. A recorded machine may lack the PMUs. Then a processor of a hybrid model is hybrid if its
// first core has two threads and its last core has one.
func (r *reading) hybridIntel(c cpuinfo) []string {
	hybrid := []string{"hybrid"}
	if r.exists("sys/devices/cpu_atom") && r.exists("sys/devices/cpu_core") {
		return hybrid
	}
	switch intelModels.of(c.model) {
	case "alderlake", "raptorlake", "meteorlake", "arrowlake", "arrowlake_s":
	default:
		return nil
	}
	online, err := r.online()
	if r.note(err); err != nil || online.Count() < 3 {
		return nil
	}
	if r.threads(online, online.first()) == 2 && r.threads(online, online.last()) == 1 {
		return hybrid
	}
	return nil
}

// threads returns the number of online CPUs of the core of cpu, 0 if the number is not
// known.
func (r *reading) threads(online Mask, cpu int) int {
	core, err := r.siblings(cpu)
	if !absent(err) {
		r.note(err)
	}
	return core.And(online).Count()
}
