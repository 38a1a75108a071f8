// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"slurm-mp-policy/nodeinfo"
)

// ownMask returns the affinity mask of this process. unix.SchedGetaffinity has room
// for 1024 CPUs, with more of which the kernel refuses it.
func ownMask() (nodeinfo.Mask, error) {
	buf := make([]byte, 8192)
	n, _, errno := unix.RawSyscall(unix.SYS_SCHED_GETAFFINITY, 0, uintptr(len(buf)), uintptr(unsafe.Pointer(&buf[0])))
	if errno != 0 {
		return nodeinfo.Mask{}, fmt.Errorf("sched_getaffinity(2): %w", errno)
	}
	return nodeinfo.MaskFromBytes(buf[:n]), nil
}

// parseCPUs reads the value of --cpus. online may be empty, where it is not known.
func parseCPUs(list string, online nodeinfo.Mask) (nodeinfo.Mask, error) {
	mask, err := nodeinfo.ParseList(list)
	if err != nil {
		return mask, fmt.Errorf("--cpus: %w; want a list such as 0-15,64-79", err)
	}
	if mask.Count() == 0 {
		return mask, errors.New("--cpus is empty: want a list such as 0-15,64-79")
	}
	if online.Count() > 0 {
		for cpu := range mask.All() {
			if !online.Has(cpu) {
				return mask, fmt.Errorf("--cpus %s: CPU %d is not online there: want CPUs of %s", list, cpu, online)
			}
		}
	}
	return mask, nil
}
