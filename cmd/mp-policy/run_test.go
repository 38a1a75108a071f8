// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func build(t *testing.T, words ...string) {
	t.Helper()
	if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", words, err, out)
	}
}

// buildTool returns the tool as it is installed, which the test's own process is not.
func buildTool(t *testing.T) string {
	t.Helper()
	tool := filepath.Join(t.TempDir(), "mp-policy")
	build(t, "go", "build", "-o", tool, ".")
	return tool
}

// sh runs a script, and returns what it prints and its status.
func sh(script string) (string, int) {
	cmd := exec.Command("sh", "-c", script)
	out, _ := cmd.Output() // the status is compared
	return string(out), cmd.ProcessState.ExitCode()
}

// TestRun: the command is in the state in which it would be without the tool, and ends
// as it would.
func TestRun(t *testing.T) {
	tool, state := buildTool(t), filepath.Join(t.TempDir(), "taskstate")
	build(t, "cc", "-D_GNU_SOURCE", "../../tests/e2e/programs/taskstate.c", "-o", state)
	for _, before := range []string{
		"", "trap '' TERM PIPE QUIT CHLD TSTP;", "exec <&-;", "ulimit -S -n 100;", "umask 077; cd /;",
	} {
		want, _ := sh(before + " exec " + state)
		got, _ := sh(before + " exec " + tool + " run " + state)
		if diff := cmp.Diff(want, got); want == "" || diff != "" {
			t.Errorf("%s without -, with +:\n%s", before, diff)
		}
	}
	for command, want := range map[string]int{
		"":                          exitUsage,
		"nosuch":                    127,
		"/etc/passwd":               126,
		"sh -c 'exit 7'":            7,
		"-- sh -c 'exit 7'":         7,
		"--bogus sh -c 'exit 7'":    7,
		"--mp-policy=x true":        0,
		"--mp-policy sh -c :":       0,
		"--mp-policy nosuch true":   0,
		"--mp-policy explain false": 1,
		"sh -c 'kill -TERM $$'":     128 + 15,
		"sh -c 'read a; exit $a'":   3,
	} {
		if _, got := sh("echo 3 | { " + tool + " run " + command + "; exit $?; }"); got != want {
			t.Errorf("run %s: exit %d, want %d", command, got, want)
		}
	}
	for line, want := range map[string]int{"#!" + tool + " run": 126, "#!/usr/bin/env -S " + tool + " run -- sh": 5} {
		script := filepath.Join(t.TempDir(), "script")
		if err := os.WriteFile(script, []byte(line+"\nexit 5\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		if _, got := sh("ulimit -t 5; exec " + script); got != want {
			t.Errorf("%s: exit %d, want %d", line, got, want)
		}
	}
	outer := "OMP_NUM_THREADS=9 MP_POLICY_APPLIED=OMP_NUM_THREADS=9 "
	for _, options := range []string{"", "--no-mp-policy", "--mp-policy=off"} {
		if out, _ := sh(outer + tool + " run " + options + " env"); strings.Contains(out, "OMP_NUM_THREADS") {
			t.Errorf("%s keeps what an outer step has set:\n%s", options, out)
		}
	}
	// what sbatch was given, if --export=NONE keeps MP_POLICY from the script
	const left = "SLURM_SPANK__SLURM_SPANK_OPTION_mp_policy_"
	for _, variable := range []string{left + "no_mp_policy='(null)'", left + "mp_policy=off"} {
		if out, _ := sh("unset MP_POLICY; " + variable + " " + tool + " run --mp-policy=explain env 2>&1"); !strings.Contains(out, "mp-policy: off ") {
			t.Errorf("%s is not heard:\n%s", variable, out)
		}
		if out, _ := sh("unset MP_POLICY; " + variable + " " + tool + " explain python3"); !strings.HasPrefix(out, "off ") {
			t.Errorf("explain does not hear %s:\n%s", variable, out)
		}
	}
}

// TestRunHasItsCallersSignals sends signals during the evaluation. Its plugstack.conf is a
// FIFO: the test opens the other end, and so knows when the tool has come to it.
func TestRunHasItsCallersSignals(t *testing.T) {
	tool, dir := buildTool(t), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "slurm.conf"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	build(t, "mkfifo", filepath.Join(dir, "plugstack.conf"))
	script := "cd " + dir + "; export SLURM_CONF=" + dir + "/slurm.conf; trap '' QUIT TERM; " + tool +
		" run true & exec 9>plugstack.conf; kill -QUIT $!; kill -TERM $!; wait $!"
	if _, code := sh(script); code != 0 {
		t.Errorf("ignored signals: exit %d", code)
	}
	for _, want := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGUSR1} {
		during := false
		// the evaluation goes on while the test gets the CPU: it may be over
		for try := 0; try < 200 && !during; try++ {
			during = signalledInEvaluation(t, tool, dir, want)
		}
		if !during {
			t.Errorf("%v: the tool was never stopped during its evaluation", want)
		}
	}
}

// signalledInEvaluation stops "mp-policy run sleep" after it has opened the FIFO, sends the
// signal if it is still the tool, and returns whether it was.
func signalledInEvaluation(t *testing.T, tool, dir string, want syscall.Signal) bool {
	t.Helper()
	var errs bytes.Buffer
	cmd := exec.Command(tool, "run", "sleep", "60")
	cmd.Dir, cmd.Env, cmd.Stderr = dir, append(os.Environ(), "SLURM_CONF="+dir+"/slurm.conf"), &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	fifo, err := os.OpenFile(filepath.Join(dir, "plugstack.conf"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer fifo.Close()
	_ = cmd.Process.Signal(syscall.SIGSTOP)
	for { // until it has stopped
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
		if err != nil || strings.Contains(string(text), ") T ") {
			break
		}
	}
	program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", cmd.Process.Pid))
	if err != nil || filepath.Base(program) != filepath.Base(tool) {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return false
	}
	_ = cmd.Process.Signal(want)
	_ = cmd.Process.Signal(syscall.SIGCONT)
	_ = cmd.Wait() // the status is compared
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signal() != want || strings.Contains(errs.String(), "goroutine") {
		t.Errorf("%v: %v, stderr %q", want, cmd.ProcessState, errs.String())
	}
	return true
}

// TestRunExplainsTheSite: the words of plugstack.conf and a refused policy are among what is
// explained.
func TestRunExplainsTheSite(t *testing.T) {
	tool, dir := buildTool(t), t.TempDir() // below a directory that everybody may write to
	for name, text := range map[string]string{
		"slurm.conf":     "ClusterName=x\n",
		"plugstack.conf": "optional mp_policy.so affinity=hint config=" + dir + "/mp_policy.conf\n",
		"mp_policy.conf": "rule ours\n set A 1\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, _ := sh("SLURM_CONF=" + dir + "/slurm.conf " + tool + " run --mp-policy=explain true 2>&1")
	text := strings.Join(strings.Fields(strings.ReplaceAll(out, "mp-policy: ", "")), " ") // lines are broken at 80 columns
	for _, want := range []string{"note plugstack.conf: affinity=hint config=" + dir + "/mp_policy.conf (", "note policy file refused"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// TestRunOfASlowEvaluation has an evaluation that is late: the command runs without the
// policy, and without what an outer step has set.
func TestRunOfASlowEvaluation(t *testing.T) {
	tool, dir := buildTool(t), t.TempDir()
	for name, text := range map[string]string{
		"slurm.conf":     "PlugStackConfig=" + dir + "/plugstack.conf\n",
		"plugstack.conf": "optional mp_policy.so deadline=1\n",
		"slow.py":        strings.Repeat("a = [1, 2, 3, 4]\n", 1<<15),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// "python3" is a program that only prints: what it is given is read on paper.
	if err := os.Symlink("/usr/bin/env", filepath.Join(dir, "python3")); err != nil {
		t.Fatal(err)
	}
	out, code := sh("exec 2>&1; cd " + dir + "; OMP_NUM_THREADS=9 MP_POLICY_APPLIED=OMP_NUM_THREADS=9 SLURM_CONF=" + dir + "/slurm.conf " + tool + " run ./python3 slow.py")
	if want := "mp-policy: run: no evaluation within 1ms; the command runs without the policy\n"; !strings.HasPrefix(out, want) || code != 127 {
		t.Errorf("exit %d, no %q in %q", code, want, out)
	}
	if strings.Contains(out, "OMP_NUM_THREADS") {
		t.Errorf("what an outer step has set stays: %s", out)
	}
}

// TestRunWithAFullEnvironment goes through sizes up to the first one from which on the
// settings do not fit: the command runs all the same.
func TestRunWithAFullEnvironment(t *testing.T) {
	dir := filepath.Dir(buildTool(t))
	const limit = 128 << 10 // of execve(2) if the limit of the stack is small
	tooLarge := false
	for size := limit - 1024; size < limit && !tooLarge; size += 16 {
		script := "unset $(env | cut -d = -f 1 | grep -v PATH); ulimit -s 256; cd " + dir + "; A=$(head -c " + strconv.Itoa(size) +
			" /dev/zero | tr '\\0' a); export A; exec ./mp-policy run --mp-policy=multiprocessing /bin/true 2>&1"
		out, code := sh(script)
		if strings.HasPrefix(out, "mp-policy:") {
			tooLarge = true
			if want := "mp-policy: run: the environment would be too large; the command runs as it is\n"; out != want || code != 0 {
				t.Fatalf("%d bytes: exit %d, %q", size, code, out)
			}
		}
	}
	if !tooLarge {
		t.Error("the settings fit always")
	}
}
