// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"slurm-mp-policy/cmd/mp-policy/internal/inspect"
)

// TestMain is the tool itself for those who start the test's program as that.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "judge" {
		spy()
	}
	if len(os.Args) > 1 && (os.Args[1] == "judge" || os.Args[1] == "inspect") {
		os.Exit(run(os.Args[1:], screenOf(os.Stdout), os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func credential(id uint32) *syscall.Credential { return &syscall.Credential{Uid: id, Gid: id} }

// TestJudgeOtherMounts has a program that lies where only its own process sees it, as in
// a container or a job with a /tmp of its own.
func TestJudgeOtherMounts(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root mounts")
	}
	dir := openDir(t)
	script := `mount -t tmpfs none ` + dir + ` && cd ` + dir + ` && chmod 755 . && cat >pool.py && exec setpriv --reuid 4242 --regid 4242 --clear-groups /usr/bin/python3 pool.py`
	cmd := exec.Command("unshare", "-m", "sh", "-c", script)
	cmd.Stdin = strings.NewReader("import multiprocessing, time\nif __name__ == '__main__':\n    multiprocessing.Pool(2).map(time.sleep, [1000, 1000])\n")
	cmd.SysProcAttr = &unix.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Skipf("unshare: %v", err)
	}
	t.Cleanup(func() {
		unix.Kill(-cmd.Process.Pid, unix.SIGKILL)
		cmd.Wait()
	})
	inspectUntil(t, `\nplugin +multiprocessing, python, by\s+\S*/pool.py:3:\s`, strconv.Itoa(cmd.Process.Pid))
}

// keyring is the number of this process's session keyring, 0 if it is not known.
func keyring() int {
	id, err := unix.KeyctlGetKeyringID(unix.KEY_SPEC_SESSION_KEYRING, false)
	if err != nil {
		return 0
	}
	return id
}

// surroundings is the kind of a command to which spy answers.
const surroundings = "surroundings"

// spy answers in the place of the judge with what a user's process could get at there.
func spy() {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		os.Exit(exitUsage)
	}
	var c inspect.Command
	if json.Unmarshal(text, &c) != nil || c.Kind != surroundings {
		r, w, err := os.Pipe()
		if err != nil {
			os.Exit(exitUsage)
		}
		go func() {
			w.Write(text)
			w.Close()
		}()
		os.Stdin = r
		return
	}
	sid, _ := unix.Getsid(0)
	files, _ := os.ReadDir("/proc/self/fd")
	// Go's runtime keeps the files of the CPU quota open, and has event descriptors
	runtimes := regexp.MustCompile(`^(anon_inode:|/sys/fs/cgroup/)`)
	open := ""
	for _, f := range files {
		if target, err := os.Readlink("/proc/self/fd/" + f.Name()); err == nil && !runtimes.MatchString(target) {
			open += f.Name() + "=" + strings.SplitN(target, ":", 2)[0] + " "
		}
	}
	json.NewEncoder(os.Stdout).Encode(inspect.Verdict{
		Tags: []string{fmt.Sprint(sid == os.Getpid()), fmt.Sprint(keyring()), fmt.Sprint(len(os.Environ())), open},
	})
	os.Exit(0)
}

// TestJudgeIsApart: its user can trace the process that judges, so it must not have
// root's session, keys, environment or files.
func TestJudgeIsApart(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root becomes another user")
	}
	var ends [2]int
	if err := unix.Pipe(ends[:]); err != nil { // as a shell leaves them open
		t.Fatal(err)
	}
	defer unix.Close(ends[0])
	defer unix.Close(ends[1])
	v := judge(inspect.Command{UID: aUser, GID: aUser, Kind: surroundings})
	if len(v.Tags) != 4 {
		t.Fatalf("no answer: %+v", v)
	}
	if v.Tags[0] != "true" {
		t.Error("it has the session of its caller")
	}
	if own := keyring(); own != 0 && v.Tags[1] == strconv.Itoa(own) {
		t.Error("it has the session keyring of its caller")
	}
	if v.Tags[2] != "0" {
		t.Errorf("it has %s variables", v.Tags[2])
	}
	if v.Tags[3] != "0=pipe 1=pipe 2=/dev/null " {
		t.Errorf("it has the files %s", v.Tags[3])
	}
}

// TestJudgeIsTheUser: root has a user's program read by that user, who may not read what
// only root may.
func TestJudgeIsTheUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root becomes another user")
	}
	program := filepath.Join(openDir(t), "pool.py")
	text := "import multiprocessing\nmultiprocessing.Pool(4)\n"
	if err := os.WriteFile(program, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := inspect.Command{UID: 4242, GID: 4242, Kind: "step", Argv: []string{"/usr/bin/python3", program}, Dir: "/", Root: "/", Mask: "0"}
	if v := judge(c); strings.Contains(fmt.Sprint(v), "multiprocessing") {
		t.Errorf("root has read what the user cannot: %+v", v)
	}
	if err := os.Chmod(program, 0o644); err != nil {
		t.Fatal(err)
	}
	if v := judge(c); !strings.Contains(fmt.Sprint(v.Tags), "multiprocessing") || !strings.Contains(v.Why, "Pool(4)") {
		t.Errorf("the user's own program: %+v", v)
	}
	c.UID = 0
	if v := judge(c); len(v.Tags) != 0 || !strings.Contains(v.Unknown, "is not opened as root") {
		t.Errorf("root's program: %+v", v)
	}
}
