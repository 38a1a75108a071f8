// SPDX-License-Identifier: MIT

//go:build !cgo

package launch

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

func restoreSignals() {}

// execute starts the command as well as Go can do it. Of the signals that were ignored,
// only SIGHUP and SIGINT stay ignored. If a variable is there twice, only the first stays.
func execute(argv, env []string) error {
	path, err := exec.LookPath(argv[0])
	switch {
	case errors.Is(err, exec.ErrDot):
	case errors.Is(err, exec.ErrNotFound):
		return syscall.ENOENT
	case err != nil:
		return err
	}
	return syscall.Exec(path, argv, env)
}

func write(text string) {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE, syscall.SIGXFSZ)
	for left := []byte(text); len(left) > 0; {
		n, err := syscall.Write(2, left)
		if err != nil && err != syscall.EINTR {
			return
		}
		left = left[max(n, 0):]
	}
}

func environment() []string { return os.Environ() }
