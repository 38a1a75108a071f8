// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"slurm-mp-policy/cmd/mp-policy/internal/inspect"
)

// aUser has no name. Root's own programs have no verdict.
const aUser = 4242

// startPool starts a Python program with two workers that compute, as a user if that is
// possible, and returns its number.
func startPool(t *testing.T, uid int, env ...string) string {
	t.Helper()
	file := filepath.Join(openDir(t), "pool.py")
	err := os.WriteFile(file, []byte(`import multiprocessing

def spin(_):
    while True:
        pass

if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(spin, range(2))
`), 0o644)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/python3", file)
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &unix.SysProcAttr{Setpgid: true}
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = credential(uint32(uid))
	}
	if err := cmd.Start(); err != nil {
		t.Skipf("no Python: %v", err)
	}
	t.Cleanup(func() {
		unix.Kill(-cmd.Process.Pid, unix.SIGKILL)
		cmd.Wait()
	})
	return strconv.Itoa(cmd.Process.Pid)
}

// inspectUntil runs the tool until it prints what is waited for.
func inspectUntil(t *testing.T, want string, args ...string) string {
	t.Helper()
	out, errs := "", ""
	for range 60 {
		if _, out, errs = runTool(append([]string{"inspect"}, args...)...); regexp.MustCompile(want).MatchString(out) {
			return out
		}
	}
	t.Fatalf("inspect %v: no %q in\n%s%s", args, want, out, errs)
	return ""
}

func TestInspectPool(t *testing.T) {
	pid := startPool(t, aUser, "OMP_NUM_THREADS=1", "MP_POLICY_APPLIED=OMP_NUM_THREADS=1")
	out := inspectUntil(t, `(?s)worker \(fork\).*worker \(fork\)`, pid)
	for _, want := range []string{
		"process " + pid + " on ", `\nuse +[0-9.]+ CPUs; 2 workers, `, `\nplugin +multiprocessing, python, by\s+\S*pool.py:8:\s`,
		`\nvariables +OMP_NUM_THREADS=1 \(by the policy\);[ \n]+MP_POLICY_APPLIED=OMP_NUM_THREADS=1\n`,
		`\nPID +CPUs +ran on +thr +run +use +process\n`, `socket 0.* of the task\)`, `1 to 9 and \+ are runnable threads of the task`,
	} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "          ") && len([]rune(line)) > drawWidth+1 { // words to type are not broken
			t.Errorf("wider than %d characters: %s", drawWidth, line)
		}
	}
	if code, _, errs := runTool("inspect", pid); code != 0 || errs != "" {
		t.Errorf("exit %d, %q: findings are no failure", code, errs)
	}
}

func TestInspectJSON(t *testing.T) {
	validate := schemaOf(t, "inspect")
	pid := startPool(t, aUser, "SLURM_JOB_ID=77777777", "SLURM_STEP_ID=0", "SLURM_PROCID=0")
	for _, args := range [][]string{{pid, "--json"}, {"77777777", "--json"}, {"--job", "77777777", "--json"}, {"--all", "--json"}} {
		out := inspectUntil(t, `"role": "worker"`, args...)
		if err := validate(out); err != nil {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
		if validate(strings.Replace(out, `"findings"`, `"finding"`, 1)) == nil {
			t.Error("the schema takes what has no findings")
		}
		var r inspect.Report
		if err := json.Unmarshal([]byte(out), &r); err != nil || len(r.Tasks) == 0 {
			t.Errorf("%v: %v", args, err)
		}
	}
}

// TestInspectSite: what the site says holds, and --builtin is without it.
func TestInspectSite(t *testing.T) {
	dir := openDir(t)
	policyFile := filepath.Join(dir, "mp_policy.conf")
	for name, text := range map[string]string{
		"slurm.conf":     "ClusterName=x\n",
		"plugstack.conf": "optional mp_policy.so default=off config=" + policyFile + "\n",
		"off":            "",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("SLURM_CONF", filepath.Join(dir, "slurm.conf"))
	defer func(was string) { killSwitch = was }(killSwitch)
	killSwitch = filepath.Join(dir, "off")
	const words, off = "plugstack.conf: default=off config=", `plugin +off: the site's default is off`
	pid := startPool(t, aUser)
	out := inspectUntil(t, off, pid)
	for _, want := range []string{words, killSwitch + " is there", policyFile + " is not there"} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if out := inspectUntil(t, `plugin +multiprocessing`, pid, "--builtin"); strings.Contains(out, words) {
		t.Errorf("--builtin has the site's words:\n%s", out)
	}
	// with the policy the step has asked for it
	inspectUntil(t, `plugin +multiprocessing`, startPool(t, aUser, "MP_POLICY_APPLIED=OMP_NUM_THREADS=1", "OMP_NUM_THREADS=1"))
}

// TestInspectSchema has the words of each finding that there is.
func TestInspectSchema(t *testing.T) {
	schema, err := os.ReadFile("../../docs/inspect.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile("internal/inspect/findings.go")
	if err != nil {
		t.Fatal(err)
	}
	words := regexp.MustCompile(`What: "([a-z-]+)"`).FindAllStringSubmatch(string(code), -1)
	if len(words) < 6 {
		t.Fatalf("%d findings, want 6 or more", len(words))
	}
	for _, word := range words {
		if !strings.Contains(string(schema), `"`+word[1]+`"`) {
			t.Errorf("docs/inspect.schema.json has no %q", word[1])
		}
	}
}

func TestInspectUsage(t *testing.T) {
	t.Setenv("SLURM_JOB_ID", "")
	for args, want := range map[string]string{
		"":               "inspect needs to know what to look at: want a PID, a JOBID or --all, or to run within a job: srun --overlap",
		"x":              `inspect "x": want the number of a process or job`,
		"0":              `inspect "0": want the number of a process or job`,
		"1 2":            "give one of them",
		"1 --all":        "give one of them",
		"--job 1 --all":  "give one of them",
		"--job 0":        "--job 0: want the number of a job",
		"--job x":        `--job "x": want a whole number`,
		"99999999":       "99999999 is neither a process nor a job with a process on this node",
		"--job 99999999": "job 99999999 has no process on this node",
	} {
		code, out, errs := runTool(append([]string{"inspect"}, strings.Fields(args)...)...)
		if code != exitUsage || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q; want %q", args, code, out, errs, want)
		}
	}
	t.Setenv("SLURM_JOB_ID", "99999999")
	if _, _, errs := runTool("inspect"); !strings.Contains(errs, "job 99999999 has no process on this node") {
		t.Errorf("the job of the environment: %q", errs)
	}
}

// TestWatch prints pages until there is nothing left, or until it is interrupted.
func TestWatch(t *testing.T) {
	var out bytes.Buffer
	pages := 0
	page := func(w io.Writer) error {
		if pages++; pages == 3 {
			return fmt.Errorf("%w: it has ended", inspect.ErrNone)
		}
		fmt.Fprintln(w, "page", pages)
		return nil
	}
	if err := watchPages(context.Background(), screen{live: &out}, page); err != nil || out.String() != "page 1\npage 2\n" {
		t.Errorf("%v, %q", err, out.String())
	}
	if err := watchPages(context.Background(), screen{live: &out}, func(io.Writer) error { return inspect.ErrNone }); !errors.Is(err, inspect.ErrNone) {
		t.Errorf("nothing from the first: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	out.Reset()
	pages = 0
	if err := watchPages(ctx, screen{live: &out, terminal: true}, page); err != nil || out.String() != clearScreen+"page 1\n" {
		t.Errorf("interrupted: %v, %q", err, out.String())
	}
}

// afterFirst is an output that does something after its first page.
type afterFirst struct {
	bytes.Buffer
	do func()
}

func (w *afterFirst) Write(page []byte) (int, error) {
	if w.Len() == 0 {
		defer w.do()
	}
	return w.Buffer.Write(page)
}

// TestInspectWatchEnds has the whole command end with the process that it watches.
func TestInspectWatchEnds(t *testing.T) {
	cmd := exec.Command("/bin/sleep", "1000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end := sync.OnceFunc(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	defer end()
	var errs bytes.Buffer
	out := afterFirst{do: end}
	pid := strconv.Itoa(cmd.Process.Pid)
	code := run([]string{"inspect", "--watch", pid}, screen{}, &out, &errs)
	if code != 0 || errs.Len() > 0 || strings.Count(out.String(), "process "+pid+" on ") != 1 || strings.Contains(out.String(), "\x1b") {
		t.Errorf("exit %d, %q\n%s", code, &errs, &out)
	}
}

// openDir is a directory for a test that every user can enter.
func openDir(t *testing.T) string {
	t.Helper()
	// not TMPDIR, which may lie below a directory that is closed to others
	dir, err := os.MkdirTemp("/tmp", "mp-policy-test-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// asUser is a command that runs this test's program as the tool, as a user without a name
// and with a /proc of the test's own.
func asUser(t *testing.T, hidepid string, args ...string) *exec.Cmd {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root mounts /proc and becomes another user")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	tool := filepath.Join(openDir(t), "mp-policy")
	if err := os.WriteFile(tool, text, 0o755); err != nil {
		t.Fatal(err)
	}
	script := `mount -t proc -o ` + hidepid + ` proc /proc && cd / && exec setpriv --reuid 4242 --regid 4242 --clear-groups "$@"`
	return exec.Command("unshare", append([]string{"-m", "sh", "-c", script, "sh", tool}, args...)...)
}

// TestInspectHidden: a user sees the user's own processes, whatever /proc hides, and what
// cannot be seen is said.
func TestInspectHidden(t *testing.T) {
	roots := startPool(t, 0)
	for _, hidepid := range []string{"hidepid=0", "hidepid=1", "hidepid=2"} {
		t.Run(hidepid, func(t *testing.T) {
			look := func(args ...string) (string, int) {
				out, err := asUser(t, hidepid, append([]string{"inspect"}, args...)...).CombinedOutput()
				var exit *exec.ExitError
				if err != nil && !errors.As(err, &exit) {
					t.Skipf("unshare or setpriv: %v", err)
				}
				if exit != nil {
					return string(out), exit.ExitCode()
				}
				return string(out), 0
			}
			own := exec.Command("sleep", "1000")
			own.Env = []string{"SLURM_JOB_ID=88888888", "SLURM_STEP_ID=0"}
			own.SysProcAttr = &unix.SysProcAttr{Credential: credential(4242)}
			if err := own.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() {
				own.Process.Kill()
				own.Wait()
			}()
			want := map[string]string{
				"hidepid=0": "process " + roots + " is another user's: only root may look at it",
				"hidepid=1": "process " + roots + " is another user's: only root may look at it",
				"hidepid=2": roots + " is neither a process nor a job with a process on this node, or none that you may see",
			}[hidepid]
			if out, code := look(roots); code != exitUsage || !strings.Contains(out, want) {
				t.Errorf("root's process: exit %d, %q, want %q", code, out, want)
			}
			for _, args := range [][]string{{strconv.Itoa(own.Process.Pid)}, {"--job", "88888888"}, {"--all"}} {
				out, code := look(args...)
				if code != 0 || !strings.Contains(out, "job 88888888, step 0, of user 4242: sleep 1000") || strings.Contains(out, "process "+roots+",") {
					t.Errorf("%v: exit %d\n%s", args, code, out)
				}
				said := strings.Contains(out, "processes of other users are not shown: only root may look at them")
				if want := args[0] == "--all" && hidepid != "hidepid=2"; said != want {
					t.Errorf("%v: what is not shown is said: %v, want %v\n%s", args, said, want, out)
				}
			}
		})
	}
}
