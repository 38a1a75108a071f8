// SPDX-License-Identifier: MIT

// Command phases shows where the time of a launch goes: it launches a step on a private
// cluster without the plugin and with the plugin of each build directory, in turn, and has
// the kernel tell when each process was forked, executed and ended (perf-record(1)). It
// needs root, perf and the outputs of make.
//
//	phases [-tasks TASKS] [-rounds ROUNDS] [BUILD]...
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"slurm-mp-policy/tests/cluster"
)

const program = "/bin/true"

func main() {
	tasks := flag.Int("tasks", 64, "tasks of the step")
	rounds := flag.Int("rounds", 80, "launches in each way")
	flag.Parse()
	builds := flag.Args()
	if len(builds) == 0 {
		builds = []string{"build"}
	}
	if err := run(builds, *tasks, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "phases:", err)
		os.Exit(1)
	}
}

func run(builds []string, tasks, rounds int) (err error) {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	if _, err := exec.LookPath("perf"); err != nil {
		return fmt.Errorf("%w; install it (Debian: linux-perf)", err)
	}
	c, err := cluster.Start(cluster.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Stop()) }()
	// the plugin refuses an engine in a directory that others than root can write to
	dir, err := os.MkdirTemp("/var/lib", "mp-policy-phases-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	lines := []string{""} // of plugstack.conf
	for i, build := range builds {
		line, err := install(build, filepath.Join(dir, strconv.Itoa(i)))
		if err != nil {
			return err
		}
		lines = append(lines, line)
	}
	var order []int
	launch := func(way int) error {
		if err := c.WritePlugstack(lines[way]); err != nil {
			return err
		}
		if out, err := c.Command(ctx, "srun", "-n", strconv.Itoa(tasks), "--overcommit", program).CombinedOutput(); err != nil {
			return fmt.Errorf("srun: %w\n%s", err, out)
		}
		return nil
	}
	// what the first launches read, the others find in memory
	for way := range lines {
		if err := launch(way); err != nil {
			return err
		}
	}
	launches, err := record(ctx, func() error {
		for range rounds {
			for _, way := range rand.Perm(len(lines)) {
				if err := launch(way); err != nil {
					return err
				}
				order = append(order, way)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(launches) != len(order) {
		return fmt.Errorf("perf saw %d of %d launches; have the machine do nothing else", len(launches), len(order))
	}
	fmt.Printf("Slurm %s; srun -n %d --overcommit %s; %d launches in each way, in ms.\n", c.Version, tasks, program, rounds)
	return print(launches, order, append([]string{"without"}, builds...))
}

// install copies a build's plugin into a new directory, and gives its line of plugstack.conf.
func install(build, dir string) (string, error) {
	if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Mkdir(dir, 0o755)); err != nil {
		return "", err
	}
	return cluster.InstallPluginIn(build, dir)
}

// record has the kernel tell of the processes while f runs.
func record(ctx context.Context, f func() error) (launches []*launch, err error) {
	dir, err := os.MkdirTemp("", "phases-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "perf.data")
	perf := exec.CommandContext(ctx, "perf", "record", "-q", "-a", "-m", "4096", "-o", file,
		"-e", "sched:sched_process_fork,sched:sched_process_exec,sched:sched_process_exit")
	perf.Stderr = os.Stderr
	if err := perf.Start(); err != nil {
		return nil, err
	}
	time.Sleep(time.Second) // it does not say when it has begun
	err = f()
	_ = perf.Process.Signal(os.Interrupt)
	if waitErr := perf.Wait(); err == nil && ctx.Err() != nil {
		err = waitErr // after an interrupt of ours perf ends with that signal
	}
	if err != nil {
		return nil, err
	}
	script := exec.CommandContext(ctx, "perf", "script", "-i", file)
	out, err := script.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := script.Start(); err != nil {
		return nil, err
	}
	launches, err = read(out)
	return launches, errors.Join(err, script.Wait())
}

// launch has the times of one launch, in milliseconds.
type launch struct {
	srun       int // its pid
	start, end float64
	stepd      float64
	forked     map[int]float64 // by pid
	executed   map[int]float64 // the tasks' program
}

var event = regexp.MustCompile(`\s(\d+\.\d+):\s+sched:sched_process_(fork|exec|exit):\s.*?\bpid=(\d+)`)

// read takes what perf-script(1) prints. A launch begins where srun is executed.
func read(from io.Reader) ([]*launch, error) {
	var list []*launch
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		line := lines.Text()
		found := event.FindStringSubmatch(line)
		if found == nil {
			continue
		}
		seconds, _ := strconv.ParseFloat(found[1], 64)
		pid, _ := strconv.Atoi(found[3])
		at := seconds * 1000
		if found[2] == "exec" && strings.Contains(line, "/srun ") {
			list = append(list, &launch{srun: pid, start: at, forked: map[int]float64{}, executed: map[int]float64{}})
		}
		if len(list) == 0 {
			continue
		}
		l := list[len(list)-1]
		switch found[2] {
		case "fork":
			_, child, _ := strings.Cut(line, "child_pid=")
			pid, _ = strconv.Atoi(strings.Fields(child)[0])
			l.forked[pid] = at
		case "exec":
			if strings.Contains(line, "filename="+program+" ") {
				l.executed[pid] = at
			} else if strings.Contains(line, "slurmstepd") {
				l.stepd = at
			}
		case "exit":
			if pid == l.srun {
				l.end = at
			}
		}
	}
	return list, lines.Err()
}

// phases gives what lies between the rows that print names.
func (l *launch) phases() []float64 {
	var forks, executions []float64
	for pid, at := range l.executed {
		forks, executions = append(forks, l.forked[pid]), append(executions, at)
	}
	if len(forks) == 0 {
		return nil
	}
	first, last := slices.Min(forks), slices.Max(forks)
	begun, all := slices.Min(executions), slices.Max(executions)
	return []float64{l.stepd - l.start, first - l.stepd, last - first, begun - last, all - begun, l.end - all, l.end - l.start}
}

var names = []string{
	"srun executed, slurmstepd executed", "slurmstepd executed, the first task forked", "the first and the last task forked",
	"the last forked, the first one's program executed", "the first and the last executed", "the last executed, srun's end", "the launch",
}

func print(launches []*launch, order []int, ways []string) error {
	values := make([][][]float64, len(ways)) // by way and phase
	for way := range values {
		values[way] = make([][]float64, len(names))
	}
	for i, l := range launches {
		phases := l.phases()
		if phases == nil {
			return fmt.Errorf("perf did not see the tasks of launch %d; have the machine do nothing else", i)
		}
		for phase, value := range phases {
			values[order[i]][phase] = append(values[order[i]][phase], value)
		}
	}
	fmt.Printf("Means without the outer tenths, and their standard errors.\n\n%-50s", "from, to")
	for _, way := range ways {
		fmt.Printf(" %-16s", way)
	}
	for phase, name := range names {
		fmt.Printf("\n%-50s", name)
		for way := range ways {
			fmt.Printf(" %-16s", mean(values[way][phase]))
		}
	}
	fmt.Println()
	return nil
}

// mean leaves out the outer tenths. Of what is left the error is a little too small.
func mean(values []float64) string {
	slices.Sort(values)
	values = values[len(values)/10 : len(values)-len(values)/10]
	n := float64(len(values))
	var sum, squares float64
	for _, v := range values {
		sum += v
	}
	for _, v := range values {
		squares += (v - sum/n) * (v - sum/n)
	}
	return fmt.Sprintf("%.2f ± %.2f", sum/n, math.Sqrt(squares)/n)
}
