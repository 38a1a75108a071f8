// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"strings"
	"testing"

	"slurm-mp-policy/nodeinfo/nodetest"
)

// TestArmSystem tells systems of the same core apart by the firmware's words.
func TestArmSystem(t *testing.T) {
	v1, v2, n1 := armID{0x41, 0xd40}, armID{0x41, 0xd4f}, armID{0x41, 0xd0c}
	for _, tt := range []struct {
		id   armID
		dmi  string // "name: value", "; " between them
		want string
	}{
		{v2, "sys_vendor: NVIDIA", "grace"},
		{v2, "sys_vendor: HPE; product_name: Cray EX254n", "grace"},
		{v2, "sys_vendor: Supermicro; product_name: ARS-111GL; board_name: P4352 Grace", "grace"},
		{v2, "sys_vendor: Amazon EC2; product_name: r8g.4xlarge", "graviton graviton4"},
		{v2, "sys_vendor: Amazon EC2; product_name: p6e-gb200.36xlarge", "grace"},
		{v2, "sys_vendor: Nobody", ""},
		{v2, "sys_vendor: Google; product_name: Google Compute Engine; board_vendor: NVIDIA", ""},
		{v1, "sys_vendor: Amazon EC2", "graviton graviton3"},
		{v1, "board_vendor: Amazon EC2", "graviton graviton3"},
		{v1, "sys_vendor: NVIDIA", ""},
		{n1, "sys_vendor: Amazon EC2", "graviton graviton2"},
		{n1, "sys_vendor: Ampere(R)", "altra ampere"},
		{n1, "sys_vendor: GIGABYTE; bios_vendor: Ampere(R)", "altra ampere"},
		{n1, "sys_vendor: Wiwynn; board_name: Mt.Jade Altra", "altra ampere"},
		{n1, "sys_vendor: Wiwynn; chassis_vendor: Ampere", "altra ampere"},
		{n1, "sys_vendor: Nobody", ""},
		{armID{0xc0, 0xd0c}, "sys_vendor: Ampere(R)", ""},
	} {
		checkArmSystem(t, tt.id, tt.dmi, tt.want)
	}
	// What a virtual machine's board says may be copied from any machine.
	for _, words := range []string{
		"QEMU", "KVM Virtual Machine", "VMware, Inc.", "Google", "Alibaba Cloud", "OracleCloud.com", "Microsoft Virtual Machine", "OpenStack Foundation",
		"Xen", "Bochs", "Red Hat", "Nutanix",
	} {
		checkArmSystem(t, n1, "sys_vendor: "+words+"; bios_vendor: Ampere(R)", "")
		checkArmSystem(t, n1, "product_name: "+words+"; board_vendor: Amazon EC2", "")
	}
}

func checkArmSystem(t *testing.T, id armID, dmi, want string) {
	t.Helper()
	root := nodetest.Directory(t)
	for line := range strings.SplitSeq(dmi, "; ") {
		name, value, _ := strings.Cut(line, ": ")
		writeFile(t, root, "sys/class/dmi/id/"+name, value+"\n")
	}
	r := reading{FS: New(root)}
	if got := strings.Join(r.armSystem(id), " "); got != want || len(r.errs) > 0 {
		t.Errorf("part %#x, %s: %q %v, want %q", id.part, dmi, got, r.errs, want)
	}
}
