// SPDX-License-Identifier: MIT

package faults

import (
	"encoding/binary"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// hangingMount mounts a file system whose server takes requests and answers none, as a
// dead file server does (linux/fuse.h). A process that asks it for a file cannot be
// killed until the mount is gone.
func hangingMount(t *testing.T) string {
	t.Helper()
	fd, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skipf("no FUSE on this machine, so nothing here hangs in the kernel: %v", err)
	}
	dir := rootOnly(t)
	options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd)
	must(t, unix.Mount("hanging", dir, "fuse", unix.MS_NOSUID|unix.MS_NODEV, options))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		request := make([]byte, 1<<17)
		for {
			n, err := unix.Read(fd, request)
			if err == unix.EINTR {
				continue
			}
			if err != nil || n < 40 {
				return // the mount is gone
			}
			const initialise = 26
			if binary.NativeEndian.Uint32(request[4:]) != initialise {
				continue // taken, and never answered
			}
			answer := make([]byte, 16+64)
			binary.NativeEndian.PutUint32(answer, uint32(len(answer)))
			copy(answer[8:16], request[8:16])              // unique
			binary.NativeEndian.PutUint32(answer[16:], 7)  // major
			binary.NativeEndian.PutUint32(answer[20:], 31) // minor
			binary.NativeEndian.PutUint32(answer[16+20:], 4096)
			if _, err := unix.Write(fd, answer); err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		// forced: it fails what waits (fuse_conn_abort)
		if err := unix.Unmount(dir, unix.MNT_FORCE|unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
		<-ended
		unix.Close(fd)
	})
	return dir
}
