// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"bytes"
	"fmt"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	// maxCgroupFile bounds /proc/PID/cgroup, in bytes: about 14 lines, each with a path
	// of at most PATH_MAX.
	maxCgroupFile = 64 << 10
	// maxMountinfo bounds the part of /proc/PID/mountinfo that is read, in bytes. The
	// mounts of cgroups are among the first. A node with 4000 other mounts stays below
	// it.
	maxMountinfo = 1 << 20
	// maxMountLine is the longest line that is understood, in bytes: two paths and the
	// options.
	maxMountLine = 3 * unix.PathMax
)

// membership is the cgroup of a process in the hierarchy that controls CPU time.
type membership struct {
	v1   bool
	path string // relative to the root of the hierarchy, or of the cgroup namespace
}

// parseCgroup reads a /proc/PID/cgroup. The CPU controller is in one hierarchy
// at a time, so a line of v1 with it decides, and otherwise the line of v2,
// "0::/path". found is false if the kernel has neither. err is about the first line that is not
// understood. The other lines are read all the same.
//
// See cgroups(7), "/proc files".
func parseCgroup(text string) (m membership, found bool, err error) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if line == "" {
			continue
		}
		id, rest, ok := strings.Cut(line, ":")
		controllers, at, ok2 := strings.Cut(rest, ":")
		if !ok || !ok2 || !strings.HasPrefix(at, "/") {
			if err == nil {
				err = fmt.Errorf("%q is not ID:CONTROLLERS:/PATH", clip(line))
			}
			continue
		}
		switch {
		case hasWord(controllers, "cpu"):
			return membership{v1: true, path: at}, true, err
		case id == "0" && controllers == "":
			m, found = membership{path: at}, true
		}
	}
	return m, found, err
}

// hasWord reports whether word is in a list with commas.
func hasWord(list, word string) bool {
	for list != "" {
		var w string
		w, list, _ = strings.Cut(list, ",")
		if w == word {
			return true
		}
	}
	return false
}

// mount is a mounted cgroup hierarchy.
type mount struct {
	root  string // the cgroup that is visible at point
	point string
}

// parseMount reads a line of /proc/PID/mountinfo:
//
//	36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
//
// ok is false if it is not a mount of the wanted hierarchy. The numbers are not checked, because
// the kernel writes them.
//
// See proc_pid_mountinfo(5).
func parseMount(line string, v1 bool) (m mount, ok bool) {
	before, after, ok := strings.Cut(line, " - ")
	if !ok {
		return m, false
	}
	typ, rest, _ := strings.Cut(after, " ")
	_, options, _ := strings.Cut(rest, " ")
	switch {
	case v1 && typ == "cgroup" && hasWord(options, "cpu"):
	case !v1 && typ == "cgroup2":
	default:
		return m, false
	}
	fields := strings.SplitN(before, " ", 6)
	if len(fields) < 5 {
		return m, false
	}
	m.root, m.point = unescape(fields[3]), unescape(fields[4])
	return m, strings.HasPrefix(m.root, "/") && strings.HasPrefix(m.point, "/")
}

// unescape replaces the octal escapes that the kernel writes for space, tab, newline and
// backslash.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// below returns the path of cgroup below the mount point: "" if it is the root of the mount. ok is
// false if the mount does not show it. A root of "/.." is an ancestor without a name in the cgroup
// namespace. Its limits hold for the process too.
func (m mount) below(cgroup string) (rel string, ok bool) {
	if m.above(cgroup) {
		return "", true
	}
	rel, ok = strings.CutPrefix(cgroup, strings.TrimRight(m.root, "/"))
	if !ok || rel != "" && rel[0] != '/' || strings.Contains(rel+"/", "/../") {
		return "", false
	}
	return strings.Trim(rel, "/"), true
}

// above reports whether the root of the mount is further above the cgroup namespace than the
// cgroup. The names between them are not known then.
func (m mount) above(cgroup string) bool {
	return strings.TrimRight(m.root, "/") == strings.Repeat("/..", ups(m.root)) && ups(m.root) > ups(cgroup)
}

// ups returns how many cgroups a path goes up from the namespace's root.
func ups(cgroup string) int {
	n := 0
	for strings.HasPrefix(cgroup+"/", "/../") {
		n, cgroup = n+1, cgroup[len("/.."):]
	}
	return n
}

// mounts returns the mounts of a hierarchy that show the cgroup. If the whole hierarchy is mounted
// and has the cgroup, it returns only that mount.
func (fs FS) mounts(pid string, m membership) ([]mount, error) {
	name := "proc/" + pid + "/mountinfo"
	fd, err := fs.open(name, unix.S_IFREG)
	if err != nil {
		return nil, err
	}
	defer func() { _ = unix.Close(fd) }()
	var found []mount
	read := func(b []byte) (int, error) { return fs.readFD(fd, b) }
	err = scanLines(read, maxMountinfo, maxMountLine, func(line string) (more bool) {
		mnt, ok := parseMount(line, m.v1)
		if !ok {
			return true
		}
		rel, ok := mnt.below(m.path)
		if !ok {
			return true
		}
		if mnt.root == "/" && fs.exists(path.Join(mnt.point, rel)[1:]) {
			found = []mount{mnt}
			return false
		}
		if len(found) < maxMounts {
			found = append(found, mnt)
		}
		return true
	})
	if err != nil {
		err = fs.failed("read", name, err)
	}
	return found, err
}

// scanLines calls each with the lines of the text that read returns, until each returns false. It
// leaves out lines of more than maxLine bytes, which are not about a cgroup. More than maxTotal
// bytes are an error.
func scanLines(read func([]byte) (int, error), maxTotal, maxLine int, each func(line string) bool) error {
	buf := make([]byte, 0, maxLine+1)
	long := false // the line at the beginning of buf is too long
	for total := 0; ; {
		n, err := read(buf[len(buf):cap(buf)])
		if err != nil {
			return err
		}
		if total += n; total > maxTotal {
			return fmt.Errorf("larger than %d bytes", maxTotal)
		}
		buf = buf[:len(buf)+n]
		rest := buf
		for len(rest) > 0 {
			line, after, whole := bytes.Cut(rest, []byte("\n"))
			if !whole && n > 0 {
				break // the rest of the line must still be read
			}
			if !long && !each(string(line)) {
				return nil
			}
			long, rest = false, after
		}
		if n == 0 {
			return nil
		}
		if long = long || len(rest) > maxLine; long {
			rest = nil
		}
		buf = append(buf[:0], rest...)
	}
}
