// SPDX-License-Identifier: MIT

package vm

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLines(t *testing.T) {
	const output = `mp-policy: node     x86_64
mp-policy: tasks 0-1,3  2 CPUs each of 16, 1 core each (masks 0-1; 2-3;
mp-policy:          6-7)
mp-policy: task 2   1 CPU of 16, 2 cores (mask 4-7, shared with other tasks)
PROBE x task=2 mask=4-7 cpus=4 cores=2 workers=1 masks=4-7 OMP_PLACES=- OMP_NUM_THREADS=1
`
	got, err := shares(output)
	want := map[int]share{0: {2, 1, "0-1"}, 1: {2, 1, "2-3"}, 3: {2, 1, "6-7"}, 2: {1, 2, "4-7"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(share{})); diff != "" || err != nil {
		t.Errorf("%v: want -, got +\n%s", err, diff)
	}
	list, err := tasks(output)
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	if task := list[0]; task.name != "x" || task.rank != 2 || task.cpus != 4 || task.cores != 2 || task.workers != 1 ||
		task.masks != "4-7" || task.env["OMP_NUM_THREADS"] != "1" {
		t.Errorf("%+v", task)
	}
	if _, err := tasks("PROBE x task=0 mask=0"); err == nil {
		t.Error("a line that is cut must be an error")
	}
}

func TestOverlap(t *testing.T) {
	for _, test := range []struct {
		masks []string
		want  bool
	}{
		{[]string{"0-1", "2-3"}, false},
		{[]string{"0-3", "3"}, true},
		{[]string{"0-x"}, true},
	} {
		var list []task
		for _, mask := range test.masks {
			list = append(list, task{mask: mask})
		}
		if got := overlap(list); got != test.want {
			t.Errorf("%q: %v", test.masks, got)
		}
	}
}

func TestShapes(t *testing.T) {
	text, err := os.ReadFile("testdata/shapes")
	if err != nil {
		t.Fatal(err)
	}
	list, err := parseShapes(string(text))
	if err != nil || len(list) < 30 {
		t.Fatalf("%d shapes, %v", len(list), err)
	}
	names := map[string]bool{}
	for _, s := range list {
		if names[s.name] || s.tasks == 0 {
			t.Errorf("%s is there twice, or has no number of tasks", s.name)
		}
		names[s.name] = true
	}
	for _, wrong := range []string{"x tasks=1 srun PROBE", "x tasks=one : srun PROBE", "x colour=red : srun PROBE"} {
		if _, err := parseShapes(wrong); err == nil {
			t.Errorf("%q must be an error", wrong)
		}
	}
}
