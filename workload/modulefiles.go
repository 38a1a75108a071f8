// SPDX-License-Identifier: MIT

package workload

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"slurm-mp-policy/workload/python/modules"
)

// The exported methods let workload/python/modules look for modules.
var _ modules.Files = files{}

func (f files) Read(name string, most int64) ([]byte, int64, error) { return f.read(name, most) }

func (f files) ReadAt(name string, text []byte, offset int64) (int, error) {
	fd, _, err := f.open(name)
	if err != nil {
		return 0, err
	}
	defer func() { _ = unix.Close(fd) }()
	b, err := readAt(fd, offset, int64(len(text)))
	n := copy(text, b)
	if err == nil && n < len(text) {
		err = io.EOF
	}
	return n, err
}

func (f files) IsRegular(name string) bool { return f.isRegular(name) }

func (f files) IsDir(name string) bool { return f.isDir(name) }

func (f files) List(dir string, most int) ([]string, error) {
	fd, err := f.openat(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK|unix.O_CLOEXEC)
	if err != nil {
		return nil, err
	}
	defer func() { _ = unix.Close(fd) }()
	var names []string
	buf := make([]byte, 8192)
	for len(names) < most {
		n, err := unix.Getdents(fd, buf)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return names, err
		}
		if n <= 0 {
			break
		}
		_, _, names = unix.ParseDirent(buf[:n], most-len(names), names)
	}
	return names, nil
}

// Resolve has the kernel follow the links, which takes one lookup for the whole name. O_PATH opens
// nothing that could wait. proc_pid_fd(5) describes the link.
func (f files) Resolve(name string) string {
	if strings.IndexByte(name, 0) >= 0 {
		return ""
	}
	real := f.resolved(name)
	if f.live() || real == "" {
		return real
	}
	root := files{}.resolved(f.root)
	inside, ok := strings.CutPrefix(real, root)
	if inside == "" {
		inside = "/"
	}
	if root == "" || !ok || !strings.HasPrefix(inside, "/") {
		return ""
	}
	return inside
}

func (f files) resolved(name string) string {
	fd, err := f.openat(name, unix.O_PATH|unix.O_CLOEXEC)
	if err != nil {
		return ""
	}
	defer func() { _ = unix.Close(fd) }()
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlink("/proc/self/fd/"+strconv.Itoa(fd), buf)
	if err != nil || n >= len(buf) || buf[0] != '/' {
		return ""
	}
	return string(buf[:n])
}
