// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"slurm-mp-policy/nodeinfo/nodetest"
)

// TestRDMA has a device for each way to recognise one. Names have no meaning except for
// hfi1_, which the kernel gives.
func TestRDMA(t *testing.T) {
	const ib, ethernet = "ports/1/link_layer: InfiniBand", "ports/1/link_layer: Ethernet"
	for _, tt := range []struct {
		what, device string
		files        string // "name: value", "; " between them; "driver" is a link
		want         string
	}{
		{"CXI", "a", "driver: cxi_core; node_type: 1: CA; " + ethernet, "slingshot"},
		{"CXI", "a", "driver: cxi_ss1; node_type: 1: CA; " + ethernet, "slingshot"},
		{"EFA", "a", "driver: efa; " + ethernet, "efa"},
		{"EFA by PCI", "a", "device/vendor: 0x1d0f; device/device: 0xefa3", "efa"},
		{"EFA by its maker", "a", "device/vendor: 0x1d0f", "efa"},
		{"another device of Amazon", "a", "device/vendor: 0x1d0f; device/device: 0xec20", ""},
		{"Omni-Path", "a", "driver: hfi1; node_type: 1: CA; hca_type: x; " + ib, "omnipath"},
		{"Omni-Path", "a", "driver: hfi2; " + ib, "omnipath"},
		{"Omni-Path by PCI", "a", "device/vendor: 0x8086; device/device: 0x24f0; node_type: 1: CA; hca_type: x; " + ib, "omnipath"},
		{"Omni-Path by PCI", "a", "device/vendor: 0x8086; device/device: 0x24f1; node_type: 1: CA; hca_type: x; " + ib, "omnipath"},
		{"another device of Intel", "a", "device/vendor: 0x8086; device/device: 0x37d2; node_type: 4: RNIC; " + ethernet, "iwarp"},
		{"Omni-Path by its notes", "a", "device/uevent: DRIVER=hfi1\nPCI_ID=x; node_type: 1: CA; hca_type: x; " + ib, "omnipath"},
		{"Omni-Path by its notes, further down", "a", "device/uevent: PCI_ID=x\nDRIVER=hfi1; " + ib, "omnipath"},
		{"Omni-Path by its board", "a", "board_id: Intel Omni-Path; node_type: 1: CA; hca_type: x; " + ib, "omnipath"},
		{"Omni-Path by its name", "hfi1_0", "node_type: 1: CA; " + ib, "omnipath"},
		{"Omni-Path renamed, without a driver", "opa0", "node_type: 1: CA; " + ib, ""},
		{"Omni-Path renamed, with a driver nobody knows", "opa0", "driver: hfi9; node_type: 1: CA; " + ib, ""},
		{"the same name, with a driver", "hfi1_0", "driver: mlx5_core; " + ib, "infiniband"},
		{"TrueScale", "a", "driver: ib_qib", "infiniband"},
		{"TrueScale", "a", "driver: qib", "infiniband"},
		{"TrueScale", "a", "driver: ib_ipath", "infiniband"},
		{"InfiniHost", "a", "driver: ib_mthca", "infiniband"},
		{"eHCA", "a", "driver: ib_ehca", "infiniband"},
		{"eHCA", "a", "driver: ehca", "infiniband"},
		{"ConnectX", "a", "driver: mlx5_core; node_type: 1: CA; " + ib, "infiniband"},
		{"ConnectX", "a", "driver: mlx4_core; " + ethernet, "roce"},
		{"ConnectX, a port on each", "a", "driver: mlx5_core; " + ib + "; ports/2/link_layer: Ethernet", "infiniband roce"},
		{"ConnectX without a driver", "a", "node_type: 1: CA; hca_type: MT4119; " + ib, "infiniband"},
		{"ConnectX without a driver and a type", "a", "hca_type: MT4119; " + ethernet, "roce"},
		{"RoCE of others", "a", "driver: bnxt_re; node_type: 1: CA; " + ethernet, "roce"},
		{"RoCE of others, one port of two", "a", "node_type: 1: CA; " + ib + "; ports/2/link_layer: Ethernet", "roce"},
		{"iWARP", "efa_0", "driver: cxgb4; node_type: 4: RNIC; " + ethernet, "iwarp"},
		{"usNIC", "a", "node_type: 6: usNIC UDP; hca_type: x; " + ethernet, ""},
		{"a switch", "a", "node_type: 2: switch; hca_type: x; " + ib, ""},
		{"a link layer alone", "a", ethernet, ""},
		{"a link layer alone", "a", ib, ""},
		{"nothing", "a", "x: y", ""},
	} {
		root := nodetest.Directory(t)
		dir := filepath.Join(root, rdmaDir, tt.device)
		for file := range strings.SplitSeq(tt.files, "; ") {
			name, value, _ := strings.Cut(file, ": ")
			if name != "driver" {
				writeFile(t, dir, name, value+"\n")
				continue
			}
			if err := os.MkdirAll(filepath.Join(dir, "device"), 0o755); err != nil {
				t.Fatal(err)
			}
			link(t, "../../../bus/pci/drivers/"+value, filepath.Join(dir, "device/driver"))
		}
		r := reading{FS: New(root)}
		got := slices.Sorted(slices.Values(r.rdma()))
		if strings.Join(got, " ") != tt.want || len(r.errs) > 0 {
			t.Errorf("%s (%s): %v %v, want %q", tt.what, tt.files, got, r.errs, tt.want)
		}
	}
}

// TestGNI has each sign of the networks of Cray XE, XK and XC.
func TestGNI(t *testing.T) {
	for _, tt := range []struct{ files, vendor, want string }{
		{"sys/class/gni/kgni0", "intel", "gni aries"},
		{"sys/class/gni/kgni0", "cavium", "gni aries"},
		{"sys/class/gni/kgni0", "amd", "gni gemini"},
		{"sys/class/gni/kgni0", "", "gni"},
		{"dev/kgni0", "intel", "gni aries"},
		{"dev/kgni0", "amd", "gni gemini"},
		{"sys/module/kgni/x", "intel", "gni aries"},
		{"sys/module/kgni/x", "amd", ""},
		{"proc/cray_xt/cname", "intel", "gni aries"},
		{"proc/cray_xt/cname", "amd", ""}, // a Cray XT with SeaStar
		{"dev/kgni0 sys/module/kgni_gem/x", "intel", "gni gemini"},
		{"dev/kgni0 sys/module/kgni_gem/x", "", "gni gemini"},
		{"sys/module/kgni_gem/x", "amd", ""},
		{"dev/null", "intel", ""},
	} {
		root := nodetest.Directory(t)
		for file := range strings.FieldsSeq(tt.files) {
			writeFile(t, root, file, "")
		}
		r := reading{FS: New(root)}
		if got := strings.Join(r.gni(tt.vendor), " "); got != tt.want || len(r.errs) > 0 {
			t.Errorf("%s beside %q: %q %v, want %q", tt.files, tt.vendor, got, r.errs, tt.want)
		}
	}
}

// TestNoCounter checks that only the files that identify a device are opened. A counter
// may ask the firmware, and that takes time.
func TestNoCounter(t *testing.T) {
	allowed := []string{"infiniband", "ports", "node_type", "hca_type", "board_id", "link_layer", "uevent", "vendor", "device"}
	for _, file := range machines(t) {
		text, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(txtar.Format(text)), rdmaDir) {
			continue
		}
		root := nodetest.Machine(t, text)
		devices, err := filepath.Glob(filepath.Join(root, rdmaDir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, device := range devices {
			for _, name := range []string{"fw_ver", "hw_counters/lifespan", "ports/1/counters/port_xmit_data", "ports/1/hw_counters/out_of_buffer", "ports/1/state", "ports/1/rate"} {
				if err := os.MkdirAll(filepath.Join(device, name), 0o755); err != nil { // to read a directory is an error
					t.Fatal(err)
				}
			}
		}
		fs := New(root)
		fs.use = new(usage)
		_, _ = fs.Node()
		for _, opened := range fs.use.names {
			if strings.HasPrefix(opened, "sys/class/infiniband") && !slices.Contains(allowed, filepath.Base(opened)) {
				t.Errorf("%s: %s is opened", name(file), opened)
			}
			if strings.HasPrefix(opened, "sys/class/net") || strings.Contains(opened, "counters") {
				t.Errorf("%s: %s is opened", name(file), opened)
			}
		}
	}
}
