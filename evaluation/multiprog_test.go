// SPDX-License-Identifier: MIT

package evaluation

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMultiProgGivesEachRankItsOwn(t *testing.T) {
	r := request(t)
	conf := "0 python3 pool.py\n1-2 env\n"
	r.Argv = []string{"programs", conf}
	r.Tasks, r.LocalTasks = 3, 3
	tasks := []Task{{Rank: 0, Mask: mask(t, "0-1")}, {Rank: 1, Mask: mask(t, "0-1")}, {Rank: 2, Mask: mask(t, "0-1")}}
	want := []string{"1", ""}
	for name, file := range map[string]struct {
		text string
		mode os.FileMode
	}{
		"the file holds the text":     {conf, 0o755},
		"the file is no program":      {"another text", 0o644},
		"the file is not on the node": {},
	} {
		os.Remove(filepath.Join(r.Dir, "programs"))
		if file.mode != 0 {
			write(t, filepath.Join(r.Dir, "programs"), file.text)
			if err := os.Chmod(filepath.Join(r.Dir, "programs"), file.mode); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, result := range Prepare(r).Decide(tasks) {
			got = append(got, set(result)["OMP_NUM_THREADS"])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", name, diff)
		}
	}
	// a program with such a text as an argument is one program
	write(t, filepath.Join(r.Dir, "programs"), "#!/bin/sh\n")
	if err := os.Chmod(filepath.Join(r.Dir, "programs"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"./programs", filepath.Join(r.Dir, "programs"), "printf"} {
		r.Argv[0] = program
		if got := len(Prepare(r).Decide(tasks)); got != 1 {
			t.Errorf("%s with a text for its argument: want 1 group, got %d", program, got)
		}
	}
}

func TestMultiProgTakesArgumentsAndNotAnyNumberOfPrograms(t *testing.T) {
	r := request(t)
	write(t, filepath.Join(r.Dir, "programs"), "another text")
	var conf strings.Builder
	r.Tasks, r.LocalTasks = 40, 40
	var tasks []Task
	for i := range r.Tasks {
		fmt.Fprintf(&conf, "%d python3 -W%d\n", i, i)
		tasks = append(tasks, Task{Rank: i, Mask: mask(t, "0")})
	}
	// srun appends its further words to each of them
	r.Argv = []string{"programs", conf.String(), "pool.py"}
	pools := 0
	for _, result := range Prepare(r).Decide(tasks) {
		if set(result)["OMP_NUM_THREADS"] != "" {
			pools += len(result.Tasks)
		}
	}
	if pools != maxPrograms {
		t.Errorf("want %d programs known as pools, got %d", maxPrograms, pools)
	}
}
