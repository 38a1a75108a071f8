// SPDX-License-Identifier: MIT

package vm

import (
	"encoding/base64"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"slurm-mp-policy/tests/cluster"
)

var form = flag.String("vm", "", "run the tests on an emulated node: short, full, or changed: short unless nothing has changed")

// stepLimit is for one step of an emulated node. A quiet host of two CPUs takes 5 to 12 s.
const stepLimit = 10 * time.Minute

// TestNode runs steps on an emulated node, and holds what each task gets against what the
// kernel says.
func TestNode(t *testing.T) {
	if *form == "" {
		t.Skip("an emulated node takes a quarter of an hour; make test-vm runs it")
	}
	now := digest(t)
	switch *form {
	case "short", "full":
	case "changed":
		if passed() == now {
			t.Skip("nothing that an emulated node tests has changed since it passed: testdata/passed")
		}
		*form = "short"
	default:
		t.Fatalf("-vm=%s: want short, full or changed", *form)
	}
	defer func() {
		if !t.Failed() && wholeRun() {
			if err := os.WriteFile(passedFile, []byte(now+"\n"), 0o644); err != nil {
				t.Error(err)
			}
		}
	}()
	output(t, "../install-deps", "build", "vm")
	dir, err := filepath.Abs("../../build/vm")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	root := strings.TrimSpace(output(t, "../matrix/make-root", "trixie", "vm"))
	image := makeImage(t, root, dir)

	var table []byte
	t.Run("siblings beside each other", func(t *testing.T) {
		n := start(t, root, image, nil)
		text := n.must(t, "base64 -w0 /sys/firmware/acpi/tables/APIC")
		if table, err = decoded(text); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(n.must(t, "cat /sys/devices/system/cpu/cpu0/topology/thread_siblings_list")); got != "0-1" {
			t.Errorf("the siblings of CPU 0 are %q, want 0-1", got)
		}
		n.shapes(t, func(s shape) bool { return *form == "full" || s.short })
		n.jobs(t)
		n.pools(t)
		n.quotas(t)
		n.scripts(t)
	})
	t.Run("siblings apart", func(t *testing.T) {
		if table == nil {
			t.Skip("the first node has not given its table of APICs")
		}
		apart, err := threadsApart(table)
		if err != nil {
			t.Fatal(err)
		}
		n := start(t, root, image, apart)
		if got := strings.TrimSpace(n.must(t, "cat /sys/devices/system/cpu/cpu0/topology/thread_siblings_list")); got != "0,8" {
			t.Errorf("the siblings of CPU 0 are %q, want 0,8", got)
		}
		n.shapes(t, func(s shape) bool { return s.numbering && (*form == "full" || s.short) })
		if *form == "full" {
			n.configure(t, "SelectTypeParameters=CR_CPU")
			t.Run("CR_CPU", func(t *testing.T) { n.shapes(t, func(s shape) bool { return s.short }) })
			n.must(t, "echo ConstrainRAMSpace=yes >>/etc/slurm/cgroup.conf")
			n.configure(t, "SelectTypeParameters=CR_Core_Memory")
			n.memory(t)
			n.configure(t, "SlurmdParameters=contain_spank")
			t.Run("CR_Core_Memory and contain_spank", func(t *testing.T) { n.shapes(t, func(s shape) bool { return s.short }) })
		}
	})
	if *form == "full" {
		for _, name := range []string{"cluster", "e2e", "faults"} {
			t.Run(name, func(t *testing.T) { suiteOnFreshNode(t, root, image, name) })
		}
	}
}

// wholeRun reports whether no part of the tests was left out on the command line.
func wholeRun() bool {
	return !strings.Contains(flag.Lookup("test.run").Value.String(), "/") && flag.Lookup("test.skip").Value.String() == ""
}

// makeImage builds the project and makes the disk image.
func makeImage(t *testing.T, root, dir string) string {
	t.Helper()
	files, image := filepath.Join(dir, "files"), filepath.Join(dir, "node.img")
	if err := os.RemoveAll(files); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(files, 0o755); err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(filepath.Dir(root), "go-build-trixie")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		t.Fatal(err)
	}
	output(t, "../matrix/in-root", "--project", "../..", "--bind", cache+":/root/.cache/go-build", "--bind", files+":/files",
		root, "tests/vm/build-files")
	output(t, "./make-image", root, files, image)
	return image
}

// output runs a program of this machine.
func output(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	c := exec.Command(name, arguments...)
	var errs strings.Builder
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", name, err, out, errs.String())
	}
	return string(out)
}

type node struct{ *Machine }

// start boots a node with Slurm.
func start(t *testing.T, root, image string, table []byte) node {
	t.Helper()
	dir, err := os.MkdirTemp("../../build/vm", "node-")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Boot(root, image, dir, table)
	if err != nil {
		t.Fatal(err)
	}
	n := node{m}
	t.Cleanup(func() {
		switch {
		case n.Ended():
			t.Logf("the node has ended by itself: see %s", n.console())
		case t.Failed():
			log, _ := n.Run(stepLimit, "tail -n 50 /var/log/slurm/slurmd.log")
			t.Logf("slurmd's log ends with\n%s", log)
		}
		n.Stop()
	})
	t.Logf("cgroup: %s", n.must(t, "stat -f -c %T /sys/fs/cgroup; systemctl --version | head -n 1; uname -r; srun --version"))
	return n
}

// configure changes lines of slurm.conf and restarts Slurm.
func (n node) configure(t *testing.T, lines ...string) {
	t.Helper()
	for _, line := range lines {
		name, _, _ := strings.Cut(line, "=")
		n.must(t, fmt.Sprintf("sed -i '/^%s=/d' /etc/slurm/slurm.conf; echo '%s' >>/etc/slurm/slurm.conf", name, line))
	}
	n.must(t, "systemctl restart slurmctld slurmd")
	n.must(t, slurmIdle)
}

// must runs a command as root that has to succeed.
func (n node) must(t *testing.T, command string) string {
	t.Helper()
	out, err := n.Run(stepLimit, command)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return out
}

// asUser runs a command as an ordinary user, with PROBE replaced by the program and the name, and
// SRUN by srun with a word that has the program taken for a pool.
func (n node) asUser(name, command string) (string, error) {
	// The tests of steps are about CPUs. An emulated node may be too slow to find the pool.
	command = strings.ReplaceAll(command, "SRUN", "srun --mp-policy=multiprocessing")
	command = strings.ReplaceAll(command, "PROBE", "/usr/bin/python3 /opt/probe/probe.py "+name)
	quoted := "'" + strings.ReplaceAll(command, "'", `'\''`) + "'"
	return n.Run(stepLimit, "cd /tmp && runuser -u alice -- sh -c "+quoted)
}

// shapes runs the steps of the table that are wanted, each once with an explanation.
func (n node) shapes(t *testing.T, wanted func(shape) bool) {
	text, err := os.ReadFile("testdata/shapes")
	if err != nil {
		t.Fatal(err)
	}
	list, err := parseShapes(string(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		if !wanted(s) {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			out, err := n.asUser(s.name, strings.Replace(s.command, "srun", "srun --mp-policy=explain,multiprocessing", 1))
			defer func() {
				if t.Failed() {
					t.Logf("%s\n%s", s.command, out)
				}
			}()
			if err != nil {
				t.Fatal(err)
			}
			s.check(t, out)
		})
	}
}

// check holds each task of a step against the kernel.
func (s shape) check(t *testing.T, out string) {
	t.Helper()
	list, err := tasks(out)
	if err != nil {
		t.Fatal(err)
	}
	said, err := shares(out)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != s.tasks {
		t.Errorf("%d tasks, want %d", len(list), s.tasks)
	}
	if s.cpus == 0 && overlap(list) {
		t.Error("tasks share CPUs: the table has to give the number of each")
	}
	for _, task := range list {
		want := s.cpus
		if want == 0 {
			want = task.cpus
		}
		task.check(t, want)
		if got, expected := said[task.rank], (share{want, task.cores, task.mask}); got != expected {
			t.Errorf("task %d: explain has %+v, want %+v", task.rank, got, expected)
		}
	}
	hints := regexp.MustCompile(`(?m)^mp-policy: hint +(.*)$`).FindAllString(out, -1)
	switch {
	case s.hint == "" && len(hints) > 0:
		t.Errorf("hints %q, want none", hints)
	case s.hint != "" && !strings.Contains(strings.Join(hints, "\n"), s.hint):
		t.Errorf("hints %q, want %q", hints, s.hint)
	}
}

// check holds the variables and the workers of a task against the number of its CPUs.
func (task task) check(t *testing.T, cpus int) {
	t.Helper()
	count := strconv.Itoa(cpus)
	if cpus == CPUs {
		count = "-" // the whole node: Python counts right by itself
	}
	for name, want := range map[string]string{
		"PYTHON_CPU_COUNT": count, "LOKY_MAX_CPU_COUNT": count,
		"OMP_NUM_THREADS": "1", "OMP_PROC_BIND": "false", "OMP_PLACES": "-",
	} {
		if got := task.env[name]; got != want {
			t.Errorf("%s, task %d: %s=%s, want %s", task.name, task.rank, name, got, want)
		}
	}
	if task.workers != cpus {
		t.Errorf("%s, task %d: %d workers, want %d", task.name, task.rank, task.workers, cpus)
	}
	if task.masks != task.mask {
		t.Errorf("%s, task %d: the workers have the CPUs %s, want %s", task.name, task.rank, task.masks, task.mask)
	}
}

// jobs has a batch script, steps side by side, a job of salloc, and two jobs on one node.
func (n node) jobs(t *testing.T) {
	for name, test := range map[string]struct {
		tasks   int
		command string
	}{
		"batch":    {1, "sbatch -Q --wait -n1 -c6 -o batch.out --wrap 'PROBE'; cat batch.out"},
		"steps":    {5, "sbatch -Q --wait -n1 -c8 -o steps.out /opt/probe/steps.sh; cat steps.out"},
		"salloc":   {1, "salloc -Q -n1 -c6 SRUN -n1 -c2 --overlap PROBE"},
		"two jobs": {2, "MEET='one other' SRUN -n1 -c4 PROBE & MEET='other one' SRUN -n1 -c6 PROBE & wait"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := n.asUser(strings.ReplaceAll(name, " ", "-"), test.command)
			list, err2 := tasks(out)
			if err != nil || err2 != nil || len(list) != test.tasks {
				t.Fatalf("%d tasks, want %d; %v, %v\n%s", len(list), test.tasks, err, err2, out)
			}
			for _, task := range list {
				task.check(t, task.cpus)
			}
		})
	}
}

// pools has a pool whose OpenMP library binds the parent when it is loaded.
func (n node) pools(t *testing.T) {
	for _, bind := range []string{"close", "spread"} {
		t.Run("OMP_PROC_BIND="+bind, func(t *testing.T) {
			step := "WITH_BLAS=yes OMP_PLACES=cores OMP_PROC_BIND=" + bind + " "
			out, err := n.asUser(bind, step+"srun --no-mp-policy -n1 -c8 PROBE")
			plain, err2 := tasks(out)
			if err != nil || err2 != nil || len(plain) != 1 || plain[0].masks == "" || plain[0].masks == plain[0].mask && plain[0].cpus == 8 {
				t.Fatalf("without the plugin the workers are not bound, so this proves nothing: %v, %v\n%s", err, err2, out)
			}
			out, err = n.asUser(bind, step+"SRUN -n1 -c8 PROBE")
			list, err2 := tasks(out)
			if err != nil || err2 != nil || len(list) != 1 {
				t.Fatalf("%v, %v\n%s", err, err2, out)
			}
			list[0].check(t, 8)
			if !strings.Contains(out, "would keep all workers of this program on one CPU; removed for this step") {
				t.Errorf("no line about the binding:\n%s", out)
			}
		})
	}
}

// quotas has limits of CPU time of systemd: 250 % of a CPU for the scope of all steps, and 300 %
// for the slice above it.
func (n node) quotas(t *testing.T) {
	for _, test := range []struct {
		unit  string
		quota int // percent of a CPU
		want  map[string]int
	}{
		{"node1_slurmstepd.scope", 250, map[string]int{"srun -n1 -c8": 3, "srun -n2 -c4": 2}},
		{"system.slice", 300, map[string]int{"srun -n1 -c8": 3}},
	} {
		t.Run(test.unit, func(t *testing.T) {
			n.must(t, fmt.Sprintf("systemctl set-property --runtime %s CPUQuota=%d%%", test.unit, test.quota))
			defer n.must(t, fmt.Sprintf("systemctl set-property --runtime %s CPUQuota=", test.unit))
			for command, want := range test.want {
				out, err := n.asUser("quota", command+" --mp-policy=explain,multiprocessing PROBE")
				list, err2 := tasks(out)
				if err != nil || err2 != nil || len(list) == 0 {
					t.Fatalf("%v, %v\n%s", err, err2, out)
				}
				for _, task := range list {
					task.check(t, want)
				}
				if !strings.Contains(out, "in the mask count") {
					t.Errorf("explain does not say that the quota is the reason:\n%s", out)
				}
			}
		})
	}
}

// memory compares the most memory that a job has had with an evaluation and without one. The
// evaluator has left the job's cgroups, so nothing of it counts.
func (n node) memory(t *testing.T) {
	t.Run("memory", func(t *testing.T) {
		const slack = 2 << 20 // an evaluation takes several MiB more
		lowest := func(srun string) int {
			least := math.MaxInt
			for range 3 {
				out, err := n.asUser("", srun+" -n1 -c2 --mem=64M /opt/probe/peak.sh")
				peak, err2 := strconv.Atoi(strings.TrimSpace(out))
				if err != nil || err2 != nil {
					t.Fatalf("%v, %v\n%s", err, err2, out)
				}
				least = min(least, peak)
			}
			return least
		}
		without, with := lowest("srun --no-mp-policy"), lowest("SRUN")
		t.Logf("the most memory of a job, in bytes: %d without an evaluation, %d with one", without, with)
		if with > without+slack {
			t.Errorf("an evaluation takes %d bytes of the job's memory", with-without)
		}
	})
}

// scripts runs some end-to-end scripts on the project's private cluster, on cgroup version 2. The
// second time, systemd makes the scope of the cluster's slurmstepds.
func (n node) scripts(t *testing.T) {
	n.must(t, "systemctl stop slurmd slurmctld")
	t.Cleanup(func() {
		if n.Ended() {
			t.Error("the kernel of the node has panicked: run the test again")
		}
	})
	n.suite(t, "e2e", "^TestScripts$/^(main-job|explain|hint-one-core|nested-step-afresh)$", "")
	t.Run("below systemd", func(t *testing.T) {
		n.suite(t, "e2e", "^TestScripts$/^main-job$", cluster.SystemdVariable+"=yes")
	})
}

// suiteOnFreshNode runs all tests of a directory, on a second node if the kernel of the first
// panics.
func suiteOnFreshNode(t *testing.T, root, image, name string) {
	for range 2 {
		n := start(t, root, image, nil)
		n.must(t, "systemctl stop slurmd slurmctld")
		if n.suite(t, name, ".", ""); !n.Ended() {
			return
		}
	}
	t.Error("the kernel of two nodes has panicked: no result")
}

// suite runs tests of the directory tests/NAME. If the node ends meanwhile, there is no result.
func (n node) suite(t *testing.T, name, pattern, variable string) {
	out, err := n.Run(3*time.Hour, fmt.Sprintf("cd /src/tests/%s && %s PATH=$PATH:/usr/sbin ./%[1]s.test -test.v -test.timeout 3h -test.run '%[3]s' 2>&1",
		name, variable, pattern))
	if n.Ended() {
		return
	}
	file := filepath.Join(n.dir, name+".log")
	if err := os.WriteFile(file, []byte(out), 0o644); err != nil {
		t.Error(err)
	}
	for _, line := range regexp.MustCompile(`(?m)^ *--- (FAIL|SKIP): .*`).FindAllString(out, -1) {
		t.Log(line)
	}
	if err != nil {
		t.Errorf("%v; see %s", err, file)
	}
	if left := n.must(t, "ls -d /sys/fs/cgroup/*slurm* /sys/fs/cgroup/*/*slurmstepd.scope 2>/dev/null | grep -v node1_ || :"); left != "" {
		t.Errorf("cgroups are left: %s", left)
	}
}

// decoded returns the bytes of a base64 text.
func decoded(text string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.TrimSpace(text))
}
