// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"errors"
	iofs "io/fs"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/prometheus/procfs"
	"github.com/prometheus/procfs/sysfs"
	"golang.org/x/sys/unix"

	"slurm-mp-policy/nodeinfo/nodetest"
)

// TestLive compares this machine with what others say of it. A container may hide
// some of it: what only root may read, or a hierarchy of cgroups that is not
// mounted.
func TestLive(t *testing.T) {
	fs := New("/")
	if !fs.exists(cpuDir) {
		t.Skip("no CPUs in /sys")
	}
	n, err := fs.Node()
	for _, err := range split(err) {
		if errors.Is(err, iofs.ErrPermission) {
			t.Logf("hidden: %v", err)
		} else {
			t.Error(err)
		}
	}
	if n.CPUs == 0 {
		t.Fatal("no CPUs")
	}
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 8192)
	size, _, errno := unix.RawSyscall(unix.SYS_SCHED_GETAFFINITY, 0, uintptr(len(buf)), uintptr(unsafe.Pointer(&buf[0])))
	if errno != 0 {
		t.Fatal(errno)
	}
	mask := MaskFromBytes(buf[:size])
	if mask.Count() != set.Count() {
		t.Errorf("mask %s, want %d CPUs", mask, set.Count())
	}
	for cpu := range mask.All() {
		if !set.IsSet(cpu) {
			t.Errorf("CPU %d is not in the mask", cpu)
		}
	}
	online, err := ParseList(n.Online)
	if err != nil || mask.And(online).Count() != mask.Count() {
		t.Errorf("mask %s is not within %s: %v", mask, n.Online, err)
	}

	if out, err := exec.Command("lscpu", "-p=CPU,CORE,SOCKET,NODE").Output(); err == nil {
		seen := [4]map[string]bool{{}, {}, {}, {}}
		for line := range strings.Lines(string(out)) {
			if strings.HasPrefix(line, "#") {
				continue
			}
			for i, id := range strings.Split(strings.TrimSpace(line), ",") {
				seen[i][id] = id != ""
			}
		}
		want := [4]int{len(seen[0]), len(seen[1]), len(seen[2]), len(seen[3])}
		if got := [4]int{n.CPUs, n.Cores, n.Sockets, max(n.NUMANodes, 1)}; got != want {
			t.Errorf("CPUs, cores, sockets, NUMA nodes: %v, lscpu says %v", got, want)
		}
	}
	if out, err := exec.Command("uname", "-rm").Output(); err == nil && strings.TrimSpace(string(out)) != n.Kernel+" "+n.Arch {
		t.Errorf("kernel %q, arch %q; uname says %s", n.Kernel, n.Arch, out)
	}

	p, err := procfs.Self()
	if err != nil {
		t.Fatal(err)
	}
	cgroups, err := p.Cgroups()
	if err != nil {
		t.Skip(err)
	}
	text, err := fs.read("proc/self/cgroup", maxCgroupFile)
	if err != nil {
		t.Fatal(err)
	}
	m, found, err := parseCgroup(string(text))
	if err != nil {
		t.Fatal(err)
	}
	want, ok := membership{}, false
	for _, c := range cgroups {
		if c.HierarchyID == 0 && !ok {
			want, ok = membership{path: c.Path}, true
		}
		for _, name := range c.Controllers {
			if name == "cpu" {
				want, ok = membership{v1: true, path: c.Path}, true
			}
		}
	}
	if found != ok || m != want {
		t.Errorf("cgroup %+v %v, procfs says %+v %v", m, found, want, ok)
	}
	mounts, err := p.MountInfo()
	if err != nil {
		t.Fatal(err)
	}
	mounted := slices.ContainsFunc(mounts, func(m *procfs.MountInfo) bool {
		_, cpu := m.SuperOptions["cpu"]
		return m.FSType == "cgroup2" && !want.v1 || m.FSType == "cgroup" && cpu && want.v1
	})
	if _, _, err := fs.Quota("self"); err != nil && mounted {
		t.Error(err)
	} else if err != nil {
		t.Logf("no hierarchy of cgroups is mounted: %v", err)
	}
}

// split returns the errors that Node has joined.
func split(err error) []error {
	var errs []error
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			errs = append(errs, split(err)...)
		}
	} else if err != nil {
		errs = append(errs, err)
	}
	return errs
}

// TestRecordedOracle compares the recorded machines with the results of procfs, if it can
// read them: x86 on x86, cpuinfo below 1 MiB, lists of siblings.
func TestRecordedOracle(t *testing.T) {
	archives, err := filepath.Glob(filepath.Join(nodetest.Recorded(t), "*/root.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, archive := range archives {
		t.Run(filepath.Base(filepath.Dir(archive)), func(t *testing.T) {
			root := nodetest.Untar(t, archive)
			c, err := New(root).cpuinfo()
			proc, err2 := procfs.NewFS(filepath.Join(root, "proc"))
			if err == nil && err2 == nil && c.family >= 0 && runtime.GOARCH == "amd64" {
				all, err := proc.CPUInfo()
				if err != nil || len(all) == 0 {
					t.Fatalf("procfs: %v", err)
				}
				p := all[0]
				if p.VendorID != c.vendor || p.CPUFamily != strconv.Itoa(c.family) || p.Model != strconv.Itoa(c.model) || p.ModelName != c.name {
					t.Errorf("%+v, procfs says %+v", c, p)
				}
				compared++
			}
			sys, err := sysfs.NewFS(filepath.Join(root, "sys"))
			if err != nil {
				t.Fatal(err)
			}
			cpus, err := sys.CPUs()
			if err != nil {
				t.Fatal(err)
			}
			for _, cpu := range cpus {
				top, err := cpu.Topology()
				if err != nil {
					continue // it needs lists, and all CPUs online
				}
				number, err := strconv.Atoi(cpu.Number())
				if err != nil {
					t.Fatal(err)
				}
				core, err := New(root).siblings(number)
				want, err2 := ParseList(top.ThreadSiblingsList)
				if err != nil || err2 != nil || !core.Equal(want) {
					t.Errorf("CPU %d: siblings %s, %v; procfs says %s, %v", number, core, err, want, err2)
				}
				compared++
			}
		})
	}
	if compared < 1000 {
		t.Errorf("only %d comparisons", compared)
	}
}
