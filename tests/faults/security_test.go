// SPDX-License-Identifier: MIT

package faults

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The evaluator tries from inside all that could lead out of the user's rights, as an
// engine that a hostile script has taken over would.
func TestEvaluatorStaysTheUser(t *testing.T) {
	for _, mode := range []string{"cpus 2", "contain"} {
		step{lib: brokenEngine(t, "escapes"), more: []string{"group 65534", mode}}.asWithoutPlugin(t, "got:")
	}
}

// No variable of the user's reaches the evaluator: neither what the loader and glibc
// heed, nor what Go's runtime does.
func TestUsersVariablesStayOutside(t *testing.T) {
	trap := inScratch("mp_policy.so")
	env := []string{
		"LD_PRELOAD=" + trap, "LD_LIBRARY_PATH=/tmp", "LD_AUDIT=" + trap, "GCONV_PATH=/tmp", "GODEBUG=inittrace=1", "GOTRACEBACK=crash",
		"GOGC=1", "GOMEMLIMIT=1", "GOMAXPROCS=999", "LOCPATH=/tmp", "MALLOC_PERTURB_=1", "TZDIR=/tmp", "PATH=/usr/bin:/bin",
	}
	for _, mode := range []string{"cpus 2", "contain"} {
		step{lib: brokenEngine(t, "tells-environment"), env: env, more: []string{mode}}.
			asWithoutPlugin(t, `environ 0: GOGC=off GOMAXPROCS=1 GOTRACEBACK=none`)
		o := step{env: env, more: []string{mode}}.launch(t)
		o.unharmed(t)
		o.served(t)
		if o.stderr != "" {
			t.Errorf("stderr: %s", o.stderr)
		}
	}
}

// The user cannot get hold of the evaluator, whose memory is a copy of slurmstepd's.
func TestEvaluatorIsOutOfReach(t *testing.T) {
	reach := inScratch("reach")
	must(t, compile("programs/reach.c", "-o", reach))
	asUser := func(program string, args ...string) *exec.Cmd {
		cmd := exec.Command(program, args...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
		return cmd
	}
	// what is to be refused must be possible at all
	own := asUser("sleep", "60")
	must(t, own.Start())
	defer own.Wait()
	defer own.Process.Kill()
	out, err := asUser(reach, strconv.Itoa(own.Process.Pid)).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "maps\n") || !strings.Contains(string(out), "environ\n") {
		t.Fatalf("of an ordinary process: %v %q", err, out)
	}

	got := make(chan string)
	go func() { got <- reachEvaluator(asUser, reach) }()
	o := step{lib: brokenEngine(t, "sleeps-in-prepare"), ms: 5000, env: plain}.launch(t)
	if text := <-got; text != "" {
		t.Errorf("of the evaluator the user got %s; the log %q", text, o.log)
	}
}

// reachEvaluator waits for an evaluator below a host of this test, and tries.
func reachEvaluator(asUser func(string, ...string) *exec.Cmd, reach string) string {
	for range 1000 {
		found, _ := filepath.Glob("/proc/[0-9]*/comm")
		for _, comm := range found {
			name, _ := os.ReadFile(comm)
			pid := filepath.Base(filepath.Dir(comm))
			if string(name) != "mp-policy\n" || !strings.Contains(parentOf(pid), scratch) {
				continue
			}
			out, err := asUser(reach, pid).CombinedOutput()
			if err != nil {
				return err.Error()
			}
			return string(out)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return "no chance: there was no evaluator"
}

// parentOf gives the program of a process's parent.
func parentOf(pid string) string {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return ""
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	program, _ := os.Readlink("/proc/" + fields[1] + "/exe")
	return program
}

// The process that ends an evaluator which is not slurmstepd's child has the user's rights.
// It is never slurmstepd itself, which the user could then stop. The host reports it (kill in
// host.c).
func TestUserCannotSignalSlurmstepd(t *testing.T) {
	step{lib: brokenEngine(t, "sleeps"), ms: 50, env: plain, more: []string{"contain", "tasks 2"}}.asWithoutPlugin(t, "no answer within 50 ms")
	step{lib: brokenEngine(t, "sleeps"), more: []string{"contain", "tasks 2", "abort fork"}}.launch(t).unharmed(t)
}

// As root, nothing is reached for that a user can choose, whatever the step's words,
// environment and directory's name.
func TestRootOpensNothingOfTheUsers(t *testing.T) {
	dir := t.TempDir()
	env := []string{"PATH=" + dir, "HOME=" + dir, "PWD=" + dir, "TMPDIR=" + dir, "MP_POLICY=on", "PYTHONPATH=" + dir}
	allowed := regexp.MustCompile(`^(/etc/slurm/mp_policy\.off|/proc/self/(oom_score_adj|cgroup|fd/2)|/proc/\d+/task|\d+/stat|/sys/fs/cgroup/[^ ]+/(tasks|system)|/run/slurm-mp-policy|65534\.[123])$`)
	for _, mode := range []string{"cpus 2", "contain"} {
		for _, kind := range []string{"works", "sleeps", "segfaults"} {
			s := step{lib: brokenEngine(t, kind), env: env, argv: []string{"python3", dir + "/x.py"}, more: []string{"tasks 2", mode, "cwd " + dir, "option mp-policy=on"}}
			if kind == "sleeps" {
				s.ms = 50
			}
			o := s.launch(t)
			o.unharmed(t)
			for _, path := range o.paths {
				if !allowed.MatchString(path) {
					t.Errorf("%s %s: root reached for %q", kind, mode, path)
				}
			}
			if !slices.Contains(o.paths, "/etc/slurm/mp_policy.off") {
				t.Errorf("the host saw nothing: %q", o.paths)
			}
		}
	}
}

// The host reports each function that takes a path (programs/host.c) and that the shim
// uses: none can be added to the shim unseen.
func TestHostSeesEachPath(t *testing.T) {
	takesPath := regexp.MustCompile(`open|^creat|stat|access|link|mk(dir|nod|fifo|d?temp)|rmdir|rename|realpath|chdir|chroot|chmod|chown|truncate|utime|mount|exec|spawn|glob|ftw|scandir|remove|xattr`)
	byDescriptor := []string{"fstat", "fchmod"}
	plugin, err := elf.Open(shim)
	must(t, err)
	defer plugin.Close()
	uses, err := plugin.ImportedSymbols()
	must(t, err)
	program, err := elf.Open(host)
	must(t, err)
	defer program.Close()
	symbols, err := program.DynamicSymbols()
	must(t, err)
	seen := 0
	for _, use := range uses {
		if !takesPath.MatchString(use.Name) || slices.Contains(byDescriptor, use.Name) {
			continue
		}
		seen++
		if !slices.ContainsFunc(symbols, func(s elf.Symbol) bool { return s.Name == use.Name && s.Section != elf.SHN_UNDEF }) {
			t.Errorf("the shim uses %s, which the host does not report", use.Name)
		}
	}
	if seen < 8 {
		t.Errorf("the shim uses only %d such functions", seen)
	}
}

// A user's words reach the log as one printable line, never as a format.
func TestLogInjection(t *testing.T) {
	for _, option := range []string{"\x1b[31mred", "%s%n%99999d", "a\x0bslurmd: error: b", "\x9b31m", strings.Repeat("\x01", 1000)} {
		o := step{more: []string{"option mp-policy=" + option}}.launch(t)
		o.unharmed(t)
		o.served(t)
		o.says(t, "info mp-policy: --mp-policy=.* is ignored: .*")
	}
}

// A user changes a link on the way to the engine and to the policy file while steps
// start: neither is ever taken.
func TestLinkRace(t *testing.T) {
	dir := rootOnly(t)
	must(t, os.Chown(dir, user, user))
	must(t, os.Mkdir(dir+"/a", 0o755))
	must(t, os.Mkdir(dir+"/b", 0o755))
	must(t, copyTo(engine, dir+"/a/x.so"))
	must(t, copyTo(inScratch("engine.so"), dir+"/b/x.so"))
	for _, name := range []string{"a", "b"} {
		must(t, os.WriteFile(dir+"/"+name+"/policy", []byte("rule \"theirs\"\n    set THEIRS 1\n"), 0o644))
	}
	flip := exec.Command("sh", "-c", `cd "$1"; while :; do ln -sfn a now; ln -sfn b now; done`, "sh", dir)
	flip.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}, Pdeathsig: syscall.SIGKILL}
	must(t, flip.Start())
	defer flip.Wait()
	defer flip.Process.Kill()
	for range 20 {
		o := step{lib: dir + "/now/x.so", env: plain}.launch(t)
		o.unharmed(t)
		if !slices.Equal(o.env(0), plain) || len(o.log) != 1 || !strings.Contains(o.log[0], "engine refused: ") {
			t.Fatalf("%q; the log %q", o.env(0), o.log)
		}
		o = step{more: []string{"word config=" + dir + "/now/policy"}}.launch(t)
		o.unharmed(t)
		o.served(t)
		if o.has(0, "THEIRS=1") || len(o.log) != 1 || !strings.Contains(o.log[0], "policy file refused") {
			t.Fatalf("%q; the log %q", o.env(0), o.log)
		}
	}
}
