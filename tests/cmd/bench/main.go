// SPDX-License-Identifier: MIT

// Command bench compares launches with the plugin to launches with an empty
// plugstack.conf, on a private cluster. The two are run in turn, in changing
// order, and the ratio is that of each pair, so that a machine whose speed
// changes slows both. It needs root and the outputs of make.
//
//	bench [-pairs N] [TASKS]...
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"syscall"
	"time"

	"slurm-mp-policy/tests/cluster"
)

func main() {
	build := flag.String("build", "build", "the build `folder`")
	pairs := flag.Int("pairs", 20, "pairs of launches for each number of tasks")
	flag.Parse()
	tasks := flag.Args()
	if len(tasks) == 0 {
		tasks = []string{"1", "16", "64", "256"}
	}
	if err := run(*build, *pairs, tasks); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(build string, pairs int, tasks []string) (err error) {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	c, err := cluster.Start(cluster.Options{})
	if err != nil {
		return err
	}
	defer func() {
		if stopErr := c.Stop(); err == nil {
			err = stopErr
		}
	}()
	if _, err := c.InstallPlugin(build); err != nil {
		return err
	}
	fmt.Printf("Slurm %s, %d CPUs; srun -n TASKS --overcommit /bin/true; milliseconds, medians of %d pairs\n\n", c.Version, c.CPUs, pairs)
	fmt.Println("tasks   without      with   ratio  quartiles")
	for _, n := range tasks {
		if _, err := strconv.Atoi(n); err != nil {
			return fmt.Errorf("%q is no number of tasks", n)
		}
		m := measurement{ctx: ctx, c: c, tasks: n}
		for i := range pairs + 1 {
			// the first pair reads what is not in memory yet
			if err := m.pair(i%2 == 0, i > 0); err != nil {
				return err
			}
		}
		fmt.Printf("%5s %9.1f %9.1f   %.3f  %.3f to %.3f\n", n, quantile(m.without, 0.5), quantile(m.with, 0.5),
			quantile(m.ratios, 0.5), quantile(m.ratios, 0.25), quantile(m.ratios, 0.75))
	}
	return nil
}

type measurement struct {
	ctx                   context.Context
	c                     *cluster.Cluster
	tasks                 string
	with, without, ratios []float64
}

func (m *measurement) pair(pluginFirst, counts bool) error {
	var times [2]float64 // without, with
	for _, plugin := range []bool{pluginFirst, !pluginFirst} {
		line, at := "", 0
		if plugin {
			line, at = m.c.PluginLine(), 1
		}
		if err := m.c.WritePlugstack(line); err != nil {
			return err
		}
		cmd := m.c.Command(m.ctx, "srun", "-n", m.tasks, "--overcommit", "/bin/true")
		start := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w\n%s", cmd.Args, err, out)
		}
		times[at] = float64(time.Since(start).Microseconds()) / 1000
	}
	if counts {
		m.without, m.with = append(m.without, times[0]), append(m.with, times[1])
		m.ratios = append(m.ratios, times[1]/times[0])
	}
	return nil
}

// quantile interpolates between the values next to it.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	at := q * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low])
}
