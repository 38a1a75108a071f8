// SPDX-License-Identifier: MIT

package sitecustomize

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// counts prints every number that a program takes for the CPUs, each once.
const counts = `
import multiprocessing, os, sys
if __name__ == "__main__":
    numbers = [multiprocessing.cpu_count()]
    pool = multiprocessing.Pool()
    numbers.append(pool._processes)
    pool.terminate()
    if sys.version_info >= (3,):
        import concurrent.futures
        numbers += [os.cpu_count(), concurrent.futures.ProcessPoolExecutor()._max_workers]
        # workers that another start method makes, and os.cpu_count pickled for them
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            numbers.append(pool.apply(os.cpu_count))
    sys.stdout.write(" ".join(map(str, sorted(set(numbers)))) + "\n")
`

// count prints os.cpu_count(), which Python 2 has not.
const count = "import os, sys; sys.stdout.write('%s\\n' % getattr(os, 'cpu_count', int)())"

func TestCount(t *testing.T) {
	ours, program := cure(t), filepath.Join(directory(t, "counts.py", counts), "counts.py")
	each(t, func(t *testing.T, p python) {
		own := p.run(t, nil, program)
		if own.Err != "" || own.Code != 0 {
			t.Fatalf("without anything: %+v", own)
		}
		cured, itself := outcome{Out: "3\n"}, own
		if !p.older(3, 13) {
			itself = cured
		}
		if p.major == 2 { // its multiprocessing.cpu_count() asks sysconf(3)
			cured = own
		}
		set := "PYTHON_CPU_COUNT=3"
		tests := []struct {
			name string
			env  []string
			args []string
			want outcome
		}{
			{"a number", []string{set, pythonPath(ours)}, nil, cured},
			{"no variable", []string{pythonPath(ours)}, nil, own},
			{"-s", []string{set, pythonPath(ours)}, []string{"-s"}, cured},
			{"-S", []string{set, pythonPath(ours)}, []string{"-S"}, itself},
			{"-E", []string{set, pythonPath(ours)}, []string{"-E"}, own},
			{"-I", []string{set, pythonPath(ours)}, []string{"-I"}, own},
		}
		if p.major == 2 {
			tests = tests[:len(tests)-1]
		}
		for _, test := range tests {
			if got := p.run(t, test.env, append(test.args, program)...); got != test.want {
				t.Errorf("%s: want %+v, got %+v", test.name, test.want, got)
			}
		}
	})
}

func TestValues(t *testing.T) {
	ours := cure(t)
	each(t, func(t *testing.T, p python) {
		own := p.run(t, nil, "-c", count)
		ignored := []string{"default", "", "0", "-1", "+3", " 3", "3_0", "3.0", "x", "\u0663", "\u00b2", "99999999999", strings.Repeat("9", 5000)}
		if !p.older(3, 13) {
			ignored = ignored[:1] // at the others it does not start
		}
		for _, text := range ignored {
			if got := p.run(t, []string{"PYTHON_CPU_COUNT=" + text, pythonPath(ours)}, "-c", count); got != own {
				t.Errorf("%.20q: want %+v, got %+v", text, own, got)
			}
		}
	})
}

// nobody is the user of kernel.overflowuid, who owns no file.
const nobody = 65534

// TestUser: for an ordinary user the directory is read-only, and may not be there, as in
// a container without it.
func TestUser(t *testing.T) {
	ours := cure(t)
	each(t, func(t *testing.T, p python) {
		for dir, cured := range map[string]bool{ours: true, "/nowhere/python": false} {
			cmd := p.command([]string{"PYTHON_CPU_COUNT=3", pythonPath(dir)}, "-c", count)
			if os.Geteuid() == 0 {
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
				if err := exec.Command("setpriv", "--reuid", strconv.Itoa(nobody), "--clear-groups", "test", "-x", p.file).Run(); err != nil {
					t.Skip("other users cannot execute " + p.file)
				}
			}
			got := finish(t, cmd)
			if got.Err != "" || got.Code != 0 {
				t.Errorf("%s: %+v", dir, got)
			}
			if want := cured || !p.older(3, 13); p.major > 2 && (got.Out == "3\n") != want {
				t.Errorf("%s: counts %s CPUs", dir, got.Out)
			}
		}
		if os.Geteuid() != 0 {
			return
		}
		if entries, err := os.ReadDir(ours); err != nil || len(entries) != 1 {
			t.Errorf("a user's Python has left %v (%v)", entries, err)
		}
	})
}

// TestBytecode: what compileall writes is what Python loads.
func TestBytecode(t *testing.T) {
	ours := cure(t)
	each(t, func(t *testing.T, p python) {
		if p.older(3, 6) || !p.older(3, 13) {
			t.Skip("not for this version")
		}
		if got := p.run(t, nil, "-m", "compileall", "-q", ours); got != (outcome{}) {
			t.Fatalf("compileall: %+v", got)
		}
		got := p.run(t, []string{"PYTHON_CPU_COUNT=3", pythonPath(ours)}, "-v", "-c", count)
		loaded := filepath.Join("__pycache__", fmt.Sprintf("sitecustomize.cpython-%d%d.pyc matches", p.major, p.minor))
		if got.Out != "3\n" || !strings.Contains(got.Err, loaded) {
			t.Errorf("prints %q, and loads no %s", got.Out, loaded)
		}
	})
}

func TestJoblib(t *testing.T) {
	ours := cure(t)
	each(t, func(t *testing.T, p python) {
		if p.run(t, nil, "-c", "import joblib").Code != 0 {
			t.Skip("no joblib")
		}
		got := p.run(t, []string{"PYTHON_CPU_COUNT=1", pythonPath(ours)}, "-c",
			"import joblib, os; print(joblib.cpu_count(), joblib.effective_n_jobs(-1), joblib.Parallel(2)([joblib.delayed(os.cpu_count)()]))")
		if want := (outcome{Out: "1 1 [1]\n"}); got != want {
			t.Errorf("want %+v, got %+v", want, got)
		}
	})
}
