// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/spf13/cobra"

	"slurm-mp-policy/nodeinfo/nodetest"

	"slurm-mp-policy/cmd/mp-policy/internal/site"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// runTool is the tool, as a shell would run it.
func runTool(args ...string) (code int, stdout, stderr string) {
	return runOn(screen{}, args...)
}

func runOn(s screen, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(args, s, &out, &errs)
	return code, out.String(), errs.String()
}

// machine lays out a machine of nodeinfo's.
func machine(t *testing.T, name string) string {
	t.Helper()
	text, err := txtar.ParseFile(filepath.Join("../../nodeinfo/testdata/machines", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	return nodetest.Machine(t, text)
}

// builtinLine is where a built-in rule stands, which moves with every comment.
var builtinLine = regexp.MustCompile(`builtin:[0-9]+`)

// golden compares with a file in testdata, or rewrites it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = builtinLine.ReplaceAllString(got, "builtin:N")
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: want -, got +; go test ./cmd/mp-policy -update rewrites it\n%s", file, diff)
	}
}

// interpreter is a directory for PATH, in which python3 is a Python of that version.
func interpreter(t *testing.T, version string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "python"+version)
	if err := errors.Join(os.WriteFile(file, []byte("\x7fELF"), 0o755), os.Symlink(file, filepath.Join(dir, "python3"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The machines and the commands of the golden files.
var (
	explainMachines = []string{
		"epyc-1792", "grace-hpe", "graviton4", "hybrid-intel", "knl-aries", "mi300a-slingshot", "power9-offline", "xe6-gemini",
	}
	explainCommands = []string{
		"-- python3 serial.py",
		"-- python3 pool.py",
		"--cpus 4-7 --mp-policy=workers=2 -- python3 pool.py",
		"--tasks 8 -- python3 mpi_pool.py",
		"-- python3 loader.py",
		"--env OMP_PLACES=cores --env OMP_NUM_THREADS=4 -- python3 pool.py",
		"--env OMP_PROC_BIND=close --affinity=hint -- python3 pool.py",
		"--mp-policy=off -- python3 pool.py",
		"--kind=batch -- job.sh",
		"--cpus 4-7 -- nice python3 serial.py",
		"--cpus 4-7 -- taskset -c 4 python3 pool.py",
		"--cpus 4-7 -- ls",
		"-c 3 --tasks 2 -- python3 pool.py",
	}
)

func TestExplainRecorded(t *testing.T) {
	for _, name := range explainMachines {
		t.Run(name, func(t *testing.T) {
			root := machine(t, name)
			path := interpreter(t, "3.13")
			var page strings.Builder
			for _, command := range explainCommands {
				args := append(strings.Fields("explain --builtin --clean-env --cwd testdata/commands --env PATH="+path+" --root"), root)
				code, out, errs := runTool(append(args, strings.Fields(command)...)...)
				if code != 0 || errs != "" {
					t.Errorf("%s: exit %d, %s", command, code, errs)
				}
				fmt.Fprintf(&page, "# mp-policy explain %s\n%s\n", command, strings.ReplaceAll(out, root, "ROOT"))
			}
			golden(t, "explain/"+name, page.String())
		})
	}
}

// TestExplainSite has a site's policy and a job that its rules are about.
func TestExplainSite(t *testing.T) {
	root := machine(t, "knl-aries")
	run := func(args ...string) string {
		all := []string{"explain", "--clean-env", "--cwd", "testdata/commands", "--root", root, "--policy", "testdata/site.conf"}
		code, out, errs := runTool(append(append(all, args...), "--", "python3", "pool.py")...)
		if code != 0 {
			t.Errorf("%v: exit %d, %s", args, code, errs)
		}
		return strings.ReplaceAll(fmt.Sprintf("# %s\n%s\n", strings.Join(args, " "), out), root, "ROOT")
	}
	golden(t, "explain-site", run()+
		run("--partition", "knl")+
		run("--account", "chem")+
		run("--qos", "debug")+
		run("--user", "4242")+
		run("--group", "4343")+
		run("--tasks", "3")+
		run("--default", "off")+
		run("--env", "MP_POLICY_APPLIED=A=1 B<x", "--env", "A=1")+
		run("--env", "MP_POLICY=sometimes"))
}

func TestExplainJSON(t *testing.T) {
	validate := schemaOf(t, "explain")
	for _, name := range explainMachines {
		root := machine(t, name)
		path := interpreter(t, "3.9")
		for _, command := range explainCommands {
			args := append(strings.Fields("explain --json --builtin --clean-env --cwd testdata/commands --env PATH="+path+" --root"), root)
			code, out, errs := runTool(append(args, strings.Fields(command)...)...)
			if code != 0 {
				t.Fatalf("%s: exit %d, %s", command, code, errs)
			}
			if err := validate(out); err != nil {
				t.Errorf("%s: %s: %v", name, command, err)
			}
			if name == "knl-aries" && command == "-- python3 pool.py" {
				golden(t, "explain-json", out)
				if validate(strings.Replace(out, `"settings"`, `"setting"`, 1)) == nil {
					t.Error("the schema takes what has no settings")
				}
			}
		}
	}
}

func TestExplainColour(t *testing.T) {
	args := []string{"explain", "--builtin", "--clean-env", "--cwd", "testdata/commands", "--root", machine(t, "grace-hpe"), "--", "python3", "pool.py"}
	if _, out, _ := runOn(screen{}, args...); strings.Contains(out, "\x1b") {
		t.Errorf("colours that nobody asked for:\n%q", out)
	}
	if _, out, _ := runOn(screen{colour: true}, args...); !strings.Contains(out, "\x1b[32mset\x1b[0m      OMP_") {
		t.Errorf("no colours:\n%q", out)
	}
}

// TestExplainEnvironment: the step's environment is the caller's, unless it is not
// to be; what --env says comes last.
func TestExplainEnvironment(t *testing.T) {
	t.Setenv("OMP_NUM_THREADS", "7")
	for args, want := range map[string]string{
		"":                                   `keep +OMP_NUM_THREADS=7: `,
		"--clean-env":                        `set +OMP_NUM_THREADS=1: `,
		"--env OMP_NUM_THREADS=5":            `keep +OMP_NUM_THREADS=5: `,
		"--env A=1 --env OMP_PLACES=x":       `unset +OMP_PLACES `,
		"--clean-env --mp-policy=off":        `off +--no-mp-policy or --mp-policy says so`,
		"--env MP_POLICY=off":                `off +MP_POLICY says so`,
		"--env MP_POLICY=off --mp-policy=on": `keep +OMP_NUM_THREADS=7: `,
	} {
		all := append(strings.Fields("explain --builtin --cwd testdata/commands "+args), "--", "python3", "pool.py")
		code, out, errs := runTool(all...)
		if code != 0 || !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("%s: exit %d, want %q\n%s%s", args, code, want, out, errs)
		}
	}
}

func TestExplainOwnMask(t *testing.T) {
	mask, err := site.OwnMask()
	if err != nil {
		t.Fatal(err)
	}
	_, out, errs := runTool("explain", "--builtin", "--cpus", "self", "--", "ls")
	if want := fmt.Sprintf("(mask %s)", mask); !strings.Contains(out, want) {
		t.Errorf("want %q in\n%s%s", want, out, errs)
	}
}

// TestNothingHalf: a command that fails leaves nothing of what it had printed.
func TestNothingHalf(t *testing.T) {
	before := more
	defer func() { more = before }()
	more = append(more, func(screen) *cobra.Command {
		return &cobra.Command{Use: "half", RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprintln(cmd.OutOrStdout(), "half of it")
			return errors.New("the other half is missing")
		}}
	})
	code, out, errs := runTool("half")
	if code != exitUsage || out != "" || errs != "mp-policy: the other half is missing\n" {
		t.Errorf("exit %d, stdout %q, stderr %q", code, out, errs)
	}
}

func TestUnknownCommand(t *testing.T) {
	for args, want := range map[string]string{
		"exlain":                            `there is no command "exlain": did you mean explain?`,
		"launch":                            `there is no command "launch"; mp-policy --help lists them`,
		"--fast":                            "unknown flag: --fast; mp-policy --help lists the options",
		"help launch":                       `there is no command "launch"; mp-policy --help lists them`,
		"rules --builtin --policy x":        "--policy and --builtin exclude each other: give one of them",
		"node --json --cpus 0":              "--cpus and --json exclude each other: give one of them",
		"explain --builtin --policy x -- x": "--policy and --builtin exclude each other: give one of them",
		"explain --fas x":                   "unknown flag: --fas; mp-policy explain --help lists the options",
	} {
		code, out, errs := runTool(strings.Fields(args)...)
		if code != exitUsage || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q; want %q", args, code, out, errs, want)
		}
	}
}

// TestHelp: each command has one line of usage.
func TestHelp(t *testing.T) {
	for _, args := range []string{"help", "--help", "help explain", "explain --help", "node -h"} {
		code, out, errs := runTool(strings.Fields(args)...)
		_, usage, _ := strings.Cut(out, "\nUsage:\n")
		usage, _, _ = strings.Cut(usage, "\n\n")
		if code != 0 || errs != "" || strings.Count(usage, "mp-policy") != 1 {
			t.Errorf("%s: exit %d, stderr %q, usage %q", args, code, errs, usage)
		}
	}
}

// TestExplainKillSwitch: on a node that is switched off no launch does what is explained.
func TestExplainKillSwitch(t *testing.T) {
	defer func(was string) { killSwitch = was }(killSwitch)
	killSwitch = filepath.Join(t.TempDir(), "off")
	explain := func(args ...string) bool {
		_, out, _ := runTool(append(append([]string{"explain"}, args...), "--", "true")...)
		return strings.Contains(strings.Join(strings.Fields(out), " "), killSwitch+" is there")
	}
	if explain() {
		t.Error("a switch that is not there")
	}
	if err := os.WriteFile(killSwitch, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if !explain() {
		t.Error("nothing of the switch")
	}
	if explain("--root", machine(t, "grace-hpe")) {
		t.Error("this node's switch, of a recorded one")
	}
}

// TestExplainNoCores: what the recording does not tell is not called 0.
func TestExplainNoCores(t *testing.T) {
	code, out, errs := runTool("explain", "--root", t.TempDir(), "--cpus", "0-3", "--clean-env", "--", "true")
	if code != 0 || !strings.Contains(out, "task 0   4 CPUs of an unknown number (mask 0-3)\n") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}

// TestExplainPerTask: -c is a launch with that many CPUs on an empty node.
func TestExplainPerTask(t *testing.T) {
	t.Setenv("SLURM_JOB_CPUS_PER_NODE", "64")
	root := machine(t, "knl-aries")
	for args, want := range map[string]string{
		"-c 4":             "4 CPUs of 272, 1 core (mask 0,68,136,204)",
		"-c 4 --clean-env": "the task has 4 CPUs, the node 272",
		"-c 6":             "6 CPUs of 272, 2 cores (mask 0-1,68-69,136,204)",
		// the job's own -c is no smaller than what the task has
		"-c 8 --tasks 2 --mp-policy=workers=16":               "the job has 64 on this node: add -c 32",
		"-c 8 --tasks 2 --clean-env --mp-policy=workers=16":   "starts 16 workers on 8 CPUs: start 8, or give each task more: -c 16",
		"-c 8 --tasks 999 --clean-env --mp-policy=workers=16": "starts 16 workers on 8 CPUs: start 8, or give each task more: -c 16",
		"-c 1 --tasks 5 --clean-env":                          "5 copies of pool.py run, each with one core; for one program with 5 workers: srun -n 1 -c 5",
		// as many tasks as fit on the node are there
		"-c 1 --tasks 999 --clean-env": "999 copies of pool.py run, each with one core; for one program with 272 workers",
	} {
		path := interpreter(t, "3.13")
		all := append(strings.Fields("explain --builtin --cwd testdata/commands --env PATH="+path+" --root "+root+" "+args), "--", "python3", "pool.py")
		code, out, errs := runTool(all...)
		if code != 0 || !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
			t.Errorf("%s: exit %d, no %q in\n%s%s", args, code, want, out, errs)
		}
	}
	// a user who asks for one CPU is not told to ask for more
	for args, want := range map[string]bool{"-c 1": false, "--cpus 0": true} {
		_, out, errs := runTool(append(strings.Fields("explain --builtin --cwd testdata/commands --root "+root+" "+args), "--", "python3", "pool.py")...)
		if got := strings.Contains(out, "share one core"); got != want {
			t.Errorf("%s: a hint about one core: %v, want %v\n%s%s", args, got, want, out, errs)
		}
	}
}

// TestExplainPerTaskQuota: what limits this process is no limit of the task.
func TestExplainPerTaskQuota(t *testing.T) {
	root := machine(t, "grace-hpe")
	for name, text := range map[string]string{
		"proc/self/cgroup":          "0::/job\n",
		"proc/self/mountinfo":       "30 20 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
		"sys/fs/cgroup/job/cpu.max": "200000 100000\n",
	} {
		file := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	const reason = "quota    2 CPUs, by the cgroups: so 2 of the 8 in the mask count\n"
	for _, test := range []struct {
		args, want string
		reason     bool
	}{
		{"--cpus 0-7", "task 0   2 CPUs of 8,", true},
		{"--cpus 0-1", "task 0   2 CPUs of 8,", false},
		{"-c 8", "task 0   8 CPUs of 8,", false},
	} {
		_, out, errs := runTool(append(strings.Fields("explain --builtin --clean-env --root "+root+" "+test.args), "--", "true")...)
		if !strings.Contains(out, test.want) || strings.Contains(out, reason) != test.reason {
			t.Errorf("%s: no %q, or the reason's line is wrong (want it: %v) in\n%s%s", test.args, test.want, test.reason, out, errs)
		}
	}
}

func TestExplainUsage(t *testing.T) {
	root := machine(t, "grace-hpe")
	for _, test := range []struct{ args, want string }{
		{"", "there is no command to explain"},
		{"--root= -- x", "--root is empty: want a directory"},
		{"--root /nowhere -- x", "--root: stat /nowhere: no such file or directory; want a directory"},
		{"--root testdata/site.conf -- x", "is not a directory"},
		{"--root testdata -- x", "testdata does not tell which CPUs are online"},
		{"--cpus= -- x", "--cpus is empty: want a list such as 0-15,64-79"},
		{"--cpus self -- x", `--cpus: "self" in a list of CPUs`},
		{"--cpus 7-3 -- x", "the range runs backwards; want a list"},
		{"--cpus 9999 -- x", "CPU 9999 is not online there: want CPUs of 0-"},
		{"--tasks 0 -- x", "--tasks 0: want 1 or more"},
		{"-c 0 -- x", "-c 0: want 1 or more"},
		{"-c 2 --cpus 0,1 -- x", "--cpus and --cpus-per-task exclude each other"},
		{"-c 9999 -- x", "CPUs online: want no more"},
		{"--tasks two -- x", `--tasks "two": want a whole number`},
		{"--cwd /nowhere -- x", "--cwd: stat /nowhere"},
		{"--env A -- x", `--env "A": want NAME=VALUE`},
		{"--env =1 -- x", `--env "=1": want NAME=VALUE`},
		{"--policy /nowhere -- x", "--policy: the policy file cannot be read: open /nowhere: no such file or directory"},
		{"--policy= -- x", "--policy: an empty name is no policy file"},
		{"--policy testdata -- x", "testdata is a directory: want a policy file"},
		{"--policy testdata/site.conf --builtin -- x", "--policy and --builtin exclude each other"},
		{"--mp-policy fast -- x", `--mp-policy=fast: "fast" is not a word of it; allowed`},
		{"--affinity never -- x", `--affinity "never" is not known: want fix, hint, off`},
		{"--default maybe -- x", `--default "maybe" is not known: want on, off`},
		{"--kind extern -- x", `--kind "extern" is not known`},
		{"--user no-such-user -- x", `--user "no-such-user": no such user here`},
		{"--group no-such-group -- x", `--group "no-such-group": no such group here`},
		{"--tasks x -- x", `--tasks "x": want a whole number; mp-policy explain --help lists the options`},
		{"--json=x -- x", `--json "x": want true or false`},
		{"--mp-policy= -- x", `--mp-policy=: a value is missing`},
		{"--colour -- x", "unknown flag: --colour; mp-policy explain --help lists the options"},
	} {
		args := []string{"explain", "--root", root}
		if strings.Contains(test.args, "--root") {
			args = args[:1]
		}
		code, out, errs := runTool(append(args, strings.Fields(test.args)...)...)
		if code != exitUsage || out != "" || !strings.Contains(errs, test.want) || strings.Contains(errs, "goroutine") {
			t.Errorf("%s: exit %d, stdout %q, stderr %q; want %q", test.args, code, out, errs, test.want)
		}
	}
}
