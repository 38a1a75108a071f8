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
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"slurm-mp-policy/cmd/mp-policy/internal/inspect"
)

const (
	// judgeTime bounds the time of a verdict. A program on a file system that hangs has no verdict.
	judgeTime = 5 * time.Second
	// maxVerdict bounds a verdict, in bytes, because a process of the user writes it.
	maxVerdict = 64 << 10
)

// judge has a process of the command's user judge the command. The process opens files that the
// user names, which root must not do. So programs of root have no verdict: a set-uid program runs as
// root too, and its arguments come from a user.
func judge(c inspect.Command) inspect.Verdict {
	if os.Geteuid() == 0 && c.UID == 0 {
		return unjudged(errors.New("it is root's, and what it names is not opened as root"))
	}
	text, err := json.Marshal(c)
	if err != nil {
		return unjudged(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), judgeTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/proc/self/exe", "judge")
	cmd.Env = []string{} // a user must not see the caller's
	cmd.Dir = "/"
	cmd.Stdin = bytes.NewReader(text)
	cmd.WaitDelay = time.Second
	// The user can trace it. In a session of its own it cannot type on root's terminal
	// (TIOCSTI of ioctl_tty(2)).
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if os.Geteuid() == 0 {
		groups := make([]uint32, len(c.Groups))
		for i, gid := range c.Groups {
			groups[i] = uint32(gid)
		}
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(c.UID), Gid: uint32(c.GID), Groups: groups}
	}
	var out limited
	cmd.Stdout = &out
	if err := runApart(cmd); err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("its files were not read within %v", judgeTime)
		}
		return unjudged(err)
	}
	v := inspect.Verdict{}
	if err := json.Unmarshal(out.Bytes(), &v); err != nil {
		return unjudged(err)
	}
	if v.Tags == nil {
		v.Tags = []string{}
	}
	return v
}

func unjudged(err error) inspect.Verdict {
	return inspect.Verdict{Tags: []string{}, Unknown: err.Error()}
}

// runApart runs a command without the open files of the caller and without the caller's session
// keyring, which may hold root's Kerberos tickets. A keyring belongs to a thread, and a child
// inherits it from the thread that starts it (session-keyring(7)). The thread ends here.
func runApart(cmd *exec.Cmd) error {
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, file := range files {
		if fd, err := strconv.Atoi(file.Name()); err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		_, _, errno := unix.Syscall(unix.SYS_KEYCTL, unix.KEYCTL_JOIN_SESSION_KEYRING, 0, 0)
		if errno != 0 && errno != unix.ENOSYS { // a kernel without keys
			started <- fmt.Errorf("keyctl(2): %w", errno)
			return
		}
		started <- cmd.Start()
	}()
	if err := <-started; err != nil {
		return err
	}
	return cmd.Wait()
}

// limited keeps at most as many bytes as a verdict may have.
type limited struct{ bytes.Buffer }

func (l *limited) Write(b []byte) (int, error) {
	if l.Len()+len(b) > maxVerdict {
		return 0, fmt.Errorf("the verdict has more than %d bytes", maxVerdict)
	}
	return l.Buffer.Write(b)
}

// newJudge is the other side of judge.
func newJudge(screen) *cobra.Command {
	return &cobra.Command{
		Use:    "judge",
		Short:  "Judge the command that standard input describes, for inspect",
		Hidden: true,
		Args:   noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var c inspect.Command
			if err := json.NewDecoder(io.LimitReader(cmd.InOrStdin(), 8<<20)).Decode(&c); err != nil {
				return fmt.Errorf("judge wants what inspect gives it on standard input: %w", err)
			}
			return json.NewEncoder(cmd.OutOrStdout()).Encode(inspect.Judge(c))
		},
	}
}
