// SPDX-License-Identifier: MIT

package inspect

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const python = "/usr/bin/python3.11"

// pool is a Python program with workers that were forked, one for each word: where it
// runs and its mask, as "R2/0-3".
func pool(workers ...string) []fake {
	list := []fake{{pid: 10, ppid: 1, command: "python3 pool.py", exe: python}}
	for i, w := range workers {
		run, mask, _ := strings.Cut(w, "/")
		f := fake{pid: 11 + i, ppid: 10, command: "python3 pool.py", exe: python, forked: true, state: run[:1], mask: mask}
		fmt.Sscan(run[1:], &f.cpu)
		list = append(list, f)
	}
	return list
}

// use has each runnable process use a CPU's whole time, divided by those on the same CPU.
func (r *recorded) use(list []fake) {
	on := map[int]int{}
	for _, f := range list {
		if f.state == "R" {
			on[f.cpu]++
		}
	}
	r.sleeping = func(reading int) {
		for _, f := range list {
			if f.state == "R" {
				f.ticks = reading * 20 / on[f.cpu]
				r.add(f)
			}
		}
	}
}

// TestFindings has one recorded node for each finding, and one without any.
func TestFindings(t *testing.T) {
	threaded := fake{pid: 10, ppid: 1, command: "a.out", state: "R", threads: []string{"R0", "R1", "R2", "R3", "R3"}}
	bound := pool("R0/0", "R0/0", "R0/0", "R0/0")
	for i := range bound {
		bound[i].env = "OMP_PLACES=cores OMP_PROC_BIND=close"
	}
	ten := make([]string, 10)
	for i := range ten {
		ten[i] = fmt.Sprintf("S%d/0-3", i%4)
	}
	for name, test := range map[string]struct {
		processes []fake
		verdict   *Verdict
		want      string
		words     []string // parts of the findings' texts and advice
	}{
		"nothing wrong": {pool("R0/0-3", "R1/0-3", "R2/0-3", "R3/0-3"), &Verdict{Tags: []string{"multiprocessing"}}, "", nil},
		"all masks are one CPU": {
			bound, nil, "one-cpu idle-cpus",
			[]string{
				"all 4 workers may run on CPU 0 only (OMP_PLACES, OMP_PROC_BIND is set)", "for p in 11 12 13 14; do taskset -acp 0-3 $p; done",
				"unset OMP_PLACES OMP_PROC_BIND; export OMP_PROC_BIND=false", "3 of 4 CPUs of the task did nothing: it used 1.00 CPUs; nothing ran on CPUs 1-3",
			},
		},
		"all run on one CPU": {
			pool("R2/0-3", "R2/0-3", "R2/0-3"), nil, "one-cpu idle-cpus",
			[]string{"all 3 workers that compute ran on CPU 2, and may run on CPUs 0-3"},
		},
		"the task has one CPU": {
			slices.Concat([]fake{{pid: 10, ppid: 1, command: "python3 pool.py", exe: python, mask: "5"}}, pool("R5/5", "R5/5")[1:]),
			nil, "one-cpu more-threads-than-cpus more-workers-than-cpus",
			[]string{"all 2 workers may run on CPU 5 only: the task has no other", "srun -c 2 COMMAND"},
		},
		"one worker is no pool": {pool("R0/0"), nil, "idle-cpus", nil},
		"idle workers on one CPU": {
			pool("S2/0-3", "S2/0-3"), nil, "idle-cpus",
			[]string{"mp-policy inspect --watch 10", "export OMP_NUM_THREADS=2", "srun -c 2 COMMAND"},
		},
		"threads": {
			[]fake{threaded},
			nil, "more-threads-than-cpus",
			[]string{"6 threads wanted to run on 4 CPUs: 1 process, up to 6 threads each", "export OMP_NUM_THREADS=4", "srun -c 6 COMMAND"},
		},
		"workers with threads": {
			[]fake{
				pool()[0],
				{pid: 11, ppid: 10, command: "python3 pool.py", exe: python, forked: true, state: "R", threads: []string{"R1", "R2", "R3"}},
				{pid: 12, ppid: 10, command: "python3 pool.py", exe: python, forked: true, state: "R", cpu: 1, threads: []string{"R1", "R2", "R3"}},
			},
			nil, "more-threads-than-cpus",
			[]string{"8 threads wanted to run on 4 CPUs: 2 processes, up to 4 threads each", "export OMP_NUM_THREADS=2", "srun --mp-policy=workers=2 COMMAND"},
		},
		"workers": {
			pool(ten...), nil, "more-workers-than-cpus idle-cpus",
			[]string{"10 workers share 4 CPUs", "Pool(len(os.sched_getaffinity(0)))", "srun -c 10 COMMAND"},
		},
		"not recognised": {
			pool("R0/0-3", "R1/0-3", "R2/0-3", "R3/0-3"), &Verdict{Tags: []string{"python"}}, "not-recognised",
			[]string{"4 workers, and the plugin does not recognise it: python", "srun --mp-policy=multiprocessing COMMAND"},
		},
		"recognised, and no workers": {
			[]fake{{pid: 10, ppid: 1, command: "python3 x.py", exe: python, state: "R", threads: []string{"R1", "R2", "R3"}}},
			&Verdict{Tags: []string{"multiprocessing", "python"}}, "no-workers",
			[]string{"it has none now", "srun --no-mp-policy COMMAND"},
		},
		"switched off": {pool("R0/0-3", "R1/0-3", "R2/0-3", "R3/0-3"), &Verdict{Off: "MP_POLICY says so"}, "", nil},
		"no verdict":   {pool("R0/0-3", "R1/0-3", "R2/0-3", "R3/0-3"), &Verdict{Unknown: "no answer"}, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t)
			r.add(test.processes...)
			r.use(test.processes)
			o := r.options(Target{ID: 10})
			if test.verdict != nil {
				o.Judge = func(Command) Verdict { return *test.verdict }
			}
			report, err := Inspect(o)
			if err != nil {
				t.Fatal(err)
			}
			got := report.Tasks[0]
			if found(got) != test.want {
				t.Errorf("findings %q, want %q: %+v", found(got), test.want, got.Findings)
			}
			text := fmt.Sprintf("%+v", got.Findings)
			for _, want := range test.words {
				if !strings.Contains(text, want) {
					t.Errorf("no %q in %s", want, text)
				}
			}
		})
	}
}

// TestBatchStep: the plugin does not look at what a batch script starts, so the advice is
// another one.
func TestBatchStep(t *testing.T) {
	for step, want := range map[string]string{"": "srun -n 1 -c 4 COMMAND", "SLURM_STEP_ID=0": "srun --mp-policy=multiprocessing COMMAND"} {
		r := record(t)
		list := pool("R0/0-3", "R1/0-3", "R2/0-3", "R3/0-3")
		for i := range list {
			list[i].env = "SLURM_JOB_ID=7 SLURM_PROCID=0 " + step
		}
		r.add(list...)
		r.use(list)
		o := r.options(Target{Kind: Job, ID: 7})
		kind := ""
		o.Judge = func(c Command) Verdict { kind = c.Kind; return Verdict{Tags: []string{}} }
		report, err := Inspect(o)
		if err != nil {
			t.Fatal(err)
		}
		if text := fmt.Sprint(report.Tasks[0].Findings); !strings.Contains(text, want) {
			t.Errorf("%q: %s, want %q", step, text, want)
		}
		if want := map[bool]string{true: "batch", false: "step"}[step == ""]; kind != want {
			t.Errorf("%q is judged as %q, want %q", step, kind, want)
		}
	}
}

// TestWaitingScript: the CPUs of a batch script that waits for its steps are theirs.
func TestWaitingScript(t *testing.T) {
	for step, want := range map[string]string{"": "", "SLURM_STEP_ID=0": "idle-cpus"} {
		r := record(t)
		r.add(fake{pid: 10, ppid: 1, command: "sh job.sh", env: "SLURM_JOB_ID=7 " + step}, fake{pid: 11, ppid: 10, command: "srun a.out"})
		if got := found(r.only(Target{ID: 10})); got != want {
			t.Errorf("%q: findings %q, want %q", step, got, want)
		}
	}
}
