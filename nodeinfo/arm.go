// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"fmt"
	"strconv"
	"strings"
)

// armID identifies an ARM core in MIDR_EL1 and in /proc/cpuinfo.
type armID struct{ implementer, part int }

// armPart is a kind of core. Processors with server parts have no other kind of core, so these
// are known not to be hybrid.
type armPart struct {
	id     armID
	name   string
	server bool
	tags   []string
}

// armVendors has the implementers of MIDR_EL1, from the Arm Architecture Reference
// Manual. The kernel has them in arch/arm64/include/asm/cputype.h.
var armVendors = table[int]{
	{0x41, "arm"},
	{0x42, "broadcom"},
	{0x43, "cavium"},
	{0x46, "fujitsu"},
	{0x48, "hisilicon"},
	{0x4e, "nvidia"},
	{0x50, "apm"},
	{0x51, "qualcomm"},
	{0x53, "samsung"},
	{0x56, "marvell"},
	{0x61, "apple"},
	{0x69, "intel"},
	{0x6d, "microsoft"},
	{0x70, "phytium"},
	{0xc0, "ampere"},
}

var armParts = []armPart{
	{id: armID{0x41, 0xd08}, name: "Cortex-A72", tags: []string{"cortex_a72"}},
	{id: armID{0x41, 0xd0c}, name: "Neoverse-N1", server: true, tags: []string{"neoverse_n1"}},
	{id: armID{0x41, 0xd40}, name: "Neoverse-V1", server: true, tags: []string{"neoverse_v1"}},
	{id: armID{0x41, 0xd49}, name: "Neoverse-N2", server: true, tags: []string{"neoverse_n2"}},
	{id: armID{0x41, 0xd4f}, name: "Neoverse-V2", server: true, tags: []string{"neoverse_v2"}},
	{id: armID{0x41, 0xd83}, name: "Neoverse-V3AE", server: true, tags: []string{"neoverse_v3ae"}},
	{id: armID{0x41, 0xd84}, name: "Neoverse-V3", server: true, tags: []string{"neoverse_v3"}},
	{id: armID{0x41, 0xd8e}, name: "Neoverse-N3", server: true, tags: []string{"neoverse_n3"}},
	{id: armID{0x42, 0x516}, name: "ThunderX2", server: true, tags: []string{"thunderx2"}},
	{id: armID{0x43, 0x0a1}, name: "ThunderX", server: true, tags: []string{"thunderx"}},
	{id: armID{0x43, 0x0af}, name: "ThunderX2", server: true, tags: []string{"thunderx2"}},
	{id: armID{0x43, 0x0b8}, name: "ThunderX3", server: true, tags: []string{"thunderx3"}},
	{id: armID{0x46, 0x001}, name: "A64FX", server: true, tags: []string{"a64fx"}},
	{id: armID{0x46, 0x003}, name: "MONAKA", server: true, tags: []string{"monaka"}},
	{id: armID{0x48, 0xd01}, name: "Kunpeng-920", server: true, tags: []string{"kunpeng", "kunpeng920"}},
	{id: armID{0x48, 0xd02}, name: "TaiShan-v120", server: true, tags: []string{"kunpeng"}},
	{id: armID{0x4e, 0x010}, name: "Olympus", server: true, tags: []string{"vera"}},
	{id: armID{0x50, 0x000}, name: "X-Gene", server: true, tags: []string{"xgene"}},
	{id: armID{0x61, 0x022}, name: "Icestorm-M1", tags: []string{"m1"}},
	{id: armID{0x61, 0x023}, name: "Firestorm-M1", tags: []string{"m1"}},
	{id: armID{0x61, 0x032}, name: "Blizzard-M2", tags: []string{"m2"}},
	{id: armID{0x61, 0x033}, name: "Avalanche-M2", tags: []string{"m2"}},
	{id: armID{0x6d, 0xd49}, name: "Azure-Cobalt-100", server: true, tags: []string{"neoverse_n2", "cobalt100"}},
	{id: armID{0xc0, 0xac3}, name: "Ampere-1", server: true, tags: []string{"ampere1", "ampereone"}},
	{id: armID{0xc0, 0xac4}, name: "Ampere-1a", server: true, tags: []string{"ampere1a", "ampereone"}},
	{id: armID{0xc0, 0xac5}, name: "Ampere-1b", server: true, tags: []string{"ampere1b", "ampereone"}},

	{id: armID{0x41, 0xc09}, name: "Cortex-A9"},
	{id: armID{0x41, 0xc0f}, name: "Cortex-A15"},
	{id: armID{0x41, 0xd03}, name: "Cortex-A53"},
	{id: armID{0x41, 0xd05}, name: "Cortex-A55"},
	{id: armID{0x41, 0xd07}, name: "Cortex-A57"},
	{id: armID{0x41, 0xd0b}, name: "Cortex-A76"},
	{id: armID{0x41, 0xd46}, name: "Cortex-A510"},
	{id: armID{0x41, 0xd47}, name: "Cortex-A710"},
	{id: armID{0x41, 0xd4d}, name: "Cortex-A715"},
	{id: armID{0x41, 0xd4e}, name: "Cortex-X3"},
	{id: armID{0x41, 0xd80}, name: "Cortex-A520"},
	{id: armID{0x41, 0xd81}, name: "Cortex-A720"},
	{id: armID{0x41, 0xd85}, name: "Cortex-X925"},
	{id: armID{0x41, 0xd87}, name: "Cortex-A725"},
}

// kind returns the kind of core. It is empty if the core is not in the table.
func (id armID) kind() armPart {
	for _, part := range armParts {
		if part.id == id {
			return part
		}
	}
	return armPart{id: id}
}

// gravitons has the core of each Graviton.
var gravitons = table[int]{{0xd08, "graviton1"}, {0xd0c, "graviton2"}, {0xd40, "graviton3"}, {0xd4f, "graviton4"}, {0xd84, "graviton5"}}

// armSystem distinguishes systems that are built from the same core: a Neoverse V2 is a Graviton 4
// or a Grace, a Neoverse N1 a Graviton 2 or an Altra. The words of the firmware decide
// (/sys/class/dmi/id). If they are those of a hypervisor that may run on either, the system is not
// known.
func (r *reading) armSystem(id armID) []string {
	gen := gravitons.of(id.part)
	if id.implementer != 0x41 || gen == "" {
		return nil
	}
	switch soc := r.socID(); {
	case soc == "jep106:036b:0241":
		return []string{"grace"}
	case strings.HasPrefix(soc, "jep106:0a16:"):
		return []string{"altra", "ampere"}
	}
	dmi := r.dmi("sys_vendor", "product_name")
	if tags := firmwareTags(id, gen, dmi); tags != nil || hypervisor(dmi) {
		return tags
	}
	dmi += r.dmi("board_vendor", "board_name", "bios_vendor", "chassis_vendor")
	return firmwareTags(id, gen, dmi)
}

func firmwareTags(id armID, gen, dmi string) []string {
	switch {
	case id.part == 0xd4f && nvidiaSystem(dmi):
		return []string{"grace"}
	case strings.Contains(dmi, "Amazon EC2"):
		return []string{"graviton", gen}
	case id.part == 0xd0c && (strings.Contains(dmi, "Ampere") || strings.Contains(dmi, "Altra")):
		return []string{"altra", "ampere"}
	}
	return nil
}

// nvidiaSystem reports whether the firmware's words name NVIDIA, Grace or one of
// its modules. Amazon's own machines with Grace are called p6e-gb200.
func nvidiaSystem(dmi string) bool {
	dmi = strings.ToLower(dmi)
	for _, word := range []string{"nvidia", "grace", "gh200", "gb200", "gb300", "ex254n"} {
		if strings.Contains(dmi, word) {
			return true
		}
	}
	return false
}

// hypervisor reports whether the firmware's words are those of a virtual machine
// or a cloud, which may be on any processor.
func hypervisor(dmi string) bool {
	dmi = strings.ToLower(dmi)
	for _, word := range []string{"qemu", "kvm", "vmware", "google", "amazon", "alibaba", "oracle", "virtual", "openstack", "xen", "bochs", "red hat", "nutanix"} {
		if strings.Contains(dmi, word) {
			return true
		}
	}
	return false
}

// socID returns the SMCCC identity of the chip, for example "jep106:0a16:0001". It exists
// since Linux 5.9, see Documentation/ABI/testing/sysfs-devices-soc.
func (r *reading) socID() string {
	return r.optional("sys/devices/soc0/soc_id")
}

// dmi joins the firmware's words about the machine, from files of /sys/class/dmi/id. Files that
// cannot be read are left out.
func (r *reading) dmi(names ...string) string {
	var words []string
	for _, name := range names {
		if word := r.optional("sys/class/dmi/id/" + name); word != "" {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

// hybridARM reports whether the cores are of several kinds (big.LITTLE): the last CPU is of another
// kind than the first entry of cpuinfo.
func (r *reading) hybridARM(part armPart) []string {
	if part.server {
		return nil
	}
	online, err := r.online()
	if r.note(err); err != nil || online.Count() < 2 {
		return nil
	}
	implementer, number := r.midr(online.last())
	if implementer < 0 || (armID{implementer, number}) == part.id {
		return nil
	}
	return []string{"hybrid"}
}

// midr reads MIDR_EL1 of a CPU, since Linux 4.7: bits 31 to 24 are the
// implementer, 15 to 4 the part. Both are -1 if they are not known.
//
// https://docs.kernel.org/arch/arm64/cpu-feature-registers.html
func (r *reading) midr(cpu int) (implementer, part int) {
	name := cpuDir + "/cpu" + strconv.Itoa(cpu) + "/regs/identification/midr_el1"
	text := r.optional(name)
	if text == "" {
		return -1, -1
	}
	reg, err := strconv.ParseUint(strings.TrimPrefix(text, "0x"), 16, 64)
	if err != nil {
		r.note(r.failed("read", name, fmt.Errorf("%q is not a hexadecimal number", clip(text))))
		return -1, -1
	}
	return int(reg >> 24 & 0xff), int(reg >> 4 & 0xfff)
}
