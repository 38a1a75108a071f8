// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"slurm-mp-policy/nodeinfo/nodetest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestMachines compares the result of Node for each machine in testdata with the file
// "want" of the machine: its JSON, then its errors. The files that were opened and read
// are compared with a golden file, so that a review shows a change that reads more.
func TestMachines(t *testing.T) {
	files := machines(t)
	cost := make([]string, len(files))
	t.Run("machine", func(t *testing.T) {
		for i, file := range files {
			t.Run(name(file), func(t *testing.T) {
				t.Parallel()
				text, err := txtar.ParseFile(file)
				if err != nil {
					t.Fatal(err)
				}
				root := nodetest.Machine(t, text)
				checkMachine(t, file, text, root)
				cost[i] = costOf(t, name(file), root)
			})
		}
	})
	golden(t, "testdata/cost.golden", cost)
}

func checkMachine(t *testing.T, file string, text *txtar.Archive, root string) {
	t.Helper()
	n, err := New(root).Node()
	got, err2 := json.MarshalIndent(n, "", "  ")
	if err2 != nil {
		t.Fatal(err2)
	}
	got = append(got, '\n')
	if err != nil {
		got = append(got, strings.ReplaceAll(err.Error(), root+"/", "")+"\n"...)
	}
	last := &text.Files[len(text.Files)-1]
	if last.Name != "want" {
		t.Fatalf("the last file is %s, not want", last.Name)
	}
	if *update {
		last.Data = got
		if err := os.WriteFile(file, txtar.Format(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(last.Data), string(got)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	k, _ := New(root).Kind()
	if diff := cmp.Diff(n.Kind, k); diff != "" {
		t.Errorf("Kind differs: -Node +Kind\n%s", diff)
	}
}

// TestRecordedCost compares the cost of reading the recorded machines.
func TestRecordedCost(t *testing.T) {
	archives, err := filepath.Glob(filepath.Join(nodetest.Recorded(t), "*/root.tar.gz"))
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	cost := make([]string, len(archives))
	t.Run("machine", func(t *testing.T) {
		for i, archive := range archives {
			name := filepath.Base(filepath.Dir(archive))
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				cost[i] = costOf(t, name, nodetest.Untar(t, archive))
			})
		}
	})
	golden(t, "testdata/cost-recorded.golden", cost)
}

// costOf returns a line of the golden files. The cores are counted for all online CPUs.
func costOf(t *testing.T, name, root string) string {
	t.Helper()
	var kind, node, cores usage
	fs := New(root)
	fs.use = &kind
	_, _ = fs.Kind()
	fs.use = &node
	n, _ := fs.Node()
	fs.use = &cores
	online, err := ParseList(n.Online)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = fs.Cores(online)
	return fmt.Sprintf("%-34s %5d  %11d %6d  %11d %6d  %12d %6d\n", name, n.CPUs,
		kind.opens, kind.bytes, node.opens, node.bytes, cores.opens, cores.bytes)
}

func golden(t *testing.T, file string, cost []string) {
	t.Helper()
	if t.Failed() {
		return
	}
	got := "machine                            CPUs  Kind: opens  bytes  Node: opens  bytes  Cores: opens  bytes\n" + strings.Join(cost, "")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: -want +got; go test -update rewrites it\n%s", file, diff)
	}
}

// TestCores counts the cores that have a CPU in a task's mask.
func TestCores(t *testing.T) {
	roots := map[string]string{}
	for _, tt := range []struct {
		machine, mask string
		want          int
	}{
		{"knl-aries", "0-3,68-71,136-139,204-207", 4},
		{"knl-aries", "0,68,136,204", 1},
		{"knl-aries", "5,74", 2},
		{"knl-aries", "0-271", 68},
		{"knl-aries", "", 0},
		{"power10-smt8", "0-8", 2},
		{"epyc-1792", "0-1791", 896},
		{"epyc-1792", "1000,1500", 2},
		{"thunderx2", "0-27", 28},
		{"slingshot10", "3-5", 3}, // SMT is off
		{"offline-cpu0", "4-5", 2},
		{"no-siblings", "0-1", 0},
		{"knl-aries", "270-280", 0}, // CPU 272 does not exist
	} {
		text, err := txtar.ParseFile("testdata/machines/" + tt.machine + ".txtar")
		mask, err2 := ParseList(tt.mask)
		if err = errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if roots[tt.machine] == "" {
			roots[tt.machine] = nodetest.Machine(t, text)
		}
		n, err := New(roots[tt.machine]).Cores(mask)
		if n != tt.want || (n == 0) != (err != nil || tt.mask == "") || err != nil && !strings.HasPrefix(err.Error(), "cores: ") {
			t.Errorf("%s, %s: %d, %v; want %d", tt.machine, tt.mask, n, err, tt.want)
		}
	}
}

// TestOpens bounds the cost of a node of 256 CPUs, whatever the golden files contain.
func TestOpens(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		most       int
	}{
		{"two threads to a core", "0-255 stride 128", 150},
		{"no SMT", "0-255 block 1", 30},
	} {
		text := "-- proc/cpuinfo --\nvendor_id: GenuineIntel\ncpu family: 6\nmodel: 143\nflags: lm\n\n" +
			"-- proc/version --\nLinux version 6.1.0 x\n-- sys/devices/system/cpu/online --\n0-255\n" +
			"-- sys/devices/system/cpu/smt/active --\n0\n" +
			"-- sys/devices/system/node/online --\n0-1\n-- numa --\n0 0-127\n1 128-255\n-- cpus --\n" + tt.text + "\n"
		fs := New(nodetest.Machine(t, txtar.Parse([]byte(text))))
		fs.use = new(usage)
		n, err := fs.Node()
		if err != nil || n.CPUs != 256 || n.Sockets != 1 || n.NUMANodes != 2 {
			t.Errorf("%s: %+v, %v", tt.name, n, err)
		}
		if fs.use.opens > tt.most || fs.use.bytes > 4096 {
			t.Errorf("%s: %d opens, %d bytes; want at most %d, 4096", tt.name, fs.use.opens, fs.use.bytes, tt.most)
		}
		fs.use = new(usage)
		if _, err := fs.Kind(); err != nil || fs.use.opens > 12 {
			t.Errorf("%s: Kind: %d opens, %v", tt.name, fs.use.opens, err)
		}
	}
}

func machines(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/machines/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no machines in testdata: %v", err)
	}
	return files
}

func name(file string) string { return strings.TrimSuffix(filepath.Base(file), ".txtar") }

// BenchmarkNode reads a node of 272 CPUs, 4 of each core.
func BenchmarkNode(b *testing.B) {
	fs := benchMachine(b, "knl-aries")
	for b.Loop() {
		if _, err := fs.Node(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkKind reads the facts about this node that rules need.
func BenchmarkKind(b *testing.B) {
	fs := benchMachine(b, "knl-aries")
	for b.Loop() {
		if _, err := fs.Kind(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCores counts the cores of 16 CPUs of this node.
func BenchmarkCores(b *testing.B) {
	fs := benchMachine(b, "knl-aries")
	mask, err := ParseList("0-3,68-71,136-139,204-207")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if n, err := fs.Cores(mask); n != 4 || err != nil {
			b.Fatal(n, err)
		}
	}
}

// BenchmarkLive reads the machine on which it runs, as a launch does.
func BenchmarkLive(b *testing.B) {
	for _, bb := range []struct {
		name string
		read func(FS) error
	}{
		{"Kind", func(fs FS) error { _, err := fs.Kind(); return err }},
		{"Node", func(fs FS) error { _, err := fs.Node(); return err }},
		{"Quota", func(fs FS) error { _, _, err := fs.Quota("self"); return err }},
	} {
		b.Run(bb.name, func(b *testing.B) {
			fs := New("/")
			for b.Loop() {
				if err := bb.read(fs); err != nil {
					b.Skip(err) // a container may hide some files
				}
			}
		})
	}
}

func benchMachine(b *testing.B, name string) FS {
	b.Helper()
	text, err := txtar.ParseFile("testdata/machines/" + name + ".txtar")
	if err != nil {
		b.Fatal(err)
	}
	return New(nodetest.Machine(b, text))
}
