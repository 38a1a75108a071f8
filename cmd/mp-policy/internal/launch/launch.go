// SPDX-License-Identifier: MIT

// Package launch is mp-policy run: it makes one evaluation for this process, and then
// becomes the command. The command runs even if the evaluation fails.
package launch

import (
	"errors"
	"fmt"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"slurm-mp-policy/cmd/mp-policy/internal/site"
	"slurm-mp-policy/evaluation"
)

// The exit codes of a command that cannot be started (see env(1)), and of a command line
// without a command.
const (
	exitUsage        = 2
	exitNotStarted   = 126
	exitNotThere     = 127
	sayAtMost        = 200 * time.Millisecond // a full pipe would keep the command from starting
	standardDeadline = 500 * time.Millisecond // until the one of plugstack.conf is known
)

// The death signal (prctl(2)) and other attributes are the thread's: the main one
// has to become the command.
func init() {
	if len(os.Args) > 1 && os.Args[1] == "run" {
		runtime.LockOSThread()
	}
}

// Main runs the command of the arguments behind "run". It returns an exit code only if
// the command cannot be started.
func Main(args []string) int {
	restoreSignals()
	o := parse(args)
	if len(o.argv) == 0 {
		say("run: there is no command: want one, as in mp-policy run -- python3 train.py")
		return exitUsage
	}
	if startsItself(o.argv[0]) {
		say(fmt.Sprintf("run: %.200q has this tool for its interpreter, and would start itself for ever: want #!/usr/bin/env -S mp-policy run -- python3", o.argv[0]))
		return exitNotStarted
	}
	own := environment()
	env := own
	if o.wrong != "" {
		say("run: " + o.wrong + "; the command runs as it is")
	} else {
		o.words = site.Option(o.words, own)
		var lines []string
		env, lines = evaluate(o, own)
		say(lines...)
	}
	err := execute(o.argv, env)
	if errors.Is(err, syscall.E2BIG) && !slices.Equal(env, own) {
		say("run: the environment would be too large; the command runs as it is")
		err = execute(o.argv, own)
	}
	say(fmt.Sprintf("run: %.200q cannot be started: %v", o.argv[0], err))
	if errors.Is(err, syscall.ENOENT) {
		return exitNotThere
	}
	return exitNotStarted
}

// startsItself reports whether the command is a script that would start itself without end:
// by its first line the kernel starts mp-policy run, with the script as its command.
func startsItself(name string) bool {
	if !strings.Contains(name, "/") {
		return false // the kernel gives a script's path
	}
	fd, err := syscall.Open(name, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer syscall.Close(fd)
	buf := make([]byte, 256) // what execve(2) reads of the line
	n, _ := syscall.Read(fd, buf)
	line, _, _ := strings.Cut(string(buf[:max(n, 0)]), "\n")
	words := strings.Fields(strings.TrimPrefix(line, "#!"))
	return strings.HasPrefix(line, "#!") && len(words) == 2 && path.Base(words[0]) == "mp-policy" && words[1] == "run"
}

// say prints lines on stderr, and waits a short time until the pipe has room.
func say(lines ...string) {
	text := ""
	for _, line := range lines {
		text += evaluation.Prefix + line + "\n"
	}
	if text == "" {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		write(text)
	}()
	select {
	case <-done:
	case <-time.After(sayAtMost):
	}
}
