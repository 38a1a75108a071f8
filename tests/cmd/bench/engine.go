// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"slurm-mp-policy/tests/bench"
)

// emptyEngine is the least that a Go library can be, for comparison.
const emptyEngine = `package main

import "C"

//export mp_policy_prepare
func mp_policy_prepare(a *C.char, b C.size_t, c *C.char, d C.size_t) C.long { return 0 }

//export mp_policy_decide
func mp_policy_decide(a *C.char, b C.uint, c *C.char, d C.uint, e *C.char, f C.size_t, g *C.char, h C.size_t) C.long { return 0 }

func main() {}
`

// engine compares the engine with an empty Go library, outside of Slurm.
func (s *session) engine(r *bench.Run) error {
	linked, empty := filepath.Join(s.work, "linked.so"), filepath.Join(s.work, "empty.so")
	if err := s.buildEmpty(linked); err != nil {
		return err
	}
	// as an installation writes it: what the linker has written takes more page
	// faults to map
	library, err := os.ReadFile(linked)
	if err != nil {
		return err
	}
	if err := os.WriteFile(empty, library, 0o755); err != nil {
		return err
	}
	h, err := s.newHost()
	if err != nil {
		return err
	}
	script := filepath.Join(s.cluster.Home, "pool.py")
	h.request = request{argv: []string{"/usr/bin/python3", script}, env: s.cluster.UserEnv()}.encode()
	engines := []bench.Engine{{Name: "the engine"}, {Name: "an empty Go library"}}
	paths := []string{filepath.Join(s.plugins, "libmp_policy.so"), empty}
	got := make([][]cost, len(engines))
	runs := s.rounds(300)
	for round := range runs + 1 {
		for i := range engines {
			c, err := h.run(paths[i])
			if err != nil {
				return err
			}
			if round > 0 {
				got[i] = append(got[i], c)
			}
		}
	}
	r.Engine = nil
	for i, e := range engines {
		info, err := os.Stat(paths[i])
		if err != nil {
			return err
		}
		e.Runs, e.KiB = runs, int(info.Size()/1024)
		e.Load, e.Start = of(got[i], func(c cost) float64 { return c.load }), of(got[i], func(c cost) float64 { return c.start })
		e.Prepare, e.Decide = of(got[i], func(c cost) float64 { return c.prepare }), of(got[i], func(c cost) float64 { return c.decide })
		e.Process, e.Faults = of(got[i], func(c cost) float64 { return c.process }), of(got[i], func(c cost) float64 { return c.faults })
		if e.Inits, err = h.inits(paths[i], s.rounds(30)); err != nil {
			return err
		}
		r.Engine = append(r.Engine, e)
	}
	return nil
}

func (s *session) buildEmpty(output string) error {
	dir := filepath.Join(s.work, "empty")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for name, text := range map[string]string{"main.go": emptyEngine, "go.mod": "module empty\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags", "-s -w -extldflags -Wl,-z,now", "-o", output, ".")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", cmd.Args, err, out)
	}
	return nil
}

// request is what the shim tells the engine (cshim/abi.h).
type request struct {
	config    string
	argv, env []string
	tasks     int
	log       string
}

func (q request) encode() []byte {
	var b bytes.Buffer
	pair := func(key, value string) { b.WriteString(key + "\x00" + value + "\x00") }
	tasks := strconv.Itoa(max(1, q.tasks))
	for _, p := range [][2]string{
		{"abi", abi()},
		{"config", q.config},
		{"default", "on"},
		{"affinity", "fix"},
		{"hints", "on"},
		{"log", cmp.Or(q.log, "off")},
		{"kind", "step"},
		{"uid", "1000"},
		{"gid", "1000"},
		{"node", "0"},
		{"tasks", tasks},
		{"local_tasks", tasks},
		{"cpus", "1"},
	} {
		pair(p[0], p[1])
	}
	for _, word := range q.argv {
		pair("argv", word)
	}
	for _, word := range q.env {
		pair("env", word)
	}
	return b.Bytes()
}

var abiLine = regexp.MustCompile(`(?m)^#define MP_ABI[ \t]+"?(\d+)`)

// abi returns the version of the request, which stands in cshim/abi.h only.
func abi() string {
	text, _ := os.ReadFile("cshim/abi.h")
	if match := abiLine.FindSubmatch(text); match != nil {
		return string(match[1])
	}
	return ""
}

// host is programs/host.c and what it is run with.
type host struct {
	program     string
	root        string
	tasks, cpus int
	request     []byte
}

func (s *session) newHost() (*host, error) {
	h := &host{program: filepath.Join(s.work, "host"), root: "/", tasks: 1, cpus: 2}
	return h, s.compile(h.program, program("host.c"))
}

// cost is that of one run, in microseconds of CPU.
type cost struct{ load, start, prepare, decide, process, faults float64 }

func of(costs []cost, part func(cost) float64) bench.Spread {
	values := make([]float64, len(costs))
	for i, c := range costs {
		values[i] = part(c)
	}
	return bench.SpreadOf(values)
}

// engineEnv is the environment that cshim/engine.c gives the engine.
var engineEnv = []string{"GOGC=off", "GOMAXPROCS=1", "GOTRACEBACK=none"}

func (h *host) run(engine string) (cost, error) {
	cmd := exec.Command(h.program, engine, h.root, strconv.Itoa(h.tasks), strconv.Itoa(h.cpus))
	cmd.Env, cmd.Stdin = engineEnv, bytes.NewReader(h.request)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	// the first line has the warnings, the second one is for the log
	warnings, _, _ := strings.Cut(strings.TrimPrefix(stderr.String(), "host: "), "\n")
	if err != nil || warnings != "" {
		return cost{}, fmt.Errorf("%v: %v %s", cmd.Args, err, stderr.String())
	}
	var n []float64
	for word := range strings.FieldsSeq(string(out)) {
		v, err := strconv.ParseFloat(word, 64)
		if err != nil {
			return cost{}, fmt.Errorf("%v: %q", cmd.Args, out)
		}
		n = append(n, v)
	}
	if len(n) != 11 {
		return cost{}, fmt.Errorf("%v: %q", cmd.Args, out)
	}
	used := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	process := float64(used.Utime.Nano()+used.Stime.Nano()) / 1000
	return cost{load: n[1] / 1000, start: n[3] / 1000, prepare: n[5] / 1000, decide: n[7] / 1000, process: process, faults: n[9]}, nil
}

var initLine = regexp.MustCompile(`(?m)^init (\S+) @\S+ ms, (\S+) ms clock`)

// inits sums up what the packages' init functions took, as Go's runtime tells it
// (GODEBUG=inittrace=1 of https://pkg.go.dev/runtime), except for internal/godebug's,
// which does nothing where the variable is not set.
func (h *host) inits(engine string, runs int) (bench.Spread, error) {
	var sums []float64
	for range runs {
		cmd := exec.Command(h.program, engine, h.root, "1", "2")
		cmd.Env, cmd.Stdin = append(engineEnv, "GODEBUG=inittrace=1"), bytes.NewReader(h.request)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		if err := cmd.Run(); err != nil {
			return bench.Spread{}, fmt.Errorf("%v: %w %s", cmd.Args, err, stderr.String())
		}
		sum := 0.0
		for _, m := range initLine.FindAllStringSubmatch(stderr.String(), -1) {
			if ms, _ := strconv.ParseFloat(m[2], 64); m[1] != "internal/godebug" {
				sum += ms * 1000
			}
		}
		sums = append(sums, sum)
	}
	return bench.SpreadOf(sums), nil
}
