// SPDX-License-Identifier: MIT

// Package e2e tests the plugin on a private Slurm cluster. Each file of
// testdata is one promise, in the language of
// https://pkg.go.dev/github.com/rogpeppe/go-internal/testscript, with srun,
// sbatch and salloc run as an ordinary user ($SRUN is srun as root), with a
// program pool.py beside the script that uses a process pool and prints its
// environment, and with these commands more:
//
//	plugstack LINES    go on with these lines in plugstack.conf, which Slurm
//	                   reads at each launch
//	brokenengine KIND  build an programs/engine.c of this kind where $BROKEN names it
//	policy FILE...     install the first FILE where $POLICY names it, and others beside
//	                   it under their own names, owned by root
//	killswitch on|off  create or remove /etc/slurm/mp_policy.off of the cluster
//	slurmdlog REGEXP   wait until slurmd's log has a matching line; with ! in front, there
//	                   is none now, so it comes after a line that would be later
//
// and the conditions [onecore] and [onecpu], that the node has one core or one CPU,
// [mpi4py], that there is an mpi4py that runs on MPICH with LD_LIBRARY_PATH=$MPICH
// (mpi_test.go), and [libraries], that the libraries of $LIBRARIES are there.
// The tool mp-policy is on PATH. $SHIPPED is the policy file as the packages have it, $CURE a
// directory with python/sitecustomize.py. See openmp_test.go for $REGION, $LIBOMP,
// $OPENBLAS_OPENMP and $LIBRARIES. $PYTHON is
// the file that python3 comes down to.
package e2e

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"slurm-mp-policy/tests/cluster"
)

// defaultLine is what the guide has a site write into plugstack.conf, except for the
// deadline: how fast the machine is decides no test.
const defaultLine = "optional $PLUGIN lib=$ENGINE deadline=10000"

// buildDir holds the outputs of make.
const buildDir = "../../build"

// site is a cluster with the plugin on it.
type site struct {
	*cluster.Cluster
	engine string // path of the installed engine; the shim lies beside it
	lines  string // of plugstack.conf
	srun   string // Slurm's own srun
	bin    string // srun, sbatch and salloc as the ordinary user, and our programs
	hasMPI bool   // see addMPI

	hasLibraries bool // see addThreadLibraries
}

func (s *site) plugin() string { return filepath.Join(filepath.Dir(s.engine), "mp_policy.so") }
func (s *site) policy() string { return filepath.Join(filepath.Dir(s.engine), "mp_policy.conf") }
func (s *site) cure() string   { return filepath.Join(s.bin, "python") }
func (s *site) mover() string  { return filepath.Join(filepath.Dir(s.engine), "mover.so") }
func (s *site) broken() string { return filepath.Join(filepath.Dir(s.engine), "broken.so") }

// expand fills in the paths that the lines of a plugstack.conf need.
func (s *site) expand(lines string) string {
	return os.Expand(strings.ReplaceAll(lines, `\n`, "\n"), func(name string) string {
		return map[string]string{
			"PLUGIN": s.plugin(), "ENGINE": s.engine, "POLICY": s.policy(), "MOVER": s.mover(), "BROKEN": s.broken(),
		}[name]
	})
}

// write replaces the lines of plugstack.conf.
func (s *site) write(lines string) error {
	s.lines = s.expand(lines)
	return s.WritePlugstack(s.lines + "\n")
}

// start starts a cluster with these lines in plugstack.conf and slurm.conf.
func start(t testing.TB, lines string, conf ...string) *site {
	t.Helper()
	return startNodes(t, 1, lines, conf...)
}

func startNodes(t testing.TB, nodes int, lines string, conf ...string) *site {
	t.Helper()
	return startCluster(t, cluster.Options{Nodes: nodes, SlurmConf: conf}, lines)
}

func startCluster(t testing.TB, o cluster.Options, lines string) *site {
	t.Helper()
	// jobs share CPUs, so that none waits for what another leaves behind
	o.SlurmConf = append(o.SlurmConf, "PartitionName=all Nodes=ALL Default=YES State=UP OverSubscribe=FORCE:16")
	c, err := cluster.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(ourLines(c.Logs()))
		}
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	s := &site{Cluster: c, bin: filepath.Join(c.Dir, "bin")}
	if s.engine, err = c.InstallPlugin(buildDir); err != nil {
		t.Fatal(err)
	}
	compile(t, "-shared", "-fPIC", "programs/mover.c", "-o", s.mover())
	if err := s.write(lines); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(s.bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"srun", "sbatch", "salloc"} {
		s.wrap(t, name)
	}
	// a copy: jobs may not reach the project's directory
	if err := os.CopyFS(s.cure(), os.DirFS("../../python")); err != nil {
		t.Fatal(err)
	}
	compile(t, "programs/taskstate.c", "-o", filepath.Join(s.bin, "taskstate"))
	return s
}

// ourLines are those of the daemons' logs that are about the plugin.
func ourLines(logs string) string {
	var b strings.Builder
	for line := range strings.Lines(logs) {
		if strings.Contains(line, "mp-policy:") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// wrap puts a script of the name into bin that runs Slurm's program as the
// ordinary user.
func (s *site) wrap(t testing.TB, name string) {
	t.Helper()
	program, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing; run tests/install-deps", name)
	}
	if name == "srun" {
		s.srun = program
	}
	// a job's own script calls it as the user already
	text := fmt.Sprintf("#!/bin/sh\n[ $(id -u) != 0 ] || exec setpriv --reuid %d --regid %d --init-groups %s \"$@\"\nexec %[3]s \"$@\"\n",
		s.UID, s.GID, program)
	if err := os.WriteFile(filepath.Join(s.bin, name), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

func compile(t testing.TB, args ...string) {
	t.Helper()
	args = append([]string{"-D_GNU_SOURCE", "-O1", "-Wall"}, args...)
	if out, err := exec.Command("cc", args...).CombinedOutput(); err != nil {
		t.Fatalf("cc %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// environment has a script's commands talk to this cluster.
func (s *site) environment() map[string]string {
	env := map[string]string{
		// not the caller's PATH: it may lead into directories that belong only to the caller
		"PATH":   s.bin + ":/usr/local/bin:/usr/bin:/bin",
		"HOME":   s.Home,
		"CPUS":   strconv.Itoa(s.CPUs),
		"UID":    strconv.Itoa(s.UID),
		"GID":    strconv.Itoa(s.GID),
		"REGION": filepath.Join(s.bin, "libregion.so"), "LIBOMP": filepath.Join(s.bin, "libomp"),
		"LIBRARIES":       filepath.Join(s.bin, "libraries"),
		"PYTHON":          python(),
		"CURE":            s.cure(),
		"SHIPPED":         shipped(),
		"MPICH":           filepath.Join(s.bin, "mpich"),
		"OPENBLAS_OPENMP": first("/usr/lib/*/openblas-openmp"),
		"POLICY":          s.policy(), "PLUGIN": s.plugin(), "ENGINE": s.engine, "BROKEN": s.broken(), "SRUN": s.srun,
	}
	for _, entry := range s.Env() {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	return env
}

// shipped is the path of the policy file that the packages have.
func shipped() string {
	file, err := filepath.Abs("../../packaging/mp_policy.conf")
	if err != nil {
		return ""
	}
	return file
}

// python is the file of the system's interpreter, "" if there is none.
func python() string {
	file, err := filepath.EvalSymlinks("/usr/bin/python3")
	if err != nil {
		return ""
	}
	return file
}

// pool is the pool.py of the scripts.
const pool = `import multiprocessing
import os

if __name__ == "__main__":
    with multiprocessing.Pool() as pool:
        pool.map(abs, range(4))
    for name in sorted(os.environ):
        print(name + "=" + os.environ[name], flush=True)
`

func TestScripts(t *testing.T) {
	s := start(t, defaultLine, "LaunchParameters=use_interactive_step")
	s.addOpenMP(t)
	s.addMPI(t)
	s.addThreadLibraries(t)
	s.addTool(t)
	runScripts(t, "testdata", s)
}

// Slurm starts heterogeneous jobs only by its backfill scheduler, and each of
// their components on nodes of its own.
func TestScriptsOnTwoNodes(t *testing.T) {
	runScripts(t, "testdata/two-nodes", startNodes(t, 2, defaultLine, "SchedulerType=sched/backfill",
		"SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1"))
}

// runScripts runs the scripts of a directory, one after the other.
func runScripts(t *testing.T, dir string, shared *site) {
	t.Helper()
	work := filepath.Join(shared.Dir, "work")
	if err := os.Mkdir(work, 0o755); err != nil {
		t.Fatal(err)
	}
	testscript.RunT(serial{t}, testscript.Params{
		Dir:         dir,
		WorkdirRoot: work,
		Setup: func(env *testscript.Env) error {
			env.Values["site"] = shared
			env.Values["t"] = t
			for name, value := range shared.environment() {
				env.Setenv(name, value)
			}
			if err := os.WriteFile(filepath.Join(env.WorkDir, "pool.py"), []byte(pool), 0o644); err != nil {
				return err
			}
			return filepath.WalkDir(env.WorkDir, func(path string, _ fs.DirEntry, err error) error {
				if err != nil {
					return err
				}
				return os.Chown(path, shared.UID, shared.GID)
			})
		},
		Condition: func(condition string) (bool, error) {
			switch condition {
			case "onecore":
				cores, err := shared.cores()
				return cores == 1, err
			case "onecpu":
				return shared.CPUs == 1, nil
			case "manycpus":
				return shared.CPUs > 2, nil
			case "mpi4py":
				return shared.hasMPI, nil
			case "libraries":
				return shared.hasLibraries, nil
			}
			return false, fmt.Errorf("no such condition as %q; there are onecore, onecpu, manycpus, mpi4py and libraries", condition)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"brokenengine": cmdBrokenEngine, "plugstack": cmdPlugstack, "policy": cmdPolicy, "killswitch": cmdKillSwitch, "slurmdlog": cmdSlurmdLog,
		},
	})
}

// serial runs the scripts one after the other: they share the cluster's CPUs and
// its plugstack.conf.
type serial struct{ *testing.T }

func (s serial) Parallel() {}

func (s serial) Verbose() bool { return testing.Verbose() }

func (s serial) Run(name string, f func(testscript.T)) {
	s.T.Run(name, func(t *testing.T) { f(serial{t}) })
}

func siteOf(ts *testscript.TestScript) *site { return ts.Value("site").(*site) }

func cmdPlugstack(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: plugstack LINES")
	}
	s := siteOf(ts)
	ts.Check(s.write(args[0]))
	ts.Defer(func() { ts.Check(s.write(defaultLine)) })
}

func cmdBrokenEngine(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: brokenengine KIND")
	}
	s := siteOf(ts)
	compile(ts.Value("t").(testing.TB), "-shared", "-fPIC", "-I../../cshim", "-DKIND="+args[0], "programs/engine.c", "-o", s.broken())
	// RemoveAll: a script may build one after the other, and the first to go takes them all
	ts.Defer(func() { ts.Check(os.RemoveAll(s.broken())) })
}

func cmdPolicy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: policy FILE...")
	}
	for i, name := range args {
		path := siteOf(ts).policy()
		if i > 0 {
			path = filepath.Join(filepath.Dir(path), name)
		}
		ts.Check(os.WriteFile(path, []byte(ts.ReadFile(name)), 0o644))
		ts.Defer(func() { ts.Check(os.Remove(path)) })
	}
}

func cmdKillSwitch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: killswitch on|off")
	}
	path := filepath.Join(siteOf(ts).EtcSlurm(), "mp_policy.off")
	if args[0] == "on" {
		ts.Check(os.WriteFile(path, nil, 0o644))
		ts.Defer(func() { os.Remove(path) })
		return
	}
	ts.Check(os.Remove(path))
}

func cmdSlurmdLog(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: slurmdlog REGEXP")
	}
	want, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	// slurmstepd writes it before the step is over, but srun may be faster
	for range 100 {
		text, err := os.ReadFile(siteOf(ts).SlurmdLog)
		ts.Check(err)
		switch found := want.Match(text); {
		case found && neg:
			ts.Fatalf("%s has a line that matches %q", siteOf(ts).SlurmdLog, args[0])
		case found || neg:
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s has no line that matches %q", siteOf(ts).SlurmdLog, args[0])
}
