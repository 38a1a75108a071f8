// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/sys/unix"

	"slurm-mp-policy/nodeinfo/nodetest"
)

// hostile has the objects that may be in the place of a file, and a part of the error.
var hostile = []struct {
	name string
	make func(full string) error
	want string
}{
	{"directory", func(full string) error { return os.Mkdir(full, 0o755) }, "not a regular file"},
	{"fifo", func(full string) error { return unix.Mkfifo(full, 0o644) }, "not a regular file"},
	{"socket", func(full string) error {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer func() { _ = unix.Close(fd) }()
		return unix.Bind(fd, &unix.SockaddrUnix{Name: full})
	}, "no such device or address"},
	{"empty", text(""), ""},
	{"100 MiB", func(full string) error {
		return errors.Join(os.WriteFile(full, nil, 0o644), os.Truncate(full, 100<<20))
	}, ""},
	{"loop", func(full string) error { return os.Symlink(filepath.Base(full), full) }, "too many levels of symbolic links"},
	// /dev/zero of the recorded machine, which does not exist
	{"link out", func(full string) error { return os.Symlink("/dev/zero", full) }, "no such file"},
	{"one line", text("0-4294967295\n"), ""},
	{"one line", text("3-1\n"), ""},
	{"one line", text(strings.Repeat("9", 4000)), ""},
	{"one line", text("\x7fELF\x02\x01\x01\x00\xff\xfe\x00\x00\x03\x00>\x00\x1b[2J"), ""},
	{"many CPUs", text(strings.Repeat("0-65535:1/2,", 2500) + "0"), ""},
}

func text(s string) func(string) error {
	return func(full string) error { return os.WriteFile(full, []byte(s), 0o644) }
}

// places are the files from which a machine is read.
var places = []struct {
	name string
	// fact is the fact that is not known without the file.
	fact string
	// text: any line is understood, even if it is only an unknown name.
	text bool
	// empty: an empty file is understood.
	empty bool
	// needed: it is an error if the file is not there.
	needed bool
	// noLink: no link is followed.
	noLink bool
}{
	{name: "proc/cpuinfo", fact: "processor", needed: true},
	{name: "proc/version", fact: "kernel", text: true, empty: true},
	{name: "proc/sys/kernel/arch", fact: "arch", text: true, empty: true},
	{name: "sys/devices/system/cpu/online", fact: "online"},
	{name: "sys/devices/system/cpu/cpu0/topology/thread_siblings_list", fact: "cores", needed: true},
	{name: "sys/devices/system/cpu/cpu0/topology/core_siblings_list", fact: "sockets", needed: true},
	{name: "sys/devices/system/node/online", fact: "numa_nodes", empty: true},
	{name: "sys/devices/system/node/node0/cpulist", fact: "numa_nodes", empty: true, needed: true},
	{name: "sys/devices/soc0/soc_id", fact: "processor", text: true, empty: true},
	{name: "sys/class/dmi/id/sys_vendor", fact: "processor", text: true, empty: true},
	{name: "sys/class/infiniband/mlx5_0/node_type", fact: "fabrics", text: true, empty: true},
	{name: "sys/class/infiniband/mlx5_0/ports/1/link_layer", fact: "fabrics", text: true, empty: true},
	{name: "proc/self/cgroup", fact: "quota"},
	{name: "proc/self/mountinfo", fact: "quota"},
	{name: "sys/fs/cgroup/a/cpu.max", fact: "quota", needed: true, noLink: true},
}

const hostileMachine = `
-- proc/cpuinfo --
processor	: 0
CPU implementer	: 0x41
CPU architecture: 8
CPU part	: 0xd4f

-- proc/version --
Linux version 6.1.0 x
-- proc/sys/kernel/osrelease --
6.1.0
-- proc/sys/kernel/arch --
aarch64
-- sys/devices/system/cpu/online --
0-3
-- cpus --
0-3 block 2
-- sys/devices/system/node/online --
0
-- numa --
0 0-3
-- directories --
sys/devices/soc0
-- sys/class/dmi/id/sys_vendor --
HPE
-- sys/class/infiniband/mlx5_0/node_type --
1: CA
-- sys/class/infiniband/mlx5_0/hca_type --
MT4119
-- sys/class/infiniband/mlx5_0/ports/1/link_layer --
InfiniBand
-- sys/class/infiniband/mlx5_1/node_type --
1: CA
-- sys/class/infiniband/mlx5_1/ports/1/link_layer --
Ethernet
-- proc/self/cgroup --
0::/a/b
-- proc/self/mountinfo --
30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
-- sys/fs/cgroup/a/b/cpu.max --
200000 100000
-- sys/fs/cgroup/a/cpu.max --
max 100000
`

// TestHostile puts each of the objects above in each place. The object is understood, or
// the error names the file. No other facts are lost, and no time or memory is wasted.
func TestHostile(t *testing.T) {
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, place := range places {
		for _, h := range hostile {
			t.Run(place.name+"/"+h.name, func(t *testing.T) {
				root := nodetest.Machine(t, txtar.Parse([]byte(hostileMachine)))
				full := filepath.Join(root, place.name)
				if err := errors.Join(os.RemoveAll(full), h.make(full)); err != nil {
					t.Fatal(err)
				}
				fs := New(root)
				fs.use = new(usage)
				n, err := fs.Node()
				cpus, limited, err2 := fs.Quota("self")
				err = errors.Join(err, err2)

				wantErr, want := "", h.want
				if place.noLink && h.name == "link out" {
					want = "too many levels of symbolic links"
				}
				switch {
				case h.name == "empty" && place.empty, h.name == "one line" && place.text, h.name == "link out" && !place.needed:
				default:
					wantErr = full
				}
				switch {
				case wantErr == "" && err != nil:
					t.Errorf("%v, want no error", err)
				case wantErr != "" && (err == nil || !strings.Contains(err.Error(), wantErr) || !strings.Contains(err.Error(), want)):
					t.Errorf("%v, want an error with %q and %q", err, wantErr, want)
				case err != nil && !strings.Contains("\n"+err.Error(), "\n"+place.fact+": "):
					t.Errorf("%v, want an error about %s", err, place.fact)
				case err != nil && len(err.Error()) > 1000:
					t.Errorf("an error of %d bytes", len(err.Error()))
				}
				quota := strings.Contains(place.name, "cgroup") || strings.Contains(place.name, "mountinfo")
				if !quota && (!limited || cpus != 2) {
					t.Errorf("quota %v %v", cpus, limited)
				}
				if quota && n.CPUs != 4 {
					t.Errorf("CPUs: %d", n.CPUs)
				}
				if !slices.Contains(n.Tags, "roce") {
					t.Errorf("tags %v: the second device is hidden", n.Tags)
				}
				if fs.use.bytes > 2<<20 || fs.use.opens > 100 {
					t.Errorf("%d opens, %d bytes", fs.use.opens, fs.use.bytes)
				}
			})
		}
	}
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	if after.Sys > before.Sys+200<<20 {
		t.Errorf("%d MiB of memory", (after.Sys-before.Sys)>>20)
	}
}

// TestHostileDirectories puts other objects in the place of directories.
func TestHostileDirectories(t *testing.T) {
	for _, name := range []string{
		"sys/class/infiniband", "sys/class/infiniband/mlx5_0", "sys/class/infiniband/mlx5_0/ports", "sys/class/cxi", "sys/class/gni",
		"sys/devices/system/cpu", "sys/devices/system/cpu/cpu2", "sys/devices/system/node", "sys/devices/system/node/node0",
		"proc", "proc/self", "sys",
	} {
		for _, h := range hostile {
			if h.name != "fifo" && h.name != "empty" && h.name != "loop" {
				continue
			}
			t.Run(name+"/"+h.name, func(t *testing.T) {
				root := nodetest.Machine(t, txtar.Parse([]byte(hostileMachine)))
				full := filepath.Join(root, name)
				if err := errors.Join(os.RemoveAll(full), h.make(full)); err != nil {
					t.Fatal(err)
				}
				_, err := New(root).Node()
				_, _, err2 := New(root).Quota("self")
				if err = errors.Join(err, err2); err == nil || !strings.Contains(err.Error(), full) {
					t.Errorf("%v, want an error that names %s", err, full)
				}
			})
		}
	}
}

// TestEscape checks that no link of a recorded machine leads out of it.
func TestEscape(t *testing.T) {
	outside := nodetest.Directory(t)
	writeFile(t, outside, "secret", "outside")
	for _, target := range []string{
		filepath.Join(outside, "secret"),
		"../../../../../../../../../../../../../.." + outside + "/secret",
		"/../../.." + outside + "/secret",
		"/proc/self/root" + outside + "/secret",
	} {
		root := nodetest.Directory(t)
		writeFile(t, root, "sys/x", "")
		link(t, target, filepath.Join(root, "sys/link"))
		link(t, filepath.Dir(target), filepath.Join(root, "sys/dir"))
		for _, name := range []string{"sys/link", "sys/dir/secret", "sys/../../.." + outside + "/secret"} {
			if got, err := New(root).value(name); err == nil || got != "" {
				t.Errorf("%s -> %s: read %q, %v", name, target, got, err)
			}
		}
		// The link means the same path inside the root.
		writeFile(t, root, outside+"/secret", "inside")
		if target[:6] != "/proc/" {
			if got, err := New(root).value("sys/link"); err != nil || got != "inside" {
				t.Errorf("link to %s: %q, %v; want the file inside", target, got, err)
			}
		}
	}
}

// TestLinks checks that links are followed as the kernel does: into directories, through
// other links, and at most 40 of them.
func TestLinks(t *testing.T) {
	root := nodetest.Directory(t)
	writeFile(t, root, "a/b/file", "value")
	link(t, "a/b", filepath.Join(root, "dir"))
	link(t, "/dir", filepath.Join(root, "a/again"))
	link(t, "dangling", filepath.Join(root, "dangling2"))
	link(t, "a/../a/./again/../b/file", filepath.Join(root, "file"))
	fs := New(root)
	for _, name := range []string{"dir/file", "a/again/file", "file"} {
		if got, err := fs.value(name); got != "value" || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := fs.value("dangling2"); !absent(err) {
		t.Errorf("dangling: %v", err)
	}
	if _, err := fs.value("a/b/file/x"); !errors.Is(err, unix.ENOTDIR) {
		t.Errorf("below a file: %v", err)
	}
	link(t, "a/b/file", filepath.Join(root, "l0"))
	for i := range 45 {
		link(t, fmt.Sprintf("l%d", i), filepath.Join(root, fmt.Sprintf("l%d", i+1)))
	}
	if got, err := fs.value("l39"); got != "value" || err != nil {
		t.Errorf("40 links: %q, %v", got, err)
	}
	if _, err := fs.value("l40"); !errors.Is(err, unix.ELOOP) {
		t.Errorf("41 links: %v", err)
	}
	var pathErr *iofs.PathError
	if _, err := fs.value("nowhere"); !errors.As(err, &pathErr) || pathErr.Path != filepath.Join(root, "nowhere") {
		t.Errorf("%v does not name the file", err)
	}
}

// TestManyDevices checks that the number of devices is bounded.
func TestManyDevices(t *testing.T) {
	root := nodetest.Directory(t)
	for i := range maxDevices + 10 {
		device := fmt.Sprintf("sys/class/infiniband/mlx5_%d", i)
		writeFile(t, root, device+"/node_type", "1: CA\n")
		writeFile(t, root, device+"/hca_type", "MT4119\n")
		writeFile(t, root, device+"/ports/1/link_layer", "InfiniBand\n")
	}
	r := reading{FS: New(root)}
	if tags := r.rdma(); len(tags) != maxDevices || len(r.errs) != 1 {
		t.Errorf("%d tags, %v", len(tags), r.errs)
	}
}

func TestManyNUMANodes(t *testing.T) {
	root := nodetest.Directory(t)
	for i := range maxNodes + 1 {
		writeFile(t, root, fmt.Sprintf("%s/node%d/cpulist", nodeDir, i), "0\n")
	}
	writeFile(t, root, nodeDir+"/online", fmt.Sprintf("0-%d\n", maxNodes))
	var cpu0 Mask
	cpu0.set(0, 0)
	if n, err := New(root).numaNodes(cpu0); err == nil || !strings.Contains(err.Error(), "more than 1024 NUMA nodes") {
		t.Errorf("%d nodes, %v", n, err)
	}
	writeFile(t, root, nodeDir+"/online", fmt.Sprintf("0-%d\n", maxNodes-1))
	if n, err := New(root).numaNodes(cpu0); err != nil || n != 1 {
		t.Errorf("%d nodes, %v", n, err)
	}
}

// TestHostileSiblings has a list of the greatest allowed length in the files of all CPUs.
// The data that is read and kept is bounded by the number of CPUs.
func TestHostileSiblings(t *testing.T) {
	const cpus = 64
	var wide strings.Builder
	for cpu := 1024; wide.Len() < maxListFile-1000; cpu += 2 {
		fmt.Fprintf(&wide, "%d,", cpu)
	}
	for _, tt := range []struct {
		name, list string
		cores      int
		want       string
	}{
		{"all", "0-65535", 1, ""},
		{"wide", wide.String() + "0-63", 1, ""},
		{"alone", wide.String() + "CPU", cpus, ""},
		{"others", wide.String() + "1", 0, "not among its own siblings"},
		{"without end", strings.Repeat("0-65535:1/2,", 2500) + "CPU", 0, "more than 65536 in all"},
		{"too long", strings.Repeat(" ", maxListFile) + "CPU", 0, "larger than"},
	} {
		root := nodetest.Directory(t)
		writeFile(t, root, "sys/devices/system/cpu/online", "0-63\n")
		for cpu := range cpus {
			for _, name := range []string{"thread_siblings_list", "core_siblings_list"} {
				writeFile(t, root, fmt.Sprintf("sys/devices/system/cpu/cpu%d/topology/%s", cpu, name), strings.ReplaceAll(tt.list, "CPU", fmt.Sprint(cpu)))
			}
		}
		fs := New(root)
		fs.use = new(usage)
		n, err := fs.Node()
		if n.CPUs != cpus || n.Cores != tt.cores || n.Sockets != tt.cores {
			t.Errorf("%s: %d CPUs, %d cores, %d sockets", tt.name, n.CPUs, n.Cores, n.Sockets)
		}
		for _, name := range []string{"cores: ", "sockets: "} {
			told := err != nil && strings.Contains(err.Error(), name)
			if told != (tt.want != "") || told && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
		if most := 2 * cpus * (maxListFile + 4096); fs.use.bytes > most {
			t.Errorf("%s: %d bytes read, want %d at most", tt.name, fs.use.bytes, most)
		}
	}
}

// TestNoFollow checks three cases. A file of a recorded machine is not opened if it has
// become a link since its name was resolved. Links of the running machine are followed.
// Links in an open directory, such as a cgroup, are not followed.
func TestNoFollow(t *testing.T) {
	root := nodetest.Directory(t)
	writeFile(t, root, "file", "")
	link(t, "file", filepath.Join(root, "link"))
	for root2, want := range map[string]error{root: unix.ELOOP, "/": nil} {
		fd, err := New(root2).openIn(unix.AT_FDCWD, root+"/link", "link", unix.S_IFREG)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", root2, err, want)
		}
		if err == nil {
			_ = unix.Close(fd)
		}
		dir, err := New(root2).openIn(unix.AT_FDCWD, root, "directory", unix.S_IFDIR)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := New(root2).valueIn(dir, "directory", "link"); !errors.Is(err, unix.ELOOP) {
			t.Errorf("%s, in an open directory: %v", root2, err)
		}
		_ = unix.Close(dir)
	}
}

// TestManyNames checks the bound on the names that are read from a directory.
func TestManyNames(t *testing.T) {
	root := nodetest.Directory(t)
	writeFile(t, root, "sys/class/cxi/0", "")
	for i := range maxEntries {
		link(t, "x", fmt.Sprintf("%s/sys/class/cxi/%d", root, i+1))
	}
	if _, err := New(root).names("sys/class/cxi"); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("%d names: %v", maxEntries+1, err)
	}
}

func link(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
}
