// SPDX-License-Identifier: MIT

package site

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"slurm-mp-policy/nodeinfo"
)

// OwnMask returns the affinity mask of this process. unix.SchedGetaffinity has room for
// only 1024 CPUs, and the kernel refuses the call if there are more.
func OwnMask() (nodeinfo.Mask, error) {
	buf := make([]byte, 8192)
	n, _, errno := unix.RawSyscall(unix.SYS_SCHED_GETAFFINITY, 0, uintptr(len(buf)), uintptr(unsafe.Pointer(&buf[0])))
	if errno != 0 {
		return nodeinfo.Mask{}, fmt.Errorf("sched_getaffinity(2): %w", errno)
	}
	return nodeinfo.MaskFromBytes(buf[:n]), nil
}
