// SPDX-License-Identifier: MIT

package inspect

import (
	"fmt"
	"strings"
	"testing"
)

func TestRoleOf(t *testing.T) {
	for command, want := range map[string]string{
		"python3 -c from|multiprocessing.spawn|import|spawn_main;|spawn_main(tracker_fd=6,|pipe_handle=13) --multiprocessing-fork": "worker spawn",
		"python3 -B -X dev -c from|multiprocessing.spawn|import|spawn_main;|spawn_main() --multiprocessing-fork":                   "worker spawn",
		"/opt/app/app --multiprocessing-fork tracker_fd=6 pipe_handle=13":                                                          "worker spawn",
		"python3 -c from|multiprocessing.resource_tracker|import|main;main(5)":                                                     "helper resource tracker",
		"python3 -c from|multiprocessing.semaphore_tracker|import|main;main(5)":                                                    "helper resource tracker",
		"python3 -c from|joblib.externals.loky.backend.resource_tracker|import|main;|main(9,|False)":                               "helper resource tracker",
		"python3 -c from|multiprocessing.forkserver|import|main;|main(4,|5,|[])":                                                   "helper fork server",
		"python3 -m joblib.externals.loky.backend.popen_loky_posix --process-name LokyProcess-1 --pipe 17":                         "worker loky",
		"python3 -m loky.backend.popen_loky_posix --process-name LokyProcess-1 --pipe 17":                                          "worker loky",
		// a program may have the words as arguments, and another program as its own
		"python3 x.py -c from|multiprocessing.spawn|import|spawn_main": " ",
		"python3 -m mine -m loky.backend.popen_loky_posix":             " ",
		"grep -c from|multiprocessing.resource_tracker|import|main":    " ",
		"python3 -c import|multiprocessing":                            " ",
		"python3":                                                      " ",
		"":                                                             " ",
	} {
		var argv []string
		for _, word := range strings.Fields(command) {
			argv = append(argv, strings.ReplaceAll(word, "|", " "))
		}
		role, start := roleOf(argv, strings.HasPrefix(command, "python3"))
		if got := role + " " + start; got != want {
			t.Errorf("%s: %q, want %q", command, got, want)
		}
	}
}

// TestForked knows a worker that was forked from what was executed.
func TestForked(t *testing.T) {
	r := record(t)
	server := "python3 -c from|multiprocessing.forkserver|import|main;|main(4,|5)"
	r.add(
		fake{pid: 10, ppid: 1, command: "python3 x.py", exe: python},
		fake{pid: 11, ppid: 10, command: "python3 x.py", exe: python, forked: true},
		fake{pid: 12, ppid: 10, command: "my|title", exe: python, forked: true}, // setproctitle
		fake{pid: 13, ppid: 10, command: "python3 x.py", exe: python},           // it starts itself again
		fake{pid: 14, ppid: 10, command: "sh -c true", exe: "/bin/sh", forked: true},
		fake{pid: 15, ppid: 10, command: server, exe: python},
		fake{pid: 16, ppid: 15, command: server, exe: python, forked: true},
		fake{pid: 17, ppid: 14, command: "python3 x.py", exe: python, forked: true},
	)
	got := ""
	for _, p := range r.only(Target{ID: 10}).Processes {
		got += fmt.Sprintf("%d %s %s, ", p.PID, p.Role, p.Start)
	}
	want := "10  , 11 worker fork, 12 worker fork, 13  , 14  , 17  , 15 helper fork server, 16 worker forkserver, "
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
