// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/nodeinfo/nodetest"
)

// nodeJSON runs "mp-policy node --root DIR --json".
func nodeJSON(t *testing.T, root string) (n nodeinfo.Node, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := newRoot(screen{})
	cmd.SetArgs([]string{"node", "--root", root, "--json"})
	cmd.SetOut(&out)
	cmd.SetErr(&errs)
	if err := cmd.Execute(); err != nil {
		t.Fatalf("mp-policy node --root %s: %v\n%s", root, err, &errs)
	}
	dec := json.NewDecoder(&out)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&n); err != nil {
		t.Fatalf("%v in\n%s", err, &out)
	}
	return n, errs.String()
}

// counts are what lscpu and hwloc say of a machine: CPUs, cores, sockets, threads
// per core, NUMA nodes with CPUs. 0 is what its files do not tell.
type counts struct {
	CPUs           int
	Online         string
	Cores, Sockets int
	Threads, NUMA  int
}

// The truth of the recorded machines, from what lscpu and hwloc printed there.
var recorded = []struct {
	name   string
	noTree string // why there is no tree to read
	want   counts
	arch   string
	vendor string
	model  string // part of it
	kernel string
	tags   string // beside arch and vendor
}{
	{
		name: "lscpu-x86_64-64cpu", want: counts{64, "0-63", 32, 4, 2, 3},
		arch: "x86_64", vendor: "intel", model: "X7550", tags: "nehalem",
	},
	{
		name: "lscpu-x86_64-epyc_7451", want: counts{96, "0-95", 48, 2, 2, 8},
		arch: "x86_64", vendor: "amd", model: "AMD EPYC 7451 24-Core Processor", tags: "zen",
	},
	{
		// the kernel calls each of its three clusters a package
		name: "lscpu-arm-A510-A710-A715-X3", want: counts{8, "0-7", 8, 1, 1, 0},
		arch: "aarch64", vendor: "arm", model: "Cortex-A510", tags: "hybrid",
	},
	{
		name: "hwloc-power9-ac922-gpunuma", want: counts{32, "0-15,88-103", 8, 2, 4, 2},
		arch: "ppc64le", vendor: "ibm", model: "POWER9", tags: "power9",
		kernel: "4.14.0-49.el7a.bz1553205.page_fault_hang.ppc64le",
	},
	{
		name: "hwloc-intel-hybrid-i7-1370P", want: counts{20, "0-19", 14, 1, 2, 1},
		arch: "x86_64", vendor: "intel", model: "i7-1370P", tags: "hybrid raptorlake", kernel: "6.1.0-13-amd64",
	},
	{
		name: "hwloc-intel-haswell-offline-cpu0", want: counts{17, "4-20", 17, 2, 1, 1},
		arch: "x86_64", vendor: "intel", model: "E5-2680 v3", tags: "haswell", kernel: "3.10.0-957.el7.x86_64",
	},
	{
		// hwloc's own numbers are those of the cpuset it ran in, 6 CPUs.
		name: "hwloc-cgroup2-32", want: counts{32, "0-31", 32, 4, 1, 8},
		arch: "x86_64", vendor: "amd", model: "Opteron(tm) Processor 6134", tags: "k10",
	},
	{
		name: "hwloc-ib-mlx4-scif", want: counts{16, "0-15", 16, 2, 1, 2},
		arch: "x86_64", vendor: "intel", model: "E5-2680", tags: "infiniband sandybridge",
	},
	{
		name: "hwloc-fakeknl-snc4-hybrid", want: counts{64, "0-63", 16, 1, 4, 4},
		arch: "x86_64", vendor: "intel", model: "06/57", tags: "knl", kernel: "3.10.0-327.el7.x86_64",
	},
	{name: "nri-intel-2s-112-pmem-isolated", want: counts{112, "0-111", 56, 2, 2, 4}},
	{
		// Its CPUs are siblings of others that it does not have.
		name: "prom-procfs-ib", want: counts{2, "0-1", 2, 1, 1, 0}, tags: "infiniband omnipath",
	},
	{
		name: "derived-knl7250-quad-flat-aries", want: counts{272, "0-271", 68, 1, 4, 1},
		arch: "x86_64", vendor: "intel", model: "7250", tags: "aries gni knl",
	},
	{
		name: "derived-cray-ex235a-tioga", want: counts{128, "0-127", 64, 1, 2, 4},
		arch: "x86_64", vendor: "amd", model: "7A53", tags: "slingshot zen3",
	},
	{
		name: "derived-spr-224-efa", want: counts{224, "0-223", 112, 2, 2, 8},
		arch: "x86_64", vendor: "intel", model: "8480+", tags: "efa sapphirerapids",
	},
	{
		name: "synthetic-epyc-768", want: counts{768, "0-767", 384, 2, 2, 4},
		arch: "x86_64", vendor: "amd", model: "9950X", tags: "zen5",
	},
	{name: "archspec-one-cpu-cpuinfo", noTree: "one entry of cpuinfo for each processor: see TestRecordedProcessors"},
	{name: "text-knl", noTree: "the text that lscpu printed, and one entry of cpuinfo: see TestRecordedProcessors"},
	{name: "automaxprocs-cgroups", noTree: "files of cgroups: see TestRecordedCgroups of nodeinfo"},
	{name: "xml-knl7250-quad-flat", noTree: "hwloc's XML alone, without /proc and /sys: derived-knl7250-quad-flat-aries is made from it"},
}

func TestRecordedNodes(t *testing.T) {
	dir := nodetest.Recorded(t)
	var named []string
	for _, tt := range recorded {
		named = append(named, tt.name)
		t.Run(tt.name, func(t *testing.T) {
			archive := filepath.Join(dir, tt.name, "root.tar.gz")
			if tt.noTree != "" {
				if _, err := os.Stat(archive); err == nil {
					t.Fatalf("there is a tree now, and no truth for it here")
				}
				t.Skip(tt.noTree)
			}
			n, stderr := nodeJSON(t, nodetest.Untar(t, archive))
			got := counts{n.CPUs, n.Online, n.Cores, n.Sockets, n.ThreadsPerCore, n.NUMANodes}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s%s", diff, stderr)
			}
			if n.Arch != tt.arch || n.Vendor != tt.vendor || n.Kernel != tt.kernel {
				t.Errorf("arch %q, vendor %q, kernel %q; want %q, %q, %q", n.Arch, n.Vendor, n.Kernel, tt.arch, tt.vendor, tt.kernel)
			}
			if !strings.Contains(n.Model, tt.model) || tt.model == "" && n.Model != "" {
				t.Errorf("model %q, want %q in it", n.Model, tt.model)
			}
			if diff := cmp.Diff(sortedTags(tt.arch, tt.vendor, tt.tags), n.Tags); diff != "" {
				t.Errorf("tags: -want +got\n%s", diff)
			}
		})
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && !slices.Contains(named, e.Name()) {
			t.Errorf("%s has no truth here", e.Name())
		}
	}
}

func sortedTags(arch, vendor, types string) []string {
	tags := append(strings.Fields(types), strings.Fields(arch+" "+vendor)...)
	slices.Sort(tags)
	return slices.Clip(tags)
}

// TestRecordedProcessors reads single entries of cpuinfo. The end of each file's
// name is what archspec calls the processor.
func TestRecordedProcessors(t *testing.T) {
	dir := nodetest.Recorded(t)
	files, err := filepath.Glob(filepath.Join(dir, "*/*.cpuinfo*"))
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files, want 43: %v", len(files), err)
	}
	// Where archspec's name is of something else than the processor, or wrong:
	// a feature level, the byte order, a model that is of the next generation.
	exceptions := map[string]string{
		"linux-rhel7-x86_64_v3.cpuinfo":       "haswell",
		"linux-centos7-power8le.cpuinfo":      "power8",
		"linux-ubuntu24.04-alderlake.cpuinfo": "arrowlake_s",
		"knl-7210-last-processor.cpuinfo.txt": "knl",
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			want := exceptions[name]
			if want == "" {
				want = strings.TrimSuffix(name[strings.LastIndex(name, "-")+1:], ".cpuinfo")
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			root := nodetest.Directory(t)
			if err := os.Mkdir(filepath.Join(root, "proc"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(root, "proc/cpuinfo"), data, 0o644); err != nil {
				t.Fatal(err)
			}
			n, _ := nodeJSON(t, root)
			if !slices.Contains(n.Tags, want) {
				t.Errorf("tags %v, want %s among them", n.Tags, want)
			}
			if n.Vendor == "" {
				t.Errorf("no vendor")
			}
			for _, guess := range []string{"grace", "graviton", "altra"} {
				if slices.Contains(n.Tags, guess) {
					t.Errorf("tag %s: the file does not tell", guess)
				}
			}
		})
	}
}

func TestNodeText(t *testing.T) {
	root := nodetest.Directory(t)
	write := func(name, data string) {
		t.Helper()
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := func() (string, string, error) {
		var out, errs bytes.Buffer
		cmd := newRoot(screen{})
		cmd.SetArgs([]string{"node", "--root", root})
		cmd.SetOut(&out)
		cmd.SetErr(&errs)
		err := cmd.Execute()
		return out.String(), errs.String(), err
	}
	if out, _, err := run(); err == nil || out != "" || !strings.Contains(err.Error(), root) {
		t.Errorf("an empty directory: %q, %v; want an error that names it", out, err)
	}
	write("proc/cpuinfo", "processor\t: 0\ncpu\t\t: POWER9, altivec supported\n\n")
	write("proc/version", "Linux version 5.14.0-70.el9.ppc64le (x) #1\n")
	write("sys/devices/system/cpu/online", "0-3\n")
	out, stderr, err := run()
	want := `architecture  ppc64le
vendor        ibm
model         POWER9, altivec supported
kernel        5.14.0-70.el9.ppc64le
CPUs          4
online        0-3
tags          ibm power9 ppc64le
`
	if err != nil || out != want {
		t.Errorf("%v\n%s", err, cmp.Diff(want, out))
	}
	if !strings.Contains(stderr, "mp-policy: not known: ") || !strings.Contains(stderr, "cpu0/topology") {
		t.Errorf("stderr %q, want the missing file named", stderr)
	}
	root = filepath.Join(root, "nowhere")
	if _, _, err := run(); err == nil || !strings.Contains(err.Error(), "--root") {
		t.Errorf("no directory: %v", err)
	}
}

// TestNodeTags: the list has each tag with its meaning, also as JSON.
func TestNodeTags(t *testing.T) {
	code, out, errs := runTool("node", "--tags")
	if code != 0 || errs != "" || !strings.HasPrefix(out, "architecture\n  aarch64           64-bit ARM\n") {
		t.Errorf("exit %d, %s\n%s", code, errs, out)
	}
	for _, tag := range nodeinfo.Tags {
		if !strings.Contains(out, "  "+tag.Name+" ") || !strings.Contains(out, "  "+tag.Meaning+"\n") {
			t.Errorf("no %+v in\n%s", tag, out)
		}
	}
	_, out, _ = runTool("node", "--tags", "--json")
	var tags []nodeinfo.Tag
	if err := json.Unmarshal([]byte(out), &tags); err != nil || !slices.Equal(tags, nodeinfo.Tags) {
		t.Errorf("%v in\n%s", err, out)
	}
	for _, args := range []string{"--cpus 0", "--root /"} {
		if code, _, errs := runTool(append([]string{"node", "--tags"}, strings.Fields(args)...)...); code != exitUsage || !strings.Contains(errs, "exclude each other") {
			t.Errorf("--tags %s: exit %d, %s", args, code, errs)
		}
	}
}
