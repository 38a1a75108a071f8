// SPDX-License-Identifier: MIT

package faults

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"slurm-mp-policy/tests/cluster"
)

// node is a private cluster of one node with the plugin as "required" on it.
type node struct {
	*cluster.Cluster
	t   *testing.T
	lib string // the engine
}

func startNode(t *testing.T, conf ...string) *node {
	t.Helper()
	conf = append(conf, "PartitionName=all Nodes=ALL Default=YES State=UP OverSubscribe=FORCE:64")
	c, err := cluster.Start(cluster.Options{SlurmConf: conf})
	must(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(c.Logs())
		}
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	n := &node{Cluster: c, t: t}
	n.lib, err = c.InstallPlugin("../../build")
	must(t, err)
	n.plugstack("lib=" + n.lib + " deadline=10000")
	return n
}

func (n *node) plugstack(words string) {
	n.t.Helper()
	must(n.t, n.WritePlugstack(fmt.Sprintf("required %s %s\n", filepath.Join(filepath.Dir(n.lib), "mp_policy.so"), words)))
}

// run runs one of Slurm's commands as the ordinary user.
func (n *node) run(name string, args ...string) (stdout, stderr string, err error) {
	limit := 2 * time.Minute
	if *soak {
		limit = time.Hour
	}
	ctx, cancel := context.WithTimeout(n.t.Context(), limit)
	defer cancel()
	var out, complaints bytes.Buffer
	cmd := n.Command(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err = cmd.Run()
	return out.String(), complaints.String(), err
}

// until waits for what comes by itself.
func until(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for range 1200 {
		if happened() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Errorf("waited in vain: %s", what)
}

func (n *node) log() string {
	text, err := os.ReadFile(n.SlurmdLog)
	must(n.t, err)
	return string(text)
}

// inService demands that no node was drained or taken out.
func (n *node) inService() {
	n.t.Helper()
	until(n.t, "the node is idle, and not drained", func() bool {
		out, _, err := n.run("sinfo", "-h", "-o", "%T")
		return err == nil && strings.TrimSpace(out) == "idle"
	})
}

// slurmd is the daemon's pid.
func (n *node) slurmd() int {
	text, err := os.ReadFile(filepath.Join(n.Dir, "run", n.NodeNames[0]+".pid"))
	must(n.t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	must(n.t, err)
	return pid
}

// processes lists those of a name that are this cluster's: its daemons and all that they
// start have a mount namespace of their own. A zombie has none.
func (n *node) processes(name string) (pids []int) {
	namespace, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/mnt", n.slurmd()))
	must(n.t, err)
	found, _ := filepath.Glob("/proc/[0-9]*/comm")
	for _, path := range found {
		if text, _ := os.ReadFile(path); strings.TrimSpace(string(text)) != name {
			continue
		}
		if its, _ := os.Readlink(filepath.Join(filepath.Dir(path), "ns/mnt")); its == namespace {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// quiet reports whether there is no step any more, and no process of the plugin's.
func (n *node) quiet() bool {
	return len(n.processes("slurmstepd")) == 0 && len(n.processes("mp-policy")) == 0
}

// With "required", no failure of the plugin fails a step, or takes the node out of service.
func TestRequired(t *testing.T) {
	n := startNode(t)
	broken := map[string]string{"missing": "/nowhere/x.so", "relative": "x.so"}
	for _, kind := range []string{"other-abi", "segfaults", "aborts", "exits", "sleeps", "writes-garbage", "truncates", "killed-in-load", "says"} {
		broken[kind] = filepath.Join(filepath.Dir(n.lib), kind+".so")
		must(t, copyTo(inScratch("engine.so"), broken[kind]))
	}
	for name, lib := range broken {
		n.plugstack("lib=" + lib + " deadline=100 nonsense colour=blue")
		out, complaints, err := n.run("srun", "-n", "2", "--overcommit", "sh", "-c", "echo here; exit 3")
		if exit := new(exec.ExitError); !asExit(err, exit) || exit.ExitCode() != 3 || out != "here\nhere\n" {
			t.Errorf("%s: %v, %q, %q", name, err, out, complaints)
		}
		if strings.Contains(complaints, "mp-policy") || strings.Contains(complaints, "spank") {
			t.Errorf("%s: the user sees %q", name, complaints)
		}
		if out, complaints, err := n.run("sbatch", "--wait", "--output=/dev/null", "--wrap", "true"); err != nil {
			t.Errorf("%s: sbatch: %v, %q, %q", name, err, out, complaints)
		}
	}
	n.inService()
}

func asExit(err error, to *exec.ExitError) bool {
	e, ok := err.(*exec.ExitError)
	if ok {
		*to = *e
	}
	return ok
}

// A step that is cancelled, killed or timed out while it is evaluated ends as one whose
// launch takes as long without the plugin, and leaves no evaluator.
func TestEndedDuringEvaluation(t *testing.T) {
	seconds := 8 // of each launch, in which all of them are started and ended
	n := startNode(t)
	dir := filepath.Dir(n.lib)
	must(t, copyTo(inScratch("engine.so"), dir+"/sleeps.so"))
	must(t, compile("-shared", "-fPIC", "programs/slow.c", "-o", dir+"/slow.so"))
	// a step without the plugin and one with it, whose jobs have this name
	ends := map[string]func(name string, sruns ...*exec.Cmd){
		"interrupted":  func(_ string, sruns ...*exec.Cmd) { signalAll(unix.SIGINT, sruns) },
		"srun-killed":  func(_ string, sruns ...*exec.Cmd) { signalAll(unix.SIGKILL, sruns) },
		"scancel":      func(name string, _ ...*exec.Cmd) { n.admin("scancel", "-n", name) },
		"scancel-KILL": func(name string, _ ...*exec.Cmd) { n.admin("scancel", "-s", "KILL", "-n", name) },
		"stepd-killed": func(name string, _ ...*exec.Cmd) { killAll(n.daemons(n.jobs(name))) },
	}
	if *soak {
		// slurmctld looks every 30 s whose limit of time is over (PERIODIC_TIMEOUT in
		// its slurmctld.h), and nothing makes it look earlier: too long for make test
		ends["time-limit"] = func(name string, _ ...*exec.Cmd) { n.endTime(n.jobs(name)) }
		seconds = 10
		n.awaitTimeLimits()
		time.Sleep(21 * time.Second)
	}
	must(t, n.WritePlugstack(fmt.Sprintf("required %s/slow.so %d\n", dir, seconds)))
	without := map[string]*exec.Cmd{}
	for name := range ends {
		without[name] = n.start(name)
	}
	until(t, "each slurmstepd and its two tasks are there", func() bool {
		return len(n.processes("slurmstepd")) == 3*len(ends)
	})
	n.plugstack(fmt.Sprintf("lib=%s/sleeps.so deadline=%d", dir, seconds*1000))
	with := map[string]*exec.Cmd{}
	for name := range ends {
		with[name] = n.start(name)
	}
	until(t, "these and the evaluators are there, too", func() bool {
		return len(n.processes("slurmstepd")) == 6*len(ends) && len(n.processes("mp-policy")) == len(ends)
	})
	for name, end := range ends {
		end(name, without[name], with[name])
	}
	if *soak {
		until(t, "the limits of time of the two, and of the one before, are over", func() bool { return n.timedOut() == 3 })
		if len(n.processes("mp-policy")) == 0 {
			t.Error("the evaluations were over before the limit of time was")
		}
	}
	until(t, "all slurmstepds and evaluators end", n.quiet)
	n.admin("scancel", "-u", n.User)
	for name := range ends {
		t.Run(name, func(t *testing.T) {
			without, with := howEnded(without[name]), howEnded(with[name])
			if with != without {
				t.Errorf("without the plugin srun ends with %q, with it with %q", without, with)
			}
			t.Logf("srun ends with %q", with)
		})
	}
	n.inService()
}

// start starts a step in a job of this name.
func (n *node) start(name string) *exec.Cmd {
	n.t.Helper()
	srun := n.Command(n.t.Context(), "srun", "-J", name, "--quit-on-interrupt", "-n", "2", "--overcommit", "sh", "-c", "exec sleep 1000")
	must(n.t, srun.Start())
	return srun
}

func signalAll(signal os.Signal, programs []*exec.Cmd) {
	for _, program := range programs {
		program.Process.Signal(signal)
	}
}

func howEnded(srun *exec.Cmd) string {
	stop := time.AfterFunc(5*time.Second, func() { srun.Process.Kill() }) // it waits for a slurmstepd that was killed
	defer stop.Stop()
	if err := srun.Wait(); err != nil {
		return err.Error()
	}
	return "success"
}

// endTime has the jobs' limit of time be over.
func (n *node) endTime(jobs []string) {
	n.t.Helper()
	for _, job := range jobs {
		n.admin("scontrol", "update", "JobId="+job, "EndTime=now")
	}
}

// awaitTimeLimits returns when slurmctld has looked whose limit of time is over.
func (n *node) awaitTimeLimits() {
	n.t.Helper()
	srun := n.start("limited")
	until(n.t, "the job runs", func() bool { return len(n.jobs("limited")) == 1 })
	n.endTime(n.jobs("limited"))
	until(n.t, "its limit of time is over", func() bool { return n.timedOut() == 1 })
	go srun.Wait()
}

// timedOut counts the jobs that slurmctld has ended for their limit of time.
func (n *node) timedOut() int {
	text, err := os.ReadFile(filepath.Join(n.Dir, "log/slurmctld.log"))
	must(n.t, err)
	return strings.Count(string(text), "Time limit exhausted")
}

// jobs are the running ones of a name.
func (n *node) jobs(name string) []string {
	n.t.Helper()
	return strings.Fields(n.admin("squeue", "-h", "-n", name, "-t", "R", "-o", "%A"))
}

// daemons are the slurmstepds of the jobs' steps, and their tasks that are not released yet.
func (n *node) daemons(jobs []string) (pids []int) {
	for _, pid := range n.processes("slurmstepd") {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if slices.ContainsFunc(jobs, func(job string) bool { return strings.Contains(string(text), "["+job+".0]") }) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// admin runs one of Slurm's commands as root.
func (n *node) admin(name string, args ...string) string {
	n.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), n.Env()...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		n.t.Fatalf("%s %q: %v %s", name, args, err, out)
	}
	return string(out)
}

// An evaluator that a user kills costs the user the policy, and nothing more.
func TestEvaluatorKilledOnNode(t *testing.T) {
	n := startNode(t)
	must(t, copyTo(inScratch("engine.so"), filepath.Dir(n.lib)+"/sleeps.so"))
	n.plugstack("lib=" + filepath.Dir(n.lib) + "/sleeps.so deadline=10000")
	limit, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	srun := n.Command(limit, "srun", "-n", "2", "--overcommit", "sh", "-c", "true")
	must(t, srun.Start())
	until(t, "the evaluator is there", func() bool { return len(n.processes("mp-policy")) > 0 })
	killAll(n.processes("mp-policy"))
	if err := srun.Wait(); err != nil {
		t.Errorf("srun: %v", err)
	}
	until(t, "the log has the line", func() bool {
		return strings.Contains(n.log(), "mp-policy: the evaluator ended without an answer; the step runs without the policy")
	})
	n.inService()
}

func killAll(pids []int) {
	for _, pid := range pids {
		unix.Kill(pid, unix.SIGKILL)
	}
}

// slurmd is restarted, and the package upgraded, while a step runs: it goes on, and the
// next one has the policy. If two versions do not fit together, the log has a line.
func TestUpgradeDuringStep(t *testing.T) {
	n := startNode(t)
	goOn := filepath.Join(n.Home, "go-on")
	running := n.Command(t.Context(), "srun", "-n", "1", "--mp-policy=multiprocessing", "sh", "-c",
		"echo $OMP_NUM_THREADS; touch running; while [ ! -e go-on ]; do sleep 0.1; done; srun --overlap -n 1 --mp-policy=multiprocessing sh -c 'echo $OMP_NUM_THREADS'; exit 5")
	var out bytes.Buffer
	running.Stdout = &out
	must(t, running.Start())
	until(t, "the step runs", func() bool { _, err := os.Stat(filepath.Join(n.Home, "running")); return err == nil })

	old := n.slurmd()
	// in its mount namespace and root; a new slurmd ends the old one
	next := exec.Command("nsenter", "-m", "-r", "-t", strconv.Itoa(old), "slurmd", "-D", "-N", n.NodeNames[0])
	next.Env = append(os.Environ(), n.Env()...)
	must(t, next.Start())
	defer next.Wait()
	defer next.Process.Signal(unix.SIGTERM)
	until(t, "the old slurmd ends", func() bool { return unix.Kill(old, 0) != nil || zombie(old) })
	until(t, "the new slurmd answers", func() bool {
		_, _, err := n.run("srun", "--overlap", "-n", "1", "true")
		return err == nil
	})
	_, err := n.InstallPlugin("../../build")
	must(t, err)
	must(t, os.WriteFile(goOn, nil, 0o644))
	err = running.Wait()
	exit := new(exec.ExitError)
	if want := "1\n1\n"; !asExit(err, exit) || exit.ExitCode() != 5 || out.String() != want {
		t.Errorf("the step: %v, %q", err, out.String())
	}

	// the plugin of one version, the engine of another, and the reverse
	otherShim, otherEngine := otherVersion(t)
	for from, to := range map[string]string{otherEngine: n.lib, otherShim: filepath.Join(filepath.Dir(n.lib), "mp_policy.so")} {
		_, err := n.InstallPlugin("../../build")
		must(t, err)
		must(t, copyTo(from, to+".new"))
		must(t, os.Rename(to+".new", to))
		out, complaints, err := n.run("srun", "-n", "1", "--mp-policy=multiprocessing", "sh", "-c", "echo here $OMP_NUM_THREADS; exit 3")
		if exit := new(exec.ExitError); !asExit(err, exit) || exit.ExitCode() != 3 || out != "here\n" {
			t.Errorf("%s: srun: %v %q %q", to, err, out, complaints)
		}
	}
	for _, refused := range []string{`has ABI 100\d+, the plugin has \d{1,3};`, `has ABI \d{1,3}, the plugin has 100\d+;`} {
		until(t, "the log has "+refused, func() bool { return regexp.MustCompile(refused).MatchString(n.log()) })
	}
	n.inService()
}

func zombie(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(text), ") Z ")
}

// 64 steps at once on one node, and then many one after the other, leave slurmd and the
// node as they were.
func TestManySteps(t *testing.T) {
	n := startNode(t, "MaxStepCount=100000")
	steps := 20
	if *soak {
		steps = 500
	}
	slurmd := n.slurmd()
	atOnce := func(steps int) {
		var group sync.WaitGroup
		for range steps {
			group.Go(func() {
				out, complaints, err := n.run("srun", "--overlap", "-n", "1", "--mp-policy=multiprocessing", "sh", "-c", "echo $OMP_NUM_THREADS")
				if err != nil || strings.TrimSpace(out) != "1" {
					t.Errorf("srun: %v %q %q", err, out, complaints)
				}
			})
		}
		group.Wait()
	}
	atOnce(8)
	until(t, "all slurmstepds end", n.quiet)
	before, shm := look(slurmd), n.shm()
	atOnce(64)
	// in one allocation, as users do it
	out, complaints, err := n.run("sbatch", "--wait", "--output=many", "--error=complaints", "--wrap",
		fmt.Sprintf("for i in $(seq %d); do srun -n 1 --mp-policy=multiprocessing python3 -c 'import os; print(os.environ[\"OMP_NUM_THREADS\"])' || exit 1; done", steps))
	text, _ := os.ReadFile(filepath.Join(n.Home, "many"))
	if want := strings.Repeat("1\n", steps); err != nil || string(text) != want {
		t.Errorf("sbatch: %v %q %q; %d lines of %d", err, out, complaints, bytes.Count(text, []byte("\n")), steps)
	}
	until(t, "all slurmstepds end", n.quiet)
	until(t, "the job's user has no more files in /dev/shm than before", func() bool { return n.shm() <= shm })
	after := look(slurmd)
	t.Logf("before 64 steps at once and %d one after the other: %+v; after: %+v", steps, before, after)
	if after.descriptors > before.descriptors+4 || after.zombies > before.zombies || after.kib > before.kib+4096 {
		t.Errorf("before %+v, after %+v", before, after)
	}
	n.inService()
}

// state is what a long run must not change.
type state struct{ kib, descriptors, threads, zombies int }

// shm counts the files of the job's user in /dev/shm. Other users' programs on this machine
// have files there, too.
func (n *node) shm() int {
	files, _ := os.ReadDir("/dev/shm")
	return len(slices.DeleteFunc(files, func(file os.DirEntry) bool {
		info, err := file.Info()
		if err != nil {
			return true // it is gone
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		return !ok || int(stat.Uid) != n.UID
	}))
}

func look(pid int) (s state) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	number := func(name string) int {
		if m := regexp.MustCompile(`(?m)^` + name + `:\s+(\d+)`).FindSubmatch(status); m != nil {
			n, _ := strconv.Atoi(string(m[1]))
			return n
		}
		return -1
	}
	s.kib, s.threads = number("RssAnon"), number("Threads")
	descriptors, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	s.descriptors = len(descriptors)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, _ := os.ReadFile(path)
		if _, rest, ok := strings.Cut(string(text), ") Z "); ok && strings.HasPrefix(rest, strconv.Itoa(pid)+" ") {
			s.zombies++
		}
	}
	return s
}

// Many steps through the fake host leave its process as it was.
func TestManyStepsOnHost(t *testing.T) {
	steps := 300
	if *soak {
		steps = 10000
	}
	for _, long := range []struct {
		lib, entry string
		steps      int
	}{
		{brokenEngine(t, "works"), "FROM_ENGINE=1", steps},
		// the engine ends with its process; its replies are longer
		{inScratch("libmp_policy.so"), "OMP_NUM_THREADS=1", steps / 10},
	} {
		for _, mode := range []string{"cpus 2", "contain"} {
			o := step{lib: long.lib, more: []string{fmt.Sprint("repeat ", long.steps), "quiet", mode}}.launch(t)
			o.unharmed(t)
			if !o.has(0, long.entry) || len(o.log) > 0 {
				t.Errorf("the last step has %q; the log %q", o.env(0), o.log)
			}
			t.Logf("%d steps, %s, %s: the host has grown by %d KiB after the first tenth", long.steps, filepath.Base(long.lib), mode, o.grown)
			if o.grown > 256 {
				t.Errorf("grown by %d KiB", o.grown)
			}
		}
	}
}
