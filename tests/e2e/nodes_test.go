// SPDX-License-Identifier: MIT

package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slurm-mp-policy/tests/cluster"
)

// manyNodes is the number of slurmds that share the machine.
const manyNodes = 8

// byNode is a step's output, by node: the environment of each of its tasks.
type byNode map[string][]map[string]string

// named has a program print its node's name before what it prints itself.
const named = `sh -c 'echo "@$SLURMD_NODENAME $SLURM_PROCID"; exec "$@"' sh `

// srunAll runs srun with these arguments and returns what each task's
// environment was, and what was said on stderr.
func (s *site) srunAll(t *testing.T, arguments string) (byNode, string) {
	t.Helper()
	cmd := s.shell("cd && exec srun -Q -l --overcommit " + arguments)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("srun %s: %v\n%s%s", arguments, err, &stdout, &stderr)
	}
	tasks := map[string]map[string]string{} // by srun's label
	nodes := byNode{}
	for line := range strings.Lines(stdout.String()) {
		label, text, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if name, ok := strings.CutPrefix(text, "@"); ok {
			name, _, _ = strings.Cut(name, " ")
			tasks[label] = map[string]string{}
			nodes[name] = append(nodes[name], tasks[label])
		} else if name, value, ok := strings.Cut(text, "="); ok && tasks[label] != nil {
			tasks[label][name] = value
		}
	}
	return nodes, stderr.String()
}

// values are a variable's, by node; "-" where a task lacks it.
func (n byNode) values(name string) map[string][]string {
	values := map[string][]string{}
	for node, tasks := range n {
		for _, env := range tasks {
			value, ok := env[name]
			if !ok {
				value = "-"
			}
			values[node] = append(values[node], value)
		}
	}
	return values
}

// writeHome writes a file into the user's directory.
func (s *site) writeHome(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(s.Home, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func (s *site) each(value ...string) map[string][]string {
	want := map[string][]string{}
	for _, node := range s.NodeNames {
		want[node] = value
	}
	return want
}

func TestManyNodes(t *testing.T) {
	s := startCluster(t, cluster.Options{
		Nodes: manyNodes, OwnConf: true, SlurmConf: []string{
			// starts heterogeneous jobs, which the other scheduler does not
			"SchedulerType=sched/backfill", "SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1",
		},
	}, defaultLine)
	s.writeHome(t, "pool.py", pool)

	t.Run("one step on all", func(t *testing.T) {
		nodes, stderr := s.srunAll(t, fmt.Sprintf("-N %d -n %d --mp-policy=explain %s python3 pool.py", manyNodes, 2*manyNodes, named))
		if diff := cmp.Diff(s.each("1", "1"), nodes.values("OMP_NUM_THREADS")); diff != "" {
			t.Errorf("OMP_NUM_THREADS: want -, got +:\n%s", diff)
		}
		if n := strings.Count(stderr, "mp-policy: node "); n != 1 {
			t.Errorf("the step is explained %d times, want once:\n%s", n, stderr)
		}
	})

	t.Run("heterogeneous step", func(t *testing.T) {
		nodes, _ := s.srunAll(t, fmt.Sprintf("-N 3 -n 3 %s env : -N %d -n %d %s python3 pool.py", named, manyNodes-3, manyNodes-3, named))
		got := map[string]int{}
		for _, values := range nodes.values("OMP_NUM_THREADS") {
			got[strings.Join(values, " ")]++
		}
		if diff := cmp.Diff(map[string]int{"-": 3, "1": manyNodes - 3}, got); diff != "" {
			t.Errorf("nodes by OMP_NUM_THREADS: want -, got +:\n%s", diff)
		}
	})

	t.Run("nodes of several types", func(t *testing.T) { s.testTypes(t) })
	t.Run("one engine is broken", func(t *testing.T) { s.testOneBroken(t) })
}

// testTypes has each node be another recorded machine: in one step, each gets
// the fork mode of its own fabric.
func (s *site) testTypes(t *testing.T) {
	want := map[string]string{
		"thunderx2":        "MPICH_GNI_FORK_MODE=FULLCOPY",
		"xe6-gemini":       "MPICH_GNI_FORK_MODE=FULLCOPY",
		"knl-aries":        "MPICH_GNI_FORK_MODE=FULLCOPY",
		"mi300a-slingshot": "CXI_FORK_SAFE=1",
		"kunpeng920":       "IBV_FORK_SAFE=1 RDMAV_FORK_SAFE=1",
		"graviton4":        "FI_EFA_FORK_SAFE=1",
		"knm":              "",
		"a64fx":            "",
	}
	shim := s.testShim(t)
	program := s.writeHome(t, "ranks.py", ranksAndPools)
	wantOfNode := map[string]string{}
	for node, name := range slices.Sorted(maps.Keys(want)) {
		root := machine(t, name)
		// the program is looked up on the recorded node, too
		inside := filepath.Join(root, program)
		if err := errors.Join(os.MkdirAll(filepath.Dir(inside), 0o755), os.WriteFile(inside, []byte(ranksAndPools), 0o644)); err != nil {
			t.Fatal(err)
		}
		line := s.expand("optional " + shim + " lib=$ENGINE deadline=10000 root=" + root + "\n")
		if err := s.WriteNodePlugstack(node, line); err != nil {
			t.Fatal(err)
		}
		wantOfNode[s.NodeNames[node]] = want[name]
	}
	t.Cleanup(func() { s.write(defaultLine) })

	nodes, _ := s.srunAll(t, fmt.Sprintf("-N %d -n %d %s python3 %s", manyNodes, manyNodes, named, program))
	got := map[string]string{}
	for node, tasks := range nodes {
		var list []string
		for name, value := range tasks[0] {
			if forkVariables.MatchString(name) {
				list = append(list, name+"="+value)
			}
		}
		slices.Sort(list)
		got[node] = strings.Join(list, " ")
	}
	if diff := cmp.Diff(wantOfNode, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

// testShim builds the shim that knows the word root=.
func (s *site) testShim(t *testing.T) string {
	t.Helper()
	shim := filepath.Join(filepath.Dir(s.engine), "test_words.so")
	sources, _ := filepath.Glob("../../cshim/*.c")
	compile(t, append(sources, "-std=gnu11", "-shared", "-fPIC", "-DMP_TEST_WORDS", `-DMP_ENGINE_PATH="/nowhere"`, "-o", shim)...)
	return shim
}

// testOneBroken breaks the engine of one node: the step runs on all, the others
// get the policy, and that node's log has one line about it.
func (s *site) testOneBroken(t *testing.T) {
	const broken = 5
	compile(t, "-shared", "-fPIC", "-I../../cshim", "-DKIND=GARBAGE", "programs/engine.c", "-o", s.broken())
	if err := s.WriteNodePlugstack(broken, s.expand("optional $PLUGIN lib=$BROKEN deadline=10000\n")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.write(defaultLine) })
	before := s.ourLinesOfNodes(t)

	nodes, stderr := s.srunAll(t, fmt.Sprintf("-N %d -n %d %s python3 pool.py", manyNodes, manyNodes, named))
	want := s.each("1")
	want[s.NodeNames[broken]] = []string{"-"}
	if diff := cmp.Diff(want, nodes.values("OMP_NUM_THREADS")); diff != "" {
		t.Errorf("OMP_NUM_THREADS: want -, got +:\n%s", diff)
	}
	if strings.Contains(stderr, "engine") || strings.Contains(stderr, "malformed") {
		t.Errorf("the user is told of it: %s", stderr)
	}
	wantLines := make([]int, manyNodes)
	wantLines[broken] = 1
	waitFor(t, "the line in the log of "+s.NodeNames[broken], func() bool { return s.ourLinesOfNodes(t)[broken] > before[broken] })
	got := s.ourLinesOfNodes(t)
	for node := range got {
		got[node] -= before[node]
	}
	if diff := cmp.Diff(wantLines, got); diff != "" {
		t.Errorf("lines in the nodes' logs: want -, got +:\n%s", diff)
	}
}

// ourLinesOfNodes counts the plugin's lines in each node's log that a step runs
// without the policy. A line about an evaluator that is slow to end is the machine's.
func (s *site) ourLinesOfNodes(t *testing.T) []int {
	t.Helper()
	counts := make([]int, len(s.SlurmdLogs))
	for i, path := range s.SlurmdLogs {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		counts[i] = bytes.Count(text, []byte("the step runs without the policy"))
	}
	return counts
}

func waitFor(t *testing.T, what string, ready func() bool) {
	t.Helper()
	for range 600 {
		if ready() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("there is not %s after 30 s", what)
}

// A configless cluster hands plugstack.conf out, and neither the plugin nor its
// policy: where no policy file is on the node, the built-in rules hold.
func TestConfigless(t *testing.T) {
	s := startCluster(t, cluster.Options{Nodes: 2, Configless: true}, defaultLine)
	s.writeHome(t, "pool.py", pool)
	beside := filepath.Dir(s.Conf)
	rule := "rule site\n\tset SITE yes\n"
	if err := os.WriteFile(filepath.Join(beside, "mp_policy.conf"), []byte(rule), 0o644); err != nil {
		t.Fatal(err)
	}
	// the nodes have what slurmctld had when they started, until they are told
	reconfigure := exec.Command("scontrol", "reconfigure")
	reconfigure.Env = append(os.Environ(), s.Env()...)
	if out, err := reconfigure.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", reconfigure, err, out)
	}
	var cache string
	for _, node := range s.NodeNames {
		cache = filepath.Join(s.Dir, "spool", node, "conf-cache")
		waitFor(t, s.lines+" in "+cache, func() bool {
			text, err := os.ReadFile(filepath.Join(cache, "plugstack.conf"))
			return err == nil && strings.Contains(string(text), s.lines)
		})
		if _, err := os.Stat(filepath.Join(cache, "mp_policy.conf")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s has the policy file: %v", cache, err)
		}
	}
	waitFor(t, "two idle nodes", func() bool {
		out, _ := s.shell("sinfo --noheader --Node --format='%N %t'").Output()
		return len(regexp.MustCompile(`(?m) idle$`).FindAll(out, -1)) == 2
	})
	step := "-N 2 -n 2 --export=ALL " + named + " python3 pool.py"
	nodes, stderr := s.srunAll(t, step)
	for name, value := range map[string]string{"OMP_NUM_THREADS": "1", "SITE": "-"} {
		if diff := cmp.Diff(s.each(value), nodes.values(name)); diff != "" {
			t.Errorf("%s: want -, got +:\n%s\n%s", name, diff, stderr)
		}
	}
	// once it is on the nodes, it counts
	if err := os.WriteFile(filepath.Join(s.EtcSlurm(), "mp_policy.conf"), []byte(rule), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(filepath.Join(s.EtcSlurm(), "mp_policy.conf")) })
	nodes, stderr = s.srunAll(t, step)
	if diff := cmp.Diff(s.each("yes"), nodes.values("SITE")); diff != "" {
		t.Errorf("SITE, with the file on the nodes: want -, got +:\n%s\n%s", diff, stderr)
	}
}
