// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"slurm-mp-policy/nodeinfo/nodetest"
	"slurm-mp-policy/tests/bench"
)

const evaluationCPU = "CPU of the evaluation, without Go's start, µs"

// growth measures how the cost grows with what it could depend on.
func (s *session) growth(r *bench.Run) error {
	r.Growth = nil
	if err := s.growthOfTasks(r); err != nil {
		return err
	}
	h, err := s.newHost()
	if err != nil {
		return err
	}
	for _, measure := range []func(*host, *bench.Run) error{s.growthOfRules, s.growthOfNode, s.growthOfEnvironment, s.growthOfScript, s.growthOfModules} {
		if err := measure(h, r); err != nil {
			return err
		}
	}
	return nil
}

// growthOfTasks is Slurm's own: what the callbacks take in slurmstepd, and the
// evaluator's CPU.
func (s *session) growthOfTasks(r *bench.Run) error {
	line, err := s.timedPlugin()
	if err != nil {
		return err
	}
	if err := s.cluster.WritePlugstack(line); err != nil {
		return err
	}
	curves := []bench.Curve{
		{Name: "tasks: all of task_post_fork", X: "tasks on the node", Y: "µs in slurmstepd, the wait included"},
		{Name: "tasks: the wait", X: "tasks on the node", Y: "µs in the last task_post_fork"},
		{Name: "tasks: the evaluator", X: "tasks on the node", Y: "CPU of the evaluator, Go's start included, µs"},
		{Name: "tasks: task_init", X: "tasks on the node", Y: "CPU in each task, µs"},
	}
	for _, n := range []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512} {
		m, err := s.look(bench.CommandShell, n, s.rounds(max(3, 20-n/16)))
		if err != nil {
			return err
		}
		var all []float64
		for i := range min(len(m["posts"]), len(m["last"])) {
			all = append(all, m["posts"][i]+m["last"][i])
		}
		for i, values := range [][]float64{all, m["wait"], m["cpu"], m["task_cpu"]} {
			curves[i].Points = append(curves[i].Points, bench.Point{X: float64(n), Y: bench.SpreadOf(values)})
		}
	}
	r.Growth = append(r.Growth, curves...)
	return nil
}

// point runs the engine some times, and takes reading and deciding together.
func (s *session) point(h *host, x float64) (bench.Point, error) {
	var values []float64
	runs := s.rounds(40)
	for i := range runs + 1 {
		c, err := h.run(filepath.Join(s.plugins, "libmp_policy.so"))
		if err != nil {
			return bench.Point{}, err
		}
		if i > 0 {
			values = append(values, c.prepare+c.decide)
		}
	}
	return bench.Point{X: x, Y: bench.SpreadOf(values)}, nil
}

// curve measures at each place, which prepare leads to.
func (s *session) curve(h *host, r *bench.Run, c bench.Curve, places []int, prepare func(x int) error) error {
	c.Y = evaluationCPU
	for _, x := range places {
		if err := prepare(x); err != nil {
			return err
		}
		p, err := s.point(h, float64(x))
		if err != nil {
			return fmt.Errorf("%s at %d: %w", c.Name, x, err)
		}
		c.Points = append(c.Points, p)
	}
	r.Growth = append(r.Growth, c)
	return nil
}

func (s *session) growthOfRules(h *host, r *bench.Run) error {
	conf := filepath.Join(s.plugins, "growth.conf") // only root's
	q := request{config: conf, argv: []string{"/bin/true"}, env: s.cluster.UserEnv()}
	h.request = q.encode()
	return s.curve(h, r, bench.Curve{Name: "rules", X: "rules in the site's file"}, []int{0, 10, 50, 100, 200, 500, 1000, 2000}, func(x int) error {
		var b strings.Builder
		for i := range x {
			fmt.Fprintf(&b, "rule \"rule %d\" workload=multiprocessing node=knl partition=p%d\n    set SITE_VARIABLE_%d  value\n", i, i, i)
		}
		return os.WriteFile(conf, []byte(b.String()), 0o644)
	})
}

// nodes are recorded machines, by their CPUs.
var nodes = []struct {
	cpus int
	name string
}{
	{2, "armv7"}, {8, "numa-overlap"}, {16, "graviton2"}, {64, "graviton3"}, {128, "kunpeng920"}, {192, "ampereone"}, {272, "knl-aries"}, {1792, "epyc-1792"},
}

// growthOfNode is on recorded nodes, with one task on all CPUs: as the built-in
// rules need it, and where a site's rule wants the cores counted.
func (s *session) growthOfNode(h *host, r *bench.Run) (err error) {
	defer func() { h.root, h.cpus = "/", 2 }()
	h.request = request{config: "/etc/slurm/mp_policy.conf", argv: []string{"/bin/true"}, env: s.cluster.UserEnv()}.encode()
	roots := map[int]string{}
	var places []int
	// a *testing.B is what lays out the machines; its end removes them
	testing.Benchmark(func(b *testing.B) {
		if len(roots) > 0 { // called once more for timing's sake
			return
		}
		for _, n := range nodes {
			var text *txtar.Archive
			if text, err = txtar.ParseFile(filepath.Join("nodeinfo", "testdata", "machines", n.name+".txtar")); err != nil {
				return
			}
			roots[n.cpus] = nodetest.Machine(b, text)
			places = append(places, n.cpus)
		}
		slices.Sort(places)
		for _, rule := range []struct{ name, text string }{
			{"CPUs of the node", ""},
			{"CPUs of the node: cores counted", "rule cores\n    set SITE_CORES {cores}\n"},
		} {
			prepare := func(cpus int) error {
				h.root, h.cpus = roots[cpus], cpus
				dir := filepath.Join(h.root, "etc", "slurm")
				if err := os.MkdirAll(dir, 0o755); err != nil {
					return err
				}
				return os.WriteFile(filepath.Join(dir, "mp_policy.conf"), []byte(rule.text), 0o644)
			}
			if err = s.curve(h, r, bench.Curve{Name: rule.name, X: "CPUs of the node"}, places, prepare); err != nil {
				return
			}
		}
	})
	return err
}

func (s *session) growthOfEnvironment(h *host, r *bench.Run) error {
	return s.curve(h, r, bench.Curve{Name: "environment", X: "KiB of the environment"}, []int{1, 4, 16, 64, 256, 1024, 2048}, func(x int) error {
		env := s.cluster.UserEnv()
		for i := 0; i < x*1024; i += 64 { // as many variables as there are of this size
			env = append(env, fmt.Sprintf("SITE_VARIABLE_%08d=%s", i, strings.Repeat("x", 64-24)))
		}
		h.request = request{argv: []string{"/bin/true"}, env: env}.encode()
		return nil
	})
}

// growthOfScript is of a program whose pool is at its end.
func (s *session) growthOfScript(h *host, r *bench.Run) error {
	script := filepath.Join(s.work, "script.py")
	h.request = request{argv: []string{"/usr/bin/python3", script}, env: s.cluster.UserEnv()}.encode()
	return s.curve(h, r, bench.Curve{Name: "script", X: "KiB of the script"}, []int{1, 4, 16, 64, 256, 1024, 4096, 8192, 16384}, func(x int) error {
		return os.WriteFile(script, []byte(functions(x*1024-len(pool))+"\n\n"+pool), 0o644)
	})
}

// growthOfModules is of programs whose pool is in the last of their modules.
func (s *session) growthOfModules(h *host, r *bench.Run) error {
	h.request = request{argv: []string{"/usr/bin/python3", filepath.Join(s.work, "modules.py"), "1"}, env: s.cluster.UserEnv()}.encode()
	err := s.curve(h, r, bench.Curve{Name: "modules: files of 10 KiB each", X: "files"}, []int{1, 2, 4, 8, 16, 32, 40, 64}, func(x int) error {
		return writeModules(s.work, x, x*10*1024)
	})
	if err != nil {
		return err
	}
	return s.curve(h, r, bench.Curve{Name: "modules: 12 files", X: "KiB of all"}, []int{10, 32, 64, 150, 256, 512, 1024, 2048}, func(x int) error {
		return writeModules(s.work, 12, x*1024)
	})
}
