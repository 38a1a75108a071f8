// SPDX-License-Identifier: MIT

package workload

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slurm-mp-policy/workload/python"
	"slurm-mp-policy/workload/shell"
)

// TestResult shows the facts beside the tags: the program, the text that was read, and
// the line that is the evidence.
func TestResult(t *testing.T) {
	dir := t.TempDir()
	pool := "import multiprocessing as mp\n\nwith mp.Pool(4) as p:  # go\n    p.map(abs, [1])\n"
	write(t, filepath.Join(dir, "pool.py"), []byte(pool))
	write(t, filepath.Join(dir, "crlf.py"), []byte(strings.ReplaceAll(pool, "\n", "\r\n")))
	write(t, filepath.Join(dir, "tool"), []byte("#!/usr/bin/env python3.9\n"+pool))
	write(t, filepath.Join(dir, "evil.py"), []byte("from multiprocessing import Pool; x = '\x1b[2J\u202e\xff'; Pool(4); "+strings.Repeat("y", 300)))
	write(t, filepath.Join(dir, "job.sh"), []byte("echo x\npython - <<E\n"+pool+"E\n"))
	write(t, filepath.Join(dir, "a.out"), []byte("\x7fELF"))
	for _, c := range []struct {
		argv     []string
		program  string
		script   string
		evidence Evidence // of the last tag found
	}{
		{[]string{"nice", "python3.12", "pool.py"}, "python3.12", "pool.py", Evidence{Tag: TagMultiprocessing, File: "pool.py", Line: 3, Text: "with mp.Pool(4) as p:  # go"}},
		{[]string{"python", "crlf.py"}, "python", "crlf.py", Evidence{Tag: TagMultiprocessing, File: "crlf.py", Line: 3, Text: "with mp.Pool(4) as p:  # go"}},
		{[]string{"tool"}, "python3.9", "tool", Evidence{Tag: TagMultiprocessing, File: "tool", Line: 4, Text: "with mp.Pool(4) as p:  # go"}},
		{[]string{"python", "-c", "\nimport multiprocessing\nmultiprocessing.Pool()"}, "python", "", Evidence{Tag: TagMultiprocessing, File: commandLine, Line: 0, Text: "multiprocessing.Pool()"}},
		{[]string{"bash", "job.sh"}, "python", "", Evidence{Tag: TagMultiprocessing, File: "job.sh", Line: 5, Text: "with mp.Pool(4) as p:  # go"}},
		{[]string{"python", "evil.py"}, "python", "evil.py", Evidence{Tag: TagMultiprocessing, File: "evil.py", Line: 1, Text: "from multiprocessing import Pool; x = '?[2J??'; Pool(4); " + strings.Repeat("y", 61)}},
		{[]string{"time", "./a.out"}, "a.out", "", Evidence{}},
		{[]string{"python"}, "python", "", Evidence{Tag: TagPython, File: commandLine, Line: 0, Text: "python"}},
	} {
		r, err := Recognise(Command{Argv: c.argv, Dir: dir, Env: map[string]string{"PATH": dir}})
		if err != nil {
			t.Errorf("%q: %v", c.argv, err)
		}
		want := Result{Program: c.program, Script: c.script, Evidence: []Evidence{c.evidence}}
		have := Result{Program: r.Program, Script: relative(dir, r.Script), Evidence: []Evidence{{}}}
		if n := len(r.Evidence); n > 0 {
			have.Evidence[0] = r.Evidence[n-1]
			have.Evidence[0].File = relative(dir, have.Evidence[0].File)
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%q (-want +have):\n%s", c.argv, diff)
		}
	}
}

// TestPoolAt shows how a pool's call and its place are named, and when the pool is as
// large as the node.
func TestPoolAt(t *testing.T) {
	dir := t.TempDir()
	const pool = "import multiprocessing as mp\n\nmp.Pool().map(abs, [1])\n"
	for name, text := range map[string]string{
		"pool.py":           pool,
		"four.py":           "import multiprocessing as mp\nmp.Pool(4).map(abs, [1])\n",
		"none.py":           "print(1)\n",
		"executor.py":       "from concurrent.futures import ProcessPoolExecutor as E\nE().submit(abs, 1)\n",
		"job.sh":            "echo x\npython - <<E\n" + pool + "E\n",
		"lib/pool/sub/a.py": pool,
	} {
		write(t, filepath.Join(dir, name), []byte(text))
	}
	for _, c := range []struct {
		argv      []string
		poolAt    string
		nodeSized bool
	}{
		{[]string{"python", "pool.py"}, "Pool() at pool.py:3", true},
		{[]string{"python", "lib/pool/sub/a.py"}, "Pool() at a.py:3", true},
		{[]string{"python", "four.py"}, "Pool() at four.py:2", false},
		{[]string{"python", "executor.py"}, "ProcessPoolExecutor() at executor.py:2", true},
		{[]string{"python", "-c", "import multiprocessing\nmultiprocessing.Pool()"}, "Pool() in the command line", true},
		{[]string{"bash", "job.sh"}, "Pool() at job.sh:5", true},
		{[]string{"python", "none.py"}, "", false},
		{[]string{"pytest", "-n", "4"}, "", false},
	} {
		r, err := Recognise(Command{Argv: c.argv, Dir: dir, Env: map[string]string{"PATH": dir}})
		if err != nil && c.argv[0] != "pytest" {
			t.Errorf("%q: %v", c.argv, err)
		}
		if r.PoolAt != c.poolAt || r.NodeSized != c.nodeSized {
			t.Errorf("%q: want %q, %v; have %q, %v", c.argv, c.poolAt, c.nodeSized, r.PoolAt, r.NodeSized)
		}
	}
}

func relative(dir, file string) string { return strings.TrimPrefix(file, dir+"/") }

// TestEveryTagHasEvidence checks all the labelled programs.
func TestEveryTagHasEvidence(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no programs", err)
	}
	for _, file := range files {
		dir, cases := unpack(t, file)
		for _, c := range cases {
			r := recognise(t, dir, c.argv)
			var tags []string
			for _, e := range r.Evidence {
				tags = append(tags, e.Tag)
				if e.Text == "" || len(e.Text) > 120 || (e.Line == 0) != (e.File == commandLine) {
					t.Errorf("%q: odd evidence %+v", c.argv, e)
				}
			}
			if len(tags) != len(r.Tags) {
				t.Errorf("%q: tags %v, evidence of %v", c.argv, r.Tags, tags)
			}
		}
	}
}

// TestUnknownMarks compares the marks for unknown text in a command line. The reader of
// scripts sets them, and the interpreter of Python must know the same marks.
func TestUnknownMarks(t *testing.T) {
	if shell.Unknown != python.Unknown || shell.UnknownWords != python.UnknownWords {
		t.Errorf("shell has %q and %q, python %q and %q", shell.Unknown, shell.UnknownWords, python.Unknown, python.UnknownWords)
	}
}

// TestOnlyPrints has texts of "python -c".
func TestOnlyPrints(t *testing.T) {
	for text, want := range map[string]bool{
		"import torch; print(torch.cuda.is_available())": true, "import sys\n# x\n\nsys.exit(1)": true, "from a import b": true, "assert a.b()": true,
		"Model().fit()": false, "_ = f()": false, "__import__('a').run()": false, "from a import main; import sys; sys.exit(main())": false,
		"import a; a.run()": false, "print(1)" + strings.Repeat(" ", 300): false,
	} {
		if have := onlyPrints(text); have != want {
			t.Errorf("%q: have %v", text, have)
		}
	}
}

// TestLaterOfAStep has a script that starts a step with its own variables. They are not
// the variables of the step that runs the script.
func TestLaterOfAStep(t *testing.T) {
	r := recognise(t, t.TempDir(), []string{"sh", "-c", "OMP_NUM_THREADS=4 srun -n 1 true"})
	if r.Program != "srun" || len(r.Later) > 0 {
		t.Errorf("have %+v", r)
	}
}
