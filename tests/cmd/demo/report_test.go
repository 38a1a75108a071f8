// SPDX-License-Identifier: MIT

package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"slurm-mp-policy/tests/cluster"
)

const wantReport = `A numpy program that multiplies matrices in a multiprocessing pool of 2 workers,
in an environment such as a site's modules leave behind: OMP_PLACES=cores OMP_PROC_BIND=close
Slurm 22.05.8, a node of 2 CPUs, tasks are confined to their CPUs by cpuset cgroups.

The step said:
mp-policy: something

Without the plugin all 2 workers share CPU 0: to import numpy is to load the OpenMP
library, which binds the whole process to one place, and every worker inherits that.
Without it the workers have 4 threads, with it 2, on 2 CPUs.
srun --mp-policy=explain ... prints the reason of each variable.

                        without the plugin          as everybody would run it
                        srun --no-mp-policy ...     srun ...

OMP_NUM_THREADS         -                           1
OMP_PLACES              cores                       -

worker 1                CPUs 0, 2 threads           CPUs 0-1, 1 thread
worker 2                CPUs 0, 2 threads           CPUs 0-1, 1 thread

time without  ######################################################## 4.00 s
time with     ############################ 2.00 s
              The same command is 2.0 times as fast with the plugin.
`

func TestReport(t *testing.T) {
	c := &cluster.Cluster{Version: "22.05.8", CPUs: 2, Cgroup: true}
	without := &result{
		Workers: 2, Seconds: 4, Variables: map[string]string{"OMP_PLACES": "cores"},
		Processes: []worker{{"0", 2}, {"0", 2}},
	}
	with := &result{
		Workers: 2, Seconds: 2, Variables: map[string]string{"OMP_NUM_THREADS": "1", "MP_POLICY_APPLIED": "x"},
		Processes: []worker{{"0-1", 1}, {"0-1", 1}},
		stderr:    "srun: job 2 queued and waiting for resources\nmp-policy: something\n",
	}
	if diff := cmp.Diff(wantReport, report(c, without, with)); diff != "" {
		t.Error(diff)
	}
}

func TestConclusionClaimsNothingThatIsNotThere(t *testing.T) {
	same := &result{Workers: 2, Seconds: 2, Processes: []worker{{"0", 2}, {"0", 2}}}
	slower := &result{Workers: 2, Seconds: 3, Processes: same.Processes}
	for _, r := range []*result{same, slower} {
		if got, want := conclusion(r, same), "The two runs do not differ on this machine."; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
