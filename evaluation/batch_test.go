// SPDX-License-Identifier: MIT

package evaluation

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestShellIsNotLookedAt(t *testing.T) {
	r := request(t)
	r.Kind = "interactive"
	if got := set(Prepare(r).Decide([]Task{{Mask: mask(t, "0-1")}})[0]); len(got) > 0 {
		t.Errorf("have %v", got)
	}
	r.Option = "multiprocessing"
	if got := set(Prepare(r).Decide([]Task{{Mask: mask(t, "0-1")}})[0])["OMP_NUM_THREADS"]; got != "1" {
		t.Errorf("asked for: OMP_NUM_THREADS=%q", got)
	}
}

// TestBatchScript checks that a batch script gets the settings of its program, and no
// settings if another program is beside it.
func TestBatchScript(t *testing.T) {
	r := request(t)
	r.Kind = "batch"
	script := filepath.Join(r.Dir, "job.sh")
	for text, want := range map[string]string{
		"python3 pool.py\n":                                "1",
		"srun ./simulate\npython3 pool.py\n":               "1",
		"./simulate\npython3 pool.py\n":                    "",
		"srun python3 pool.py\n":                           "",
		"export OMP_NUM_THREADS=2\npython3 pool.py\n":      "",
		"OMP_NUM_THREADS=$(nproc) python3 pool.py\n":       "1",
		"env OMP_NUM_THREADS=2 python3 pool.py\n":          "",
		"apptainer exec -e x.sif python3 pool.py\nls\n":    "1",
		"python3 pool.py &\npython3 pool.py --two\nwait\n": "1",
	} {
		write(t, script, "#!/bin/bash\n"+text)
		r.Argv = []string{script}
		e := Prepare(r)
		if got := set(e.Decide([]Task{{Mask: mask(t, "0-3")}})[0])["OMP_NUM_THREADS"]; got != want {
			t.Errorf("%q: OMP_NUM_THREADS=%q, want %q (%v)", text, got, want, e.Notes())
		}
	}
}

// TestSetLater checks that explain lists the variables that a script sets before the
// program.
func TestSetLater(t *testing.T) {
	r := request(t)
	for text, note := range map[string]string{
		"export OMP_NUM_THREADS=2\npython3 pool.py\n": "sets OMP_NUM_THREADS=2 before the program: it is taken for your own value",
		"OMP_NUM_THREADS=$(nproc) python3 pool.py\n":  "sets OMP_NUM_THREADS before the program, to a value that is not known here",
		"module load x\npython3 pool.py\n":            "loads modules before the program: they may change what is listed here",
		"env -i python3 pool.py\n":                    "env -i removes each variable that is set here",
	} {
		r.Argv = []string{"sh", "-c", text}
		e := Prepare(r)
		e.Decide([]Task{{Mask: mask(t, "0-3")}})
		if notes := strings.Join(e.Notes(), "\n"); !strings.Contains(notes, note) {
			t.Errorf("%q: no %q in %q", text, note, notes)
		}
	}
}
