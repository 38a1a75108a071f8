// SPDX-License-Identifier: MIT

package inspect

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"slurm-mp-policy/tests/mpich"
)

// patience is how long a program may take until it does what is waited for. It decides
// nothing on a machine that gets there at all.
const patience = 2 * time.Minute

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// start runs a program until the test ends, with all that it starts.
func start(t *testing.T, env []string, argv ...string) int {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	// Python's sockets lie in TMPDIR, and the kernel takes no long path of one (unix(7)).
	cmd.Env = append(append(os.Environ(), "TMPDIR=/tmp"), env...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &unix.SysProcAttr{Setpgid: true}
	must(t, cmd.Start())
	t.Cleanup(func() {
		unix.Kill(-cmd.Process.Pid, unix.SIGKILL)
		cmd.Wait()
	})
	return cmd.Process.Pid
}

func script(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "program.py")
	must(t, os.WriteFile(name, []byte(text), 0o644))
	return name
}

// interpreter returns a python3 that is no script, or skips the test.
func interpreter(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("python3", "-c", "import sys; print(sys.executable)").Output()
	if err != nil {
		t.Skipf("no python3: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// eventually inspects a target until its first task is as wanted.
func eventually(t *testing.T, target Target, what string, wanted func(*Task) bool) *Task {
	t.Helper()
	o := Options{Root: "/", Target: target, Judge: Judge, Sleep: time.Sleep, Now: time.Now, Self: os.Getpid()}
	var last *Task
	for end := time.Now().Add(patience); time.Now().Before(end); {
		r, err := Inspect(o)
		if errors.Is(err, ErrNone) {
			time.Sleep(interval)
			continue
		}
		must(t, err)
		if last = r.Tasks[0]; wanted(last) {
			return last
		}
	}
	t.Fatalf("%s: not within %v: %+v", what, patience, last)
	return nil
}

// pools are programs with two workers that compute, and a parent that waits.
const pools = `import multiprocessing
import sys

def spin(_):
    while True:
        pass

if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        pool.map(spin, range(2))
`

// workersThatSpin reports whether each worker was started so, and uses more than the parent.
func workersThatSpin(method string, n int) func(*Task) bool {
	return func(t *Task) bool {
		if t.Workers != n {
			return false
		}
		parent := t.Processes[slices.IndexFunc(t.Processes, func(p *Process) bool { return p.Python })]
		return !slices.ContainsFunc(t.Processes, func(p *Process) bool {
			return p.Role == Worker && (p.Start != method || p.Used <= parent.Used || p.Runnable == 0 || p.On == "")
		})
	}
}

func TestRunningPools(t *testing.T) {
	python := interpreter(t)
	for _, method := range []string{"fork", "spawn", "forkserver"} {
		t.Run(method, func(t *testing.T) {
			pid := start(t, nil, python, script(t, pools), method)
			task := eventually(t, Target{ID: pid}, "two workers", workersThatSpin(method, 2))
			if task.Verdict == nil || !slices.Contains(task.Verdict.Tags, "multiprocessing") || !strings.Contains(task.Verdict.Why, "Pool(2)") {
				t.Errorf("the verdict is %+v", task.Verdict)
			}
			if s := found(task); strings.Contains(s, "recognised") || strings.Contains(s, "no-workers") {
				t.Errorf("findings %s", s)
			}
			helpers := map[string][]string{"fork": nil, "spawn": {"resource tracker"}, "forkserver": {"fork server", "resource tracker"}}
			var got []string
			for _, p := range task.Processes {
				if p.Role == Helper {
					got = append(got, p.Start)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, helpers[method]) {
				t.Errorf("helpers %q, want %q", got, helpers[method])
			}
		})
	}
}

// TestRunningNotRecognised has a program that comes from where the plugin cannot look.
func TestRunningNotRecognised(t *testing.T) {
	program := script(t, "import sys\nexec(sys.stdin.read())\n")
	pid := start(t, nil, "/bin/sh", "-c", interpreter(t)+" "+program+" fork < "+script(t, pools)+"; :")
	task := eventually(t, Target{ID: pid}, "two workers", workersThatSpin("fork", 2))
	if task.Verdict == nil || task.Verdict.starts() || !strings.Contains(found(task), "not-recognised") {
		t.Errorf("the verdict is %+v, findings %s", task.Verdict, found(task))
	}
}

func TestRunningJoblib(t *testing.T) {
	python := interpreter(t)
	if out, err := exec.Command(python, "-c", "import joblib").CombinedOutput(); err != nil {
		t.Skipf("no joblib: %s", out)
	}
	pid := start(t, nil, python, script(t, `import joblib

def spin(_):
    while True:
        pass

joblib.Parallel(n_jobs=2)(joblib.delayed(spin)(i) for i in range(2))
`))
	task := eventually(t, Target{ID: pid}, "two workers", workersThatSpin("loky", 2))
	// whether it is recognised depends on where joblib is installed
	if said := strings.Contains(found(task), "not-recognised"); said == task.Verdict.starts() {
		t.Errorf("the verdict is %+v, findings %s", task.Verdict, found(task))
	}
}

// firstCPU is one on which this process may run, and all is their number.
func firstCPU(t *testing.T) (first, all int) {
	t.Helper()
	var mask unix.CPUSet
	must(t, unix.SchedGetaffinity(0, &mask))
	for !mask.IsSet(first) {
		first++
	}
	return first, mask.Count()
}

// TestRunningOnOneCPU has a parent that is bound to one CPU before it starts its workers,
// as libgomp does with the variables that bind. The shell before it may run on all.
func TestRunningOnOneCPU(t *testing.T) {
	cpu, all := firstCPU(t)
	text := strings.Replace(pools, `if __name__ == "__main__":`, `if __name__ == "__main__":
    import os
    os.sched_setaffinity(0, [`+strconv.Itoa(cpu)+`])`, 1)
	pid := start(t, []string{"OMP_PLACES=cores"}, "/bin/sh", "-c", interpreter(t)+" "+script(t, text)+" fork; :")
	task := eventually(t, Target{ID: pid}, "two workers on one CPU", func(task *Task) bool {
		return workersThatSpin("fork", 2)(task) && strings.Contains(found(task), "one-cpu")
	})
	for _, p := range task.Processes {
		if want := strconv.Itoa(cpu); p.Python && (p.CPUs != want || p.Role == Worker && p.On != want) {
			t.Errorf("process %d may run on %s and ran on %s, want %s", p.PID, p.CPUs, p.On, want)
		}
	}
	text = fmt.Sprint(task.Findings)
	want := []string{"all 2 workers may run on CPU " + strconv.Itoa(cpu) + " only"}
	if all > 1 {
		want = append(want, "OMP_PLACES is set", "taskset -acp "+task.CPUs, "unset OMP_PLACES; export OMP_PROC_BIND=false")
	}
	for _, want := range want {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
}

// TestRunningThreads has a C program with one thread more than there are CPUs.
func TestRunningThreads(t *testing.T) {
	_, all := firstCPU(t)
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "threads.c"), []byte(`#include <pthread.h>
#include <stdlib.h>

static void *spin(void *unused)
{
	for (volatile int on = 1; on;)
		;
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	for (int i = argc > 1 ? atoi(argv[1]) : 0; i > 1; i--)
		pthread_create(&thread, NULL, spin, NULL);
	spin(NULL);
	return 0;
}
`), 0o644))
	program := filepath.Join(dir, "threads")
	if out, err := exec.Command("cc", "-O1", "-pthread", filepath.Join(dir, "threads.c"), "-o", program).CombinedOutput(); err != nil {
		t.Fatalf("cc: %v\n%s", err, out)
	}
	pid := start(t, nil, program, strconv.Itoa(all+1))
	task := eventually(t, Target{ID: pid}, "more threads than CPUs", func(task *Task) bool {
		return task.Runnable == all+1 && strings.Contains(found(task), "more-threads-than-cpus")
	})
	p := task.Processes[0]
	if p.Python || p.Threads != all+1 || task.Workers != 0 || task.Verdict == nil || len(task.Verdict.Tags) != 0 {
		t.Errorf("%+v, verdict %+v", p, task.Verdict)
	}
}

// TestRunningMPI has a rank of mpi4py with a pool.
func TestRunningMPI(t *testing.T) {
	mpi4py, library, ok := mpich.Libraries()
	if !ok {
		t.Skip("no mpi4py of Debian for Open MPI 4 or 5 (python3-mpi4py), or no MPICH (libmpich12)")
	}
	dir := t.TempDir()
	text, err := mpich.Missing(mpi4py)
	must(t, err)
	missing := filepath.Join(dir, "missing.c")
	must(t, os.WriteFile(missing, []byte(text), 0o644))
	if out, err := exec.Command("cc", "-D_GNU_SOURCE", "-O1", "-shared", "-fPIC", "-Wl,-soname,libmpi.so.40",
		"../../../../tests/e2e/programs/mpich.c", missing, library, "-o", filepath.Join(dir, "libmpi.so.40")).CombinedOutput(); err != nil {
		t.Fatalf("cc: %v\n%s", err, out)
	}
	program := strings.Replace(pools, `if __name__ == "__main__":`, `if __name__ == "__main__":
    from mpi4py import MPI
    MPI.COMM_WORLD.rank`, 1)
	pid := start(t, []string{"LD_LIBRARY_PATH=" + dir}, "/usr/bin/python3", script(t, program), "fork")
	task := eventually(t, Target{ID: pid}, "two workers", workersThatSpin("fork", 2))
	if !slices.Contains(task.Verdict.Tags, "mpi") || !slices.Contains(task.Verdict.Tags, "multiprocessing") {
		t.Errorf("the verdict is %+v", task.Verdict)
	}
}
