// SPDX-License-Identifier: MIT

// Command evaluations runs the engine in many processes that start at once, each
// as an evaluator does it, and prints their medians and worst. It needs the
// outputs of make and a C compiler. How many fit depends on the memory: some 5 MiB each.
//
//	evaluations [-n PROCESSES] [-tasks TASKS]
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	build := flag.String("build", "build", "the build `directory`")
	processes := flag.Int("n", 1000, "number of processes")
	tasks := flag.Int("tasks", 1, "tasks of the step that each evaluates")
	flag.Parse()
	if err := run(*build, *processes, *tasks); err != nil {
		fmt.Fprintln(os.Stderr, "evaluations:", err)
		os.Exit(1)
	}
}

// deadline is how long a launch waits where a site says nothing else, in milliseconds.
const deadline = 500

// program is what the step runs.
const program = `import multiprocessing
import os

with multiprocessing.Pool() as pool:
    pool.map(abs, range(4))
`

func run(build string, processes, tasks int) error {
	dir, err := os.MkdirTemp("", "evaluations-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	_, here, _, _ := runtime.Caller(0)
	source := filepath.Join(filepath.Dir(here), "programs", "evaluations.c")
	shim := filepath.Join(filepath.Dir(here), "../../../cshim")
	binary, script := filepath.Join(dir, "evaluations"), filepath.Join(dir, "pool.py")
	if out, err := exec.Command("cc", "-O2", "-Wall", "-Wextra", "-D_GNU_SOURCE", "-I", shim, source, "-o", binary).CombinedOutput(); err != nil {
		return fmt.Errorf("cc: %w\n%s", err, out)
	}
	if err := os.WriteFile(script, []byte(program), 0o644); err != nil {
		return err
	}
	engine, err := filepath.Abs(filepath.Join(build, "libmp_policy.so"))
	if err != nil {
		return err
	}
	var all bytes.Buffer
	cmd := &exec.Cmd{
		Path: binary, Args: []string{"evaluations", engine, strconv.Itoa(processes), strconv.Itoa(tasks), script},
		Env:    []string{"GOGC=off", "GOMAXPROCS=1", "GOTRACEBACK=none"}, // the evaluator's
		Stderr: &all,
		// it ends its processes by their group
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true},
	}
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%w: %s", err, &all)
	}
	columns := make([][]float64, 5)
	for line := range strings.Lines(string(out)) {
		for i, field := range strings.Fields(line) {
			n, err := strconv.ParseFloat(field, 64)
			if err != nil {
				return err
			}
			columns[i] = append(columns[i], n)
		}
	}
	if len(columns[0]) != processes {
		return errors.New("some processes have said nothing")
	}
	fmt.Printf("%d evaluations at once, %d tasks each, %d CPUs: %s", processes, tasks, runtime.NumCPU(), &all)
	inTime := 0
	for _, wall := range columns[0] {
		if wall <= deadline {
			inTime++
		}
	}
	fmt.Printf("%d of them within %d ms\n", inTime, deadline)
	fmt.Println("\n                                  median     95 %    worst")
	for i, name := range []string{"ms until the answer", "ms of CPU", "KiB of its own memory", "KiB with its part of the shared", "bytes of the reply"} {
		slices.Sort(columns[i])
		at := func(part float64) float64 { return columns[i][int(part*float64(processes-1))] }
		fmt.Printf("%-31s %8.1f %8.1f %8.1f\n", name, at(0.5), at(0.95), at(1))
	}
	return nil
}
