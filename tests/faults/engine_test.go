// SPDX-License-Identifier: MIT

package faults

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	silence = "the evaluator ended without an answer"
	late    = "no answer within 100 ms"
)

// Whatever the engine does, the step runs as without the plugin, and one line has the
// reason.
func TestBrokenEngines(t *testing.T) {
	for kind, why := range map[string]string{
		"other-abi":            `engine .* has ABI \d+, the plugin has \d+; install the two from one package`,
		"segfaults":            silence,
		"aborts":               silence,
		"exits":                silence,
		"ends-its-thread":      silence,
		"spins":                late,
		"sleeps":               late,
		"sleeps-in-load":       late,
		"sleeps-in-prepare":    late,
		"stops":                late,
		"allocates":            silence + "|" + late, // whichever is first
		"writes-garbage":       "the engine's reply is malformed",
		"writes-nothing":       "the engine's reply is malformed",
		"truncates":            "the engine's reply is malformed",
		"claims-too-much":      "the engine's reply is malformed",
		"answers-another-step": "the engine's reply is malformed",
		"bad-name":             "the engine's reply is malformed",
		"scribbles":            ".*",
		"killed-in-load":       silence,
		"killed-in-prepare":    silence,
		"killed-in-decide":     silence,
		"killed-after-reply":   silence,
		"refuses-silently":     silence,
		"says":                 regexp.QuoteMeta(`one?slurmd: error: two??[31m%s%n%99999d????.`),
		"says-without-end":     "x+",
	} {
		for _, mode := range []string{"", "contain"} {
			t.Run(strings.TrimSpace(kind+" "+mode), func(t *testing.T) {
				t.Parallel()
				s := step{lib: brokenEngine(t, kind), ms: 10000, more: []string{"tasks 3"}}
				if strings.Contains(why, late) {
					s.ms = 100
				}
				if mode != "" {
					s.more = append(s.more, mode)
				}
				s.asWithoutPlugin(t, why)
			})
		}
	}
}

// asWithoutPlugin launches the step and demands the environment of a step without
// the plugin, one line in the log, and that nothing else is changed or left.
func (s step) asWithoutPlugin(t *testing.T, why string) {
	t.Helper()
	o := s.launch(t)
	o.unharmed(t)
	if s.env == nil {
		s.env = []string{"PATH=/usr/bin:/bin", "A=1"}
	}
	if len(o.tasks) == 0 {
		t.Error("no task ran")
	}
	for i := range o.tasks {
		if diff := cmp.Diff(s.env, o.env(i)); diff != "" {
			t.Errorf("task %d: without the plugin -, with it +:\n%s", i, diff)
		}
	}
	o.says(t, "info mp-policy: ("+why+"); the step runs without the policy")
}

// says demands one line in the log, and no other.
func (o outcome) says(t *testing.T, line string) {
	t.Helper()
	if len(o.log) != 1 || !regexp.MustCompile("^"+line+"$").MatchString(o.log[0]) {
		t.Errorf("the log has %q, not one line %q", o.log, line)
	}
}

// An engine that merely does odd things to its own process still serves.
func TestOddEngines(t *testing.T) {
	for _, kind := range []string{"works", "closes-descriptors", "fills-files"} {
		o := step{lib: brokenEngine(t, kind), more: []string{"tasks 3"}}.launch(t)
		o.unharmed(t)
		for i := range 3 {
			if !o.has(i, "FROM_ENGINE=1") {
				t.Errorf("%s: task %d has %q; the log %q", kind, i, o.env(i), o.log)
			}
		}
	}
}

// A panic in Go is a line of text, and no end of the process.
func TestEnginePanics(t *testing.T) {
	program := inScratch("unprepared")
	must(t, compile("-I../../cshim", "programs/unprepared.c", "-o", program, "-ldl"))
	out, err := exec.Command(program, inScratch("libmp_policy.so")).CombinedOutput()
	if want := "-1 the engine panicked: runtime error: invalid memory address or nil pointer dereference\n"; err != nil || string(out) != want {
		t.Errorf("%v %q, not %q", err, out, want)
	}
}
