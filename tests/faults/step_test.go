// SPDX-License-Identifier: MIT

package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// Any number of tasks, in either of slurmstepd's ways.
func TestTasks(t *testing.T) {
	for _, tasks := range []int{1, 2, 64, 512} {
		for _, mode := range []string{"bind", "cpus 2", "contain"} {
			s := step{more: []string{fmt.Sprint("tasks ", tasks), mode}}
			if mode == "bind" {
				s.more = append(s.more, counted)
			}
			o := s.launch(t)
			o.unharmed(t)
			if mode != "bind" {
				o.served(t)
			}
			if len(o.tasks) != tasks {
				t.Errorf("%d tasks, %s: %d ran", tasks, mode, len(o.tasks))
			}
			if mode == "bind" && !o.has(tasks-1, "OMP_NUM_THREADS=1") {
				t.Errorf("%d tasks: the last has %q", tasks, o.env(tasks-1))
			}
		}
	}
}

// Whatever a user puts into an environment stays there, and the settings are added.
func TestOddEnvironments(t *testing.T) {
	many := make([]string, 10000)
	for i := range many {
		many[i] = fmt.Sprintf("NAME%d=value %d", i, i)
	}
	large := make([]string, 20)
	for i := range large {
		large[i] = fmt.Sprintf("LARGE%d=%s", i, strings.Repeat("x", 100<<10))
	}
	for name, env := range map[string][]string{
		"none":             {},
		"2 MB":             large,
		"10000 variables":  many,
		"no equals sign":   {"PATH", "A=1", "OMP_NUM_THREADS", ""},
		"no name":          {"=1", "=", "A=1"},
		"twice":            {"A=1", "A=2", "OMP_PROC_BIND=false", "OMP_PROC_BIND=true"},
		"invalid UTF-8":    {"A=\xff\xfe", "\xff=1", "B=\xc2"},
		"control":          {"A=1\n2", "B=\x1b[31m", "C\r=1"},
		"format":           {"A=%s%n%99999d", "%n=1"},
		"odd record":       {"MP_POLICY_APPLIED=" + strings.Repeat("B=1<", 10000), "A=1"},
		"odd choice":       {"MP_POLICY=\x1b[31m%n" + strings.Repeat("x", 100000)},
		"record of spaces": {"MP_POLICY_APPLIED=" + strings.Repeat(" ", 100000)},
	} {
		t.Run(name, func(t *testing.T) {
			o := step{env: env, more: []string{"tasks 2", fmt.Sprintf("own_limit %d %d", unix.RLIMIT_STACK, 8<<20)}}.launch(t)
			o.unharmed(t)
			o.served(t)
			// what is printed to the user is one short line
			if strings.Count(o.stderr, "\n") > 1 || len(o.stderr) > 1000 || strings.ContainsAny(o.stderr, "\x1b\r") {
				t.Errorf("stderr has %d bytes: %.200q", len(o.stderr), o.stderr)
			}
			ours := func(entry string) bool { return strings.HasPrefix(entry, "MP_POLICY_APPLIED=") }
			kept := slices.DeleteFunc(slices.Clone(env), ours)
			for i := range o.tasks {
				got := slices.DeleteFunc(o.env(i), ours)
				if len(got) < len(kept) || !slices.Equal(kept, got[:len(kept)]) {
					t.Errorf("task %d: %s", i, cmp.Diff(kept, got))
				}
			}
		})
	}
}

// Command lines of any form and size.
func TestOddCommands(t *testing.T) {
	words := make([]string, 10000)
	for i := range words {
		words[i] = fmt.Sprint("word", i)
	}
	for name, argv := range map[string][]string{
		"none":           {},
		"empty words":    {"", "", ""},
		"128 KiB":        {"python3", "-c", strings.Repeat("#", 128<<10)},
		"10000 words":    append([]string{"python3", "x.py"}, words...),
		"10000 wrappers": append(slices.Repeat([]string{"env"}, 10000), "python3"),
		"10000 shells":   append(slices.Repeat([]string{"sh", "-c"}, 10000), "python3"),
		"deep brackets":  {"python3", "-c", strings.Repeat("(", 100<<10)},
		"invalid UTF-8":  {"\xff\xfe", "\xc2"},
		"control":        {"python3\n\x1b[31m", "%n%s", "\r"},
		"a directory":    {"python3", "/"},
		"a device":       {"python3", "/dev/zero"},
		"random":         {"sh", "/dev/random"},
		"memory":         {"python3", "/proc/self/mem"},
		"not there":      {"/no/such/program", "x"},
		"very long path": {"python3", strings.Repeat("/x", 40000)},
	} {
		t.Run(name, func(t *testing.T) {
			o := step{argv: argv, more: []string{counted, "tasks 2"}}.launch(t)
			o.unharmed(t)
			for i := range o.tasks {
				if !o.has(i, "OMP_NUM_THREADS=1") {
					t.Errorf("task %d has %q; the log %q", i, o.env(i), o.log)
				}
			}
			if len(o.log) > 0 {
				t.Errorf("the log has %q", o.log)
			}
		})
	}
}

// A script that is a FIFO is not waited for.
func TestScriptIsFIFO(t *testing.T) {
	path := filepath.Join(t.TempDir(), "script.py")
	must(t, unix.Mkfifo(path, 0o644))
	for _, argv := range [][]string{{"python3", path}, {path}, {"sh", path}} {
		o := step{argv: argv, more: []string{counted}}.launch(t)
		o.unharmed(t)
		if !o.has(0, "OMP_NUM_THREADS=2") {
			t.Errorf("%q: %q; the log %q", argv, o.env(0), o.log)
		}
	}
}

// A script or a binary on a file system that never answers delays the launch to the
// deadline. The evaluator hangs in the kernel, and no signal reaches it there. It is the only
// process that can be left, and a line of the log reports it.
func TestProgramOnHangingMount(t *testing.T) {
	dir := hangingMount(t)
	for _, argv := range [][]string{{"python3", dir + "/x.py"}, {dir + "/a.out"}} {
		o := step{ms: 200, argv: argv, env: plain, more: []string{"tasks 2"}}.launch(t)
		for i := range o.tasks {
			if diff := cmp.Diff(plain, o.env(i)); diff != "" {
				t.Errorf("%q: task %d: without the plugin -, with it +:\n%s", argv, i, diff)
			}
		}
		if len(o.log) != 2 || !strings.Contains(o.log[0], "no answer within 200 ms") || !strings.Contains(o.log[1], "hangs in the kernel") {
			t.Errorf("%q: the log has %q", argv, o.log)
		}
		if !slices.Equal(o.faults, []string{"a process is left"}) {
			t.Errorf("%q: faults %q", argv, o.faults)
		}
	}
}

// An evaluator that sleeps in the kernel for only a moment after it was killed is waited for.
func TestProgramOnSlowMount(t *testing.T) {
	dir, abort := mountServed(t, func(uint32) []byte {
		time.Sleep(120 * time.Millisecond)
		return []byte{}
	})
	defer abort()
	o := step{ms: 50, argv: []string{"python3", dir + "/x.py"}, env: plain}.launch(t)
	o.unharmed(t)
	if len(o.log) != 1 || !strings.Contains(o.log[0], "no answer within 50 ms") {
		t.Errorf("the log has %q", o.log)
	}
}

// If /proc or /sys is empty, or if the evaluator may not open it or its files, only what needs
// them is left out.
func TestNoProcNoSys(t *testing.T) {
	for _, test := range []struct{ lines, say string }{
		{"hide /proc", "open /proc/.*: no such file or directory"},
		{"hide /sys", "open /sys/.*: no such file or directory"},
		{"hide /proc\nhide /sys", "open /proc/.*: no such file or directory"},
		{"shut /proc", "open /proc/.*: permission denied"},
		{"shut /sys", "open /sys/.*: permission denied"},
		{"shut /proc\nshut /sys", "open /proc/.*: permission denied.*open /sys/.*: permission denied"},
		{"shut /proc/cpuinfo\nshut /proc/version", "open /proc/cpuinfo: permission denied.*open /proc/version: permission denied"},
		{"shut /sys/class", "open /sys/class/.*: permission denied"},
		{"shut /sys/fs/cgroup", "open /sys/fs/cgroup.*: permission denied"},
	} {
		for _, mode := range []string{"cpus 2", "contain"} {
			t.Run(strings.ReplaceAll(test.lines, "\n", ",")+","+mode, func(t *testing.T) {
				o := step{more: []string{counted, test.lines, mode}}.launch(t)
				o.unharmed(t)
				o.says(t, "info mp-policy: .*"+test.say+".*")
				for i := range o.tasks {
					if !o.has(i, "OMP_NUM_THREADS=2") {
						t.Errorf("task %d has %q", i, o.env(i))
					}
				}
			})
		}
	}
}

// The step ends before its tasks are forked, or before they are released.
func TestStepEndsEarly(t *testing.T) {
	for _, point := range []string{"user_init", "fork"} {
		for _, mode := range []string{"cpus 2", "contain"} {
			for _, kind := range []string{"works", "sleeps-in-load", "sleeps"} {
				o := step{lib: brokenEngine(t, kind), more: []string{"tasks 3", "abort " + point, mode}}.launch(t)
				o.unharmed(t)
				if len(o.log) > 0 {
					t.Errorf("%s %s %s: the log has %q", point, mode, kind, o.log)
				}
			}
		}
	}
}

// If a step is opted out, slurmstepd looks for nothing, and no evaluator is forked.
func TestNothingIsForkedUnasked(t *testing.T) {
	o := step{more: []string{"option no-mp-policy"}}.launch(t)
	o.unharmed(t)
	if len(o.paths) > 0 {
		t.Errorf("it looked for %q", o.paths)
	}
}

// An evaluator that is so slow that it has not become the user yet when it is given up
// cannot be killed with the user's rights, and ends all the same.
func TestEvaluatorGivenUpEarly(t *testing.T) {
	for _, more := range [][]string{{"contain"}, {"cpus 2"}, {"contain", "abort user_init"}, {"contain", "abort fork"}} {
		s := step{lib: brokenEngine(t, "sleeps-in-load"), ms: 50, env: plain, more: append(more, "tasks 2", "delay 300000")}
		o := s.launch(t)
		o.unharmed(t)
		for i := range o.tasks {
			if len(more) == 1 && !slices.Equal(o.env(i), plain) {
				t.Errorf("%q: task %d has %q", more, i, o.env(i))
			}
		}
	}
}

// Other plugins change the environment or the mask, before us and after.
func TestOtherPlugins(t *testing.T) {
	o := step{more: []string{"tasks 2", "before OMP_NUM_THREADS=7", "before A=2", "after MKL_NUM_THREADS=9", "after A=3"}}.launch(t)
	o.unharmed(t)
	for i := range o.tasks {
		for _, want := range []string{"OMP_NUM_THREADS=7", "MKL_NUM_THREADS=9", "OMP_PROC_BIND=false", "A=3"} {
			if !o.has(i, want) {
				t.Errorf("task %d has no %s: %q", i, want, o.env(i))
			}
		}
	}
	o = step{more: []string{counted, "tasks 1", "move"}}.launch(t)
	o.unharmed(t)
	for i := range o.tasks {
		if !o.has(i, "OMP_NUM_THREADS=1") {
			t.Errorf("task %d was moved to one CPU and has %q", i, o.env(i))
		}
	}
	// a plugin that comes after this one is not seen (docs/reliability.md)
	o = step{more: []string{counted, "tasks 1", "move_after"}}.launch(t)
	o.unharmed(t)
	for i := range o.tasks {
		if !o.has(i, "OMP_NUM_THREADS=2") || len(o.log) > 0 {
			t.Errorf("task %d was moved after us and has %q; the log %q", i, o.env(i), o.log)
		}
	}
}

// The wall clock jumps by a year, back and forth.
func TestClockJumps(t *testing.T) {
	for _, kind := range []string{"works", "sleeps"} {
		s := step{lib: brokenEngine(t, kind), ms: 10000, env: plain, more: []string{"tasks 2", "jump 31536000"}}
		if kind == "works" {
			if o := s.launch(t); !o.has(1, "FROM_ENGINE=1") {
				t.Errorf("%q; the log %q", o.env(1), o.log)
			}
			continue
		}
		s.ms = 100
		s.asWithoutPlugin(t, late)
	}
}

// The package is upgraded again and again while steps start.
func TestUpgradeWhileStepsStart(t *testing.T) {
	dir := rootOnly(t)
	path := filepath.Join(dir, "libmp_policy.so")
	whole, err := os.ReadFile(engine)
	must(t, err)
	must(t, os.WriteFile(path, whole, 0o755))
	done, ended := make(chan bool), make(chan error)
	go func() {
		for {
			select {
			case <-done:
				ended <- nil
				return
			default:
			}
			// as a package manager does it
			if err := os.WriteFile(path+".new", whole, 0o755); err != nil {
				ended <- err
				return
			}
			if err := os.Rename(path+".new", path); err != nil {
				ended <- err
				return
			}
		}
	}()
	for range 20 {
		o := step{lib: path}.launch(t)
		o.unharmed(t)
		o.served(t)
	}
	done <- true
	must(t, <-ended)
}
