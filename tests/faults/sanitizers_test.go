// SPDX-License-Identifier: MIT

package faults

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// checked are steps that go through all of the shim.
func checked(t *testing.T) map[string]step {
	many := []string{"MP_POLICY=workers=2,explain", "A"}
	for range 1000 {
		many = append(many, "NAME=value")
	}
	return map[string]step{
		"works":    {lib: brokenEngine(t, "works"), env: many, more: []string{"tasks 8", "repeat 2"}},
		"options":  {lib: brokenEngine(t, "works"), more: []string{"option mp-policy=on,explain", "option no-mp-policy", "option mp-policy=\x01%n", "stepid 4294967291"}},
		"words":    {lib: brokenEngine(t, "works"), more: []string{"word colour=%n", "word deadline=99999999999", "word lib=x", "word =", "word affinity="}},
		"moved":    {lib: brokenEngine(t, "works"), more: []string{"tasks 3", "move"}},
		"garbage":  {lib: brokenEngine(t, "writes-garbage"), more: []string{"tasks 3"}},
		"truncate": {lib: brokenEngine(t, "truncates"), more: []string{"tasks 3"}},
		"too much": {lib: brokenEngine(t, "claims-too-much"), more: []string{"tasks 3"}},
		"scribble": {lib: brokenEngine(t, "scribbles"), more: []string{"tasks 3"}},
		"endless":  {lib: brokenEngine(t, "says-without-end"), more: []string{"option mp-policy=explain"}},
		"late":     {lib: brokenEngine(t, "sleeps"), ms: 200, more: []string{"repeat 4", "option mp-policy=explain"}},
		"refused":  {lib: "/nowhere/x.so"},
		"nested":   {lib: "/nowhere/x.so", env: nested, more: []string{"tasks 3"}},
		"again":    {lib: brokenEngine(t, "then-writes-garbage"), env: nested, more: []string{"tasks 3", "move"}},
		"early":    {lib: brokenEngine(t, "sleeps"), more: []string{"tasks 2", "abort fork"}},
	}
}

// checkedShim compiles the shim without the evaluator's limit of memory, of which the
// checkers need more.
func checkedShim(t *testing.T, name string, flags ...string) string {
	t.Helper()
	path := inScratch(name)
	sources, err := filepath.Glob("../../cshim/*.c")
	must(t, err)
	args := []string{"-shared", "-fPIC", "-DMP_ENGINE_PATH=\"/x\"", "-DMP_DATA_BYTES=RLIM_INFINITY", "-o", path}
	must(t, compile(append(append(args, flags...), sources...)...))
	return path
}

// The shim and its host under the address, leak and undefined-behaviour sanitizers.
func TestUnderSanitizers(t *testing.T) {
	flags := []string{"-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"}
	plugin := checkedShim(t, "sanitized.so", flags...)
	program := inScratch("host-sanitized")
	must(t, compile(append(flags, "-rdynamic", "programs/host.c", "-o", program, "-ldl", "-lpthread")...))
	for name, s := range checked(t) {
		for _, mode := range []string{"cpus 2", "contain"} {
			t.Run(name+" "+mode, func(t *testing.T) {
				s.plugin, s.host = plugin, program
				s.more = append([]string{mode}, s.more...)
				o := s.launch(t)
				o.unharmed(t)
				if strings.Contains(o.stderr, "Sanitizer") || strings.Contains(o.stderr, "runtime error") {
					t.Error(o.stderr)
				}
				if name == "works" && !o.has(7, "FROM_ENGINE=1") {
					t.Errorf("%q; the log %q", o.env(7), o.log)
				}
			})
		}
	}
}

// unknownCall is valgrind's line about a system call that is newer than valgrind. The program
// finds that the kernel lacks it, so with an old valgrind the shim does as on a kernel
// without pidfd_open(2).
var unknownCall = regexp.MustCompile(`(?m)^--\d+-- (WARNING: unhandled \S+ syscall|You may be able to write|Read the file|Nevertheless we consider|it at http).*\n`)

// The shim, its host, the evaluator and the tasks under valgrind's memcheck, which follows
// each fork. It cannot follow contain_spank's clone.
func TestUnderValgrind(t *testing.T) {
	valgrind, err := exec.LookPath("valgrind")
	if err != nil {
		t.Fatalf("valgrind is missing; run tests/install-deps test")
	}
	plugin := checkedShim(t, "checked.so")
	logs := rootOnly(t) // of each process one, for the evaluator has no stderr
	wrapper := inScratch("host-valgrind")
	must(t, os.WriteFile(wrapper, []byte("#!/bin/sh\nexec "+valgrind+" -q --trace-children=yes --vgdb=no --log-file="+logs+
		"/%p --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --error-exitcode=99 "+host+" \"$@\"\n"), 0o755))
	must(t, os.Chmod(logs, 0o777))
	names := []string{"works", "moved", "garbage"}
	if *soak {
		names = nil
		for name := range checked(t) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			s := checked(t)[name]
			s.plugin, s.host = plugin, wrapper
			if s.ms > 0 {
				s.ms = 5000
			}
			o := s.launch(t)
			o.unharmed(t)
			found, _ := filepath.Glob(logs + "/*")
			if len(found) < 3 {
				t.Errorf("valgrind saw %d processes", len(found))
			}
			for _, log := range found {
				text, err := os.ReadFile(log)
				if text = unknownCall.ReplaceAll(text, nil); err != nil || len(text) > 0 {
					t.Errorf("%v %s", err, text)
				}
			}
			if name == "works" && !o.has(7, "FROM_ENGINE=1") {
				t.Errorf("%q; the log %q", o.env(7), o.log)
			}
		})
	}
}

// The engine of make with each pointer that crosses between C and Go checked
// (https://pkg.go.dev/cmd/cgo, GOEXPERIMENT=cgocheck2).
func TestCheckedEngine(t *testing.T) {
	if !*soak {
		t.Skip("it builds the engine anew; go test ./tests/faults -soak, or make soak, does")
	}
	path := inScratch("cgocheck2-engine.so")
	build(t, "GOEXPERIMENT=cgocheck2", "-buildmode=c-shared", "-o", path)
	must(t, os.Chmod(path, 0o755))
	s := step{lib: path, plugin: checkedShim(t, "roomy.so"), more: []string{"tasks 8", "option mp-policy=on,explain"}}
	o := s.launch(t)
	o.unharmed(t)
	o.served(t)
}

// build builds the engine in another way than make does.
func build(t *testing.T, env string, args ...string) {
	t.Helper()
	args = append([]string{"build", "-tags", "netgo,osusergo"}, args...)
	cmd := exec.Command("go", append(args, "../../plugin")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1", env)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
}

// The engine with the race detector. Go's detector knows only low addresses, and ends a process
// that loads a shared object above them (MappingGo48 in
// https://github.com/llvm/llvm-project/blob/main/compiler-rt/lib/tsan/rtl/tsan_platform.h),
// so the engine is linked into a program at fixed addresses.
func TestEngineRaces(t *testing.T) {
	if !*soak {
		t.Skip("it builds the engine anew; go test ./tests/faults -soak, or make soak, does")
	}
	archive, program := inScratch("race-engine.a"), inScratch("linked")
	build(t, "GORACE=", "-race", "-buildmode=c-archive", "-o", archive)
	must(t, compile("-no-pie", "-I../../cshim", "programs/linked.c", archive, "-o", program, "-ldl", "-lpthread", "-lm", "-lresolv"))
	request := []string{
		"abi", "1", "default", "on", "kind", "step", "option", "explain", "config", inScratch("empty.conf"),
		"tasks", "2", "local_tasks", "2", "cpus", "2", "env", "PATH=/usr/bin:/bin",
	}
	for _, word := range pool {
		request = append(request, "argv", word)
	}
	cmd := exec.Command(program, write(t, t.TempDir(), "request", request))
	var complaints strings.Builder
	cmd.Stderr = &complaints
	reply, err := cmd.Output()
	if err != nil || complaints.Len() > 0 || strings.Count(string(reply), "OMP_NUM_THREADS\x001\x00") != 2 {
		t.Errorf("%v %s; the reply %q", err, complaints.String(), reply)
	}
}
