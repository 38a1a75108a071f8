// SPDX-License-Identifier: MIT

package evaluation

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
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

// request is that of a step python3 pool.py with one task.
func request(t *testing.T) Request {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "pool.py"), pool)
	r := Request{
		Root: "/", Default: true, Affinity: "fix", Hints: true, Kind: "step",
		Argv: []string{"python3", "pool.py"}, Dir: dir,
		Tasks: 1, LocalTasks: 1,
	}
	python(t, &r, "python3.11")
	return r
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// python puts an interpreter of that name first on PATH, which python3 links to.
func python(t *testing.T, r *Request, name string) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, name), "\x7fELF")
	if err := errors.Join(os.Chmod(filepath.Join(dir, name), 0o755), os.Symlink(name, filepath.Join(dir, "python3"))); err != nil {
		t.Fatal(err)
	}
	r.Env = append([]string{"PATH=" + dir + ":/usr/bin:/bin"}, r.Env...)
}

// machine is a recorded one of which the online CPUs are known.
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

// TestWordsOfTheVariable holds MP_POLICY, which inner steps inherit from sbatch, against the
// step's own option.
func TestWordsOfTheVariable(t *testing.T) {
	const words = "workers=2,mpi"
	python := []string{"python3", "-c", "1"}
	other := []string{"/no/such/program"}
	for _, test := range []struct {
		name, kind, option, variable string
		argv                         []string
		holds                        bool
	}{
		{"variable, Python", "step", "", words, python, true},
		{"variable, no Python", "step", "", words, other, false},
		{"variable and explain, no Python", "step", "explain", words, other, false},
		{"option, no Python", "step", words, "", other, true},
		{"both, no Python", "step", words, words, other, true},
		{"variable, batch", "batch", "", words, other, true},
		{"variable, interactive", "interactive", "", words, other, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := request(t)
			r.Kind, r.Option, r.Argv = test.kind, test.option, test.argv
			if test.variable != "" {
				r.Env = append(r.Env, "MP_POLICY="+test.variable)
			}
			e := PrepareOn(machine(t, "0-7"), r)
			rules, err := policy.Parse("site", `
rule counted workers=2
  set COUNTED yes
rule MPI workload=mpi
  set MPI yes
rule pool workload=multiprocessing
  set POOL yes
`, nil)
			if err != nil {
				t.Fatal(err)
			}
			e.AddRules(rules)
			got := set(e.Decide([]Task{{Mask: mask(t, "0-7")}})[0])
			for _, name := range []string{"COUNTED", "MPI", "POOL"} {
				if (got[name] == "yes") != test.holds {
					t.Errorf("%s=%q; want it only if the words hold: %v", name, got[name], test.holds)
				}
			}
		})
	}
}

// TestTasksThatEvaluateForThemselves has four tasks whose masks another plugin has moved.
// A task that evaluates for itself is told no more CPUs than if all four were seen.
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
	// the two of one mask divide it
	if diff := cmp.Diff([]int{2, 2, 0}, cpus); diff != "" {
		t.Errorf("CPUs: want -, got +:\n%s", diff)
	}
	if got := set(results[2]); len(got) > 0 {
		t.Errorf("a task that is gone has no mask, and gets %v", got)
	}
}

// TestCPUsOfTheTask: who is told the CPUs of the task, and by which variable.
func TestCPUsOfTheTask(t *testing.T) {
	loky := map[string]string{"LOKY_MAX_CPU_COUNT": "4"}
	both := map[string]string{"LOKY_MAX_CPU_COUNT": "4", "PYTHON_CPU_COUNT": "4"}
	for _, tt := range []struct {
		argv, python, online string
		want                 map[string]string
	}{
		{"python3 x.py", "python3.13", "0-7", both},
		{"python3 x.py", "python3.9", "0-7", loky},
		{"python3 x.py", "python3", "0-7", loky}, // of a version that is not known
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

// TestTasksThatShareAMask: srun --cpu-bind=none -n 2 -c 1, and what is like it.
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

func TestMultiProgGivesEachRankItsOwn(t *testing.T) {
	r := request(t)
	conf := "0 python3 pool.py\n1-2 env\n"
	r.Argv = []string{"programs", conf}
	r.Tasks, r.LocalTasks = 3, 3
	tasks := []Task{{Rank: 0, Mask: mask(t, "0-1")}, {Rank: 1, Mask: mask(t, "0-1")}, {Rank: 2, Mask: mask(t, "0-1")}}
	want := []string{"1", ""}
	for name, file := range map[string]struct {
		text string
		mode os.FileMode
	}{
		"the file holds the text":     {conf, 0o755},
		"the file is no program":      {"another text", 0o644},
		"the file is not on the node": {},
	} {
		os.Remove(filepath.Join(r.Dir, "programs"))
		if file.mode != 0 {
			write(t, filepath.Join(r.Dir, "programs"), file.text)
			if err := os.Chmod(filepath.Join(r.Dir, "programs"), file.mode); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, result := range Prepare(r).Decide(tasks) {
			got = append(got, set(result)["OMP_NUM_THREADS"])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", name, diff)
		}
	}
	// a program that takes such a text for an argument is one program
	write(t, filepath.Join(r.Dir, "programs"), "#!/bin/sh\n")
	if err := os.Chmod(filepath.Join(r.Dir, "programs"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"./programs", filepath.Join(r.Dir, "programs"), "printf"} {
		r.Argv[0] = program
		if got := len(Prepare(r).Decide(tasks)); got != 1 {
			t.Errorf("%s with a text for its argument: want 1 group, got %d", program, got)
		}
	}
}

func TestMultiProgTakesArgumentsAndNotAnyNumberOfPrograms(t *testing.T) {
	r := request(t)
	write(t, filepath.Join(r.Dir, "programs"), "another text")
	var conf strings.Builder
	r.Tasks, r.LocalTasks = 40, 40
	var tasks []Task
	for i := range r.Tasks {
		fmt.Fprintf(&conf, "%d python3 -W%d\n", i, i)
		tasks = append(tasks, Task{Rank: i, Mask: mask(t, "0")})
	}
	// srun gives its own further words to each of them
	r.Argv = []string{"programs", conf.String(), "pool.py"}
	pools := 0
	for _, result := range Prepare(r).Decide(tasks) {
		if set(result)["OMP_NUM_THREADS"] != "" {
			pools += len(result.Tasks)
		}
	}
	if pools != maxPrograms {
		t.Errorf("want %d programs known as pools, got %d", maxPrograms, pools)
	}
}

func TestOnlyStepsAreLookedAt(t *testing.T) {
	for _, kind := range []string{"batch", "interactive"} {
		r := request(t)
		r.Kind = kind
		got := set(Prepare(r).Decide([]Task{{Mask: mask(t, "0-1")}})[0])
		if len(got) > 0 {
			t.Errorf("%s: %v", kind, got)
		}
		r.Option = "multiprocessing"
		if got := set(Prepare(r).Decide([]Task{{Mask: mask(t, "0-1")}})[0])["OMP_NUM_THREADS"]; got != "1" {
			t.Errorf("%s, asked for: OMP_NUM_THREADS=%q", kind, got)
		}
	}
}

func TestChoice(t *testing.T) {
	for _, test := range []struct {
		option, variable string
		def              bool
		want             string // OMP_NUM_THREADS of 8 CPUs and a Pool(4)
		says             string
	}{
		{"", "", true, "2", ""},
		{"", "", false, "", ""},
		{"", "on", false, "2", ""},
		{"on", "off", false, "2", ""},
		{"off", "on", true, "", ""},
		{"", "off", true, "", ""},
		{"workers=2", "workers=4", true, "4", ""},
		{"explain", "off", true, "", "mp-policy: off for this step: MP_POLICY says so"},
		{"explain", "workers=2", true, "4", "mp-policy: node: "},
		{"explain", "", false, "", "mp-policy: off for this step: the site's default is off; --mp-policy=on turns it on"},
		{"off,explain", "on", true, "", "mp-policy: off for this step: --no-mp-policy or --mp-policy says so"},
		{"", "quick", true, "2", `mp-policy: MP_POLICY=quick is ignored: "quick" is not a word of it`},
	} {
		r := request(t)
		r.Option, r.Default = test.option, test.def
		if test.variable != "" {
			r.Env = append(r.Env, "MP_POLICY="+test.variable)
		}
		result := Prepare(r).Decide([]Task{{Mask: mask(t, "0-7")}})[0]
		if got := set(result)["OMP_NUM_THREADS"]; got != test.want {
			t.Errorf("%+v: got %q", test, got)
		}
		if got := strings.Join(result.Messages, "\n"); !strings.HasPrefix(got, test.says) || (got == "") != (test.says == "") {
			t.Errorf("%+v: said %q", test, got)
		}
	}
}

func TestOneLineFromTheFirstTaskOfTheFirstNode(t *testing.T) {
	r := request(t)
	r.Env = append(r.Env, "OMP_PLACES=cores\nx\x1b[31m\u009b1mé\u202e")
	r.Tasks, r.LocalTasks = 2, 2
	tasks := []Task{{Rank: 0, Mask: mask(t, "0-1")}, {Rank: 1, Mask: mask(t, "2-3")}}
	said := func() (lines []string) {
		for _, result := range Prepare(r).Decide(tasks) {
			lines = append(lines, result.Messages...)
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
	if got, want := hint(&r), "the site's policy does not keep MKL_NUM_THREADS=4 (site.conf:2); --no-mp-policy or MP_POLICY=off does"; got != want {
		t.Errorf("want %q, got %q", want, got)
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

func TestRulesKnowTheJob(t *testing.T) {
	r := request(t)
	r.Tasks, r.LocalTasks = 8, 2
	// of a name that stands twice getenv(3) finds the first
	r.Env = append(r.Env, "SLURM_JOB_PARTITION=long", "SLURM_JOB_ACCOUNT=physics", "SLURM_JOB_QOS=low", "SLURM_JOB_QOS=high")
	site, err := policy.Parse("site", `
rule a partition=long
  set PARTITION 1
rule b account=physics
  set ACCOUNT 1
rule c qos=low
  set QOS 1
rule d tasks=8
  set TASKS {tasks}
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := Prepare(r)
	e.AddRules(site)
	got := set(e.Decide([]Task{{Mask: mask(t, "0")}})[0])
	for name, want := range map[string]string{"PARTITION": "1", "ACCOUNT": "1", "QOS": "1", "TASKS": "8"} {
		if got[name] != want {
			t.Errorf("%s: want %q, got %q", name, want, got[name])
		}
	}
}

func TestTrusted(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make a file that is root's")
	}
	dir, err := os.MkdirTemp("/var/lib", "mp-policy-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	good := filepath.Join(dir, "good.conf")
	at := func(name string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, path, "")
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	link := func(name, to string) string {
		path := at(name, 0o644)
		if err := errors.Join(os.Remove(path), os.Symlink(to, path)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	at("good.conf", 0o644)
	elsewhere := filepath.Join(t.TempDir(), "x.conf") // below a folder of everybody's
	write(t, elsewhere, "")
	for path, want := range map[string]string{
		good:                               "",
		link("link.conf", good):            "",
		at("group.conf", 0o664):            "group.conf has mode 0664",
		at("all.conf", 0o646):              "all.conf has mode 0646",
		at("open/x.conf", 0o644):           "/open has mode 0770",
		link("open/link.conf", good):       "/open has mode 0770",
		at("other.conf", 0o644):            "other.conf is not owned by root",
		link("other-link.conf", good):      "other-link.conf is not owned by root",
		link("out.conf", elsewhere):        "has mode 0777",
		filepath.Join(dir, "no/such.conf"): "no such file",
	} {
		err := errors.Join(os.Chmod(filepath.Join(dir, "open"), 0o770), os.Lchown(filepath.Join(dir, "other.conf"), 1, 0),
			os.Lchown(filepath.Join(dir, "other-link.conf"), 1, 0))
		if err != nil {
			t.Fatal(err)
		}
		_, err = trusted(path)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: want %q, got %v", path, want, err)
		}
	}
}

func TestSitePolicy(t *testing.T) {
	if _, err := readSite(filepath.Join(t.TempDir(), "none")); err != nil {
		t.Errorf("no file is no error: %v", err)
	}
	file := filepath.Join(t.TempDir(), "mp_policy.conf")
	write(t, file, "rule a\n set A 1\n")
	// the temporary folder is below one that everybody may write
	if _, err := readSite(file); err == nil || !strings.Contains(err.Error(), "nobody but root may write it") {
		t.Errorf("below /tmp: %v", err)
	}
	if _, err := readSite("mp_policy.conf"); err == nil || !strings.Contains(err.Error(), "not an absolute path") {
		t.Errorf("a relative path: %v", err)
	}
	if _, err := trusted("/etc/passwd"); err != nil {
		t.Errorf("/etc/passwd: %v", err)
	}
	if _, err := readSite("/etc"); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder: %v", err)
	}
}

func TestEachErrorIsALine(t *testing.T) {
	e := &Evaluation{}
	e.warn(errors.Join(errors.New("one"), errors.New("two"), errors.New("one")))
	if diff := cmp.Diff([]string{"one", "two"}, e.Warnings); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	for i := range 20 {
		e.warn(errors.New(strconv.Itoa(i)))
	}
	if len(e.Warnings) != 8 {
		t.Errorf("%d lines", len(e.Warnings))
	}
}

func TestIncluded(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"site.conf": "include d/*.conf\ninclude d/none\ninclude nowhere/*.conf\nrule a off\n",
		"d/1.conf":  "rule a\n set A 1\nrule b\n set B 2\n",
		"d/.1.conf": "not for the pattern\n",
		"d/2.conf":  "rule c\n set C 3\n",
		"d/3.conf":  strings.Repeat("# long\n", maxSite/7),
	} {
		os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755)
		write(t, filepath.Join(dir, name), text)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "d/4.conf"), 0o644); err != nil {
		t.Fatal(err)
	}
	check := func(path string) (string, error) {
		if strings.HasSuffix(path, "2.conf") {
			return "", errors.New(path + " is not owned by root")
		}
		return path, nil
	}
	text, err := os.ReadFile(filepath.Join(dir, "site.conf"))
	if err != nil {
		t.Fatal(err)
	}
	site, err := policy.Parse(filepath.Join(dir, "site.conf"), string(text), Included(check))
	for _, not := range []string{"d/.1.conf", "nowhere"} {
		if err != nil && strings.Contains(err.Error(), not) {
			t.Errorf("%q in %v", not, err)
		}
	}
	for _, want := range []string{
		"d/2.conf is not owned by root: ", "d/3.conf: longer than", "d/4.conf: not a regular file: ", "d/none: no such file",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	var rules policy.Rules
	rules.Add(site)
	var got []string
	for _, s := range rules.Decide(policy.Facts{Env: map[string]string{}}).Settings {
		got = append(got, s.Name)
	}
	if diff := cmp.Diff([]string{"B"}, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	// as where no file is there, a folder that is not is no error
	if files, err := Included(trusted)("/etc/mp-policy-nowhere/*.conf"); len(files) > 0 || err != nil {
		t.Errorf("no folder: %v", err)
	}
	// a folder that others may write is not looked into
	if _, err := Included(trusted)(filepath.Join(dir, "d/*.conf")); err == nil || !strings.Contains(err.Error(), "nobody but root may write it") {
		t.Errorf("below /tmp: %v", err)
	}
}

func TestNamesOfUserAndGroups(t *testing.T) {
	r := request(t)
	r.Root = t.TempDir()
	if err := os.Mkdir(filepath.Join(r.Root, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(r.Root, "etc/passwd"), "root:x:0:0::/root:/bin/sh\nanna:x:1000:100::/home/anna:/bin/sh\nbroken:1000\n")
	write(t, filepath.Join(r.Root, "etc/group"), "users:x:100:\nproj7:x:7000:anna\nother:x:7001:\n")
	r.UID, r.GID, r.Groups = 1000, 100, []int{100, 7000, 9}
	e := Prepare(r)
	e.env["SLURM_JOB_USER"] = "anna.b"
	if diff := cmp.Diff([]string{"1000", "anna", "anna.b"}, e.users()); diff != "" {
		t.Errorf("users: want -, got +:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"100", "7000", "9", "users", "proj7"}, e.groups()); diff != "" {
		t.Errorf("groups: want -, got +:\n%s", diff)
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

// srun --hint=nomultithread in a job that counts both CPUs of a core: -c 2 of a
// core each is more than it has.
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

// A malformed MP_POLICY is no hint: what was corrected is said beside it.
func TestMalformedVariableHidesNoCorrection(t *testing.T) {
	r := request(t)
	r.Env = append(r.Env, "MP_POLICY=quick", "OMP_PLACES=cores")
	got := Prepare(r).Decide([]Task{{Mask: mask(t, "0-1")}})[0].Messages
	if len(got) != 2 || !strings.Contains(got[0], "MP_POLICY=quick is ignored") || !strings.Contains(got[1], "OMP_PLACES=cores would keep") {
		t.Errorf("got %q", got)
	}
}

func TestHintOfOneCore(t *testing.T) {
	r := request(t)
	r.Env = append(r.Env, "SLURM_JOB_CPUS_PER_NODE=16")
	r.Tasks, r.LocalTasks = 2, 2
	results := Prepare(r).Decide([]Task{{Rank: 0, Mask: mask(t, "0")}, {Rank: 1, Mask: mask(t, "1")}})
	want := "mp-policy: all workers of this program share one core, and the job has more CPUs on this node: add -c 8 to srun, unless they are for other steps"
	if diff := cmp.Diff([]string{want}, append(results[0].Messages, results[1].Messages...)); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	r.Option = "explain"
	if got := strings.Join(Prepare(r).Decide([]Task{{Mask: mask(t, "0")}})[0].Messages, "\n"); !strings.Contains(got, "mp-policy:   hint: all workers") {
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
		"mp-policy: tasks 0,2-4: 1 CPUs each (masks 0; 3; 5; 4), 0 cores each",
		"mp-policy: task 1: 2 CPUs (mask 1-2), 0 cores",
		"mp-policy: tasks 5-6: 1 CPUs (mask 7-8, shared with other tasks), 0 cores",
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
		"mp-policy: tasks 0,2: 1 CPUs each (masks 0; 1), 0 cores each\nmp-policy:   program: env: ",
		"mp-policy: task 1: 1 CPUs (mask 2), 0 cores\nmp-policy:   program: cat: ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestExplainOfWhatIsNotLookedAt(t *testing.T) {
	r := request(t)
	r.Kind, r.Option = "batch", "explain,multiprocessing"
	text := strings.Join(Prepare(r).Decide([]Task{{Mask: mask(t, "0")}})[0].Messages, "\n")
	if want := "mp-policy:   program: not looked at: multiprocessing\n"; !strings.Contains(text, want) {
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
		"mp-policy: node:",
		"mp-policy: task 0: 1 CPUs (mask 0), 0 cores",
		"mp-policy: program: python3: multiprocessing, python",
		"mp-policy: interpreter: Python 3.13, started by the step itself",
		"mp-policy: workers: 4, by the program",
		"pool.py:4: ",
		"mp-policy: keep OMP_NUM_THREADS 3 your own value; the rule is threads of each worker [builtin:",
		"mp-policy: set PYTHON_CPU_COUNT 1 CPUs of the task for Python [builtin:",
		"mp-policy: set LOKY_MAX_CPU_COUNT 1 CPUs of the task [builtin:",
		"mp-policy: unset OLD taken back: an outer step had set it",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
