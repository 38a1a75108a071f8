// SPDX-License-Identifier: MIT

package workload

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCrew checks the number of workers that well-known programs are told to start. Their
// tags are in testdata/commands.
func TestCrew(t *testing.T) {
	for _, test := range []struct {
		argv []string
		want crew
	}{
		{[]string{"pytest", "-n", "4"}, crew{TagMultiprocessing, 4}},
		{[]string{"pytest", "-n4", "tests"}, crew{TagMultiprocessing, 4}},
		{[]string{"pytest", "-n", "auto"}, crew{TagMultiprocessing, 0}},
		{[]string{"pytest", "-n", "2", "--numprocesses=6"}, crew{TagMultiprocessing, 6}},
		{[]string{"pytest", "--", "-n", "4"}, crew{}},
		{[]string{"gunicorn", "--workers=3", "app"}, crew{TagMultiprocessing, 3}},
		{[]string{"celery", "-A", "x", "worker", "-c", "5"}, crew{TagMultiprocessing, 5}},
		{[]string{"luigi", "--workers", "7"}, crew{TagMultiprocessing, 7}},
		{[]string{"black", "-W", "6", "."}, crew{TagMultiprocessing, 6}},
		{[]string{"pylint", "-j0", "pkg"}, crew{TagMultiprocessing, 0}},
		{[]string{"sqlfluff", "lint", "--processes=-1", "sql"}, crew{TagMultiprocessing, 0}},
		{[]string{"ansible-playbook", "site.yml"}, crew{TagWorkers, 0}},
		{[]string{"dask", "worker", "tcp://x:1", "--nworkers", "4"}, crew{TagWorkers, 0}},
	} {
		w := walker{}
		if got, ok := w.crewOf(test.argv[0], test.argv[1:]); got != test.want || !ok {
			t.Errorf("%q: %v, want %v", test.argv, got, test.want)
		}
	}
}

// TestCrewOfAScript checks the workers of a program whose "#!" line names its Python. The
// step starts this Python.
func TestCrewOfAScript(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "python3.12"), []byte("\x7fELF\x02"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "pytest"), []byte("#!"+dir+"/python3.12\n"))
	r := recognise(t, dir, []string{"pytest", "-n", "4"})
	if r.Workers != 4 || !r.Direct {
		t.Errorf("%d workers, direct %v", r.Workers, r.Direct)
	}
	if r := recognise(t, dir, []string{"taskset", "1", "pytest", "-n", "4"}); r.Workers != 0 || r.Direct {
		t.Errorf("below taskset: %d workers, direct %v", r.Workers, r.Direct)
	}
}

// TestBinaryOfThatName has a program with the name of a well-known program that is
// another program. It gets no tag.
func TestBinaryOfThatName(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "ray")
	if err := os.WriteFile(name, []byte("\x7fELF\x02"), 0o755); err != nil {
		t.Fatal(err)
	}
	r := recognise(t, dir, []string{name, "start"})
	if diff := cmp.Diff([]string(nil), r.Tags); diff != "" {
		t.Error(diff)
	}
	if err := os.WriteFile(name, []byte("#!/usr/bin/python3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	r = recognise(t, dir, []string{name, "start"})
	if diff := cmp.Diff([]string{TagPython, TagWorkers}, r.Tags); diff != "" {
		t.Error(diff)
	}
}

// TestUnreadableWork has programs whose work is not in a file. A note names the option to
// add.
func TestUnreadableWork(t *testing.T) {
	for _, module := range []string{"ipykernel_launcher", "submitit.core._submit"} {
		r := recognise(t, t.TempDir(), []string{"python", "-m", module, "-f", "x"})
		if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "--mp-policy=multiprocessing") {
			t.Errorf("%s: notes %q", module, r.Notes)
		}
		if diff := cmp.Diff([]string{TagPython}, r.Tags); diff != "" {
			t.Errorf("%s: %s", module, diff)
		}
	}
}
