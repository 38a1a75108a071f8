// SPDX-License-Identifier: MIT

package inspect

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"slurm-mp-policy/nodeinfo/nodetest"
)

// recorded is a node with a /proc that a test writes.
type recorded struct {
	*testing.T
	root string
	// sleeping is called at each pause between two readings, with their number from 1.
	sleeping func(reading int)
}

// eight has CPUs 0 to 7 on four cores.
const eight = `-- cpus --
0-7 block 2
-- numa --
0 0-7
`

func record(t *testing.T) *recorded {
	t.Helper()
	r := &recorded{T: t, root: nodetest.Machine(t, txtar.Parse([]byte(eight)))}
	if err := os.MkdirAll(filepath.Join(r.root, "proc"), 0o755); err != nil {
		t.Fatal(err)
	}
	return r
}

// fake is a process as /proc has it.
type fake struct {
	pid, ppid, uid int
	command        string // words with blanks between them; "|" stands for a blank in one
	exe            string
	env            string // entries with blanks between them
	mask           string // default 0-3
	cgroup         string
	state          string   // of the first thread, S by default
	cpu            int      // where it runs
	threads        []string // of each further thread: state and CPU, "R3"
	ticks          int
	forked         bool
	comm           string
	start          int
	euid           int // if it is another one than uid
}

func (r *recorded) write(name, text string) {
	r.Helper()
	name = filepath.Join(r.root, "proc", name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		r.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		r.Fatal(err)
	}
}

func (r *recorded) link(target, name string) {
	r.Helper()
	name = filepath.Join(r.root, "proc", name)
	os.Remove(name)
	if err := os.Symlink(target, name); err != nil {
		r.Fatal(err)
	}
}

func (r *recorded) end(pid int) {
	r.Helper()
	if err := os.RemoveAll(filepath.Join(r.root, "proc", strconv.Itoa(pid))); err != nil {
		r.Fatal(err)
	}
}

func stat(pid int, f fake, state string, threads, cpu int) string {
	flags := 0x400000
	if f.forked {
		flags |= forkNoExec
	}
	return fmt.Sprintf("%d (%s) %s %d 1 1 0 -1 %d 0 0 0 0 %d 0 0 0 20 0 %d 0 %d 1000 10 18446744073709551615 "+
		"1 2 3 0 0 0 0 0 0 0 0 0 17 %d 0 0 0 0 0 1 2 3 4 5 6 7 0\n", pid, f.comm, state, f.ppid, flags, f.ticks, threads, f.start, cpu)
}

func (r *recorded) add(list ...fake) {
	r.Helper()
	for _, f := range list {
		words := strings.Fields(f.command)
		for i := range words {
			words[i] = strings.ReplaceAll(words[i], "|", " ")
		}
		if f.comm == "" {
			f.comm = filepath.Base(words[0])
		}
		if f.mask == "" {
			f.mask = "0-3"
		}
		if f.state == "" {
			f.state = "S"
		}
		if f.exe == "" {
			f.exe = "/usr/bin/" + filepath.Base(words[0])
		}
		if f.start == 0 {
			f.start = f.pid
		}
		dir := strconv.Itoa(f.pid) + "/"
		euid := cmp.Or(f.euid, f.uid)
		status := fmt.Sprintf("Name:\t%s\nUid:\t%d\t%d\t%d\t%d\nGid:\t7\t7\t7\t7\nGroups:\t7 8 \nCpus_allowed_list:\t%s\n",
			f.comm, f.uid, euid, euid, euid, f.mask)
		r.write(dir+"stat", stat(f.pid, f, f.state, 1+len(f.threads), f.cpu))
		r.write(dir+"status", status)
		r.write(dir+"cmdline", strings.Join(words, "\x00")+"\x00")
		r.write(dir+"environ", strings.Join(append(strings.Fields(f.env), ""), "\x00"))
		r.write(dir+"cgroup", f.cgroup)
		r.link(f.exe, dir+"exe")
		r.link("/home", dir+"cwd")
		task := func(tid int, state string, cpu int) {
			name := fmt.Sprintf("%stask/%d/", dir, tid)
			r.write(name+"stat", stat(tid, f, state, 1, cpu))
			r.write(name+"status", status)
		}
		task(f.pid, f.state, f.cpu)
		for i, thread := range f.threads {
			cpu, err := strconv.Atoi(thread[1:])
			if err != nil {
				r.Fatal(err)
			}
			task(f.pid*100+i, thread[:1], cpu)
		}
	}
}

// options are those for a target with a clock of the test's own.
func (r *recorded) options(target Target) Options {
	now, reading := time.Unix(0, 0), 0
	return Options{
		Root: r.root, Target: target, Self: 1 << 20,
		Variables: []string{"OMP_NUM_THREADS", "OMP_PROC_BIND"},
		Now:       func() time.Time { return now },
		Sleep: func(d time.Duration) {
			now = now.Add(d)
			reading++
			if r.sleeping != nil {
				r.sleeping(reading)
			}
		},
	}
}

func (r *recorded) inspect(target Target) *Report {
	r.Helper()
	report, err := Inspect(r.options(target))
	if err != nil {
		r.Fatal(err)
	}
	return report
}

// only returns the one task of a report.
func (r *recorded) only(target Target) *Task {
	r.Helper()
	report := r.inspect(target)
	if len(report.Tasks) != 1 {
		r.Fatalf("%d tasks, want 1: %+v", len(report.Tasks), report.Tasks)
	}
	return report.Tasks[0]
}

// found are the findings as their words.
func found(t *Task) string {
	var words []string
	for _, f := range t.Findings {
		words = append(words, f.What)
	}
	return strings.Join(words, " ")
}
