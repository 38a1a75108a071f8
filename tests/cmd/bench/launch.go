// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"slurm-mp-policy/tests/bench"
	"slurm-mp-policy/tests/cluster"
)

// launches are the steps whose launch is measured. Of the rounds, the first ones have all ways,
// and the others only those whose difference is small.
var launches = []struct {
	cluster, command   string
	tasks, rounds, all int
}{
	{bench.ClusterCgroups, bench.CommandBinary, 1, 800, 60},
	{bench.ClusterCgroups, bench.CommandBinary, 4, 250, 30},
	{bench.ClusterCgroups, bench.CommandBinary, 16, 300, 20},
	{bench.ClusterCgroups, bench.CommandBinary, 64, 250, 10},
	{bench.ClusterCgroups, bench.CommandBinary, 256, 80, 4},
	{bench.ClusterCgroups, bench.CommandModules, 1, 250, 0},
	{bench.ClusterPlain, bench.CommandBinary, 1, 800, 0},
	{bench.ClusterPlain, bench.CommandBinary, 16, 300, 0},
	{bench.ClusterPlain, bench.CommandBinary, 64, 150, 0},
	{bench.ClusterPlain, bench.CommandBinary, 256, 40, 0},
	{bench.ClusterPlain, bench.CommandModules, 1, 250, 0},
}

// taskProlog is what a site writes that does without a plugin: Slurm runs it for
// each task, as the user, and takes its "export" lines (slurm.conf(5)).
const taskProlog = `#!/bin/sh
cpus=$(nproc)
printf 'export %s\n' PYTHON_CPU_COUNT=$cpus LOKY_MAX_CPU_COUNT=$cpus OMP_NUM_THREADS=1 OMP_PROC_BIND=false
`

// way is a way to launch a step.
type way struct {
	name      string
	cluster   *cluster.Cluster
	plugstack string
}

// launch measures srun's wall time and the machine's CPU time in each way.
func (s *session) launch(r *bench.Run) (err error) {
	prolog := filepath.Join(s.work, "taskprolog.sh")
	if err := os.WriteFile(prolog, []byte(taskProlog), 0o755); err != nil {
		return err
	}
	// slurmd reads TaskProlog when it starts, so that is a cluster of its own
	second, err := cluster.Start(cluster.Options{SlurmConf: []string{"TaskProlog=" + prolog}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, second.Stop()) }()
	// a launch is shortest on it: nothing hides what a plugin takes
	plain, err := cluster.Start(cluster.Options{NoCgroup: true, SlurmConf: []string{
		"TaskPlugin=task/affinity", "ProctrackType=proctrack/linuxproc", sharedPartition,
	}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, plain.Stop()) }()
	nothing, eachtask := filepath.Join(s.plugins, "nothing.so"), filepath.Join(s.plugins, "eachtask.so")
	if err := s.compile(nothing, "-shared", program("nothing.c")); err != nil {
		return err
	}
	if err := s.compileWithShim(eachtask, "-shared", program("eachtask.c")); err != nil {
		return err
	}
	ways := map[string][]way{
		bench.ClusterCgroups: {
			{bench.WayNothing, s.cluster, "optional " + nothing + "\n"},
			{bench.WayPlugin, s.cluster, s.cluster.PluginLine()},
			{bench.WayEmpty, s.cluster, ""},
			{bench.WayProlog, second, ""},
			{bench.WayEachTask, s.cluster, "optional " + eachtask + " lib=" + filepath.Join(s.plugins, "libmp_policy.so") + "\n"},
		},
		bench.ClusterPlain: {
			{bench.WayNothing, plain, "optional " + nothing + "\n"},
			{bench.WayPlugin, plain, s.cluster.PluginLine()},
		},
	}
	if err := writePrograms(plain.Home); err != nil {
		return err
	}
	r.Launch = nil
	for _, l := range launches {
		words := append([]string{"-n", strconv.Itoa(l.tasks), "--overcommit"}, strings.Fields(l.command)...)
		list, err := s.launchSteps(ways[l.cluster], words, s.rounds(l.rounds), int(float64(l.all)*s.scale))
		if err != nil {
			return err
		}
		for _, way := range list {
			way.Cluster, way.Command, way.Tasks = l.cluster, l.command, l.tasks
			r.Launch = append(r.Launch, way)
		}
	}
	r.Stepd = nil
	for _, w := range ways[bench.ClusterCgroups][:bench.NearWays] {
		// what it does beside the step, as to answer slurmctld, comes and goes
		var least bench.Stepd
		for i := range 5 {
			stepd, err := s.stepd(w)
			if err != nil {
				return err
			}
			if i == 0 {
				least = stepd
			}
			least.PrivateKiB, least.Threads = min(least.PrivateKiB, stepd.PrivateKiB), min(least.Threads, stepd.Threads)
			least.Descriptors = min(least.Descriptors, stepd.Descriptors)
		}
		r.Stepd = append(r.Stepd, least)
	}
	return nil
}

// launchSteps launches a step in each way in turn. The first way is the reference of the ratios.
func (s *session) launchSteps(ways []way, words []string, rounds, all int) ([]bench.Launch, error) {
	wall, ratio, cpu := make([][]float64, len(ways)), make([][]float64, len(ways)), make([][]float64, len(ways))
	for round := range rounds + 1 {
		times := make([]float64, len(ways))
		taken := len(ways)
		if round > all || all == 0 {
			taken = bench.NearWays
		}
		for _, i := range rand.Perm(taken) { // not always after the same neighbour
			if err := ways[i].cluster.WritePlugstack(ways[i].plugstack); err != nil {
				return nil, err
			}
			before := s.cpu.used()
			took, _, err := srun(s.ctx, ways[i].cluster, words...)
			if err != nil {
				return nil, err
			}
			times[i] = took.Seconds() * 1000
			if round > 0 {
				cpu[i] = append(cpu[i], s.cpu.used()-before)
			}
		}
		if round == 0 {
			continue
		}
		for i := range taken {
			wall[i] = append(wall[i], times[i])
			ratio[i] = append(ratio[i], times[i]/times[0])
		}
	}
	var list []bench.Launch
	for i, w := range ways {
		if len(wall[i]) == 0 {
			continue
		}
		list = append(list, bench.Launch{
			Way: w.name, Rounds: len(wall[i]), Wall: bench.SpreadOf(wall[i]), Ratio: bench.SpreadOf(ratio[i]), CPU: bench.SpreadOf(cpu[i]),
		})
	}
	return list, nil
}

// stepd looks at slurmstepd while its task waits for input.
func (s *session) stepd(w way) (bench.Stepd, error) {
	result := bench.Stepd{Way: w.name}
	if err := w.cluster.WritePlugstack(w.plugstack); err != nil {
		return result, err
	}
	cmd := w.cluster.Command(s.ctx, "srun", "-n", "1", "sh", "-c", "echo $PPID; read line")
	in, err := cmd.StdinPipe()
	if err != nil {
		return result, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return result, err
	}
	if err := cmd.Start(); err != nil {
		return result, err
	}
	var pid int
	if _, err := fmt.Fscan(out, &pid); err != nil {
		return result, errors.Join(fmt.Errorf("no slurmstepd: %w", err), in.Close(), cmd.Wait())
	}
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	for _, name := range []string{"Private_Clean", "Private_Dirty"} {
		kib, _ := strconv.Atoi(strings.TrimSuffix(field(filepath.Join(proc, "smaps_rollup"), name, ":"), " kB"))
		result.PrivateKiB += kib
	}
	result.Threads, _ = strconv.Atoi(field(filepath.Join(proc, "status"), "Threads", ":"))
	descriptors, err := os.ReadDir(filepath.Join(proc, "fd"))
	result.Descriptors = len(descriptors)
	fmt.Fprintln(in)
	return result, errors.Join(err, in.Close(), cmd.Wait())
}
