// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"slurm-mp-policy/tests/bench"
)

// insides are the commands that are looked into, and how often.
var insides = []struct {
	command string
	tasks   int
	steps   int
}{
	{bench.CommandBinary, 1, 80},
	{bench.CommandBinary, 64, 15},
	{bench.CommandPool, 1, 60},
	{bench.CommandModules, 1, 60},
	{bench.CommandShell, 1, 60},
	{bench.CommandShell, 16, 30},
	{bench.CommandShell, 64, 15},
	{bench.CommandShell, 256, 8},
}

// inside has the shim and the engine timed at work, in builds of their own.
func (s *session) inside(r *bench.Run) error {
	line, err := s.timedPlugin()
	if err != nil {
		return err
	}
	if err := s.cluster.WritePlugstack(line); err != nil {
		return err
	}
	r.Inside = nil
	for _, in := range insides {
		steps := s.rounds(in.steps)
		m, err := s.look(in.command, in.tasks, steps)
		if err != nil {
			return err
		}
		r.Inside = append(r.Inside, m.sum(in.command, in.tasks, steps))
	}
	return nil
}

// timedPlugin installs the timed builds and returns their line of plugstack.conf.
func (s *session) timedPlugin() (string, error) {
	shim, engine := filepath.Join(s.plugins, "timedshim.so"), filepath.Join(s.plugins, "timedengine.so")
	// the line about the wait is at level debug otherwise
	if err := s.compileWithShim(shim, "-shared", "-Dslurm_debug=slurm_info", program("timedshim.c")); err != nil {
		return "", err
	}
	real := fmt.Sprintf("-DREAL=%q", filepath.Join(s.plugins, "libmp_policy.so"))
	if err := s.compile(engine, "-shared", real, program("timedengine.c")); err != nil {
		return "", err
	}
	return fmt.Sprintf("optional %s lib=%s\n", shim, engine), nil
}

// measured are the numbers of some steps, by what they are of, in microseconds.
type measured map[string][]float64

var (
	evaluatorLine = regexp.MustCompile(`mp-bench: evaluator ([\d ]+)`)
	waitedLine    = regexp.MustCompile(`waited (\d+) us for the evaluator, which used (\d+) us of CPU`)
	callbackLine  = regexp.MustCompile(`mp-bench: user_init (\d+) \d+ posts (\d+) \d+ last (\d+) \d+`)
	taskLine      = regexp.MustCompile(`mp-bench: task_init (\d+) (\d+)`)
)

// look runs steps and reads what slurmd's log and their stderr say.
func (s *session) look(command string, tasks, steps int) (measured, error) {
	m := measured{}
	words := append([]string{"-n", strconv.Itoa(tasks), "--overcommit"}, strings.Fields(command)...)
	for step := range steps + 1 {
		from, err := os.Stat(s.cluster.SlurmdLog)
		if err != nil {
			return nil, err
		}
		_, stderr, err := srun(s.ctx, s.cluster, words...)
		if err != nil {
			return nil, err
		}
		log, err := s.logSince(from.Size())
		if err != nil {
			return nil, err
		}
		if step == 0 {
			continue
		}
		m.add(evaluatorLine.FindStringSubmatch(log))
		m.addNumbers(1, waitedLine.FindStringSubmatch(log), "wait", "cpu")
		m.addNumbers(1000, callbackLine.FindStringSubmatch(log), "user_init", "posts", "last")
		for _, match := range taskLine.FindAllStringSubmatch(stderr, -1) {
			m.addNumbers(1000, match, "task_init", "task_cpu")
		}
	}
	return m, nil
}

// logSince waits for the step's line in slurmd's log, which comes before the
// step's end but may be seen after it.
func (s *session) logSince(from int64) (string, error) {
	for range 200 {
		text, err := os.ReadFile(s.cluster.SlurmdLog)
		if err != nil {
			return "", err
		}
		if log := string(text[from:]); callbackLine.MatchString(log) {
			return log, nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	return "", fmt.Errorf("no line of the timed plugin in slurmd's log:\n%s", s.cluster.Logs())
}

// add takes the evaluator's line, in nanoseconds: wall and CPU of each part.
func (m measured) add(match []string) {
	if match == nil {
		return
	}
	var n []float64
	for word := range strings.FieldsSeq(match[1]) {
		v, _ := strconv.ParseFloat(word, 64)
		n = append(n, v/1000)
	}
	if len(n) != 11 {
		return
	}
	for i, name := range []string{"load", "start", "prepare", "", "decide"} {
		if name != "" {
			m[name] = append(m[name], n[2*i+1])
		}
	}
	m["fork"] = append(m["fork"], n[10])
}

// addNumbers takes the groups of a match, divided.
func (m measured) addNumbers(by float64, match []string, names ...string) {
	for i, name := range names {
		if i+1 < len(match) {
			if v, _ := strconv.ParseFloat(match[i+1], 64); v > 0 || name != "cpu" {
				m[name] = append(m[name], v/by)
			}
		}
	}
}

func (m measured) sum(command string, tasks, steps int) bench.Inside {
	of := func(name string) bench.Spread { return bench.SpreadOf(m[name]) }
	return bench.Inside{
		Command: command, Tasks: tasks, Steps: steps,
		UserInit: of("user_init"), Posts: of("posts"), Last: of("last"), Wait: of("wait"), TaskInit: of("task_init"), TaskCPU: of("task_cpu"),
		CPU: of("cpu"), Fork: of("fork"), Load: of("load"), Start: of("start"), Prepare: of("prepare"), Decide: of("decide"),
	}
}
