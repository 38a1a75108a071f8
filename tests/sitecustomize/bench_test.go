// SPDX-License-Identifier: MIT

package sitecustomize

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"
)

// BenchmarkStart has what the file adds to the start of an interpreter that does nothing
// else: starts with it and without it, side by side, as medians. cpu-us and wall-us
// are added microseconds, ratio is of CPU time. Bytecode is there where root's Python or
// compileall has written it.
func BenchmarkStart(b *testing.B) {
	for _, p := range pythons(b) {
		for _, bytecode := range []bool{true, false} {
			b.Run(fmt.Sprintf("%s/bytecode=%t", p.version, bytecode), func(b *testing.B) { benchmark(b, p, bytecode) })
		}
	}
}

func benchmark(b *testing.B, p python, bytecode bool) {
	ours, empty := cure(b), directory(b, "other.py", "")
	if !bytecode {
		write(b, ours+"/__pycache__", "a file, so that Python writes none")
	}
	start := func(dir string) (cpu, wall float64) {
		cmd := p.command([]string{"PYTHON_CPU_COUNT=3", pythonPath(dir)}, "-c", "pass")
		begin := time.Now()
		if err := cmd.Run(); err != nil {
			b.Fatal(err)
		}
		wall = float64(time.Since(begin).Microseconds())
		return float64((cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Microseconds()), wall
	}
	start(ours)
	start(empty)
	if _, err := os.Stat(ours + "/__pycache__/."); (err == nil) != bytecode && p.major > 2 {
		b.Fatalf("bytecode: %v", err)
	}
	var cpus, walls, ratios []float64
	for i := 0; b.Loop(); i++ {
		var cpu, wall [2]float64
		for n := range 2 { // each is the first one in half of the pairs
			which := (i + n) % 2
			cpu[which], wall[which] = start([]string{empty, ours}[which])
		}
		cpus, walls, ratios = append(cpus, cpu[1]-cpu[0]), append(walls, wall[1]-wall[0]), append(ratios, cpu[1]/cpu[0])
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(cpus), "cpu-us")
	b.ReportMetric(median(walls), "wall-us")
	b.ReportMetric(median(ratios), "ratio")
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}
