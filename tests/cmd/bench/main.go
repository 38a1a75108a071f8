// SPDX-License-Identifier: MIT

// Command bench measures what the plugin costs and what it gains, on private
// clusters, and writes docs/performance/run.json and the tables made from it. It needs root, the packages
// of tests/install-deps for build, test and bench, and the outputs of make. It fails if something cannot be
// run, never because of a number.
//
//	bench                    everything, in about 40 minutes
//	bench -scale 0.1         a tenth of the rounds: to see that it works
//	bench -only launch,gain  these parts; the others stay as they were
//	bench -render            only the tables, from the numbers that are there
//
// Things that are compared run in turn, in an order that changes each round. A ratio is that of two
// neighbours, so a machine whose speed changes slows both.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"slurm-mp-policy/tests/bench"
	"slurm-mp-policy/tests/cluster"
)

// parts are what can be measured separately, in the order in which they run.
var parts = []struct {
	name    string
	measure func(*session, *bench.Run) error
}{
	{"launch", (*session).launch},
	{"inside", (*session).inside},
	{"engine", (*session).engine},
	{"other", (*session).others},
	{"growth", (*session).growth},
	{"gain", (*session).gain},
}

// sharedPartition lets jobs follow each other at once.
const sharedPartition = "PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:16"

// session is what the parts share.
type session struct {
	ctx     context.Context
	scale   float64 // of the rounds
	work    string  // a directory that is removed at the end, open to the user
	cluster *cluster.Cluster
	build   string // the directory of make's outputs
	plugins string // the directory of the cluster's plugins, only root's
	cpu     *cpuClock
}

func main() {
	build := flag.String("build", "build", "the build `directory`")
	out := flag.String("out", filepath.Join("docs", "performance", "run.json"), "the `file` for the numbers")
	scale := flag.Float64("scale", 1, "`factor` for the number of rounds")
	only := flag.String("only", "", "measure these `parts` alone, separated by commas")
	render := flag.Bool("render", false, "measure nothing, write the tables")
	flag.Parse()
	if err := run(*build, *out, *only, *scale, *render); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(build, out, only string, scale float64, render bool) error {
	r, err := bench.Read(out)
	if err != nil && (render || only != "") {
		return err
	} else if err != nil {
		r = &bench.Run{}
	}
	if !render {
		if err := measure(r, build, out, only, scale); err != nil {
			return err
		}
		fmt.Print("\n", r.Text())
	}
	return r.Render(".")
}

func measure(r *bench.Run, build, out, only string, scale float64) (err error) {
	// the clusters must end in good order
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	s := &session{ctx: ctx, scale: scale, build: build}
	wanted := map[string]bool{}
	for _, p := range parts {
		wanted[p.name] = only == ""
	}
	for name := range strings.SplitSeq(only, ",") {
		if _, ok := wanted[name]; !ok && name != "" {
			return fmt.Errorf("no part is called %q; there are launch, inside, engine, other, growth and gain", name)
		}
		wanted[name] = true
	}
	if s.work, err = os.MkdirTemp("", "mp-policy-bench"); err != nil {
		return err
	}
	defer os.RemoveAll(s.work)
	if err := os.Chmod(s.work, 0o755); err != nil {
		return err
	}
	// before there are processes to count
	s.cpu = newCPUClock()
	defer s.cpu.close()
	s.cluster, err = cluster.Start(cluster.Options{SlurmConf: []string{sharedPartition}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.cluster.Stop()) }()
	lib, err := s.cluster.InstallPlugin(build)
	if err != nil {
		return err
	}
	s.plugins = filepath.Dir(lib)
	if err := writePrograms(s.cluster.Home); err != nil {
		return err
	}
	r.Machine = s.machine()
	for _, p := range parts {
		if !wanted[p.name] {
			continue
		}
		start := time.Now()
		fmt.Fprintf(os.Stderr, "bench: %s ...", p.name)
		if err := p.measure(s, r); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if err := r.Write(out); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, " %.0f s\n", time.Since(start).Seconds())
	}
	return nil
}

// rounds scales a number of rounds; two are the least, the first of which does not
// count: it reads what is not in memory yet.
func (s *session) rounds(n int) int {
	return max(2, int(float64(n)*s.scale))
}

// compile builds a program of tests/bench/programs, with the flags of the Makefile
// that matter for time: a symbol that is bound late is bound once in each task.
func (s *session) compile(output string, args ...string) error {
	args = append([]string{
		"-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-O2", "-fPIC", "-fstack-protector-strong", "-U_FORTIFY_SOURCE",
		"-D_FORTIFY_SOURCE=2", "-Wl,-z,relro", "-Wl,-z,now", "-Icshim", "-Itests/bench/programs",
		`-DMP_ENGINE_PATH="/"`, "-o", output,
	}, args...)
	if out, err := exec.Command("cc", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("cc %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// compileWithShim adds the sources of the shim, except the one with the callbacks. Slurm skips an
// optional plugin that lacks a symbol, without an error.
func (s *session) compileWithShim(output string, args ...string) error {
	sources, err := filepath.Glob("cshim/*.c")
	if err != nil {
		return err
	}
	for _, source := range sources {
		if filepath.Base(source) != "mp_policy.c" {
			args = append(args, source)
		}
	}
	return s.compile(output, args...)
}

// program returns the path of a file in tests/bench/programs.
func program(name string) string { return filepath.Join("tests", "bench", "programs", name) }

// srun runs a step as the user and returns its wall time and what it printed on
// stderr.
func srun(ctx context.Context, c *cluster.Cluster, args ...string) (time.Duration, string, error) {
	cmd := c.Command(ctx, "srun", args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	if err != nil {
		return 0, "", fmt.Errorf("srun %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return took, stderr.String(), nil
}

func (s *session) machine() bench.Machine {
	var uts unix.Utsname
	unix.Uname(&uts)
	load, _ := os.ReadFile("/proc/loadavg")
	commit, _ := exec.Command("git", "describe", "--always", "--dirty").Output()
	python, _ := exec.Command("/usr/bin/python3", "-c", "import sys; print(sys.version.split()[0])").Output()
	numpy, _ := exec.Command("/usr/bin/python3", "-c", "import numpy; print(numpy.__version__)").Output()
	first, _, _ := strings.Cut(string(load), " ")
	return bench.Machine{
		PageFault: pageFault(), CPU: field("/proc/cpuinfo", "model name", ":"), CPUs: runtime.NumCPU(), Kernel: unix.ByteSliceToString(uts.Release[:]),
		System: strings.Trim(field("/etc/os-release", "PRETTY_NAME", "="), `"`), Slurm: s.cluster.Version,
		Go: strings.TrimPrefix(runtime.Version(), "go"), Python: strings.TrimSpace(string(python)), NumPy: strings.TrimSpace(string(numpy)),
		Commit: strings.TrimSpace(string(commit)), Date: time.Now().UTC().Format(time.DateOnly), Load: first,
	}
}

// pageFault returns the time of a page fault of fresh memory, in microseconds. On a virtual machine
// whose host takes free memory back, it is many times that of hardware.
func pageFault() float64 {
	const pages = 20_000
	size := os.Getpagesize()
	memory, err := unix.Mmap(-1, 0, pages*size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return 0
	}
	defer unix.Munmap(memory)
	_ = unix.Madvise(memory, unix.MADV_NOHUGEPAGE)
	start := time.Now()
	for at := 0; at < len(memory); at += size {
		memory[at] = 1
	}
	return bench.SpreadOf([]float64{float64(time.Since(start).Nanoseconds()) / 1000 / pages}).Median
}

// field returns the value behind the first such name of a file.
func field(path, name, separator string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, separator); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
