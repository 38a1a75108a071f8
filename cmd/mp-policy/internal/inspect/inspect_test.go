// SPDX-License-Identifier: MIT

package inspect

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shape is a report in short: its target, and for each task its processes by depth.
func shape(r *Report) string {
	var b strings.Builder
	b.WriteString(r.Target)
	for _, t := range r.Tasks {
		fmt.Fprintf(&b, " | %d.%s.%s:", t.Job, t.Step, t.Rank)
		for _, p := range t.Processes {
			fmt.Fprintf(&b, " %s%d", strings.Repeat(">", p.Depth), p.PID)
		}
	}
	return b.String()
}

// node is a node with two jobs, one of them in cgroups, and a process outside of jobs.
func node(t *testing.T) *recorded {
	r := record(t)
	const step = "12:cpuset:/slurm/uid_5/job_20/step_0\n"
	const job = "SLURM_JOB_ID=30 SLURM_STEP_ID=1 SLURM_PROCID="
	r.add(
		fake{pid: 1, command: "init"},
		fake{pid: 10, ppid: 1, command: "slurmstepd:|[20.0]", comm: "slurmstepd", cgroup: step},
		fake{pid: 11, ppid: 10, uid: 5, command: "sh run.sh", cgroup: step, env: "SLURM_PROCID=0"},
		fake{pid: 12, ppid: 11, uid: 5, command: "python3 x.py", exe: python, cgroup: step, env: "SLURM_PROCID=0"},
		fake{pid: 13, ppid: 10, uid: 5, command: "sh run.sh", cgroup: step, env: "SLURM_PROCID=1"},
		fake{pid: 14, ppid: 1, uid: 5, command: "orphan", cgroup: step, env: "SLURM_PROCID=1"},
		fake{pid: 20, ppid: 1, uid: 6, command: "a.out", env: job + "0"},
		fake{pid: 21, ppid: 20, uid: 6, command: "env -i b.out"},
		fake{pid: 22, ppid: 21, uid: 6, command: "c.out"},
		fake{pid: 30, ppid: 1, uid: 6, command: "a.out"},
		fake{pid: 31, ppid: 30, uid: 6, command: "python3 y.py", exe: python},
		fake{pid: 32, ppid: 31, uid: 6, command: "python3 y.py", exe: python, forked: true},
		fake{pid: 40, ppid: 1, uid: 6, command: "python3 daemon.py", exe: python},
		fake{pid: 50, ppid: 1, command: "slurmstepd:|[20.extern]", comm: "slurmstepd", cgroup: "0::/slurm/uid_5/job_20/step_extern\n"},
		fake{pid: 51, ppid: 50, command: "sleep 100000000", cgroup: "0::/slurm/uid_5/job_20/step_extern\n"},
	)
	return r
}

func TestTargets(t *testing.T) {
	for _, test := range []struct {
		target Target
		uid    int
		want   string
	}{
		{Target{ID: 11}, 0, "process 11 | 20.0.: 11 >12"},
		{Target{ID: 10}, 0, "process 10 | 20.0.: 11 >12 | 20.0.: 13"},
		{Target{Kind: Job, ID: 20}, 0, "job 20 | 20.0.0: 11 >12 | 20.0.1: 13 14"},
		{Target{Kind: Job, ID: 30}, 0, "job 30 | 30.1.0: 20 >21 >>22"},
		{Target{ID: 30}, 0, "process 30 | 0..: 30 >31 >>32"},   // also a job
		{Target{ID: 20}, 0, "process 20 | 30.1.: 20 >21 >>22"}, // also a job
		{Target{Kind: All}, 0, "all jobs | 0..: 31 >32 | 20.0.0: 11 >12 | 20.0.1: 13 14 | 30.1.0: 20 >21 >>22"},
		{Target{Kind: All}, 5, "all jobs | 20.0.0: 11 >12 | 20.0.1: 13 14"},
		{Target{Kind: Job, ID: 20}, 5, "job 20 | 20.0.0: 11 >12 | 20.0.1: 13 14"},
	} {
		r := node(t)
		o := r.options(test.target)
		o.UID = test.uid
		report, err := Inspect(o)
		if err != nil {
			t.Errorf("%v as %d: %v", test.target, test.uid, err)
			continue
		}
		if got := shape(report); got != test.want {
			t.Errorf("%v as %d\n got %s\nwant %s", test.target, test.uid, got, test.want)
		}
		both := test.target.ID == 20 || test.target.ID == 30
		said := strings.Contains(strings.Join(report.Notes, "\n"), "is a process and a job: this is the process; mp-policy inspect --job")
		if said != (both && test.target.Kind == Number) {
			t.Errorf("%v: notes %q", test.target, report.Notes)
		}
	}
}

// TestJobByNumber takes a number that is no process for a job.
func TestJobByNumber(t *testing.T) {
	r := node(t)
	r.end(20)
	if got, want := shape(r.inspect(Target{ID: 20})), "job 20 | 20.0.0: 11 >12 | 20.0.1: 13 14"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNothingToLookAt(t *testing.T) {
	for _, test := range []struct {
		target Target
		uid    int
		want   string
	}{
		{Target{ID: 99}, 0, "99 is neither a process nor a job"},
		{Target{ID: 11}, 6, "process 11 is another user's: only root may look at it"},
		{Target{Kind: Job, ID: 20}, 6, "job 20 is another user's: only root sees its processes"},
		{Target{Kind: Job, ID: 99}, 0, "job 99 has no process on this node"},
		{Target{Kind: All}, 77, "none of your processes on this node belongs to a job"},
	} {
		o := node(t).options(test.target)
		o.UID = test.uid
		if _, err := Inspect(o); !errors.Is(err, ErrNone) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v as %d: %v, want %q", test.target, test.uid, err, test.want)
		}
	}
}

// TestVanishing has processes end at each moment: none of them is an error.
func TestVanishing(t *testing.T) {
	for when := 1; when < readings; when++ {
		r := record(t)
		list := pool("R0/0-3", "R1/0-3", "R2/0-3")
		r.add(list...)
		r.sleeping = func(reading int) {
			if reading == when {
				r.end(12)
				r.add(fake{pid: 20, ppid: 10, command: "python3 pool.py", exe: python, forked: true, state: "R", ticks: 50, start: 1000})
			}
		}
		task := r.only(Target{ID: 10})
		got := ""
		for _, p := range task.Processes {
			got += fmt.Sprintf("%d ", p.PID)
		}
		if got != "10 11 13 20 " || task.Workers != 3 {
			t.Errorf("ended at %d: %s, %d workers", when, got, task.Workers)
		}
	}
	// all of them end: what was there at first is what there was to look at
	r := record(t)
	r.add(pool("R0/0-3")...)
	r.sleeping = func(int) { r.end(10); r.end(11) }
	if _, err := Inspect(r.options(Target{ID: 10})); !errors.Is(err, ErrNone) {
		t.Errorf("%v, want ErrNone", err)
	}
}

// TestPartlyGone takes single files away, as of a process that ends while it is read, or
// that may not be looked at.
func TestPartlyGone(t *testing.T) {
	for _, name := range []string{"stat", "status", "cmdline", "environ", "cgroup", "exe", "cwd", "task", "task/11", "task/11/status"} {
		r := record(t)
		r.add(pool("R0/0-3", "R1/0-3")...)
		if err := os.RemoveAll(filepath.Join(r.root, "proc/11", name)); err != nil {
			t.Fatal(err)
		}
		report, err := Inspect(r.options(Target{ID: 10}))
		if err != nil {
			t.Errorf("without %s: %v", name, err)
		} else if len(report.Notes) > 0 {
			t.Errorf("without %s: notes %q", name, report.Notes)
		} else if n := len(report.Tasks[0].Processes); n != 2 && strings.HasPrefix(name, "task") {
			t.Errorf("without %s: %d processes, want 2: one without threads has ended", name, n)
		}
	}
}

// TestNumberAgain: another process has got the number of one that has ended. Its CPU time
// is its own.
func TestNumberAgain(t *testing.T) {
	r := record(t)
	list := pool("R0/0-3")
	list[1].ticks = 500000
	r.add(list...)
	r.sleeping = func(int) {
		again := list[1]
		again.start, again.ticks = 9999, 20
		r.add(again)
	}
	if got := r.only(Target{ID: 10}).Processes[1].Used; got != 0.2 {
		t.Errorf("%v CPUs used, want 0.2", got)
	}
}

// TestVariables: those of the policy are marked, unless the program was given another value.
func TestVariables(t *testing.T) {
	r := record(t)
	r.add(fake{
		pid: 10, ppid: 1, command: "python3 x.py", exe: python,
		env: "OMP_NUM_THREADS=1 OMP_PROC_BIND=true OTHER=1 MP_POLICY_APPLIED=OMP_NUM_THREADS=1|OMP_PROC_BIND=false",
	})
	r.write("10/environ", "OMP_NUM_THREADS=1\x00OMP_PROC_BIND=true\x00OTHER=1\x00MP_POLICY_APPLIED=OMP_NUM_THREADS=1 OMP_PROC_BIND=false\x00")
	o := r.options(Target{ID: 10})
	var judged Command
	o.Judge = func(c Command) Verdict { judged = c; return Verdict{} }
	report, err := Inspect(o)
	if err != nil {
		t.Fatal(err)
	}
	p := report.Tasks[0].Processes[0]
	want := []Variable{{"OMP_NUM_THREADS", "1", true}, {"OMP_PROC_BIND", "true", false}}
	if diff := cmp.Diff(want, p.Variables); diff != "" {
		t.Error(diff)
	}
	if p.Applied != "OMP_NUM_THREADS=1 OMP_PROC_BIND=false" {
		t.Errorf("applied: %q", p.Applied)
	}
	wantJudged := Command{
		PID: 10, GID: 7, Groups: []int{7, 8}, Kind: "step", Argv: []string{"python3", "x.py"},
		Env: []string{"OMP_PROC_BIND=true", "OTHER=1"}, Dir: "/home", Root: "/", Mask: "0-3",
	}
	if diff := cmp.Diff(wantJudged, judged); diff != "" {
		t.Errorf("what is judged: want -, got +\n%s", diff)
	}
}

// TestSigns draws what is seen.
func TestSigns(t *testing.T) {
	r := record(t)
	r.add(fake{pid: 10, ppid: 1, command: "a.out", mask: "0-4", state: "R", cpu: 1, threads: strings.Fields("R1 R3" + strings.Repeat(" R2", 12))})
	task := r.only(Target{ID: 10})
	got := ""
	for cpu := range 8 {
		got += task.Sign(cpu)
	}
	if got != ".2+1.---" {
		t.Errorf("drawn as %s", got)
	}
}

// TestSetUID: the words behind a set-uid program are another user's than its files would
// be opened for.
func TestSetUID(t *testing.T) {
	r := record(t)
	r.add(fake{pid: 10, ppid: 1, uid: 5, euid: 6, command: "python3 x.py", exe: "/usr/bin/su"})
	o := r.options(Target{ID: 10})
	o.Judge = func(Command) Verdict { t.Error("it is judged"); return Verdict{} }
	report, err := Inspect(o)
	if err != nil || !strings.Contains(report.Tasks[0].Verdict.Unknown, "set-uid") {
		t.Errorf("%v, %+v", err, report)
	}
}
