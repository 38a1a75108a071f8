// SPDX-License-Identifier: MIT

package cluster

import (
	"strings"
	"testing"
)

var topologyTests = []struct {
	name       string
	slurmdC    string
	cpus       int
	want       string
	isHardware bool
}{
	{
		"the machine's",
		"NodeName=n CPUs=8 Boards=1 SocketsPerBoard=1 CoresPerSocket=4 ThreadsPerCore=2 RealMemory=9\nUpTime=0-00:15:59\n",
		8, "CPUs=8 Boards=1 SocketsPerBoard=1 CoresPerSocket=4 ThreadsPerCore=2", true,
	},
	{
		"fewer",
		"NodeName=n CPUs=8 Boards=1 SocketsPerBoard=1 CoresPerSocket=4 ThreadsPerCore=2 RealMemory=9\n",
		2, "CPUs=2 Boards=1 SocketsPerBoard=1 CoresPerSocket=2 ThreadsPerCore=1", false,
	},
	{"nothing known", "", 3, "CPUs=3 Boards=1 SocketsPerBoard=1 CoresPerSocket=3 ThreadsPerCore=1", false},
}

func TestTopology(t *testing.T) {
	for _, test := range topologyTests {
		t.Run(test.name, func(t *testing.T) {
			got, isHardware := topology(test.slurmdC, test.cpus)
			if got != test.want || isHardware != test.isHardware {
				t.Errorf("got %q, %v, want %q, %v", got, isHardware, test.want, test.isHardware)
			}
		})
	}
}

func TestExtraLineReplacesOurs(t *testing.T) {
	l := layout{dir: "/d", id: "x", port: 1, nodes: 2, extra: []string{"killwait = 7", "Prolog=/p"}}
	text := l.slurmConf()
	if strings.Contains(text, "KillWait=") {
		t.Error("two KillWait")
	}
	for _, want := range []string{"killwait = 7\n", "Prolog=/p\n", "NodeName=mppx-[0-1] ", "Port=[2-3] "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestSeveralLinesOfOneKey(t *testing.T) {
	// a key that may stand several times replaces all of ours
	l := layout{dir: "/d", id: "x", port: 1, nodes: 1, extra: []string{"PartitionName=a Nodes=ALL", "PartitionName=b Nodes=ALL"}}
	if n := strings.Count(l.slurmConf(), "PartitionName="); n != 2 {
		t.Errorf("%d partitions, want 2", n)
	}
}
