// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"fmt"
	"slices"
	"strings"
)

// fabrics returns the tags of the high-speed networks of this node. If a device cannot be
// read, the other devices are still reported.
func (r *reading) fabrics(vendor string) []string {
	defer r.about("fabrics")()
	tags := append(r.gni(vendor), r.rdma()...)
	if r.hasCXI() {
		tags = append(tags, "slingshot")
	}
	return tags
}

// gni distinguishes the networks of Cray XE, XK and XC, which share a driver. Gemini is attached by
// HyperTransport, so it is beside AMD processors. Aries is attached by PCI Express, beside
// processors of Intel and ThunderX2.
func (r *reading) gni(vendor string) []string {
	driver := len(r.directory("sys/class/gni")) > 0 || r.exists("dev/kgni0")
	if !driver && !r.exists("proc/cray_xt/cname") && !r.exists("sys/module/kgni") {
		return nil
	}
	switch {
	case r.exists("sys/module/kgni_gem"):
		return []string{"gni", "gemini"}
	case vendor == "amd" && driver:
		return []string{"gni", "gemini"}
	case vendor == "amd": // the older Cray XT had another network
		return nil
	case vendor == "":
		return []string{"gni"}
	}
	return []string{"gni", "aries"}
}

// hasCXI reports whether there is a Slingshot device made by HPE. A driver that is loaded without a
// device leaves an empty directory. A node of Slingshot 10
// has Mellanox devices instead, and interfaces of the same names.
func (r *reading) hasCXI() bool {
	return len(r.directory("sys/class/cxi")) > 0 || len(r.directory("sys/class/cxi_user")) > 0
}

const rdmaDir = "sys/class/infiniband"

// maxDevices bounds the RDMA devices that are looked at, maxPorts their ports.
const (
	maxDevices = 64
	maxPorts   = 8
)

// rdma returns the tags of all RDMA devices of the kernel.
//
// prometheus/procfs has InfiniBandClass for this purpose. It fails completely if one
// device lacks a file. It also reads every counter, and on mlx5 this asks the firmware.
func (r *reading) rdma() []string {
	devices := r.directory(rdmaDir)
	if len(devices) > maxDevices {
		r.note(r.failed("list", rdmaDir, fmt.Errorf("more than %d devices", maxDevices)))
		devices = devices[:maxDevices]
	}
	var tags []string
	for _, device := range devices {
		tags = append(tags, r.rdmaDevice(device)...)
	}
	return tags
}

// rdmaDevice finds the fabric of one device: by its driver if that has only one fabric, then by its
// node type, and only together with these by the link layer of its ports. The link layer is not
// enough: it is InfiniBand on Omni-Path, and Ethernet on iWARP. Names have no meaning, because
// udev chooses them.
//
// https://docs.kernel.org/admin-guide/abi-stable.html (/sys/class/infiniband)
func (r *reading) rdmaDevice(device string) []string {
	dir := rdmaDir + "/" + device
	switch r.driver(dir) {
	case "cxi_core", "cxi_ss1":
		return []string{"slingshot"}
	case "efa":
		return []string{"efa"}
	case "hfi1", "hfi2":
		return []string{"omnipath"}
	case "ib_qib", "qib", "ib_ipath", "ib_mthca", "ib_ehca", "ehca":
		return []string{"infiniband"}
	case "mlx4_core", "mlx5_core":
		return r.ports(dir)
	case "":
		if r.omniPath(dir, device) {
			return []string{"omnipath"}
		}
	}
	number, _, _ := strings.Cut(r.optional(dir+"/node_type"), ":")
	switch number {
	case "4": // RNIC
		return []string{"iwarp"}
	case "", "1": // a channel adapter
	default:
		return nil
	}
	tags := r.ports(dir)
	isIB := func(tag string) bool { return tag == "infiniband" }
	if (number == "" || slices.ContainsFunc(tags, isIB)) && r.optional(dir+"/hca_type") == "" {
		// Omni-Path has the same type and link layer, but no hca_type.
		tags = slices.DeleteFunc(tags, func(tag string) bool { return number == "" || isIB(tag) })
	}
	return tags
}

// ports returns a tag for each kind of network of the device's ports. Each port of a
// device may be on a different network.
func (r *reading) ports(dir string) []string {
	var tags []string
	ports := r.directory(dir + "/ports")
	for _, port := range ports[:min(len(ports), maxPorts)] {
		switch r.optional(dir + "/ports/" + port + "/link_layer") {
		case "InfiniBand":
			tags = append(tags, "infiniband")
		case "Ethernet":
			tags = append(tags, "roce")
		}
	}
	return tags
}

// driver returns the name of the device's driver, "" if it is not known. A recorded machine may
// have the file uevent instead of the link, or only the ids of PCI.
func (r *reading) driver(dir string) string {
	if driver := r.linkBase(dir + "/device/driver"); driver != "" {
		return driver
	}
	if !r.exists(dir + "/device") {
		return ""
	}
	for line := range strings.Lines(r.optional(dir + "/device/uevent")) {
		if driver, ok := strings.CutPrefix(line, "DRIVER="); ok {
			return trim(driver)
		}
	}
	vendor, id := r.optional(dir+"/device/vendor"), r.optional(dir+"/device/device")
	switch {
	case vendor == "0x1d0f" && (id == "" || strings.HasPrefix(id, "0xefa")):
		return "efa"
	case vendor == "0x8086" && (id == "0x24f0" || id == "0x24f1"):
		return "hfi1"
	}
	return ""
}

// omniPath reports whether a device without a driver's link is Omni-Path: by the
// board's name, or by the name that the kernel gives to devices of that driver.
func (r *reading) omniPath(dir, device string) bool {
	return strings.HasPrefix(device, "hfi1_") || strings.Contains(r.optional(dir+"/board_id"), "Omni-Path")
}
