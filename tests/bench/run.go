// SPDX-License-Identifier: MIT

// Package bench has the results of `make bench`: their form, and their tables in README.md and
// docs/performance.md.
package bench

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
)

// Run is one run of the benchmark.
type Run struct {
	Machine Machine  `json:"machine"`
	Launch  []Launch `json:"launch"`
	Inside  []Inside `json:"inside"`
	Stepd   []Stepd  `json:"slurmstepd"`
	Engine  []Engine `json:"engine"`
	Other   []Other  `json:"other"`
	Gain    []Gain   `json:"gain"`
	Growth  []Curve  `json:"growth"`
}

// Machine describes the machine and the programs of the run.
type Machine struct {
	CPU    string `json:"cpu"`
	CPUs   int    `json:"cpus"`
	Kernel string `json:"kernel"`
	System string `json:"system"`
	Slurm  string `json:"slurm"`
	Go     string `json:"go"`
	Python string `json:"python"`
	NumPy  string `json:"numpy"`
	Commit string `json:"commit"`
	Date   string `json:"date"`
	Load   string `json:"load"` // load average of the last minute, at the start
	// PageFault is the time of a page fault of fresh memory, in microseconds.
	PageFault float64 `json:"page_fault_us"`
}

// Spread is the middle of some measurements, and the quarters around it.
type Spread struct {
	Q1     float64 `json:"q1"`
	Median float64 `json:"median"`
	Q3     float64 `json:"q3"`
}

// Error is the standard error of the median of n values of a normal distribution with
// these quartiles, which are 1.349 standard deviations apart.
func (s Spread) Error(n int) float64 {
	return 1.253 * (s.Q3 - s.Q1) / 1.349 / math.Sqrt(float64(n))
}

// Launch is one way to launch a number of tasks of a command on a cluster.
type Launch struct {
	Cluster string `json:"cluster"`
	Command string `json:"command"`
	Tasks   int    `json:"tasks"`
	Way     string `json:"way"`
	Rounds  int    `json:"rounds"`
	Wall    Spread `json:"wall_ms"`
	Ratio   Spread `json:"ratio"`  // of the wall to that of a plugin that does nothing in the same round
	CPU     Spread `json:"cpu_ms"` // of the whole machine, in user and system mode
}

// Inside has the times of the plugin within one step, in microseconds.
type Inside struct {
	Command  string `json:"command"`
	Tasks    int    `json:"tasks"`
	Steps    int    `json:"steps"`
	UserInit Spread `json:"user_init_us"` // mostly the fork
	Posts    Spread `json:"posts_us"`     // all of task_post_fork but the last one
	Last     Spread `json:"last_post_us"` // the last one
	Wait     Spread `json:"wait_us"`      // of which it waits for and reaps the evaluator
	TaskInit Spread `json:"task_init_us"` // of each task
	TaskCPU  Spread `json:"task_init_cpu_us"`
	CPU      Spread `json:"evaluator_cpu_us"` // as wait4(2) tells it
	// The parts of the evaluator's CPU.
	Fork    Spread `json:"evaluator_fork_us"` // from the fork to the engine: becoming the user
	Load    Spread `json:"evaluator_dlopen_us"`
	Start   Spread `json:"evaluator_start_us"` // of Go, packages' init included
	Prepare Spread `json:"evaluator_prepare_us"`
	Decide  Spread `json:"evaluator_decide_us"`
}

// Stepd is slurmstepd while a step runs.
type Stepd struct {
	Way         string `json:"way"`
	PrivateKiB  int    `json:"private_kib"` // Private_Clean and Private_Dirty
	Threads     int    `json:"threads"`
	Descriptors int    `json:"descriptors"`
}

// Engine is a library loaded and called outside of Slurm, in microseconds of CPU.
type Engine struct {
	Name    string `json:"name"`
	Runs    int    `json:"runs"`
	Load    Spread `json:"dlopen_us"`
	Start   Spread `json:"start_us"`
	Inits   Spread `json:"init_us"` // of start: the packages' init functions
	Prepare Spread `json:"prepare_us"`
	Decide  Spread `json:"decide_us"`
	Process Spread `json:"process_us"` // from exec to the end
	Faults  Spread `json:"page_faults"`
	KiB     int    `json:"library_kib"`
}

// Other is the time of something with the plugin's part and without it, in milliseconds.
type Other struct {
	Name       string `json:"name"`
	What       string `json:"what"` // what is timed
	Runs       int    `json:"runs"`
	Without    Spread `json:"without_ms"`
	With       Spread `json:"with_ms"`
	Difference Spread `json:"difference_ms"` // of neighbours
}

// Worker is a worker process of a program.
type Worker struct {
	CPUs    string `json:"cpus"`
	Threads int    `json:"threads"`
}

// Gain is one program run in one way.
type Gain struct {
	Program    string `json:"program"`
	Command    string `json:"command"`
	Way        string `json:"way"`
	Rounds     int    `json:"rounds"`
	Throughput Spread `json:"per_second"`
	Expert     Spread `json:"to_expert"` // throughput to the expert's in the same round
	Threads    Spread `json:"threads"`   // at the peak, of all its processes
	Switches   Spread `json:"involuntary_switches"`
	// Workers are those of the last round, if the program prints them.
	Workers []Worker `json:"workers,omitempty"`
}

// Curve is how a cost grows.
type Curve struct {
	Name   string  `json:"name"`
	X      string  `json:"x"`
	Y      string  `json:"y"`
	Points []Point `json:"points"`
}

// Point is one place on a curve.
type Point struct {
	X float64 `json:"x"`
	Y Spread  `json:"y"`
}

// SpreadOf sums up the values; of none it is zero. Numbers are rounded to four
// digits: more are noise.
func SpreadOf(values []float64) Spread {
	if len(values) == 0 {
		return Spread{}
	}
	sorted := slices.Sorted(slices.Values(values))
	return Spread{quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)}
}

// quantile interpolates between the values next to it.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return rounded(sorted[low] + (at-float64(low))*(sorted[high]-sorted[low]))
}

func rounded(v float64) float64 {
	if v == 0 {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-3)
	if unit < 1 { // dividing by a whole number keeps the decimals short
		return math.Round(v/unit) / math.Round(1/unit)
	}
	return math.Round(v/unit) * unit
}

// Read reads a run.
func Read(path string) (*Run, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := new(Run)
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// Write writes a run.
func (r *Run) Write(path string) error {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
