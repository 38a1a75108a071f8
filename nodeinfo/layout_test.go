// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"slurm-mp-policy/nodeinfo/nodetest"
)

// TestLayoutAgrees compares the cores of each machine with the counts of Node, which are
// read in another way.
func TestLayoutAgrees(t *testing.T) {
	for _, file := range machines(t) {
		t.Run(name(file), func(t *testing.T) {
			t.Parallel()
			text, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			fs := New(nodetest.Machine(t, text))
			node, _ := fs.Node()
			cores, err := fs.Layout()
			if err != nil {
				if node.CPUs > 0 && node.Cores > 0 && node.Sockets > 0 {
					t.Fatalf("Node knows the counts: %v", err)
				}
				return
			}
			var all Mask
			sockets, nodes := map[int]bool{}, map[int]bool{}
			threads := 0
			for _, c := range cores {
				if c.CPUs.And(all).Count() > 0 {
					t.Errorf("CPUs %s are in two cores", c.CPUs.And(all))
				}
				all.add(c.CPUs)
				threads = max(threads, c.CPUs.Count())
				sockets[c.Socket] = true
				if c.NUMA >= 0 {
					nodes[c.NUMA] = true
				}
			}
			if all.String() != node.Online || len(cores) != node.Cores || threads != node.ThreadsPerCore ||
				len(sockets) != node.Sockets || len(nodes) != node.NUMANodes {
				t.Errorf("CPUs %s, %d cores of %d threads, %d sockets, %d NUMA nodes; Node has %+v",
					all, len(cores), threads, len(sockets), len(nodes), node)
			}
		})
	}
}

// TestFirstCPUs checks that whole cores come first, and that one socket comes after the
// other.
func TestFirstCPUs(t *testing.T) {
	for _, test := range []struct {
		machine string
		n       int
		want    string
	}{
		{"knl-aries", 4, "0,68,136,204"},
		{"knl-aries", 5, "0-1,68,136,204"},
		{"knl-aries", 272, "0-271"},
		{"grace-hpe", 3, "0-2"},
		{"offline-cpu0", 6, "4,6,8,10,12,14"}, // the odd CPUs belong to the other socket
		{"no-topology", 1, "0"},
	} {
		text, err := txtar.ParseFile("testdata/machines/" + test.machine + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		fs := New(nodetest.Machine(t, text))
		if mask, err := fs.FirstCPUs(test.n); err != nil || mask.String() != test.want {
			t.Errorf("%s: the first %d CPUs are %s (%v), want %s", test.machine, test.n, mask, err, test.want)
		}
		if _, err := fs.FirstCPUs(9999); err == nil {
			t.Errorf("%s has 9999 CPUs", test.machine)
		}
	}
}
