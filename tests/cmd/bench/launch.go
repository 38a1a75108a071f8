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

// launches are the numbers of tasks and of rounds, of which so many are of all ways, and
// the others of those whose difference is small.
var launches = []struct{ tasks, rounds, all int }{{1, 800, 120}, {4, 60, 60}, {16, 400, 40}, {64, 400, 20}, {256, 160, 8}}

// taskProlog is what a site writes that does without a plugin: Slurm runs it for
// each task, as the user, and takes its "export" lines (slurm.conf(5)).
const taskProlog = `#!/bin/sh
cpus=$(nproc)
printf 'export %s\n' PYTHON_CPU_COUNT=$cpus LOKY_MAX_CPU_COUNT=$cpus OMP_NUM_THREADS=1 OMP_PROC_BIND=false
`

// near is how many of the ways, the first ones, differ little.
const near = 3

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
	nothing, eachtask := filepath.Join(s.plugins, "nothing.so"), filepath.Join(s.plugins, "eachtask.so")
	if err := s.compile(nothing, "-shared", program("nothing.c")); err != nil {
		return err
	}
	if err := s.compile(eachtask, "-shared", program("eachtask.c"), "cshim/step.c", "cshim/apply.c", "cshim/say.c", "cshim/process.c", "cshim/end.c", "cshim/user.c", "cshim/cgroup.c", "cshim/config.c"); err != nil {
		return err
	}
	engine := " lib=" + filepath.Join(s.plugins, "libmp_policy.so") + "\n"
	ways := []way{
		{bench.WayEmpty, s.cluster, ""},
		{bench.WayNothing, s.cluster, "optional " + nothing + "\n"},
		{bench.WayPlugin, s.cluster, s.cluster.PluginLine()},
		{bench.WayProlog, second, ""},
		{bench.WayEachTask, s.cluster, "optional " + eachtask + engine},
	}
	r.Launch = nil
	for _, l := range launches {
		list, err := s.launchTasks(ways, l.tasks, s.rounds(l.rounds), s.rounds(l.all))
		if err != nil {
			return err
		}
		r.Launch = append(r.Launch, list...)
	}
	r.Stepd = nil
	for _, w := range ways[:near] {
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

func (s *session) launchTasks(ways []way, tasks, rounds, all int) ([]bench.Launch, error) {
	wall, ratio, cpu := make([][]float64, len(ways)), make([][]float64, len(ways)), make([][]float64, len(ways))
	for round := range rounds + 1 {
		times := make([]float64, len(ways))
		taken := len(ways)
		if round > all {
			taken = near
		}
		for _, i := range rand.Perm(taken) { // not always after the same neighbour
			if err := ways[i].cluster.WritePlugstack(ways[i].plugstack); err != nil {
				return nil, err
			}
			before := s.cpu.used()
			took, _, err := srun(s.ctx, ways[i].cluster, "-n", strconv.Itoa(tasks), "--overcommit", "/bin/true")
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
		list = append(list, bench.Launch{
			Tasks: tasks, Way: w.name, Rounds: len(wall[i]), Wall: bench.SpreadOf(wall[i]), Ratio: bench.SpreadOf(ratio[i]), CPU: bench.SpreadOf(cpu[i]),
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
