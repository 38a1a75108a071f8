// SPDX-License-Identifier: MIT

package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"slurm-mp-policy/nodeinfo/nodetest"
)

// ranksAndPools is a program that uses MPI and a process pool. It is recognised
// and ends before them here: mpi.txt in testdata runs such a one.
const ranksAndPools = `import multiprocessing
import os

for name in sorted(os.environ):
    print(name + "=" + os.environ[name])
if not os.path.exists("/nowhere"):
    raise SystemExit

from mpi4py import MPI

with multiprocessing.Pool(2) as pool:
    print(MPI.COMM_WORLD.allreduce(sum(pool.map(abs, range(4)))))
`

// forkVariables are those of every fabric's fork mode, not only ours.
var forkVariables = regexp.MustCompile(`^(MPICH_|CXI_|RDMAV_|IBV_|FI_|UCX_|OMPI_MCA_(mpi|opal|btl|pml)_|PSM2?_|PMI_NO_FORK)`)

// On recorded nodes of each fabric, a program with MPI and a process pool gets
// exactly that fabric's fork mode, in each of 4 ranks. The node is the one of a directory by the word
// root= in plugstack.conf, which only a test build of the shim knows.
func TestForkModeOfEachFabric(t *testing.T) {
	s := start(t, "")
	shim := filepath.Join(filepath.Dir(s.engine), "test_words.so")
	sources, _ := filepath.Glob("../../cshim/*.c")
	compile(t, append(sources, "-std=gnu11", "-shared", "-fPIC", "-DMP_TEST_WORDS", `-DMP_ENGINE_PATH="/nowhere"`, "-o", shim)...)
	program := filepath.Join(s.Home, "ranks.py")

	for _, test := range []struct {
		machine string // in nodeinfo/testdata/machines
		env     string // of the job
		want    string
	}{
		{machine: "thunderx2", want: "MPICH_GNI_FORK_MODE=FULLCOPY"}, // Aries
		{machine: "knl-aries", want: "MPICH_GNI_FORK_MODE=FULLCOPY"},
		{machine: "xe6-gemini", want: "MPICH_GNI_FORK_MODE=FULLCOPY"},
		{machine: "mi300a-slingshot", want: "CXI_FORK_SAFE=1"},
		{machine: "grace-soc", want: "CXI_FORK_SAFE=1"}, // Slingshot
		{machine: "mi300a-slingshot", env: "HUGETLB_MORECORE=yes HUGETLB_DEFAULT_PAGE_SIZE=2M", want: "CXI_FORK_SAFE=1 CXI_FORK_SAFE_HP=1"},
		{machine: "link-layer-alone", want: "IBV_FORK_SAFE=1 RDMAV_FORK_SAFE=1"}, // InfiniBand beside Omni-Path
		{machine: "kunpeng920", want: "IBV_FORK_SAFE=1 RDMAV_FORK_SAFE=1"},       // RoCE
		{machine: "slingshot10", want: "IBV_FORK_SAFE=1 RDMAV_FORK_SAFE=1"},      // RoCE
		{machine: "graviton4", want: "FI_EFA_FORK_SAFE=1"},                       // EFA
		{machine: "graviton4", env: "FI_EFA_USE_HUGE_PAGE=1", want: "FI_EFA_USE_HUGE_PAGE=1"},
		{machine: "knm"},   // Omni-Path
		{machine: "iwarp"}, // that has no fork mode either
		{machine: "a64fx"}, // no fabric that is known
		{machine: "hybrid-intel"},
	} {
		t.Run(strings.TrimSpace(test.machine+" "+test.env), func(t *testing.T) {
			root := machine(t, test.machine)
			// the program is looked up on the recorded node, too
			for _, path := range []string{program, filepath.Join(root, program)} {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(ranksAndPools), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.write("optional " + shim + " lib=$ENGINE deadline=10000 root=" + root); err != nil {
				t.Fatal(err)
			}
			cmd := s.shell("exec env " + test.env + " srun -Q -l -n 4 --overcommit --mp-policy=explain python3 " + program)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Run(); err != nil {
				t.Fatalf("%v\n%s%s", err, &stdout, &stderr)
			}
			explained := regexp.MustCompile(`\n[0-9]+: mp-policy: {2,}`).ReplaceAll(stderr.Bytes(), []byte(" ")) // what was broken
			for _, tag := range []string{"multiprocessing", "mpi"} {
				if !regexp.MustCompile(`\b` + tag + `: [^ ]*ranks\.py:`).Match(explained) {
					t.Errorf("it is not seen that the program is %s:\n%s", tag, &stderr)
				}
			}
			got := map[string][]string{}
			for line := range strings.Lines(stdout.String()) {
				rank, entry, _ := strings.Cut(strings.TrimSpace(line), ": ")
				if forkVariables.MatchString(entry) {
					got[rank] = append(got[rank], entry)
				}
			}
			for _, rank := range []string{"0", "1", "2", "3"} {
				slices.Sort(got[rank])
				if diff := cmp.Diff(test.want, strings.Join(got[rank], " ")); diff != "" {
					t.Errorf("rank %s: want -, got +:\n%s\n%s", rank, diff, &stderr)
				}
			}
		})
	}
}

// machine lays out a machine of nodeinfo's testdata, for the tasks' user to read: where
// jobs have a /tmp and /dev/shm of their own, beside the cluster's files.
func machine(t *testing.T, name string) string {
	t.Helper()
	text, err := txtar.ParseFile("../../nodeinfo/testdata/machines/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.MkdirTemp(os.Getenv("MP_POLICY_TEST_BASE"), "node-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	nodetest.MachineIn(t, root, text)
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	return root
}
