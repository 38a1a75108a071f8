// SPDX-License-Identifier: MIT

package workload

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	// maxHead is the number of bytes that distinguish a script from a binary. The kernel reads
	// 256 (BINPRM_BUF_SIZE), and pip's "#!/bin/sh" stub fits as well.
	maxHead = 1024
)

var errNotRegular = errors.New("not a regular file")

// files reads the files of a machine, or of a recorded machine below root.
type files struct {
	root string
}

// read returns the first bytes of a regular file, and its size.
//
// It looks at the kind of the file before it opens it. To open a FIFO, even without waiting, wakes
// a process that waits for a reader, and to open a device can rewind a tape.
func (f files) read(name string, most int64) ([]byte, int64, error) {
	fd, size, err := f.open(name)
	if err != nil {
		return nil, 0, fmt.Errorf("can't read %q: %w", clean(name), err)
	}
	defer func() { _ = unix.Close(fd) }()
	text, err := readAt(fd, 0, min(size, most))
	if err != nil {
		return nil, 0, fmt.Errorf("can't read %q: %w", clean(name), err)
	}
	return text, size, nil
}

func readAt(fd int, offset, size int64) ([]byte, error) {
	text := make([]byte, size)
	n := 0
	for n < len(text) {
		k, err := unix.Pread(fd, text[n:], offset+int64(n))
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if k == 0 {
			break // the file has become shorter
		}
		n += k
	}
	return text[:n], nil
}

// open opens a regular file and returns its size. It looks at the kind of the opened file again,
// because the file may have been replaced in between.
func (f files) open(name string) (int, int64, error) {
	const flags = unix.O_RDONLY | unix.O_NONBLOCK | unix.O_CLOEXEC | unix.O_NOCTTY
	if strings.IndexByte(name, 0) >= 0 {
		return -1, 0, unix.EINVAL
	}
	if st, err := f.stat(name); err != nil {
		return -1, 0, err
	} else if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return -1, 0, errNotRegular
	}
	fd, err := f.openat(name, flags)
	if err != nil {
		return -1, 0, err
	}
	var st unix.Stat_t
	err = unix.Fstat(fd, &st)
	if err == nil && st.Mode&unix.S_IFMT != unix.S_IFREG {
		err = errNotRegular
	}
	if err != nil {
		_ = unix.Close(fd)
		return -1, 0, err
	}
	return fd, st.Size, nil
}

func (f files) live() bool { return f.root == "" || f.root == "/" }

func (f files) stat(name string) (unix.Stat_t, error) {
	var st unix.Stat_t
	if f.live() {
		err := unix.Stat(name, &st)
		return st, err
	}
	fd, err := f.openat(name, unix.O_PATH|unix.O_CLOEXEC)
	if err != nil {
		return st, err
	}
	defer func() { _ = unix.Close(fd) }()
	err = unix.Fstat(fd, &st)
	return st, err
}

// openat keeps a lookup inside a recorded root, also with absolute links and "..".
func (f files) openat(name string, flags int) (int, error) {
	for {
		fd, err := f.openOnce(name, flags)
		if !errors.Is(err, unix.EINTR) {
			return fd, err
		}
	}
}

func (f files) openOnce(name string, flags int) (int, error) {
	if f.live() {
		return unix.Open(name, flags, 0)
	}
	root, err := unix.Open(f.root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	defer func() { _ = unix.Close(root) }()
	return unix.Openat2(root, "."+path.Clean("/"+name), &unix.OpenHow{
		Flags:   uint64(flags),
		Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS,
	})
}

func (f files) isDir(name string) bool {
	st, err := f.stat(name)
	return err == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR
}

func (f files) isRegular(name string) bool {
	st, err := f.stat(name)
	return err == nil && st.Mode&unix.S_IFMT == unix.S_IFREG
}

// executable reports whether the file has an execute bit. It does not find out which of the three
// bits applies, which would take another system call. So the kernel's answer differs for a file
// that the user may not run.
func (f files) executable(name string) bool {
	st, err := f.stat(name)
	return err == nil && st.Mode&unix.S_IFMT == unix.S_IFREG && st.Mode&0o111 != 0
}
