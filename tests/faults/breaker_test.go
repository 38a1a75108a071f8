// SPDX-License-Identifier: MIT

package faults

import (
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

// gaveUp says how many steps of an outcome waited, and how often it was said that no
// more will.
func gaveUp(o outcome) (waited, said int) {
	for _, line := range o.log {
		switch {
		case strings.HasSuffix(line, "no answer within 30 ms; the step runs without the policy"):
			waited++
		case strings.HasSuffix(line, "that user's steps run without the policy on this node for 300 s"):
			said++
		default:
			waited += 1000 // which no test expects
		}
	}
	return waited, said
}

// With an engine that never answers, three steps of a storm wait for the deadline, one
// line says that no more will for a while, and the others start at once.
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

// An answer in between, the time, or a clock that was set back end it.
func TestBreakerEnds(t *testing.T) {
	run := rootOnly(t)
	dir := filepath.Join(run, "slurm-mp-policy")
	served := step{more: []string{"run " + run}}
	lateStep(t, run, "repeat 2").launch(t)
	served.launch(t).served(t)
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("after an answer there are %v (%v)", left, err)
	}
	for _, age := range []time.Duration{301 * time.Second, -time.Hour} {
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

// Where nothing can be remembered, each step waits for the deadline, and no more.
func TestBreakerCannotRemember(t *testing.T) {
	for name, make := range map[string]func(run string) error{
		"a file in its place":   func(run string) error { return os.WriteFile(run+"/slurm-mp-policy", nil, 0o644) },
		"a link in its place":   func(run string) error { return os.Symlink("/tmp", run+"/slurm-mp-policy") },
		"a user's folder":       func(run string) error { return os.Mkdir(run+"/slurm-mp-policy", 0o755) },
		"folders in the folder": func(run string) error { return os.MkdirAll(fmt.Sprintf("%s/slurm-mp-policy/%d.3", run, user), 0o755) },
	} {
		t.Run(name, func(t *testing.T) {
			run := rootOnly(t)
			must(t, make(run))
			if name == "a user's folder" {
				must(t, os.Chown(run+"/slurm-mp-policy", user, user))
			}
			o := lateStep(t, run, "repeat 5").launch(t)
			o.unharmed(t)
			if waited, said := gaveUp(o); waited != 5 || said != 0 {
				t.Errorf("%d of 5 steps waited, and %d said that no more will", waited, said)
			}
		})
	}
}

// Where a job's /run is its user's, a link in the place of root's folder leads nowhere:
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

// Every step of a storm with an engine that never answers starts soon after the
// deadline, also where nothing is remembered. The bound is generous: how busy the machine
// is decides no test.
func TestStormStartsByTheDeadline(t *testing.T) {
	run := rootOnly(t)
	must(t, os.WriteFile(run+"/slurm-mp-policy", nil, 0o644))
	steps := 10
	if *soak {
		steps = 100
	}
	o := lateStep(t, run, fmt.Sprint("repeat ", steps)).launch(t)
	o.unharmed(t)
	if len(o.waits) != steps {
		t.Fatalf("%d steps of %d", len(o.waits), steps)
	}
	slices.Sort(o.waits)
	t.Logf("deadline 30 ms, %d steps: median wait %.1f ms, longest %.1f ms", steps, float64(o.waits[steps/2])/1e3, float64(o.waits[steps-1])/1e3)
	if o.waits[0] < 30_000 || o.waits[steps-1] > 3_000_000 {
		t.Errorf("waits from %d to %d us", o.waits[0], o.waits[steps-1])
	}
}
