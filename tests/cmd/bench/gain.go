// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"slurm-mp-policy/tests/bench"
)

// job is a program of examples/ and how it is run.
type job struct {
	name    string
	options string   // of srun
	command string   // within examples/
	env     []string // what a site's modules leave there, say
	blas    string   // openmp or pthread
	expert  []string // what somebody who knows sets by hand
	workers int      // what a user says of it, with workers=
	mpi     bool     // it needs mpi4py on MPICH
	batch   bool     // it is a line of a batch script, without srun
	least   int      // CPUs that it needs
}

// one is what an expert gives to the workers of a pool.
var one = []string{"OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1"}

func (s *session) jobs() []job {
	cpus := s.cluster.CPUs
	task := fmt.Sprintf("-n 1 -c %d", cpus)
	all := fmt.Sprintf("OMP_NUM_THREADS=%d", cpus)
	modules := []string{"OMP_PLACES=cores", "OMP_PROC_BIND=close"}
	return []job{
		{name: "a pool, OpenBLAS with OpenMP", options: task, command: "python3 matrix_pool.py --pieces 60", blas: "openmp", expert: one, workers: cpus},
		{name: "a pool, OpenBLAS with pthreads", options: task, command: "python3 matrix_pool.py --pieces 60", blas: "pthread", expert: one, workers: cpus},
		{
			name: bench.ProgramBound, options: task, command: "python3 matrix_pool.py --pieces 60", blas: "openmp",
			env: modules, expert: append([]string{"OMP_PLACES", "OMP_PROC_BIND=false"}, one...), workers: cpus,
		},
		{name: "a pool two imports away", options: task, command: "python3 imports_pool.py --pieces 60", blas: "openmp", expert: one, workers: cpus},
		{name: "a pool in a batch script, without srun", options: task, command: "python3 matrix_pool.py --pieces 60", blas: "openmp", expert: one, workers: cpus, batch: true},
		{
			name: "ranks of mpirun in a batch script, each with a pool", options: fmt.Sprintf("-n %d -c 1", cpus), command: fmt.Sprintf("mpirun -np %d --bind-to none python3 ranks_pool.py --pieces 30", cpus),
			blas: "openmp", expert: one, workers: cpus, batch: true,
		},
		{
			name: "a pool of 2 workers on more CPUs", options: task, command: "python3 two_workers.py --pieces 60", blas: "openmp",
			expert: []string{fmt.Sprintf("OMP_NUM_THREADS=%d", cpus/2)}, workers: 2, least: 4,
		},
		{name: "scikit-learn with joblib", options: task, command: "python3 sklearn_joblib.py --pieces 24", blas: "openmp", expert: one, workers: cpus},
		{
			name: "mpi4py and a pool", options: fmt.Sprintf("--mpi=pmi2 -n %d -c 1 --overcommit", cpus), command: "python3 mpi_pool.py --pieces 30",
			blas: "openmp", mpi: true, expert: one, workers: 1,
		},
		{name: "a pool behind an option that is off", options: task, command: "python3 option_pool.py --pieces 16", blas: "openmp", expert: []string{all}, workers: 1},
		{name: "one process with one thread", options: task, command: "python3 one_thread.py --pieces 40", blas: "openmp", workers: 1},
		{name: "one process with BLAS threads", options: task, command: "python3 blas_threads.py --pieces 16", blas: "openmp", expert: []string{all}, workers: 1},
		{name: "a C program with OpenMP", options: task, command: "./openmp_sum 30", blas: "openmp", expert: []string{all}, workers: 1},
	}
}

// gain runs each program in each way.
func (s *session) gain(r *bench.Run) error {
	if err := s.cluster.WritePlugstack(s.cluster.PluginLine()); err != nil {
		return err
	}
	if err := s.installExamples(); err != nil {
		return err
	}
	r.Gain = nil
	mpich, err := s.mpich()
	if err != nil {
		return err
	}
	for _, j := range s.jobs() {
		if s.cluster.CPUs < j.least {
			fmt.Fprintf(os.Stderr, " (%d CPUs are too few for %s) ...", s.cluster.CPUs, j.name)
			continue
		}
		if j.mpi && mpich == "" {
			fmt.Fprintf(os.Stderr, " (no MPICH or no mpi4py: not %s) ...", j.name)
			continue
		}
		if _, err := blasDirectory(j.blas); err != nil {
			fmt.Fprintf(os.Stderr, " (%v: not %s) ...", err, j.name)
			continue
		}
		list, err := s.runJob(j)
		if err != nil {
			return fmt.Errorf("%s: %w", j.name, err)
		}
		r.Gain = append(r.Gain, list...)
	}
	return nil
}

// installExamples puts the programs where the user can read them.
func (s *session) installExamples() error {
	files, err := filepath.Glob("examples/*.py")
	if err != nil {
		return err
	}
	more, err := filepath.Glob("tests/bench/programs/*.py")
	if err != nil {
		return err
	}
	files = append(files, more...)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(s.cluster.Home, filepath.Base(file)), text, 0o644); err != nil {
			return err
		}
	}
	return s.compile(filepath.Join(s.cluster.Home, "openmp_sum"), "-fopenmp", "examples/openmp_sum.c", "-lm")
}

// blasDirectory is that of one of the distribution's OpenBLAS libraries: it is chosen by
// directory, for these runs only.
func blasDirectory(kind string) (string, error) {
	for _, pattern := range []string{"/usr/lib/*/openblas-" + kind, "build/libraries/usr/lib/*/openblas-" + kind} {
		if dirs, _ := filepath.Glob(pattern); len(dirs) > 0 {
			return filepath.Abs(dirs[0])
		}
	}
	return "", fmt.Errorf("no OpenBLAS with %s; run tests/install-deps bench", kind)
}

// environment has LD_LIBRARY_PATH lead to the library that the job wants, in a
// directory that the user can read.
func (s *session) environment(j job) ([]string, error) {
	env := append([]string{}, j.env...)
	directory, err := blasDirectory(j.blas)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(s.cluster.Home, "openblas-"+j.blas)
	if err := os.CopyFS(dir, os.DirFS(directory)); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	if j.mpi {
		dir += ":" + s.mpichDirectory()
	}
	return append(env, "LD_LIBRARY_PATH="+dir), nil
}

// outcome is what a run was.
type outcome struct {
	throughput, threads, switches float64
	workers                       []bench.Worker
}

func (s *session) runJob(j job) ([]bench.Gain, error) {
	env, err := s.environment(j)
	if err != nil {
		return nil, err
	}
	ways := []struct {
		name, option string
		env          []string
	}{
		{bench.WayPlain, "--no-mp-policy", nil},
		{bench.WayPlugin, "", nil},
		{bench.WayExpert, "--no-mp-policy", j.expert},
		{bench.WayWorkers, fmt.Sprintf("--mp-policy=workers=%d", j.workers), nil},
	}
	const expert = 2
	results := make([][]outcome, len(ways))
	rounds := s.rounds(7)
	for round := range rounds + 1 {
		for k := range ways {
			i := (k + round) % len(ways)
			w := ways[i]
			words := append(strings.Fields(w.option), strings.Fields(j.options)...)
			got, err := s.runOnce(j, words, with(env, w.env))
			if err != nil {
				return nil, err
			}
			if round > 0 {
				results[i] = append(results[i], got)
			}
		}
	}
	var list []bench.Gain
	for i, w := range ways {
		g := bench.Gain{Program: j.name, Command: "srun " + j.options + " " + j.command, Way: w.name, Rounds: rounds, Workers: results[i][rounds-1].workers}
		if j.batch {
			g.Command = "sbatch --wait " + j.options + " --wrap '" + j.command + "'"
		}
		var throughput, ratio, threads, switches []float64
		for round, o := range results[i] {
			throughput, threads, switches = append(throughput, o.throughput), append(threads, o.threads), append(switches, o.switches)
			ratio = append(ratio, o.throughput/results[expert][round].throughput)
		}
		g.Throughput, g.Expert, g.Threads, g.Switches = bench.SpreadOf(throughput), bench.SpreadOf(ratio), bench.SpreadOf(threads), bench.SpreadOf(switches)
		list = append(list, g)
	}
	return list, nil
}

// with sets variables; a word without "=" takes one away.
func with(env, changes []string) []string {
	result := append([]string{}, env...)
	for _, change := range changes {
		name, _, set := strings.Cut(change, "=")
		var kept []string
		for _, entry := range result {
			if !strings.HasPrefix(entry, name+"=") {
				kept = append(kept, entry)
			}
		}
		if result = kept; set {
			result = append(result, change)
		}
	}
	return result
}

// runOnce runs a program that prints its work and time as a JSON object.
func (s *session) runOnce(j job, options, env []string) (outcome, error) {
	command := j.command
	if strings.Contains(command, ".py") {
		command += " --json"
	}
	name, words, file := "srun", append(options, strings.Fields(command)...), ""
	if j.batch {
		file = filepath.Join(s.cluster.Home, "batch.out")
		name, words = "sbatch", append(options, "-Q", "--wait", "-o", file, "--wrap", command)
	}
	cmd := s.cluster.Command(s.ctx, name, words...)
	cmd.Env = append(cmd.Env, env...)
	// an interrupted srun ends its step
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	watch := watchThreads(s.cluster)
	err := cmd.Run()
	threads := watch.stop()
	text := stdout.Bytes()
	if file != "" {
		text, _ = os.ReadFile(file)
		text = text[max(0, bytes.IndexByte(text, '{')):] // below the lines of hints
	}
	if err != nil {
		return outcome{}, fmt.Errorf("%s %s: %w\n%s%s", name, strings.Join(words, " "), err, stderr.String(), text)
	}
	var printed struct {
		Seconds, Pieces, Switches float64
		Processes                 []bench.Worker
	}
	if err := json.Unmarshal(text, &printed); err != nil || printed.Seconds <= 0 {
		return outcome{}, fmt.Errorf("%s %s: %w: %q", name, strings.Join(words, " "), err, text)
	}
	return outcome{printed.Pieces / printed.Seconds, float64(threads), printed.Switches, printed.Processes}, nil
}
