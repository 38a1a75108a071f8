// SPDX-License-Identifier: MIT

// Command requests counts the system calls that name a file (strace's %file) in
// one launch of a Python program on a private cluster, by the process that makes
// them, without the plugin and with it. It needs root, strace and the outputs of make.
//
//	requests [-tasks TASKS] [-modules MODULES] [-list]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"slurm-mp-policy/tests/cluster"
)

// roles are the processes of a launch, in the order of their starts.
var roles = []string{"srun", "slurmd", "slurmstepd", "evaluator", "tasks"}

func main() {
	build := flag.String("build", "build", "the build `directory`")
	tasks := flag.Int("tasks", 16, "tasks of the step")
	modules := flag.Int("modules", 0, "modules of the program, of which each imports the next one and the last one has the pool")
	list := flag.Bool("list", false, "list what is named more often with the plugin")
	flag.Parse()
	if err := run(*build, *tasks, *modules, *list); err != nil {
		fmt.Fprintln(os.Stderr, "requests:", err)
		os.Exit(1)
	}
}

func run(build string, tasks, modules int, list bool) (err error) {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	if _, err := exec.LookPath("strace"); err != nil {
		return fmt.Errorf("%w; install it", err)
	}
	c, err := cluster.Start(cluster.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Stop()) }()
	if _, err := c.InstallPlugin(build); err != nil {
		return err
	}
	script := filepath.Join(c.Home, "pool.py")
	if err := writeProgram(script, modules); err != nil {
		return err
	}
	var counts [2]map[string]map[string]int
	for i, lines := range []string{"", strings.TrimSpace(c.PluginLine()) + " deadline=10000\n"} {
		if err := c.WritePlugstack(lines); err != nil {
			return err
		}
		launch := func() (map[string]map[string]int, error) { return trace(ctx, c, tasks, script) }
		// The least of several: the first launch reads what the others find in
		// memory, and slurmstepd looks at a cgroup until it is empty.
		for range launches {
			next, err := launch()
			if err != nil {
				return err
			}
			counts[i] = least(counts[i], next)
		}
	}
	fmt.Printf("Slurm %s; srun -n %d --overcommit python3 SCRIPT; system calls that name a file\n\n", c.Version, tasks)
	fmt.Println("             without     with  of the difference, in")
	fmt.Println("             plugin    plugin  /proc, /sys  the user's  elsewhere")
	for _, role := range roles {
		more := map[string]int{}
		for path, n := range counts[1][role] {
			more[class(c, path)] += n - counts[0][role][path]
		}
		for path, n := range counts[0][role] {
			if _, both := counts[1][role][path]; !both {
				more[class(c, path)] -= n
			}
		}
		fmt.Printf("%-11s %8d %8d  %11d %11d %10d\n", role, total(counts[0][role]), total(counts[1][role]),
			more["kernel"], more["user"], more["local"])
	}
	named, both := 0, 0
	for path := range counts[1]["evaluator"] {
		if class(c, path) == "user" {
			named++
			if counts[1]["tasks"][path] > 0 {
				both++
			}
		}
	}
	fmt.Printf("\nOf the user's files and directories, the evaluator names %d; the tasks name %d of these, too.\n", named, both)
	if list {
		fmt.Println()
		for _, role := range roles {
			for _, path := range slices.Sorted(maps.Keys(counts[1][role])) {
				if n := counts[1][role][path] - counts[0][role][path]; n > 0 {
					fmt.Printf("%-11s %5d %s\n", role, n, path)
				}
			}
		}
	}
	return nil
}

// writeProgram writes a program whose pool is in its own text, or in the last of its modules.
func writeProgram(script string, modules int) error {
	const pool = "import multiprocessing\n\n\ndef run():\n    with multiprocessing.Pool(1) as pool:\n        pool.map(abs, range(4))\n"
	texts := map[string]string{script: pool + "\n\nif __name__ == '__main__':\n    run()\n"}
	if modules > 0 {
		texts[script] = "import part_1\n\nif __name__ == '__main__':\n    part_1.run()\n"
	}
	for i := 1; i <= modules; i++ {
		text := pool
		if i < modules {
			text = fmt.Sprintf("import part_%d\n\n\ndef run():\n    part_%[1]d.run()\n", i+1)
		}
		texts[filepath.Join(filepath.Dir(script), fmt.Sprintf("part_%d.py", i))] = text
	}
	for name, text := range texts {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

const launches = 4

func least(a, b map[string]map[string]int) map[string]map[string]int {
	if a == nil {
		return b
	}
	for role, paths := range a {
		for path, n := range paths {
			paths[path] = min(n, b[role][path])
		}
	}
	return a
}

func total(paths map[string]int) int {
	sum := 0
	for _, n := range paths {
		sum += n
	}
	return sum
}

func class(c *cluster.Cluster, path string) string {
	switch {
	case strings.HasPrefix(path, "/proc/") || strings.HasPrefix(path, "/sys/"):
		return "kernel"
	case strings.HasPrefix(path, normal(c.Home)):
		return "user"
	}
	return "local"
}

// trace launches the step once with strace on srun and on slurmd.
func trace(ctx context.Context, c *cluster.Cluster, tasks int, script string) (map[string]map[string]int, error) {
	dir, err := os.MkdirTemp("", "requests-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	slurmd, err := slurmdOf(c)
	if err != nil {
		return nil, err
	}
	daemons, client := filepath.Join(dir, "slurmd"), filepath.Join(dir, "srun")
	options := []string{"-f", "-qq", "-s", "4096", "-e", "trace=%file,clone,clone3,fork,vfork", "-e", "signal=none", "-o"}
	strace := exec.CommandContext(ctx, "strace", append(options, daemons, "-p", strconv.Itoa(slurmd))...)
	strace.Cancel = func() error { return strace.Process.Signal(syscall.SIGTERM) }
	if err := strace.Start(); err != nil {
		return nil, err
	}
	defer strace.Wait()
	defer strace.Process.Signal(syscall.SIGTERM)
	for !traced(slurmd) {
		time.Sleep(10 * time.Millisecond)
	}
	// srun is the user's, strace root's
	srun := c.Command(ctx, "srun", "-Q", "-n", strconv.Itoa(tasks), "--overcommit", "python3", script)
	cmd := exec.CommandContext(ctx, "strace", slices.Concat(options, []string{client, "-u", c.User}, []string{srun.Path}, srun.Args[1:])...)
	cmd.Dir, cmd.Env = srun.Dir, srun.Env
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("srun: %w: %s", err, out)
	}
	// slurmstepd ends after srun
	for running(slurmd) {
		time.Sleep(10 * time.Millisecond)
	}
	strace.Process.Signal(syscall.SIGTERM)
	strace.Wait()
	counts := map[string]map[string]int{}
	for path, first := range map[string]string{client: "srun", daemons: "slurmd"} {
		if err := count(path, first, script, counts); err != nil {
			return nil, err
		}
	}
	// what the daemons keep of themselves, they write when they want to
	for _, paths := range counts {
		maps.DeleteFunc(paths, func(path string, _ int) bool {
			return strings.HasPrefix(path, normal(c.Dir)+"/") && !strings.HasPrefix(path, normal(c.Home))
		})
	}
	return counts, nil
}

// slurmdOf finds slurmd by its pid file.
func slurmdOf(c *cluster.Cluster) (int, error) {
	text, err := os.ReadFile(filepath.Join(c.Dir, "run", c.NodeNames[0]+".pid"))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

// traced reports whether all threads of a process have a tracer.
func traced(pid int) bool {
	names, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	for _, name := range names {
		text, _ := os.ReadFile(name)
		if strings.Contains(string(text), "\nTracerPid:\t0\n") {
			return false
		}
	}
	return len(names) > 0
}

// running reports whether this slurmd has a slurmstepd.
func running(slurmd int) bool {
	names, _ := filepath.Glob("/proc/[0-9]*/status")
	for _, name := range names {
		text, _ := os.ReadFile(name)
		if strings.HasPrefix(string(text), "Name:\tslurmstepd\n") && descends(filepath.Base(filepath.Dir(name)), slurmd) {
			return true
		}
	}
	return false
}

// descends reports whether a slurmstepd came from this slurmd: strace, which follows
// forks, traces both.
func descends(pid string, slurmd int) bool {
	mine, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", slurmd))
	its, _ := os.ReadFile("/proc/" + pid + "/status")
	return field(string(mine), "TracerPid:") == field(string(its), "TracerPid:")
}

func field(status, name string) string {
	_, rest, _ := strings.Cut(status, name)
	value, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(value)
}

// count adds up what strace has written. A process has its parent's role until
// it does what tells another.
func count(path, first, script string, counts map[string]map[string]int) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	type call struct{ pid, path string }
	parent, role := map[string]string{}, map[string]string{}
	var calls []call
	for line := range strings.Lines(string(text)) {
		pid, rest, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		rest = strings.TrimSpace(rest)
		if _, result, ok := strings.Cut(rest, ") = "); ok && isClone(rest) {
			if _, err := strconv.Atoi(result); err == nil {
				parent[result] = pid
			}
			continue
		}
		name, arguments, ok := strings.Cut(rest, "(")
		_, quoted, hasPath := strings.Cut(arguments, `"`)
		if !ok || !hasPath || strings.HasPrefix(rest, "<") {
			continue
		}
		file, _, _ := strings.Cut(quoted, `"`)
		switch {
		case file == "": // the call is about an open file
			continue
		case name == "execve" && strings.HasSuffix(file, "/slurmstepd"):
			role[pid] = "slurmstepd"
		case name == "execve" && strings.Contains(arguments, script) && first == "slurmd":
			role[pid] = "tasks"
		case strings.HasSuffix(file, "/libmp_policy.so") && name == "openat":
			role[pid] = "evaluator"
		}
		calls = append(calls, call{pid, file})
	}
	of := func(pid string) string {
		for pid != "" {
			if r := role[pid]; r != "" {
				return r
			}
			pid = parent[pid]
		}
		return first
	}
	for _, c := range calls {
		r := of(c.pid)
		if counts[r] == nil {
			counts[r] = map[string]int{}
		}
		counts[r][normal(c.path)]++
	}
	return nil
}

func isClone(line string) bool {
	for _, name := range []string{"clone(", "clone3(", "fork(", "vfork(", "<... clone resumed>", "<... clone3 resumed>", "<... fork resumed>", "<... vfork resumed>"} {
		if strings.HasPrefix(line, name) {
			return true
		}
	}
	return false
}

var digits = regexp.MustCompile(`[0-9]+`)

// normal has numbers of processes and jobs be N, for launches to be comparable.
func normal(path string) string { return digits.ReplaceAllString(path, "N") }
