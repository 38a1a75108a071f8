// SPDX-License-Identifier: MIT

package inspect

import (
	"regexp"
	"strings"
)

// Roles of a Process.
const (
	Worker = "worker"
	Helper = "helper"
)

// The command lines are those of CPython (Lib/multiprocessing/spawn.py, forkserver.py,
// resource_tracker.py, and semaphore_tracker.py before 3.8) and of loky, also within
// joblib (loky/backend/popen_loky_posix.py, resource_tracker.py).
const (
	spawned    = "from multiprocessing.spawn import spawn_main"
	forkserver = "from multiprocessing.forkserver import main"
	// frozen is the first argument of a worker if the program is a frozen executable.
	frozen = "--multiprocessing-fork"
)

var (
	tracker = regexp.MustCompile(`^from (\w+\.)*(resource_tracker|semaphore_tracker) import main`)
	loky    = regexp.MustCompile(`^(\w+\.)*loky\.backend\.popen_loky_(posix|win32)$`)
)

// forkNoExec is PF_FORKNOEXEC of the kernel's include/linux/sched.h: the process was
// forked and has not called execve(2) since.
const forkNoExec = 0x40

// classify gives each process its role. The fork server gets its role before its children.
func (in *inspection) classify(all map[int]*Process) {
	for _, p := range all {
		p.Python = p.isPython()
		p.Role, p.Start = roleOf(p.Command, p.Python)
	}
	for _, p := range all {
		parent := all[p.PPID]
		if parent == nil || !p.Python || !parent.Python || p.flags&forkNoExec == 0 || p.executable != parent.executable {
			continue
		}
		// a forked process has its parent's command line
		p.Role, p.Start = Worker, "fork"
		if strings.HasPrefix(commandText(parent.Command), forkserver) {
			p.Start = "forkserver"
		}
	}
}

// roleOf finds the role of a process from its command line only.
func roleOf(argv []string, python bool) (role, start string) {
	if len(argv) > 1 && argv[1] == frozen {
		return Worker, "spawn"
	}
	if !python {
		return "", ""
	}
	switch text := commandText(argv); {
	case strings.HasPrefix(text, spawned):
		return Worker, "spawn"
	case strings.HasPrefix(text, forkserver):
		return Helper, "fork server"
	case tracker.MatchString(text):
		return Helper, "resource tracker"
	}
	if loky.MatchString(afterOption(argv, "-m")) {
		return Worker, "loky"
	}
	return "", ""
}

// commandText returns the text behind python -c.
func commandText(argv []string) string { return afterOption(argv, "-c") }

// afterOption returns the word behind the first -c or -m. This option ends Python's own
// options.
func afterOption(argv []string, option string) string {
	for i := 1; i+1 < len(argv); i++ {
		switch {
		case argv[i] == option:
			return argv[i+1]
		case !strings.HasPrefix(argv[i], "-"), argv[i] == "-c", argv[i] == "-m":
			return ""
		case argv[i] == "-X", argv[i] == "-W":
			i++ // an option of Python with a value
		}
	}
	return ""
}
