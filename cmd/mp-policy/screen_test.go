// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// terminal is the far end of a new terminal.
func terminal(t *testing.T) *os.File {
	t.Helper()
	f, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("this machine gives no terminal: %v", err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// TestColour: https://no-color.org, and the option stands above the variable.
func TestColour(t *testing.T) {
	for _, test := range []struct {
		noColour, term string
		args           string
		terminal       bool
		want           bool
	}{
		{"", "xterm", "", true, true},
		{"", "xterm", "", false, false},
		{"", "dumb", "", true, false},
		{"1", "xterm", "", true, false},
		{"0", "xterm", "", true, false},
		{"1", "xterm", "--color=auto", true, false},
		{"1", "xterm", "--color=always", true, true},
		{"1", "xterm", "--color always", false, true},
		{"", "xterm", "--color=never", true, false},
	} {
		t.Setenv("NO_COLOR", test.noColour)
		t.Setenv("TERM", test.term)
		s := screen{}
		if test.terminal {
			s = screenOf(terminal(t))
		}
		for _, args := range [][]string{{test.args, "rules --builtin"}, {"rules --builtin", test.args}} {
			code, out, errs := runOn(s, strings.Fields(strings.Join(args, " "))...)
			if code != 0 || strings.Contains(out, "\x1b[") != test.want {
				t.Errorf("%+v: exit %d, colours %v\n%s", test, code, !test.want, errs)
			}
		}
	}
	if code, _, errs := runTool("rules", "--color=blue"); code != exitUsage || !strings.HasPrefix(errs, `mp-policy: --color "blue": want always, never, auto`) {
		t.Errorf("exit %d, %s", code, errs)
	}
}

// TestColourOfRun: run gets its own arguments as they are.
func TestColourOfRun(t *testing.T) {
	for args, want := range map[string]string{
		"--color=never run --mp-policy=off -- x": "run --mp-policy=off -- x",
		"--color never run x --color=never":      "run x --color=never",
		"--color":                                "--color",
		"rules --color=never":                    "rules --color=never",
	} {
		if got := strings.Join(behindColour(strings.Fields(args)), " "); got != want {
			t.Errorf("%s: %q, want %q", args, got, want)
		}
	}
	if _, out, _ := runTool("run", "--help"); strings.Contains(out, "--color") {
		t.Errorf("run has no such option:\n%s", out)
	}
}

// TestWidth: what people read on a terminal fits 80 columns.
func TestWidth(t *testing.T) {
	pages := [][]string{{"--help"}, {"node"}, {"node", "--tags"}}
	for _, c := range newRoot(screen{}).Commands() {
		if c.IsAvailableCommand() {
			pages = append(pages, []string{c.Name(), "--help"})
		}
	}
	for _, name := range explainMachines {
		root := machine(t, name)
		pages = append(pages, []string{"node", "--root", root, "--cpus", "0"},
			[]string{"explain", "--builtin", "--clean-env", "--cwd", "testdata/commands", "--root", root, "-c", "3", "--tasks", "4", "--", "python3", "pool.py"})
	}
	for _, args := range pages {
		code, out, errs := runOn(screen{terminal: true}, args...)
		if code != 0 || out == "" {
			t.Errorf("%v: exit %d, %s", args, code, errs)
		}
		fits(t, out)
	}
}

// TestCompleteWords: also behind a comma, without those that are there or that do not go together.
func TestCompleteWords(t *testing.T) {
	for _, command := range []string{"explain", "run"} {
		for typed, want := range map[string]string{
			"":                     "auto off on multiprocessing mpi bind explain workers=",
			"mu":                   "multiprocessing",
			"w":                    "workers=",
			"off,":                 "off,explain",
			"workers=4,m":          "workers=4,multiprocessing workers=4,mpi",
			"mpi,multiprocessing,": "mpi,multiprocessing,auto mpi,multiprocessing,on mpi,multiprocessing,bind mpi,multiprocessing,explain mpi,multiprocessing,workers=",
			"bogus,":               "",
		} {
			code, out, _ := runTool("__complete", command, "--mp-policy="+typed)
			lines := strings.Fields(out)
			if code != 0 || len(lines) == 0 || !slices.Equal(lines[:len(lines)-1], strings.Fields(want)) {
				t.Errorf("%s --mp-policy=%s: exit %d, %q, want %q", command, typed, code, lines, want)
			}
			if noSpace := strings.HasSuffix(out, ":6\n"); noSpace != (typed == "w") {
				t.Errorf("%s --mp-policy=%s: a blank behind it: %v", command, typed, !noSpace)
			}
		}
	}
}
