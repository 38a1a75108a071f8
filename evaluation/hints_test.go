// SPDX-License-Identifier: MIT

package evaluation

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"slurm-mp-policy/policy"
	"slurm-mp-policy/workload"
)

// A change of the user's own value is always reported, even if there are other hints.
func TestTwoHintsAtMost(t *testing.T) {
	change := func(text string) policy.Hint { return policy.Hint{Text: text, Change: true} }
	plain := func(text string) policy.Hint { return policy.Hint{Text: text} }
	for _, test := range []struct {
		hints []policy.Hint
		want  []string
	}{
		{nil, nil},
		{[]policy.Hint{plain("a"), plain("b"), plain("c")}, []string{"a", "b"}},
		{[]policy.Hint{plain("a"), plain("b"), change("c"), change("d")}, []string{"a", "c"}},
		{[]policy.Hint{plain("a"), change("b"), plain("c"), change("d")}, []string{"a", "b"}},
		{[]policy.Hint{change("a"), plain("b"), change("c")}, []string{"a", "c"}},
	} {
		r := Result{}
		r.Hints = test.hints
		var want []string
		for _, text := range test.want {
			want = append(want, Prefix+text)
		}
		if diff := cmp.Diff(want, hints(&r)); diff != "" {
			t.Errorf("%v: want -, got +:\n%s", test.hints, diff)
		}
	}
}

// The hints about a pool and about a batch script contain the facts of the workload. Text
// from a user's file cannot control a terminal.
func TestHintsOfTheWorkload(t *testing.T) {
	for _, test := range []struct {
		name    string
		program workload.Result
		want    []string
	}{
		{
			"as large as the node",
			workload.Result{
				Tags: []string{"multiprocessing", "python"}, Program: "python3", Script: "/a/x.py", Direct: true, NodeSized: true,
				PoolAt: "Pool() at x\x1b.py:12", Python: workload.Version{Major: 3, Minor: 11},
			},
			[]string{"Pool() at x?.py:12 starts 8 workers, this task has 2 CPUs: Python 3.11's os.cpu_count() counts the whole node; use len(os.sched_getaffinity(0))"},
		},
		{
			"beside other programs",
			workload.Result{Beside: "python3 train.py --jobs 4"},
			[]string{"python3 train.py --jobs 4 starts workers beside other programs in this script, so nothing is set for it; " +
				"start it with srun python3 train.py --jobs 4, or mp-policy run -- python3 train.py --jobs 4"},
		},
		{
			"a package",
			workload.Result{Tags: []string{"multiprocessing", "python"}, Program: "python3", Script: "/a/pkg/__main__.py", Workers: 4},
			[]string{"pkg starts 4 workers on 2 CPUs: start 2, or give each task more: -c 4 to sbatch, and to srun"},
		},
		{
			"more workers than the node has CPUs",
			workload.Result{Tags: []string{"multiprocessing", "python"}, Program: "python3", Script: "/a/x.py", Workers: 9},
			[]string{"x.py starts 9 workers on 2 CPUs, and this node has 8: start 2, or ask for more CPUs with -c"},
		},
	} {
		e := PrepareOn(machine(t, "0-7"), request(t))
		e.programs.list[0] = test.program
		var want []string
		for _, text := range test.want {
			want = append(want, Prefix+text)
		}
		if diff := cmp.Diff(want, e.Decide([]Task{{Mask: mask(t, "0-1")}})[0].Messages); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", test.name, diff)
		}
	}
}

// The program of -m is the name of its module. The old value of a forced setting is
// reported. No line is wider than a terminal, unless a single word is wider.
func TestExplainFitsATerminal(t *testing.T) {
	r := request(t)
	r.Option = "explain"
	r.Argv = []string{"python3", "-u", "-m", "pool", "--size", "8"}
	r.Env = append(r.Env, "OMP_PLACES=cores", "OMP_PROC_BIND=close")
	python(t, &r, "python3.11")
	r.Tasks, r.LocalTasks = 2, 2
	lines := PrepareOn(machine(t, "0-7"), r).Decide([]Task{{Rank: 0, Mask: mask(t, "0-1")}, {Rank: 1, Mask: mask(t, "0-1")}})[0].Messages
	text := strings.Join(lines, "\n")
	for _, want := range []string{
		"program  python3 -u -m pool: ",
		"set      OMP_PROC_BIND=false (was close): all workers would be on one\nmp-policy:          CPU\n",
		"unset    OMP_PLACES (was cores): all workers would be on one CPU\n",
		"tasks 0-1  1 CPU of ",
		"note     2 tasks share the CPUs of this one",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, line := range lines {
		if utf8.RuneCountInString(line) > 80 && !strings.Contains(line, "/") { // a path is one word
			t.Errorf("%d characters: %s", utf8.RuneCountInString(line), line)
		}
	}
}

func TestLayout(t *testing.T) {
	got := Layout([]Line{{"why", "a bb ccc"}, {"", "dddddddddd"}, {"tasks 0,2-4", "a bb ccc"}}, 14)
	want := []Line{{"why", "a bb"}, {"", "ccc"}, {"", "dddddddddd"}, {"tasks 0,2-4", "a"}, {"", "bb"}, {"", "ccc"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}
