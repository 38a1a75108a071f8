// SPDX-License-Identifier: MIT

package faults

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// late steps have an engine that never answers, and share what the node remembers.
func lateStep(t *testing.T, run string, more ...string) step {
	return step{lib: brokenEngine(t, "sleeps"), ms: 30, env: plain, more: append([]string{"run " + run, "tasks 2"}, more...)}
}

// gaveUp returns the number of steps of an outcome that waited, and of lines which announce
// that no more will.
func gaveUp(o outcome) (waited, lines int) {
	for _, line := range o.log {
		switch {
		case strings.HasSuffix(line, "no answer within 30 ms; the step runs without the policy"):
			waited++
		case strings.HasSuffix(line, "that user's steps run without the policy on this node for 300 s"):
			lines++
		default:
			waited += 1000 // which no test expects
		}
	}
	return waited, lines
}

// With an engine that never answers, three steps of a storm wait for the deadline. One line
// announces that no more will for a while, and the others start at once.
func TestBreaker(t *testing.T) {
	for _, mode := range []string{"cpus 2", "contain", "umask 0777", "umask 0"} {
		t.Run(mode, func(t *testing.T) {
			run := rootOnly(t)
			o := lateStep(t, run, mode, "repeat 100").launch(t)
			o.unharmed(t)
			if waited, said := gaveUp(o); waited != 3 || said != 1 {
				t.Errorf("%d steps of 100 waited, and %d said that no more will; the log %q", waited, said, o.log)
			}
			// an engine that works is not tried either
			o = step{env: plain, more: []string{"run " + run}}.launch(t)
			if !slices.Equal(o.env(0), plain) || len(o.log) > 0 {
				t.Errorf("the breaker is open, and the task has %q; the log %q", o.env(0), o.log)
			}
		})
	}
}

// One user's late evaluations are nothing to another's, and nothing that a user may do
// to the files changes what is remembered.
func TestBreakerIsOfOneUser(t *testing.T) {
	run := rootOnly(t)
	lateStep(t, run, "repeat 5", "uid 1001").launch(t)
	o := step{more: []string{"run " + run, "uid 1002"}}.launch(t)
	o.unharmed(t)
	o.served(t)
	dir := filepath.Join(run, "slurm-mp-policy")
	for path, want := range map[string]uint32{dir: unix.S_IFDIR | 0o755, filepath.Join(dir, "1001.3"): unix.S_IFREG | 0o600} {
		var st unix.Stat_t
		must(t, unix.Lstat(path, &st))
		if st.Uid != 0 || st.Mode != want || st.Size != 0 && st.Mode&unix.S_IFREG != 0 {
			t.Errorf("%s: uid %d, mode %o, %d bytes", path, st.Uid, st.Mode, st.Size)
		}
	}
}

// An answer in between, the time, or a clock that was set forward or back, by however
// much, end it; and it opens again.
func TestBreakerEnds(t *testing.T) {
	run := rootOnly(t)
	dir := filepath.Join(run, "slurm-mp-policy")
	served := step{more: []string{"run " + run}}
	lateStep(t, run, "repeat 2").launch(t)
	served.launch(t).served(t)
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("after an answer there are %v (%v)", left, err)
	}
	const years = 10 * 365 * 24 * time.Hour
	for _, age := range []time.Duration{301 * time.Second, years, -time.Hour, -years} {
		lateStep(t, run, "repeat 3").launch(t)
		if o := served.launch(t); o.has(0, "OMP_NUM_THREADS=1") {
			t.Error("the breaker did not open")
		}
		for i := 1; i <= 3; i++ {
			when := time.Now().Add(-age)
			must(t, os.Chtimes(filepath.Join(dir, fmt.Sprintf("%d.%d", user, i)), when, when))
		}
		o := lateStep(t, run, "repeat 3").launch(t)
		if waited, said := gaveUp(o); waited != 3 || said != 1 {
			t.Errorf("%v later %d of 3 steps waited, and %d said that no more will", age, waited, said)
		}
		for i := 1; i <= 3; i++ {
			when := time.Now().Add(-age)
			must(t, os.Chtimes(filepath.Join(dir, fmt.Sprintf("%d.%d", user, i)), when, when))
		}
		served.launch(t).served(t)
	}
}

// A wall clock that is another at each look neither opens it nor keeps it open.
func TestBreakerWhileClockJumps(t *testing.T) {
	for _, mode := range []string{"cpus 2", "contain"} {
		run := rootOnly(t)
		o := lateStep(t, run, "repeat 3", mode).launch(t)
		if waited, said := gaveUp(o); waited != 3 || said != 1 {
			t.Errorf("%d steps of 3 waited, and %d said that no more will", waited, said)
		}
		o = lateStep(t, run, "repeat 6", mode, "jump 315360000").launch(t)
		o.unharmed(t)
		if waited, said := gaveUp(o); waited != 6 || said != 0 || len(o.tasks) != 2 {
			t.Errorf("%d of 6 steps waited, and %d said that no more will", waited, said)
		}
		o = step{more: []string{"run " + run, mode}}.launch(t)
		o.unharmed(t)
		o.served(t)
	}
}

// If nothing can be remembered, each step waits for the deadline and not longer.
func TestBreakerCannotRemember(t *testing.T) {
	for name, make := range map[string]func(run string) error{
		"a file in its place":     func(run string) error { return os.WriteFile(run+"/slurm-mp-policy", nil, 0o644) },
		"a link in its place":     func(run string) error { return os.Symlink("/tmp", run+"/slurm-mp-policy") },
		"a user's directory":      func(run string) error { return os.Mkdir(run+"/slurm-mp-policy", 0o755) },
		"root's, closed to users": func(run string) error { return os.Mkdir(run+"/slurm-mp-policy", 0o700) },
		"root's, open to writers": func(run string) error {
			return errors.Join(os.Mkdir(run+"/slurm-mp-policy", 0o700), os.Chmod(run+"/slurm-mp-policy", 0o777))
		},
		"directories in it": func(run string) error { return os.MkdirAll(fmt.Sprintf("%s/slurm-mp-policy/%d.3", run, user), 0o755) },
	} {
		t.Run(name, func(t *testing.T) {
			run := rootOnly(t)
			must(t, make(run))
			if name == "a user's directory" {
				must(t, os.Chown(run+"/slurm-mp-policy", user, user))
			}
			before, err := os.Lstat(run + "/slurm-mp-policy")
			must(t, err)
			o := lateStep(t, run, "repeat 5").launch(t)
			o.unharmed(t)
			if waited, said := gaveUp(o); waited != 5 || said != 0 {
				t.Errorf("%d of 5 steps waited, and %d said that no more will", waited, said)
			}
			if after, err := os.Lstat(run + "/slurm-mp-policy"); err != nil || after.Mode() != before.Mode() {
				t.Errorf("its mode was %v and is %v (%v)", before.Mode(), after.Mode(), err)
			}
		})
	}
}

// If a job's /run is its user's, a link in the place of root's directory leads nowhere:
// nothing is read, made or removed behind it.
func TestBreakerFollowsNoLink(t *testing.T) {
	run, other := rootOnly(t), rootOnly(t)
	must(t, os.Chown(run, user, user))
	must(t, os.Symlink(other, run+"/slurm-mp-policy"))
	lateStep(t, run, "repeat 3").launch(t)
	if left, err := os.ReadDir(other); err != nil || len(left) > 0 {
		t.Errorf("behind the link were made %v (%v)", left, err)
	}
	for i := 1; i <= 3; i++ {
		must(t, os.WriteFile(fmt.Sprintf("%s/%d.%d", other, user, i), nil, 0o600))
	}
	step{more: []string{"run " + run}}.launch(t).served(t)
	if left, err := os.ReadDir(other); err != nil || len(left) != 3 {
		t.Errorf("behind the link are still %v (%v)", left, err)
	}
}

// Every step of a storm with an engine that never answers starts at the deadline, also
// where nothing is remembered. How soon after it is printed and decides nothing: that is
// how busy the machine is.
func TestStormStartsByTheDeadline(t *testing.T) {
	const steps = 100
	for _, mode := range []string{"cpus 2", "contain"} {
		t.Run(mode, func(t *testing.T) {
			run := rootOnly(t)
			must(t, os.WriteFile(run+"/slurm-mp-policy", nil, 0o644))
			o := lateStep(t, run, fmt.Sprint("repeat ", steps), mode).launch(t)
			o.unharmed(t) // each task of each step ran, and to its end
			if len(o.waits) != steps {
				t.Fatalf("%d steps of %d", len(o.waits), steps)
			}
			if waited, said := gaveUp(o); waited != steps || said != 0 {
				t.Errorf("%d steps of %d waited, and %d said that no more will", waited, steps, said)
			}
			if !slices.Equal(o.env(0), plain) || !slices.Equal(o.env(1), plain) {
				t.Errorf("the last step has %q and %q", o.env(0), o.env(1))
			}
			slices.Sort(o.waits)
			soon, _ := slices.BinarySearch(o.waits, 80_000+1)
			t.Logf("deadline 30 ms, %d steps: median wait %.1f ms, longest %.1f ms; %d within the deadline and 50 ms",
				steps, float64(o.waits[steps/2])/1e3, float64(o.waits[steps-1])/1e3, soon)
		})
	}
}
