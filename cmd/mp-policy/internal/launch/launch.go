// SPDX-License-Identifier: MIT

// Package launch is mp-policy run: it makes one evaluation for this process, and then
// becomes the command. Whatever goes wrong, the command runs.
package launch

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"syscall"
	"time"

	"slurm-mp-policy/evaluation"
)

// The exit codes of a command that cannot be started, as env(1) has them, and of a
// command line without one.
const (
	exitUsage        = 2
	exitNotStarted   = 126
	exitNotThere     = 127
	sayAtMost        = 200 * time.Millisecond // a full pipe would keep the command from starting
	standardDeadline = 500 * time.Millisecond // until plugstack.conf's is known
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
	o := parse(args)
	if len(o.argv) == 0 {
		say("run: there is no command: want one, as in mp-policy run -- python3 train.py")
		return exitUsage
	}
	own := environment()
	env := own
	if o.wrong != "" {
		say("run: " + o.wrong + "; the command runs as it is")
	} else {
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

// say prints lines on stderr, and waits a short time for who reads them.
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
