// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/nodeinfo/nodetest"
)

// TestRecordLive compares what the tool says of this node with what it says of the
// recording.
func TestRecordLive(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "node")
	code, out, errs := runTool("record", dir)
	if code != 0 || !strings.Contains(out, dir+": this node, in ") {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	for _, args := range [][]string{
		{"node", "--json"},
		{"node", "--cpus", "0"},
		{"explain", "--json", "--cwd", "testdata/commands", "--", "python3", "mpi_pool.py"},
		{"explain", "--cpus", "0", "--cwd", "testdata/commands", "--", "python3", "pool.py"},
	} {
		code, want, wantErrs := runTool(args...)
		if code != 0 {
			t.Fatalf("%v: exit %d: %s", args, code, wantErrs)
		}
		recorded := append([]string{args[0], "--root", dir}, args[1:]...)
		code, got, gotErrs := runTool(recorded...)
		if code != 0 {
			t.Fatalf("%v: exit %d: %s", recorded, code, gotErrs)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v: live -, recorded +\n%s", args, diff)
		}
		if gotErrs = strings.ReplaceAll(gotErrs, dir, ""); wantErrs != gotErrs {
			t.Errorf("%v: stderr %q, recorded %q", args, wantErrs, gotErrs)
		}
	}
	var uname unix.Utsname
	if err := unix.Uname(&uname); err != nil {
		t.Fatal(err)
	}
	arch, err := os.ReadFile(filepath.Join(dir, "proc/sys/kernel/arch"))
	if want := unix.ByteSliceToString(uname.Machine[:]); err != nil || strings.TrimSpace(string(arch)) != want {
		t.Errorf("architecture %q, %v; want %q", arch, err, want)
	}
	secrets := []string{}
	if host, err := os.Hostname(); err == nil && len(host) > 3 {
		secrets = append(secrets, host)
	}
	if u, err := user.Current(); err == nil && len(u.Username) > 3 && u.Username != "root" {
		secrets = append(secrets, u.Username)
	}
	noSecrets(t, dir, secrets)
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// noSecrets looks for the words in all names and texts of a directory.
func noSecrets(t *testing.T, dir string, secrets []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		text := strings.TrimPrefix(name, dir)
		if d.Type().IsRegular() {
			b, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			text += "\n" + string(b)
		}
		if target, err := os.Readlink(name); err == nil {
			text += "\n" + target
		}
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s has %s", name, secret)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRecordMachines records each machine of nodeinfo's tests from its directory.
func TestRecordMachines(t *testing.T) {
	files, err := filepath.Glob("../../nodeinfo/testdata/machines/*.txtar")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d machines: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := machine(t, name)
			r, err := recordingOf(root)
			if err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(nodetest.Directory(t), "node")
			if err := r.write(dir); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(describe(root), describe(dir)); diff != "" {
				t.Errorf("machine -, recorded +\n%s", diff)
			}
			sameCores(t, nodeinfo.New(root), nodeinfo.New(dir))
		})
	}
}

// sameCores compares the cores of all masks of one CPU and of two CPUs. On a node of more
// than 40 CPUs the distances of two CPUs are powers of two: all masks would take minutes.
func sameCores(t *testing.T, machine, recorded nodeinfo.FS) {
	t.Helper()
	online, err := machine.OnlineCPUs()
	if err != nil {
		return // describe has compared all that there is
	}
	differ := 0
	compare := func(list string) {
		mask, err := nodeinfo.ParseList(list)
		if err != nil {
			t.Fatal(err)
		}
		want, wantErr := machine.Cores(mask)
		if wantErr != nil {
			return // what cannot be read is not recorded
		}
		if got, err := recorded.Cores(mask); (got != want || err != nil) && differ < 5 {
			differ++
			t.Errorf("CPUs %s: %d cores, recorded %d, %v", list, want, got, err)
		}
	}
	cpus := slices.Collect(online.All())
	for i, a := range cpus {
		compare(strconv.Itoa(a))
		for j, b := range cpus[i+1:] {
			if distance := j + 1; len(cpus) <= 40 || distance&(distance-1) == 0 {
				compare(fmt.Sprintf("%d,%d", a, b))
			}
		}
	}
}

// describe is all that the tool tells of a machine. What is there and cannot be
// read is not recorded, so the errors are not among it.
func describe(root string) string {
	node := nodeinfo.New(root)
	n, _ := node.Node()
	cores, _ := node.Layout()
	return fmt.Sprintf("%+v\n%v", n, cores)
}

// recordOf makes a machine of the files, records it, and returns both directories.
func recordOf(t *testing.T, files map[string]string) (root, dir string) {
	t.Helper()
	root = nodetest.Directory(t)
	for name, text := range files {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r, err := recordingOf(root)
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(t.TempDir(), "node")
	if err := r.write(dir); err != nil {
		t.Fatal(err)
	}
	return root, dir
}

// TestRecordSecrets has a machine of which every file tells something that is
// nobody's business.
func TestRecordSecrets(t *testing.T) {
	root, dir := recordOf(t, map[string]string{
		"proc/version":                    "Linux version 6.1.0 (secret1@secret2.example.org) (gcc 12) #1\n",
		"proc/sys/kernel/arch":            "aarch64\n",
		"proc/sys/kernel/hostname":        "secret3\n",
		"proc/cpuinfo":                    "processor\t: 0\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: 0xd0c\n\nHardware\t: x\nSerial\t\t: secret4\n",
		"proc/hwloc-nofile-info":          "HostName: secret5\nOSRelease: 6.1.0\nArchitecture: aarch64\n",
		"sys/class/dmi/id/product_serial": "secret6\n",
		"sys/class/dmi/id/sys_vendor":     "Amazon EC2\n",
		"sys/devices/system/cpu/online":   "0\n",
		"sys/devices/system/cpu/cpu0/topology/thread_siblings_list":     "0\n",
		"sys/devices/system/cpu/cpu0/topology/core_siblings_list":       "0\n",
		"sys/class/infiniband/ibx98039b0300a1b2c3/node_guid":            "secret7\n",
		"sys/class/infiniband/ibx98039b0300a1b2c3/node_type":            "1: CA\n",
		"sys/class/infiniband/ibx98039b0300a1b2c3/ports/1/link_layer":   "InfiniBand\n",
		"sys/class/infiniband/ibx98039b0300a1b2c3/device/uevent":        "PCI_SLOT_NAME=secret8\nDRIVER=mlx5_core\n",
		"sys/class/infiniband/rocex98039b0300a1b2c4/ports/1/link_layer": "Ethernet\n",
		"sys/class/infiniband/rocex98039b0300a1b2c4/node_type":          "1: CA\n",
		"proc/cray_xt/cname":     "secret9\n",
		"sys/class/gni/kgni0/id": "secret10\n",
	})
	noSecrets(t, dir, []string{"secret", "98039b"})
	if want, got := describe(root), describe(dir); want != got || !strings.Contains(got, "graviton2") ||
		!strings.Contains(got, "infiniband") || !strings.Contains(got, "roce") {
		t.Errorf("machine -, recorded +\n%s", cmp.Diff(want, got))
	}
	s390 := "processor 0: version = 00,  identification = 1A2B3C,  machine = 3931\n"
	if got := withoutSecrets("proc/cpuinfo", s390+"processor 1: ver"); strings.Contains(got, "1A2B3C") || !strings.HasSuffix(got, "machine = 3931\n") {
		t.Errorf("%q", got)
	}
}

// TestRecordAddresses has devices whose names are addresses: one with a link, and one with a
// file that is only looked for.
func TestRecordAddresses(t *testing.T) {
	const devices = "sys/class/infiniband/"
	root := nodetest.Directory(t)
	for name, text := range map[string]string{
		"sys/devices/system/cpu/online":                    "0\n",
		devices + "ibx98039b0300a1b2c5/device/uevent":      "",
		devices + "ibx98039b0300a1b2c5/ports/1/link_layer": "InfiniBand\n",
		devices + "ibx98039b0300a1b2c6/device":             "",
		devices + "ibx98039b0300a1b2c6/ports/1/link_layer": "InfiniBand\n",
	} {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../../drivers/mlx5_core", filepath.Join(root, devices+"ibx98039b0300a1b2c5/device/driver")); err != nil {
		t.Fatal(err)
	}
	r, err := recordingOf(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.links) == 0 {
		t.Error("the link is not recorded, so this proves nothing")
	}
	seen := false
	for name := range r.files {
		seen = seen || strings.HasSuffix(name, "/device")
	}
	if !seen {
		t.Errorf("the file that is looked for is not recorded, so this proves nothing: %v", r.files)
	}
	dir := filepath.Join(t.TempDir(), "node")
	if err := r.write(dir); err != nil {
		t.Fatal(err)
	}
	noSecrets(t, dir, []string{"98039b"})
	if want, got := describe(root), describe(dir); want != got {
		t.Errorf("machine -, recorded +\n%s", cmp.Diff(want, got))
	}
}

// TestRecordQuota gives back the quota of a machine whose cgroups have one.
func TestRecordQuota(t *testing.T) {
	for _, max := range []string{"max 100000", "250000 100000", "100000 300000", "200001 100000", "1000 1000000"} {
		root, dir := recordOf(t, map[string]string{
			"sys/devices/system/cpu/online":                    "0-7\n",
			"proc/self/cgroup":                                 "0::/user.slice/user-1000.slice\n",
			"sys/fs/cgroup/user.slice/cpu.max":                 "max 100000\n",
			"sys/fs/cgroup/user.slice/user-1000.slice/cpu.max": max + "\n",
		})
		noSecrets(t, dir, []string{"user"})
		want, wantLimited, _ := nodeinfo.New(root).Quota("self")
		got, limited, err := nodeinfo.New(dir).Quota("self")
		if err != nil || limited != wantLimited || got-want > 1e-6 || want-got > 1e-6 {
			t.Errorf("%s: %v %v %v, want %v %v", max, got, limited, err, want, wantLimited)
		}
	}
}

// TestRecordEmpty: an empty directory that is there already will do.
func TestRecordEmpty(t *testing.T) {
	dir := t.TempDir()
	if code, _, errs := runTool("record", dir); code != 0 {
		t.Errorf("exit %d: %s", code, errs)
	}
	if _, err := os.Stat(filepath.Join(dir, "proc/version")); err != nil {
		t.Error(err)
	}
}

func TestRecordUsage(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "x"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "want mp-policy record DIR"},
		{[]string{""}, "want mp-policy record DIR"},
		{[]string{"a", "b"}, "want mp-policy record DIR"},
		{[]string{full}, full + " is not empty: want a new directory"},
		{[]string{"/nowhere/node"}, "/nowhere/node cannot be recorded to: "},
		{[]string{"record.go"}, "record.go cannot be recorded to: "},
	} {
		code, out, errs := runTool(append([]string{"record"}, test.args...)...)
		if code != exitUsage || out != "" || !strings.Contains(errs, test.want) {
			t.Errorf("%v: exit %d, stdout %q, stderr %q; want %q", test.args, code, out, errs, test.want)
		}
	}
	if left, _ := filepath.Glob(".mp-policy-record-*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
