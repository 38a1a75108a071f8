// SPDX-License-Identifier: MIT

package faults

import (
	"encoding/binary"
	"fmt"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// hangingMount mounts a file system whose server takes requests and answers none, as a
// dead file server does (linux/fuse.h). A process that asks it for a file cannot be
// killed until the mount is gone.
func hangingMount(t *testing.T) string {
	t.Helper()
	dir, abort := mountHanging(t)
	t.Cleanup(abort)
	return dir
}

// mountHanging is hangingMount for a test that has to end the mount itself, in whatever
// mount namespace else it is.
func mountHanging(t *testing.T) (mount string, abort func()) {
	t.Helper()
	return mountServed(t, func(uint32) []byte { return nil })
}

// mountHangingWrites mounts a file system with one file, x, which anyone can open, but a
// write to it is never answered.
func mountHangingWrites(t *testing.T) (mount string, abort func()) {
	t.Helper()
	return mountServed(t, func(request uint32) []byte {
		const lookup, getattr, open, write = 1, 3, 14, 16
		switch request {
		case lookup:
			entry := make([]byte, 40, 128)
			binary.NativeEndian.PutUint64(entry, 2)          // nodeid
			binary.NativeEndian.PutUint64(entry[16:], 1<<30) // valid for so many seconds
			binary.NativeEndian.PutUint64(entry[24:], 1<<30)
			return append(entry, attributes(2)...)
		case getattr:
			attr := make([]byte, 16, 104)
			binary.NativeEndian.PutUint64(attr, 1<<30)
			return append(attr, attributes(2)...)
		case open:
			// no page of it is kept, and no close waits for what hangs
			const directIO, noFlush = 1, 1 << 5
			opened := make([]byte, 16)
			binary.NativeEndian.PutUint32(opened[8:], directIO|noFlush)
			return opened
		case write:
			return nil
		}
		return []byte{}
	})
}

// attributes are a struct fuse_attr of a file that anyone may write.
func attributes(inode uint64) []byte {
	attr := make([]byte, 88)
	binary.NativeEndian.PutUint64(attr, inode)
	binary.NativeEndian.PutUint32(attr[60:], unix.S_IFREG|0o666)
	binary.NativeEndian.PutUint32(attr[64:], 1) // links
	return attr
}

// mountServed mounts a file system whose server answers each kind of request (linux/fuse.h)
// with what answer returns: nil is no answer ever, and nothing is "not implemented".
func mountServed(t *testing.T, answer func(request uint32) []byte) (mount string, abort func()) {
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
			const forget, initialise, interrupt, forgetMany = 2, 26, 36, 42
			var body []byte
			switch kind := binary.NativeEndian.Uint32(request[4:]); kind {
			case forget, interrupt, forgetMany:
				continue // these want no answer
			case initialise:
				body = make([]byte, 64)
				binary.NativeEndian.PutUint32(body, 7)      // major
				binary.NativeEndian.PutUint32(body[4:], 31) // minor
				binary.NativeEndian.PutUint32(body[20:], 4096)
			default:
				if body = answer(kind); body == nil {
					continue // taken, and never answered
				}
			}
			head := make([]byte, 16)
			binary.NativeEndian.PutUint32(head, uint32(len(head)+len(body)))
			if len(body) == 0 {
				binary.NativeEndian.PutUint32(head[4:], ^uint32(unix.ENOSYS)+1)
			}
			copy(head[8:16], request[8:16]) // unique
			if _, err := unix.Write(fd, append(head, body...)); err != nil && err != unix.ENOENT {
				return
			}
		}
	}()
	return dir, sync.OnceFunc(func() {
		// forced: it fails what waits (fuse_conn_abort)
		if err := unix.Unmount(dir, unix.MNT_FORCE|unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
		<-ended
		unix.Close(fd)
	})
}
