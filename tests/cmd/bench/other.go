// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"slurm-mp-policy/tests/bench"
)

// sides measure without and with a part of the plugin.
type sides [2]func() (float64, error)

// pair is something that is timed without a part of the plugin's and with it, in milliseconds.
type pair struct {
	name, what string
	runs       int
	sides
}

// others measures what is not part of a launch of a step.
func (s *session) others(r *bench.Run) error {
	cure := filepath.Join(s.work, "cure")
	if err := os.CopyFS(cure, os.DirFS("python")); err != nil {
		return err
	}
	tool, poolArgv := filepath.Join(s.build, "mp-policy"), []string{"/usr/bin/python3", filepath.Join(s.cluster.Home, "pool.py"), "1"}
	h, err := s.newHost()
	if err != nil {
		return err
	}
	evaluation := func(log string) func() (float64, error) {
		q := request{argv: poolArgv, env: s.cluster.UserEnv(), log: log}.encode()
		return func() (float64, error) {
			h.request = q
			c, err := h.run(filepath.Join(s.plugins, "libmp_policy.so"))
			return (c.prepare + c.decide) / 1000, err
		}
	}
	python := []string{"/usr/bin/python3", "-c", "pass"}
	r.Other = nil
	for _, p := range []pair{
		{"mp-policy run", "the wall time of /bin/true", 300, sides{timed(nil, "/bin/true"), timed(nil, tool, "run", "--", "/bin/true")}},
		{"mp-policy run", "the wall time of python3 pool.py 1", 150, sides{timed(nil, poolArgv...), timed(nil, append([]string{tool, "run", "--"}, poolArgv...)...)}},
		{"log=all", "the CPU of an evaluation of python3 pool.py 1, without Go's start", 300, sides{evaluation("off"), evaluation("all")}},
		{
			"sitecustomize.py", "the wall time of python3 -c pass", 500,
			sides{timed([]string{"PYTHON_CPU_COUNT=1"}, python...), timed([]string{"PYTHON_CPU_COUNT=1", "PYTHONPATH=" + cure}, python...)},
		},
	} {
		o, err := p.measure(s.rounds(p.runs))
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		r.Other = append(r.Other, o)
	}
	return nil
}

func (p pair) measure(runs int) (bench.Other, error) {
	o := bench.Other{Name: p.name, What: p.what, Runs: runs}
	var got [2][]float64
	var differences []float64
	for round := range runs + 1 {
		var ms [2]float64
		for _, i := range rand.Perm(2) {
			var err error
			if ms[i], err = p.sides[i](); err != nil {
				return o, err
			}
		}
		if round == 0 {
			continue
		}
		for i := range ms {
			got[i] = append(got[i], ms[i])
		}
		differences = append(differences, ms[1]-ms[0])
	}
	o.Without, o.With, o.Difference = bench.SpreadOf(got[0]), bench.SpreadOf(got[1]), bench.SpreadOf(differences)
	return o, nil
}

// timed returns a function that runs a command with more variables and returns its wall time.
func timed(env []string, argv ...string) func() (float64, error) {
	return func() (float64, error) {
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Env = append(os.Environ(), env...)
		start := time.Now()
		out, err := cmd.CombinedOutput()
		took := time.Since(start)
		if err != nil {
			return 0, fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, out)
		}
		return took.Seconds() * 1000, nil
	}
}
