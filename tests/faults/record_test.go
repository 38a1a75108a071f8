// SPDX-License-Identifier: MIT

package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// nested is the environment of a step within a step, and users what its user made.
var (
	nested = []string{
		"PATH=/usr/bin:/bin", "OMP_NUM_THREADS=1", "PYTHON_CPU_COUNT=8", "OMP_SCHEDULE=x", "MINE=1", "LATER=9",
		"MP_POLICY_APPLIED=GONE< LATER=1 OMP_NUM_THREADS=1<2 OMP_PLACES<{0:4},%20{4:4} OMP_SCHEDULE=x< PYTHON_CPU_COUNT=8 MINE=%31 TOO<%00",
	}
	users = []string{
		"GONE=", "LATER=9", "MINE=1", "OMP_NUM_THREADS=2", "OMP_PLACES={0:4}, {4:4}", "OMP_SCHEDULE=", "PATH=/usr/bin:/bin",
	}
)

// tasksHave demands an environment of each task, in any order.
func (o outcome) tasksHave(t *testing.T, tasks int, want []string) {
	t.Helper()
	o.unharmed(t)
	if len(o.tasks) != tasks {
		t.Errorf("%d tasks ran, not %d", len(o.tasks), tasks)
	}
	for i := range o.tasks {
		if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(o.env(i)))); diff != "" {
			t.Errorf("task %d: the user's own -, the task's +:\n%s\nthe log %q", i, diff, o.log)
		}
	}
}

// However an evaluation fails, and if there is none, a step has nothing of what the
// step around it has set, and all that it has changed or removed.
func TestOuterStepsValuesNeverStay(t *testing.T) {
	for name, s := range map[string]step{
		"no engine":              {lib: "/nowhere/x.so"},
		"another engine":         {lib: brokenEngine(t, "other-abi")},
		"evaluator killed":       {lib: brokenEngine(t, "killed-in-decide")},
		"evaluator late":         {lib: brokenEngine(t, "sleeps"), ms: 50},
		"refused":                {lib: brokenEngine(t, "refuses-silently")},
		"malformed reply":        {lib: brokenEngine(t, "writes-garbage")},
		"no fork":                {more: []string{fmt.Sprint("fail_fork ", int(unix.EAGAIN))}},
		"no board":               {more: []string{fmt.Sprint("fail_mmap ", int(unix.ENOMEM))}},
		"switched off":           {more: []string{"switch_off"}},
		"opted out":              {more: []string{"option no-mp-policy"}},
		"no number of a task":    {more: []string{"no_task_id"}},
		"opted out, no engine":   {lib: "/nowhere/x.so", more: []string{"option mp-policy=off,explain"}},
		"off by default":         {more: []string{"word default=off"}},
		"moved, no second fork":  {lib: brokenEngine(t, "works"), more: []string{"move", "fail_in_task", fmt.Sprint("fail_fork ", int(unix.EAGAIN))}},
		"moved, no second board": {lib: brokenEngine(t, "works"), more: []string{"move", "fail_in_task", fmt.Sprint("fail_mmap ", int(unix.ENOMEM))}},
		"moved, then late":       {lib: brokenEngine(t, "then-sleeps"), ms: 300, more: []string{"move"}},
		"moved, then killed":     {lib: brokenEngine(t, "then-killed-in-decide"), more: []string{"move"}},
		"moved, then malformed":  {lib: brokenEngine(t, "then-writes-garbage"), more: []string{"move"}},
	} {
		for _, mode := range []string{"cpus 2", "contain"} {
			t.Run(name+" "+mode, func(t *testing.T) {
				s.env, s.more = nested, append([]string{mode, "tasks 2"}, s.more...)
				s.launch(t).tasksHave(t, 2, users)
			})
		}
	}
}

func TestOuterStepsValuesNeverStayWhileBreakerIsOpen(t *testing.T) {
	run := rootOnly(t)
	lateStep(t, run, "repeat 3").launch(t)
	o := step{env: nested, more: []string{"run " + run}}.launch(t)
	o.tasksHave(t, 1, users)
	if len(o.log) > 0 {
		t.Errorf("the breaker is not open; the log has %q", o.log)
	}
}

// The engine takes back the same.
func TestOuterStepsValuesAreTheSameForBoth(t *testing.T) {
	// with explain the engine is asked
	o := step{env: nested, more: []string{"option mp-policy=off,explain"}}.launch(t)
	o.tasksHave(t, 1, users)
	if !strings.Contains(o.stderr, "OMP_PLACES") {
		t.Errorf("the engine was not asked; stderr %q", o.stderr)
	}
}

// A step that is none of those that the policy is for stays as it is.
func TestExternStepIsUntouched(t *testing.T) {
	const externStep = 0xfffffffc // SLURM_EXTERN_CONT of slurm.h
	step{env: nested, more: []string{fmt.Sprint("stepid ", externStep)}}.launch(t).tasksHave(t, 1, nested)
}

// An opt-out forks nothing, also if there is something to take back.
func TestNothingIsForkedToTakeBack(t *testing.T) {
	o := step{env: nested, more: []string{"option no-mp-policy"}}.launch(t)
	if len(o.paths) > 0 {
		t.Errorf("it looked for %q", o.paths)
	}
}

const tooLarge = "info mp-policy: nothing is set: the environment would be larger than execve.*"

// stack is a limit with which execve(2) takes 256 KiB.
const stack = 1 << 20

// filled is an environment that leaves so many bytes of what execve(2) takes of the
// arguments and it.
func filled(limit, free int, argv []string, env ...string) []string {
	for _, text := range slices.Concat(argv, env) {
		limit -= len(text) + 1 + 8
	}
	for i := 0; limit > free+32; i++ {
		size := min(limit-free, 100<<10) - len("FILL0=") - 1 - 8
		env = append(env, fmt.Sprintf("FILL%d=%s", i, strings.Repeat("x", size)))
		limit -= size + len("FILL0=") + 1 + 8
	}
	return env
}

// A step whose environment is near to what execve(2) takes executes as without the
// plugin, whatever is near: nothing is set there.
func TestEnvironmentNearTheLimit(t *testing.T) {
	argv := []string{"cat", "/proc/self/environ"}
	for _, free := range []int{9, 64, 121, 500, 4 << 10, 31 << 10} {
		env := filled(stack/4, free, argv, "PATH=/usr/bin:/bin")
		s := step{argv: argv, env: env, more: []string{"tasks 2", "exec /bin/cat", fmt.Sprintf("own_limit %d %d", unix.RLIMIT_STACK, stack)}}
		o := s.launch(t)
		s.more = append(s.more, "option mp-policy=multiprocessing,explain")
		if len(o.env(0)) == 0 {
			t.Fatalf("%d bytes free: it does not execute without the policy's variables: %q", free, o.faults)
		}
		o = s.launch(t)
		o.tasksHave(t, 2, env)
		o.says(t, tooLarge)
		if strings.Count(o.stderr, "\n") != 1 || !strings.Contains(o.stderr, "mp-policy: nothing is set: the environment would be larger") {
			t.Errorf("explain has %q", o.stderr)
		}
	}
	s := step{argv: argv, env: filled(stack/4, 48<<10, argv, "PATH=/usr/bin:/bin")}
	s.more = []string{"exec /bin/cat", fmt.Sprintf("own_limit %d %d", unix.RLIMIT_STACK, stack), "option mp-policy=multiprocessing"}
	o := s.launch(t)
	o.unharmed(t)
	o.served(t)
}

// The stack limit that srun sends counts, too: Slurm sets it after task_init. What the
// step around it has set is taken back all the same: that makes it smaller.
func TestEnvironmentNearTheLimitOfSrun(t *testing.T) {
	for _, sent := range []string{"524288", "U524288", "0"} {
		limit := "SLURM_RLIMIT_STACK=" + sent
		// a short record of the outer step: what this step would be given is more
		env := filled(128<<10, 8<<10, pool, limit, "PATH=/usr/bin:/bin", "OMP_NUM_THREADS=1", "OMP_PLACES={0:4}", "MP_POLICY_APPLIED=OMP_NUM_THREADS=1<2")
		own := []string{limit, "PATH=/usr/bin:/bin", "OMP_NUM_THREADS=2", "OMP_PLACES={0:4}"}
		for _, entry := range env {
			if strings.HasPrefix(entry, "FILL") {
				own = append(own, entry)
			}
		}
		o := step{env: env, more: []string{"tasks 2"}}.launch(t)
		o.tasksHave(t, 2, own)
		o.says(t, tooLarge)
	}
	for _, sent := range []string{"18446744073709551615", "U8388608", "x", ""} {
		o := step{env: filled(128<<10, 8<<10, pool, "SLURM_RLIMIT_STACK="+sent)}.launch(t)
		o.unharmed(t)
		o.served(t)
	}
}

// A value whose record would be longer than a variable can be stays as it is.
func TestValueThatNoRecordCanHold(t *testing.T) {
	config := filepath.Join(rootOnly(t), "site.conf")
	must(t, os.WriteFile(config, []byte("rule \"places\"\n    unset OMP_PLACES\n"), 0o644))
	for size, removed := range map[int]bool{100 << 10: false, 128<<10/3 - 1000: true} {
		env := []string{"PATH=/usr/bin:/bin", "OMP_PLACES=" + strings.Repeat(" ", size)}
		o := step{env: env, more: []string{"tasks 2", "word config=" + config}}.launch(t)
		o.unharmed(t)
		if !removed {
			o.tasksHave(t, 2, env)
			o.says(t, tooLarge)
			continue
		}
		if o.has(0, env[1]) || len(o.log) > 0 {
			t.Errorf("%d blanks are not removed; the log has %q", size, o.log)
		}
		// and come back
		o = step{env: o.env(0), more: []string{"option no-mp-policy"}}.launch(t)
		o.tasksHave(t, 1, env)
	}
}

// If the record cannot be set, nothing is removed.
func TestRecordCannotBeSet(t *testing.T) {
	env := []string{"PATH=/usr/bin:/bin", "OMP_PLACES=cores"}
	config := filepath.Join(rootOnly(t), "site.conf")
	must(t, os.WriteFile(config, []byte("rule \"places\"\n    unset OMP_PLACES\n"), 0o644))
	step{env: env, more: []string{"fail_setenv MP_POLICY_APPLIED", "word config=" + config}}.launch(t).tasksHave(t, 1, env)
}

// A record that a user has made as large as can be is taken back, or nothing of it.
func TestLargeRecords(t *testing.T) {
	var removed, set strings.Builder
	env := []string{"PATH=/usr/bin:/bin"}
	for i := range 4096 {
		if i < 1024 {
			fmt.Fprintf(&removed, "R%d< ", i)
		}
		fmt.Fprintf(&set, "S%d=1 ", i)
		env = append(env, fmt.Sprintf("S%d=1", i))
	}
	off := []string{"option no-mp-policy"}
	o := step{env: append(env, "MP_POLICY_APPLIED="+set.String()), more: off}.launch(t)
	o.tasksHave(t, 1, append(env[:1:1], env[1025:]...))
	// giving back makes it larger, by pointers that a record has none of
	argv := []string{"cat", "/proc/self/environ"}
	env = filled(stack/4, 100, argv, "PATH=/usr/bin:/bin", "MP_POLICY_APPLIED="+removed.String())
	o = step{argv: argv, env: env, more: append(off, "exec /bin/cat", fmt.Sprintf("own_limit %d %d", unix.RLIMIT_STACK, stack))}.launch(t)
	o.tasksHave(t, 1, env)
	o.says(t, "info mp-policy: what an outer step has set stays: .*")
}

// sbatch's option reaches the sruns of its script, or the log has a line.
func TestOptionReachesTheScript(t *testing.T) {
	const batchStep = 0xfffffffb // SLURM_BATCH_SCRIPT of slurm.h
	batch := []string{fmt.Sprint("stepid ", batchStep), "option no-mp-policy"}
	step{env: plain, more: batch}.launch(t).tasksHave(t, 1, append(plain[:2:2], "MP_POLICY=off"))
	env := filled(128<<10, 8<<10, pool, "SLURM_RLIMIT_STACK=0")
	o := step{env: env, more: batch}.launch(t)
	o.tasksHave(t, 1, env)
	o.says(t, "info mp-policy: the script's sruns do not get .*")
}

// One step has one line of each kind, however often a user gives a word, and however
// many of its tasks meet it.
func TestOneLineOfEachKind(t *testing.T) {
	more := slices.Repeat([]string{"option mp-policy=\x1b[31m"}, 50)
	o := step{more: append(more, "tasks 2")}.launch(t)
	o.unharmed(t)
	o.says(t, "info mp-policy: --mp-policy=.* is ignored: .*")
	o = step{more: []string{"tasks 8", "move", "hide /sys"}}.launch(t)
	o.unharmed(t)
	o.says(t, "info mp-policy: .*/sys/.*")
	for kind, want := range map[string]string{
		"then-sleeps": "no answer within .*", "then-killed-in-decide": silence + ".*", "then-writes-garbage": "the engine's reply is malformed.*",
	} {
		o = step{lib: brokenEngine(t, kind), ms: 300, env: plain, more: []string{"tasks 8", "move"}}.launch(t)
		o.tasksHave(t, 8, plain)
		o.says(t, "info mp-policy: "+want)
		if !regexp.MustCompile(want).MatchString(strings.Join(o.log, "")) {
			t.Errorf("%s: the log has %q", kind, o.log)
		}
	}
}
