// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slurm-mp-policy/evaluation"
	"slurm-mp-policy/policy"
)

func requestOf(pairs ...string) []byte {
	return []byte(strings.Join(pairs, "\x00") + "\x00")
}

func TestDecode(t *testing.T) {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PWD", "/nowhere")
	got, err := decode(requestOf("abi", "5", "config", "/etc/x", "default", "observe", "affinity", "hint", "log", "all", "hints", "off",
		"option", "explain", "kind", "step", "deadline", "700", "cgroup", "0::/job_1\n", "uid", "1000", "gid", "1001", "node", "2", "tasks", "8", "local_tasks", "4",
		"cpus", "64", "cpus_per_task", "16", "argv", "python3", "argv", "", "env", "A=1", "env", "B="))
	if err != nil {
		t.Fatal(err)
	}
	want := evaluation.Request{
		Root: "/", Config: "/etc/x", Default: "observe", Affinity: "hint", Log: "all", Deadline: 700 * time.Millisecond, Option: "explain", Kind: "step", Cgroup: "0::/job_1\n", UID: 1000, GID: 1001, Node: 2, Tasks: 8,
		LocalTasks: 4, CPUs: 64, CPUsPerTask: 16, Argv: []string{"python3", ""}, Env: []string{"A=1", "B="}, Dir: dir,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestWorkingDirectoryAtTheRoot(t *testing.T) {
	t.Chdir("/")
	for _, test := range []struct {
		env  []string
		want string
	}{
		{[]string{"SLURM_SUBMIT_DIR=/home/a", "PWD=/home/a/b"}, "/home/a/b"},
		{[]string{"A=1", "SLURM_SUBMIT_DIR=/home/a"}, "/home/a"},
		{[]string{"PWD=b", "SLURM_SUBMIT_DIR=."}, "/"},
	} {
		if got := workingDirectory(test.env); got != test.want {
			t.Errorf("%q: want %s, got %s", test.env, test.want, got)
		}
	}
}

func TestDecodeTakesARecordedNode(t *testing.T) {
	got, err := decode(requestOf("abi", "5", "root", "/nodes/a"))
	if err != nil || got.Root != "/nodes/a" {
		t.Errorf("got the root directory %q, %v", got.Root, err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, test := range []struct {
		request []byte
		want    string
	}{
		{requestOf("abi", "0"), "the plugin has ABI 0, the engine 5; install the two from one package"},
		{nil, "the plugin has ABI 0, the engine 5; install the two from one package"},
		{requestOf("abi", "5", "colour", "red"), `the request has an unknown key "colour"`},
		{requestOf("abi", "5", "tasks", "-1"), `the request's tasks is not a number: "-1"`},
		{requestOf("abi", "5", "tasks", "99999999999"), `the request's tasks is not a number: "99999999999"`},
		{[]byte("abi\x004\x00argv\x00"), `the request ends within "argv"`},
		{[]byte("abi"), `the request ends within "abi"`},
	} {
		_, err := decode(test.request)
		if err == nil || err.Error() != test.want {
			t.Errorf("%q: want %q, got %v", test.request, test.want, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(requestOf("abi", "5", "tasks", "2", "argv", "a", "env", "A=1"))
	f.Fuzz(func(_ *testing.T, request []byte) {
		_, _ = decode(request)
	})
}

// show reads a reply as the shim does.
func show(t *testing.T, reply []byte) string {
	t.Helper()
	word := func(i int) int { return int(binary.NativeEndian.Uint32(reply[4*i:])) }
	if word(0) != 0x4d505231 {
		t.Fatalf("no magic number in %x", reply)
	}
	tasks, records := word(1), word(2)
	table := 4 * (3 + tasks + records)
	var b strings.Builder
	for i := range tasks {
		record, start := word(3+i), 0
		if record > 0 {
			start = word(3 + tasks + record - 1)
		}
		body := reply[table+start : table+word(3+tasks+record)]
		fmt.Fprintf(&b, "task %d: %q\n", i, bytes.ReplaceAll(body, []byte{0}, []byte{'|'}))
	}
	return b.String()
}

func TestEncode(t *testing.T) {
	changes := policy.Decision{Changes: []policy.Change{
		{Name: "A", Unset: true},
		{Name: "B", Value: "1"},
		{Name: "C", Value: "2", Replace: true},
		{Name: "D", Back: true},
		{Name: "E", Back: true, Replace: true},
	}}
	got := show(t, encode([]evaluation.Result{
		{Tasks: []int{0, 2}, Decision: changes, Messages: []string{"one", "two"}},
		{Tasks: []int{1}},
		{Tasks: []int{3}, Decision: policy.Decision{Changes: []policy.Change{{Name: "A", Value: "1"}, {Name: "B", Value: "x\x00!\x00\x1b[31m"}}}},
	}, 4))
	want := `task 0: "!|one\ntwo\n|-A||+B|1|=C|2|<D||>E||"
task 1: ""
task 2: "-A||+B|1|=C|2|<D||>E||"
task 3: ""
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

// The groups of a request are the groups of the process, which runs as the user at this
// point.
func TestDecodeHasTheGroups(t *testing.T) {
	before, err := syscall.Getgroups()
	if err != nil {
		t.Fatal(err)
	}
	if len(before) == 0 {
		if syscall.Getuid() != 0 {
			t.Skip("this process has no groups, and only root can take some")
		}
		if err := syscall.Setgroups([]int{4711}); err != nil {
			t.Fatal(err)
		}
		defer syscall.Setgroups(nil)
		before = []int{4711}
	}
	got, err := decode(requestOf("abi", "5"))
	if err != nil || !slices.Equal(got.Groups, before) {
		t.Errorf("groups %v, %v; want %v", got.Groups, err, before)
	}
}
