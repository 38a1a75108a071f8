// SPDX-License-Identifier: MIT

package faults

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// compiled is a command line that plainly gets nothing.
var compiled = []string{"/bin/true"}

// untouched demands that no task's environment was changed, and nothing logged.
func (s step) untouched(t *testing.T) {
	t.Helper()
	o := s.launch(t)
	o.unharmed(t)
	if len(o.tasks) == 0 {
		t.Error("no task ran")
	}
	for i := range o.tasks {
		if diff := cmp.Diff(s.env, o.env(i)); diff != "" {
			t.Errorf("task %d: without the plugin -, with it +:\n%s", i, diff)
		}
	}
	if len(o.log) > 0 {
		t.Errorf("the log has %q", o.log)
	}
}

// The engine is not loaded for a step that plainly gets nothing, and is loaded for any
// other one: this one crashes.
func TestPlainStepLoadsNoEngine(t *testing.T) {
	for _, mode := range []string{"", "contain", "move_after"} {
		for name, test := range map[string]struct {
			s     step
			plain bool
		}{
			"binary":         {step{}, true},
			"64 tasks":       {step{more: []string{"tasks 64"}}, true},
			"not on PATH":    {step{argv: []string{"no-such-program"}}, false},
			"Python":         {step{argv: pool}, false},
			"script":         {step{argv: []string{"/usr/bin/ldd"}}, false},
			"option":         {step{more: []string{counted}}, false},
			"MP_POLICY":      {step{env: []string{"PATH=/bin", "MP_POLICY=workers=4"}}, false},
			"batch":          {step{more: []string{"stepid 0xfffffffb"}}, false},
			"log=all":        {step{more: []string{"word log=all"}}, false},
			"default=off":    {step{more: []string{"word default=observe"}}, false},
			"missing policy": {step{more: []string{"word config=" + inScratch("not-there.conf")}}, false},
		} {
			t.Run(name+" "+mode, func(t *testing.T) {
				t.Parallel()
				s := test.s
				s.lib = brokenEngine(t, "segfaults")
				if s.argv == nil {
					s.argv = compiled
				}
				if s.env == nil {
					s.env = plain
				}
				if mode != "" {
					s.more = append(s.more, mode)
				}
				if test.plain {
					s.untouched(t)
					return
				}
				o := s.launch(t)
				o.unharmed(t)
				if len(o.log) == 0 {
					t.Error("the engine was not loaded")
				}
			})
		}
	}
}

// A step of a binary within another step takes back what the outer one was given.
func TestPlainProgramInAStep(t *testing.T) {
	o := step{argv: compiled, env: []string{"A=1", "OMP_NUM_THREADS=1", "MP_POLICY_APPLIED=OMP_NUM_THREADS=1"}}.launch(t)
	o.unharmed(t)
	if diff := cmp.Diff([]string{"A=1"}, o.env(0)); diff != "" {
		t.Errorf("want -, have +:\n%s", diff)
	}
}

// A system call that the search for a binary needs is refused or kills: the step has
// nothing all the same.
func TestPlainStepWithoutSystemCall(t *testing.T) {
	for name, number := range map[string]int{
		"newfstatat": unix.SYS_NEWFSTATAT, "fstat": unix.SYS_FSTAT, "openat": unix.SYS_OPENAT, "read": unix.SYS_READ,
		"close": unix.SYS_CLOSE, "getcwd": unix.SYS_GETCWD, "readlinkat": unix.SYS_READLINKAT, "readlink": unix.SYS_READLINK,
	} {
		for _, errno := range []unix.Errno{0, unix.EPERM, unix.ENOENT, unix.EINTR} {
			t.Run(fmt.Sprint(name, "-", int(errno)), func(t *testing.T) {
				o := step{argv: compiled, env: plain, ms: 500, more: []string{"tasks 2", fmt.Sprintf("seccomp %d %d", number, errno)}}.launch(t)
				o.unharmed(t)
				for i := range o.tasks {
					if diff := cmp.Diff(plain, o.env(i)); diff != "" {
						t.Errorf("task %d: without the plugin -, with it +:\n%s", i, diff)
					}
				}
			})
		}
	}
}
