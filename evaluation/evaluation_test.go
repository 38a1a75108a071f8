// SPDX-License-Identifier: MIT

package evaluation

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/policy"
)

const pool = `import multiprocessing

if __name__ == "__main__":
    with multiprocessing.Pool(4) as pool:
        pool.map(abs, range(4))
`

// request returns a Request for a step python3 pool.py with one task.
func request(t *testing.T) Request {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "pool.py"), pool)
	r := Request{
		Root: "/", Default: policy.DefaultOn, Affinity: "fix", Hints: true, Kind: "step",
		Argv: []string{"python3", "pool.py"}, Dir: dir,
		Tasks: 1, LocalTasks: 1,
	}
	python(t, &r, "python3.11")
	return r
}

// A daemon that mpirun starts with srun keeps the settings of the batch script, because the ranks
// inherit its environment. Another program gets them taken back.
func TestRankDaemon(t *testing.T) {
	for name, kept := range map[string]bool{"orted": true, "hydra_pmi_proxy": true, "a.out": false} {
		r := request(t)
		file := filepath.Join(r.Dir, name)
		write(t, file, "\x7fELF")
		if err := os.Chmod(file, 0o755); err != nil {
			t.Fatal(err)
		}
		r.Argv = []string{file}
		r.Env = append(r.Env, "OMP_NUM_THREADS=1", "MP_POLICY_APPLIED=OMP_NUM_THREADS=1")
		mask, err := nodeinfo.ParseList("0-1")
		if err != nil {
			t.Fatal(err)
		}
		got := Prepare(r).Decide([]Task{{Mask: mask}})[0].Changes
		if (len(got) == 0) != kept {
			t.Errorf("%s: changes %+v", name, got)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// python puts an interpreter of that name first on PATH. The name python3 links to it.
func python(t *testing.T, r *Request, name string) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, name), "\x7fELF")
	if err := errors.Join(os.Chmod(filepath.Join(dir, name), 0o755), os.Symlink(name, filepath.Join(dir, "python3"))); err != nil {
		t.Fatal(err)
	}
	r.Env = append([]string{"PATH=" + dir + ":/usr/bin:/bin"}, r.Env...)
}

// machine returns a recorded machine with known online CPUs.
func machine(t *testing.T, online string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "sys/devices/system/cpu"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "sys/devices/system/cpu/online"), online+"\n")
	return dir
}

func mask(t testing.TB, list string) nodeinfo.Mask {
	t.Helper()
	m, err := nodeinfo.ParseList(list)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func set(r Result) map[string]string {
	env := map[string]string{}
	for _, c := range r.Changes {
		if !c.Unset && c.Name != policy.AppliedName {
			env[c.Name] = c.Value
		}
	}
	return env
}

// TestQuotaOfAHiddenTask has a node on which the task's /proc/PID cannot be read, and an
// evaluator that has left the step's cgroups.
func TestQuotaOfAHiddenTask(t *testing.T) {
	root := machine(t, "0-15")
	for path, text := range map[string]string{
		"proc/self/cgroup":            "0::/system\n",
		"proc/self/mountinfo":         "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
		"sys/fs/cgroup/system/unused": "",
		"sys/fs/cgroup/job_1/cpu.max": "200000 100000\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, path)), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(root, path), text)
	}
	for _, test := range []struct {
		name, cgroup string
		want         int
	}{
		{"the evaluator has left", "0::/job_1\n", 2},
		{"the evaluator is where it was", "", 8},
	} {
		r := request(t)
		r.Cgroup = test.cgroup
		e := PrepareOn(root, r)
		got := e.Decide([]Task{{PID: 4711, Mask: mask(t, "0-7")}})[0].Allocation.CPUs
		if got != test.want {
			t.Errorf("%s: %d CPUs, want %d; %q", test.name, got, test.want, e.Warnings)
		}
	}
}

// TestTasksThatEvaluateForThemselves has four tasks whose masks another plugin has moved.
// A task that evaluates for itself gets no more CPUs than if all four masks were known.
func TestTasksThatEvaluateForThemselves(t *testing.T) {
	for _, test := range []struct {
		name              string
		cpus, cpusPerTask int
		mask              string
		want              int
	}{
		{"all to one mask", 8, 2, "0-7", 2},
		{"-c says more than the part", 8, 3, "0-7", 3},
		{"-c was not given", 8, 0, "0-7", 2},
		{"more tasks than CPUs", 2, 0, "0-1", 1},
		{"to fewer CPUs than its part", 8, 2, "5", 1},
	} {
		r := request(t)
		r.Tasks, r.LocalTasks, r.CPUs, r.CPUsPerTask = 4, 4, test.cpus, test.cpusPerTask
		e := PrepareOn(machine(t, "0-15"), r)
		got := e.Decide([]Task{{Mask: mask(t, test.mask)}})[0].Allocation.CPUs
		if got != test.want {
			t.Errorf("%s: %d CPUs, want %d", test.name, got, test.want)
		}
	}
}

func TestTasksOfOneMaskAreOneGroup(t *testing.T) {
	r := request(t)
	r.Tasks, r.LocalTasks = 4, 4
	e := Prepare(r)
	results := e.Decide([]Task{
		{Rank: 0, Mask: mask(t, "0-3")},
		{Rank: 1, Mask: mask(t, "4-5")},
		{Rank: 2, Mask: mask(t, "0-3")},
		{Rank: 3},
	})
	var got [][]int
	var cpus []int
	for _, r := range results {
		got = append(got, r.Tasks)
		cpus = append(cpus, r.Allocation.CPUs)
	}
	if diff := cmp.Diff([][]int{{0, 2}, {1}, {3}}, got); diff != "" {
		t.Errorf("groups: want -, got +:\n%s", diff)
	}
	// the two tasks with the same mask divide it
	if diff := cmp.Diff([]int{2, 2, 0}, cpus); diff != "" {
		t.Errorf("CPUs: want -, got +:\n%s", diff)
	}
	if got := set(results[2]); len(got) > 0 {
		t.Errorf("a task that is gone has no mask, and gets %v", got)
	}
}

// TestCPUsOfTheTask shows which program gets the CPUs of the task, and in which variable.
func TestCPUsOfTheTask(t *testing.T) {
	loky := map[string]string{"LOKY_MAX_CPU_COUNT": "4"}
	both := map[string]string{"LOKY_MAX_CPU_COUNT": "4", "PYTHON_CPU_COUNT": "4"}
	for _, tt := range []struct {
		argv, python, online string
		want                 map[string]string
	}{
		{"python3 x.py", "python3.13", "0-7", both},
		{"python3 x.py", "python3.9", "0-7", loky},
		{"python3 x.py", "python3", "0-7", loky}, // the version is not known
		{"env A=1 nice python3 x.py", "python3.13", "0-7", both},
		{"python3 x.py", "python3.13", "0-3", nil},
		{"python3 x.py", "python3.13", "", nil},
		{"taskset -c 0 python3 x.py", "python3.13", "0-7", nil},
		{"mpirun -np 2 python3 x.py", "python3.13", "0-7", nil},
		{"sh -c python3", "python3.13", "0-7", nil},
		{"env A=1", "python3.13", "0-7", nil},
		{"./a.out", "python3.13", "0-7", nil},
	} {
		r := request(t)
		write(t, filepath.Join(r.Dir, "x.py"), "print()\n")
		r.Argv = strings.Fields(tt.argv)
		if tt.python == "python3" {
			tt.python = "python"
		}
		python(t, &r, tt.python)
		result := PrepareOn(machine(t, tt.online), r).Decide([]Task{{Mask: mask(t, "0-3")}})[0]
		if diff := cmp.Diff(tt.want, set(result), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%+v: want -, got +:\n%s", tt, diff)
		}
		if tt.want == nil && len(result.Changes) > 0 {
			t.Errorf("%+v: changes %v", tt, result.Changes)
		}
	}
}

// TestTasksThatShareAMask covers srun --cpu-bind=none -n 2 -c 1, and similar steps.
func TestTasksThatShareAMask(t *testing.T) {
	for _, tt := range []struct {
		masks             []string
		cpus, cpusPerTask int
		want              []int
	}{
		{[]string{"0-1", "0-1"}, 2, 1, []int{1}},
		{[]string{"0-7", "0-7"}, 8, 0, []int{4}},
		{[]string{"0-7", "0-7"}, 8, 6, []int{6}},
		{[]string{"0-127", "0-127"}, 8, 1, []int{4}},
		{[]string{"0-3", "4-7"}, 8, 1, []int{4, 4}},
		{[]string{"0-3", "0-1"}, 4, 1, []int{3, 1}},
	} {
		r := request(t)
		r.CPUs, r.CPUsPerTask = tt.cpus, tt.cpusPerTask
		r.Tasks, r.LocalTasks = len(tt.masks), len(tt.masks)
		var tasks []Task
		for i, list := range tt.masks {
			tasks = append(tasks, Task{Rank: i, Mask: mask(t, list)})
		}
		var got []int
		for _, result := range PrepareOn(machine(t, "0-127"), r).Decide(tasks) {
			got = append(got, result.Allocation.CPUs)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%+v: want -, got +:\n%s", tt, diff)
		}
	}
}

func TestHintsAreOfTheFirstTaskOfTheFirstNode(t *testing.T) {
	r := request(t)
	r.Env = append(r.Env, "OMP_PLACES=cores\nx\x1b[31m\u009b1mé\u202e")
	r.Tasks, r.LocalTasks = 2, 2
	tasks := []Task{{Rank: 1, Mask: mask(t, "0-3")}, {Rank: 0, Mask: mask(t, "4-7")}}
	said := func() (lines []string) {
		for _, result := range Prepare(r).Decide(tasks) {
			lines = append(lines, result.Messages...)
			if len(result.Messages) > 0 && tasks[result.Tasks[0]].Rank != 0 {
				t.Errorf("the task of rank %d has the lines", tasks[result.Tasks[0]].Rank)
			}
		}
		return lines
	}
	got := said()
	if len(got) != 1 || !strings.HasPrefix(got[0], "mp-policy: OMP_PLACES=cores?x?[31m?1mé? would keep") {
		t.Errorf("got %q", got)
	}
	r.Hints = false
	if got := said(); len(got) != 0 {
		t.Errorf("hints=off: got %q", got)
	}
	r.Hints, r.Node = true, 1
	if got := said(); len(got) != 0 {
		t.Errorf("on the second node: got %q", got)
	}
}

func TestTheHintNamesWhatWasReplaced(t *testing.T) {
	r := Result{}
	r.Settings = []policy.Setting{{Action: policy.Set, Name: "MKL_NUM_THREADS", Value: "1", Was: "4", Source: "site.conf:2"}}
	want := []string{"mp-policy: the site's policy does not keep MKL_NUM_THREADS=4 (site.conf:2); --no-mp-policy or MP_POLICY=off does"}
	if diff := cmp.Diff(want, hints(&r)); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestExplainIsBoundedOnAWideNode(t *testing.T) {
	r := request(t)
	r.Option = "explain"
	r.Tasks, r.LocalTasks = 300, 300
	for name, list := range map[string]func(i int) string{
		"a mask each":     strconv.Itoa,
		"settings of one": func(i int) string { return fmt.Sprintf("0-%d", i) },
	} {
		var tasks []Task
		for i := range 300 {
			tasks = append(tasks, Task{Rank: i, Mask: mask(t, list(i))})
		}
		size := 0
		for _, result := range PrepareOn(t.TempDir(), r).Decide(tasks) {
			for _, line := range result.Messages {
				size += len(line)
				if len(line) > 1000 {
					t.Errorf("%s: a line of %d bytes", name, len(line))
				}
			}
		}
		if size == 0 || size > 64<<10 {
			t.Errorf("%s: explain has %d bytes", name, size)
		}
	}
}

func TestShare(t *testing.T) {
	for _, test := range []struct {
		text  string
		tasks int
		want  int
	}{
		{"64", 1, 64},
		{"64", 4, 16},
		{"72(x2),36", 1, 36},
		{"36,72(x2)", 3, 12},
		{"2", 4, 0},
		{"64", 0, 64},
		{"", 1, 0},
		{"x", 1, 0},
		{"64,", 1, 0},
		{"-4", 1, 0},
	} {
		if got := share(map[string]string{"SLURM_JOB_CPUS_PER_NODE": test.text}, test.tasks); got != test.want {
			t.Errorf("%q of %d tasks: want %d, got %d", test.text, test.tasks, test.want, got)
		}
	}
}

// TestShareOfOneCPUOfEachCore: srun --hint=nomultithread in a job that counts both CPUs
// of a core. The job does not have as many cores as -c 2 with one CPU per core would
// need.
func TestShareOfOneCPUOfEachCore(t *testing.T) {
	env := map[string]string{"SLURM_JOB_CPUS_PER_NODE": "8", "SLURM_THREADS_PER_CORE": "1"}
	if got := share(env, 4); got != 0 {
		t.Errorf("of the step alone: want 0, got %d", got)
	}
	env["SLURM_HINT"] = "nomultithread"
	if got := share(env, 4); got != 2 {
		t.Errorf("of the job: want 2, got %d", got)
	}
}

func TestHintOfOneCore(t *testing.T) {
	r := request(t)
	r.Env = append(r.Env, "SLURM_JOB_CPUS_PER_NODE=16")
	r.Tasks, r.LocalTasks = 2, 2
	results := Prepare(r).Decide([]Task{{Rank: 0, Mask: mask(t, "0")}, {Rank: 1, Mask: mask(t, "1")}})
	want := "mp-policy: all workers of pool.py share one core, and the job has 16 CPUs on this node: add -c 8 to srun, unless they are for other steps"
	if diff := cmp.Diff([]string{want}, append(results[0].Messages, results[1].Messages...)); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	r.Elsewhere = true // then the -c of srun changes nothing
	r.Tasks, r.LocalTasks = 1, 1
	if got := Prepare(r).Decide([]Task{{Mask: mask(t, "0")}})[0].Messages; strings.Contains(strings.Join(got, ""), "all workers") {
		t.Errorf("elsewhere: %q", got)
	}
	r.Elsewhere = false
	r.Option = "explain"
	if got := strings.Join(Prepare(r).Decide([]Task{{Mask: mask(t, "0")}})[0].Messages, "\n"); !strings.Contains(got, "mp-policy: hint     all workers") {
		t.Errorf("explain does not say it:\n%s", got)
	}
}

func TestExplainGroupsWhatDiffersInMasksAlone(t *testing.T) {
	r := request(t)
	r.Option = "explain"
	r.Tasks, r.LocalTasks = 7, 7
	result := PrepareOn(t.TempDir(), r).Decide([]Task{
		{Rank: 0, Mask: mask(t, "0")},
		{Rank: 1, Mask: mask(t, "1-2")},
		{Rank: 2, Mask: mask(t, "3")},
		{Rank: 3, Mask: mask(t, "5")},
		{Rank: 4, Mask: mask(t, "4")},
		{Rank: 5, Mask: mask(t, "7-8")},
		{Rank: 6, Mask: mask(t, "7-8")},
	})[0]
	var got []string
	for _, line := range result.Messages {
		if strings.HasPrefix(line, "mp-policy: task") {
			got = append(got, line)
		}
	}
	want := []string{
		"mp-policy: tasks 0,2-4  1 CPU each of an unknown number (masks 0; 3; 5; 4)",
		"mp-policy: task 1   2 CPUs of an unknown number (mask 1-2)",
		"mp-policy: tasks 5-6  1 CPU of an unknown number (mask 7-8, shared with other",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestExplainTellsEachProgram(t *testing.T) {
	r := request(t)
	r.Option = "explain"
	r.Argv = []string{"programs", "0 env\n1 cat\n2 env\n"}
	r.Tasks, r.LocalTasks = 3, 3
	text := strings.Join(PrepareOn(t.TempDir(), r).Decide([]Task{
		{Rank: 0, Mask: mask(t, "0")}, {Rank: 1, Mask: mask(t, "2")}, {Rank: 2, Mask: mask(t, "1")},
	})[0].Messages, "\n")
	for _, want := range []string{
		"mp-policy: tasks 0,2  1 CPU each of an unknown number (masks 0; 1)\nmp-policy: program  env: ",
		"mp-policy: task 1   1 CPU of an unknown number (mask 2)\nmp-policy: program  cat: ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestExplainOfWhatIsNotLookedAt(t *testing.T) {
	r := request(t)
	r.Kind, r.Option = "interactive", "explain,multiprocessing"
	text := strings.Join(Prepare(r).Decide([]Task{{Mask: mask(t, "0")}})[0].Messages, "\n")
	if want := "mp-policy: program  not looked at: multiprocessing\n"; !strings.Contains(text, want) {
		t.Errorf("no %q in\n%s", want, text)
	}
}

func TestExplain(t *testing.T) {
	r := request(t)
	r.Option = "explain"
	r.Env = append(r.Env, "OMP_NUM_THREADS=3", "MP_POLICY_APPLIED=OLD=1", "OLD=1")
	python(t, &r, "python3.13")
	result := PrepareOn(machine(t, "0-7"), r).Decide([]Task{{Mask: mask(t, "0")}})[0]
	text := regexp.MustCompile(` +`).ReplaceAllString(strings.Join(result.Messages, "\n"), " ")
	for _, want := range []string{
		"mp-policy: node",
		"mp-policy: task 0 1 CPU of 8 (mask 0)\n",
		"mp-policy: program python3 pool.py: multiprocessing, python\n",
		"mp-policy: python 3.13, started by the step itself\n",
		"mp-policy: workers 4, by the program\n",
		"mp-policy: why multiprocessing: pool.py:4: ",
		"mp-policy: keep OMP_NUM_THREADS=3: your own value\nmp-policy: the rule is [threads of each worker, builtin:",
		"mp-policy: set PYTHON_CPU_COUNT=1: the task has 1 CPU, the node 8\nmp-policy: [CPUs of the task for Python, builtin:",
		"mp-policy: set LOKY_MAX_CPU_COUNT=1: the task has 1 CPU, the node 8\nmp-policy: [CPUs of the task, builtin:",
		"mp-policy: unset OLD: taken back, since an outer step had set it\n",
		"mp-policy: hint OMP_NUM_THREADS=3 of your own times 4 workers is 12 threads\nmp-policy: on 1 CPU",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	r.Option = "workers=2,explain" // it has precedence over the number in the program
	got := PrepareOn(machine(t, "0-7"), r).Decide([]Task{{Mask: mask(t, "0")}})[0].Messages
	if want := "mp-policy: workers  2, by --mp-policy or MP_POLICY"; !slices.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, strings.Join(got, "\n"))
	}
}
