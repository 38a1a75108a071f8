// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// These constants bound the files that are read. A file beyond its limit is an error and
// is not cut, because half a list of CPUs would be a wrong list.
const (
	// maxValue bounds files of one value, in bytes. sysfs returns at most a page.
	maxValue = 4096
	// maxListFile bounds CPU lists and masks, in bytes. The longest list of n CPUs has
	// every second CPU, 3n bytes from 10,000 on. The kernel's largest build has 8192 CPUs
	// and needs 21 KiB. Since 5.10, the kernel prints lists longer than the nominal 4096
	// bytes.
	maxListFile = 32 << 10
	// maxEntries bounds the names that are read from one directory.
	maxEntries = maxCPUs + 1024
	// maxLinks is the number of symbolic links that one path may contain, as
	// in path_resolution(7).
	maxLinks = 40
)

// errNotRegular is the error for files that must not be opened at a launch: directories,
// FIFOs, devices, sockets.
var errNotRegular = errors.New("not a regular file")

// FS reads the machine for whose root directory it was made. The zero FS is not usable,
// see New. An FS is a value and may be used by several goroutines.
type FS struct {
	root string
	// use counts the reads, in tests.
	use *usage
	// trace keeps the data that is read, for a caller that records a machine.
	trace *Trace
}

// usage is the cost of one reading.
type usage struct {
	opens   int      // files and directories that were opened, or that could not be opened
	names   []string // names of the opened files and directories
	lookups int      // links that were read and names that were looked up
	bytes   int      // bytes that were read from files
}

// opened counts that the file name was opened.
func (fs FS) opened(name string) {
	if fs.use != nil {
		fs.use.opens++
		fs.use.names = append(fs.use.names, name)
	}
}

// New returns the machine below the directory root. "/" is the running machine. Any other
// directory is a recorded machine, with proc/ and sys/ in it. The symbolic links of a
// recorded machine cannot lead out of its directory.
func New(root string) FS {
	if root == "" {
		root = "/"
	}
	return FS{root: path.Clean(root)}
}

// live reports whether this is the running machine.
func (fs FS) live() bool { return fs.root == "/" }

// read returns the content of the regular file name (without a leading slash), of at most
// limit bytes. Errors are *PathError of io/fs and name the file.
func (fs FS) read(name string, limit int) ([]byte, error) {
	fd, err := fs.open(name, unix.S_IFREG)
	if err != nil {
		return nil, err
	}
	return fs.content(fd, name, limit)
}

// content reads the open file and closes it.
func (fs FS) content(fd int, name string, limit int) ([]byte, error) {
	defer func() { _ = unix.Close(fd) }()
	b := make([]byte, 0, min(limit+1, 1024))
	for {
		if len(b) > limit {
			return nil, fs.failed("read", name, fmt.Errorf("larger than %d bytes", limit))
		}
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := fs.readFD(fd, b[len(b):min(cap(b), limit+1)])
		if err != nil {
			return nil, fs.failed("read", name, err)
		}
		if n == 0 {
			fs.trace.file(name, b)
			return b, nil
		}
		b = b[:len(b)+n]
	}
}

// value returns the content of a file of one value, without the white space around it.
// Some recorded files end in a zero byte, which is removed as well.
func (fs FS) value(name string) (string, error) {
	b, err := fs.read(name, maxValue)
	return trim(string(b)), err
}

// valueIn is like value, in a directory that openIn has opened. Dir is its name.
func (fs FS) valueIn(fd int, dir, base string) (string, error) {
	name := dir + "/" + base
	file, err := fs.openIn(fd, base, name, unix.S_IFREG)
	if err != nil {
		return "", err
	}
	b, err := fs.content(file, name, maxValue)
	return trim(string(b)), err
}

func trim(s string) string { return strings.Trim(s, " \t\r\n\x00") }

// readFD is read(2). The files of /proc and /sys never return EAGAIN.
func (fs FS) readFD(fd int, b []byte) (int, error) {
	for {
		n, err := unix.Read(fd, b)
		if err == unix.EINTR {
			continue
		}
		if n > 0 && fs.use != nil {
			fs.use.bytes += n
		}
		return max(n, 0), err
	}
}

// open opens name for reading if it is of the given type (S_IFREG, S_IFDIR). It never
// blocks on a FIFO or on a device. It uses the system call directly, because an os.File
// would start Go's network poller in the engine.
func (fs FS) open(name string, typ uint32) (int, error) {
	full, err := fs.resolve(name)
	if err != nil {
		fs.opened(name)
		return -1, err
	}
	return fs.openIn(unix.AT_FDCWD, full, name, typ)
}

// openIn opens base in the open directory dir. Errors contain name.
func (fs FS) openIn(dir int, base, name string, typ uint32) (int, error) {
	fs.opened(name)
	flags := unix.O_RDONLY | unix.O_NONBLOCK | unix.O_CLOEXEC | unix.O_NOCTTY
	if !fs.live() || dir != unix.AT_FDCWD {
		flags |= unix.O_NOFOLLOW // resolve has followed all links, and a cgroup is not a link
	}
	if typ == unix.S_IFDIR {
		flags |= unix.O_DIRECTORY
	}
	fd, err := unix.Openat(dir, base, flags, 0)
	for err == unix.EINTR {
		fd, err = unix.Openat(dir, base, flags, 0)
	}
	if err != nil {
		return -1, fs.failed("open", name, err)
	}
	var st unix.Stat_t
	err = unix.Fstat(fd, &st)
	if err == nil && st.Mode&unix.S_IFMT != typ {
		err = errNotRegular
	}
	if err != nil {
		_ = unix.Close(fd)
		return -1, fs.failed("open", name, err)
	}
	return fd, nil
}

// exists reports whether there is a file, directory or device of that name. It opens
// nothing.
func (fs FS) exists(name string) bool {
	full, err := fs.resolve(name)
	if err != nil {
		return false
	}
	if fs.use != nil {
		fs.use.lookups++
	}
	var st unix.Stat_t
	if unix.Fstatat(unix.AT_FDCWD, full, &st, 0) != nil {
		return false
	}
	fs.trace.seen(name, &st)
	return true
}

// linkBase returns the last element of the target of the symbolic link name, or "" if
// name is not a link. The target need not exist: a recorded machine seldom has it.
func (fs FS) linkBase(name string) string {
	dir, err := fs.resolve(path.Dir(name))
	if err != nil {
		return ""
	}
	if fs.use != nil {
		fs.use.lookups++
	}
	target, err := readlink(path.Join(dir, path.Base(name)))
	if err != nil || target == "" {
		return ""
	}
	fs.trace.link(name, path.Base(target))
	return path.Base(target)
}

// names returns the names in the directory name, unsorted, without "." and "..".
func (fs FS) names(name string) ([]string, error) {
	fd, err := fs.open(name, unix.S_IFDIR)
	if err != nil {
		return nil, err
	}
	defer func() { _ = unix.Close(fd) }()
	var list []string
	buf := make([]byte, 8192)
	for {
		n, err := unix.ReadDirent(fd, buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, fs.failed("list", name, err)
		}
		if n <= 0 {
			fs.trace.directory(name, list)
			return list, nil
		}
		_, _, list = unix.ParseDirent(buf[:n], -1, list)
		if len(list) > maxEntries {
			return nil, fs.failed("list", name, fmt.Errorf("more than %d names", maxEntries))
		}
	}
}

// resolve turns name into a path that open can use. On a recorded machine it follows the
// symbolic links itself. An absolute link starts from the machine's root, because the
// tree comes from another machine and its links are relative to that machine's root.
// openat2(2) with RESOLVE_IN_ROOT could do this, but not on the kernels before 5.6 that
// some sites still run. os.Root refuses all absolute links.
func (fs FS) resolve(name string) (string, error) {
	if fs.live() {
		return "/" + name, nil
	}
	at, rest, links := "", name, 0 // at is below the root and has no links
	for rest != "" {
		var elem string
		elem, rest, _ = strings.Cut(rest, "/")
		switch elem {
		case "", ".":
			continue
		case "..":
			at = parent(at)
			continue
		}
		next := at + "/" + elem
		target, err := readlink(fs.root + next)
		if fs.use != nil {
			fs.use.lookups++
		}
		switch {
		case err == unix.EINVAL: // not a link
			at = next
			continue
		case err != nil:
			return "", fs.failed("open", name, err)
		}
		if links++; links > maxLinks {
			return "", fs.failed("open", name, unix.ELOOP)
		}
		if strings.HasPrefix(target, "/") {
			at = ""
		}
		rest = target + "/" + rest
		if len(rest) > unix.PathMax {
			return "", fs.failed("open", name, unix.ENAMETOOLONG)
		}
	}
	return fs.root + at, nil
}

// parent returns a path without its last element. The root is its own parent.
func parent(at string) string {
	return at[:max(strings.LastIndexByte(at, '/'), 0)]
}

func readlink(full string) (string, error) {
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlink(full, buf)
	if err != nil {
		return "", err
	}
	return string(buf[:n]), nil
}

// failed returns the error of one file, with its whole path.
func (fs FS) failed(op, name string, err error) error {
	return &iofs.PathError{Op: op, Path: path.Join(fs.root, name), Err: err}
}

// absent reports whether err says that there is no such file: on most machines
// most of the files that this package knows are not there.
func absent(err error) bool { return errors.Is(err, iofs.ErrNotExist) }

// of names the fact that is not known because of err. The name of a file is not enough.
func of(fact string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", fact, err)
}

// reading collects the errors of one reading of a machine.
type reading struct {
	FS
	fact string // the fact that is being read
	errs []error
}

// about sets the fact that is read from now on, until the returned function is called.
func (r *reading) about(fact string) (done func()) {
	before := r.fact
	r.fact = fact
	return func() { r.fact = before }
}

// note keeps err, unless it is nil.
func (r *reading) note(err error) {
	if err != nil {
		r.errs = append(r.errs, of(r.fact, err))
	}
}

// optional returns the value of a file that need not exist. It notes an error if the file
// exists and cannot be read.
func (r *reading) optional(name string) string {
	value, err := r.value(name)
	if err == nil {
		return value
	}
	if !absent(err) {
		r.note(err)
	}
	return ""
}

// directory returns the names in a directory that need not exist.
func (r *reading) directory(name string) []string {
	names, err := r.names(name)
	if !absent(err) {
		r.note(err)
	}
	return names
}
