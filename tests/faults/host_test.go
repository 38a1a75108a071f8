// SPDX-License-Identifier: MIT

// Package faults breaks what the plugin depends on, one thing at a time, on a
// SPANK host that does what slurmstepd does (programs/host.c). It needs root, as
// slurmstepd does.
package faults

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The outputs of make.
const (
	shim   = "../../build/mp_policy.so"
	engine = "../../build/libmp_policy.so"
)

var (
	host    string // the program
	scratch string // a directory that only root can write to, up to "/"
)

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if os.Geteuid() != 0 {
		fmt.Fprintln(os.Stderr, "the fake SPANK host must be started by root, as slurmstepd is; run this as root")
		return 1
	}
	var err error
	// not /tmp, which others can write to: the plugin would refuse its engine
	if scratch, err = os.MkdirTemp("/var/lib", "mp-policy-faults-"); err == nil {
		defer os.RemoveAll(scratch)
		err = prepare()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// prepare compiles the host and the engine, and puts the plugin beside them.
func prepare() error {
	host = filepath.Join(scratch, "host")
	return errors.Join(
		os.Chmod(scratch, 0o755),
		os.WriteFile(inScratch("empty.conf"), nil, 0o644),
		compile("-rdynamic", "programs/host.c", "-o", host, "-ldl", "-lpthread"),
		compile("-shared", "-fPIC", "-I../../cshim", "programs/engine.c", "-o", inScratch("engine.so"), "-ldl"),
		copyTo(shim, inScratch("mp_policy.so")),
		copyTo(engine, inScratch("libmp_policy.so")))
}

func inScratch(name string) string { return filepath.Join(scratch, name) }

func compile(args ...string) error {
	args = append([]string{"-std=gnu11", "-D_GNU_SOURCE", "-g", "-O1", "-Wall", "-Wextra"}, args...)
	if out, err := exec.Command("cc", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("cc %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

func copyTo(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("%w; run make", err)
	}
	return os.WriteFile(to, text, 0o755)
}

// brokenEngine returns the path of an engine of this kind (programs/engine.c).
func brokenEngine(t testing.TB, kind string) string {
	t.Helper()
	path := inScratch(kind + ".so")
	if err := os.Link(inScratch("engine.so"), path); err != nil && !errors.Is(err, os.ErrExist) {
		t.Fatal(err)
	}
	return path
}

// pool is a command line that the built-in rules are for.
var pool = []string{"python3", "-c", "import multiprocessing as m; m.Pool()"}

// counted sets OMP_NUM_THREADS to the number of the task's CPUs, whatever the program is.
const counted = "option mp-policy=workers=1"

// step describes a step to the host.
type step struct {
	host   string // the program; "" is the ordinary one
	plugin string // "" is the one of make
	lib    string // the engine; "" is the one of make
	ms     int    // the deadline; 0 is one that no test meets
	argv   []string
	env    []string
	more   []string // lines of the description
	stderr *os.File // in place of a pipe that is read
}

// outcome is the host's report about a step.
type outcome struct {
	waits  []int // us, in the callbacks of each step after its tasks were forked
	grown  int   // KiB
	log    []string
	faults []string
	paths  []string // that were reached for as root
	tasks  []string // what each wrote
	stderr string
	raw    string
}

// launch runs the step on the host.
func (s step) launch(t testing.TB) outcome {
	t.Helper()
	dir := t.TempDir()
	if s.host == "" {
		s.host = host
	}
	if s.plugin == "" {
		s.plugin = inScratch("mp_policy.so")
	}
	if s.lib == "" {
		s.lib = inScratch("libmp_policy.so")
	}
	if s.ms == 0 {
		s.ms = 10000
	}
	if s.argv == nil {
		s.argv = pool
	}
	if s.env == nil {
		s.env = []string{"PATH=/usr/bin:/bin", "A=1"}
	}
	lines := []string{
		"plugin " + s.plugin, "word lib=" + s.lib, "word deadline=" + strconv.Itoa(s.ms), "word config=" + inScratch("empty.conf"),
		"argv " + write(t, dir, "argv", s.argv), "env " + write(t, dir, "env", s.env), "out " + dir,
	}
	lines = append(lines, s.more...)
	description := filepath.Join(dir, "description")
	if err := os.WriteFile(description, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	// a host that hangs must not take the other tests with it
	patience := time.Minute
	if *soak {
		patience = time.Hour
	}
	limit, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(limit, s.host, description)
	cmd.Stderr = &stderr
	if s.stderr != nil {
		cmd.Stderr = s.stderr
	}
	cmd.WaitDelay = 10 * time.Second // a process that is left has its output, too
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("host: %v\n%s%s", err, out, stderr.String())
	}
	o := read(t, string(out))
	o.stderr = stderr.String()
	for i := 0; ; i++ {
		text, err := os.ReadFile(filepath.Join(dir, "task."+strconv.Itoa(i)))
		if errors.Is(err, os.ErrNotExist) {
			return o
		}
		if err != nil {
			t.Fatal(err)
		}
		o.tasks = append(o.tasks, string(text))
	}
}

// write puts a list into a file, a NUL behind each.
func write(t testing.TB, dir, name string, list []string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	text := ""
	if len(list) > 0 {
		text = strings.Join(list, "\x00") + "\x00"
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t testing.TB, out string) outcome {
	t.Helper()
	o := outcome{raw: out}
	number := func(text string) int {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("host: %v\n%s", err, out)
		}
		return n
	}
	lines := bufio.NewScanner(strings.NewReader(out))
	for lines.Scan() {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case "user_init":
			number(rest)
		case "post_fork":
			o.waits = append(o.waits, number(rest))
		case "grown":
			o.grown = number(rest)
		case "fault":
			o.faults = append(o.faults, rest)
		case "path":
			o.paths = append(o.paths, rest)
		case "log":
			if !strings.HasPrefix(rest, "debug ") {
				o.log = append(o.log, rest)
			}
		default:
			t.Fatalf("host: %q\n%s", word, out)
		}
	}
	return o
}

// env is a task's environment.
func (o outcome) env(task int) []string {
	if task >= len(o.tasks) || o.tasks[task] == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(o.tasks[task], "\x00"), "\x00")
}

// has reports whether a task's environment has the entry.
func (o outcome) has(task int, entry string) bool { return slices.Contains(o.env(task), entry) }

// control is the host's form of a byte that is not printable ASCII.
var control = regexp.MustCompile("<[0-9a-f]{2}>")

// unharmed demands what holds in every fault: every callback succeeds, nothing of
// slurmstepd's is changed, and nothing is left.
func (o outcome) unharmed(t testing.TB) {
	t.Helper()
	for _, fault := range o.faults {
		t.Error(fault)
	}
	for _, line := range o.log {
		if control.MatchString(line) {
			t.Errorf("a control character reached the log: %q", line)
		}
	}
}

var soak = flag.Bool("soak", false, "the long forms of the tests")
