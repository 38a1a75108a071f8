// SPDX-License-Identifier: MIT

package workload

import (
	"os"
	"path/filepath"
	"testing"
)

// A tree has the files of a test by name. Each is a text, or "-> target" for a symbolic
// link.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if len(text) > 3 && text[:3] == "-> " {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(text[3:], file); err != nil {
				t.Fatal(err)
			}
			continue
		}
		write(t, file, []byte(text))
		if err := os.Chmod(file, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const elf = "\x7fELF"

// TestInterpreterVersion lays out the installations that people have.
func TestInterpreterVersion(t *testing.T) {
	const shim = "#!/usr/bin/env bash\nexec \"/home/u/.pyenv/libexec/pyenv\" exec \"$program\" \"$@\"\n"
	for name, c := range map[string]struct {
		files map[string]string
		argv0 string
		want  Version
	}{
		"a name with the version":    {map[string]string{"usr/bin/python3.12": elf}, "/usr/bin/python3.12", Version{Major: 3, Minor: 12}},
		"a build without the GIL":    {map[string]string{"usr/bin/python3.13t": elf}, "/usr/bin/python3.13t", Version{Major: 3, Minor: 13}},
		"two digits are a number":    {map[string]string{"usr/bin/python3.9": elf}, "/usr/bin/python3.9", Version{Major: 3, Minor: 9}},
		"PyPy":                       {map[string]string{"usr/bin/pypy3": "-> pypy3.10", "usr/bin/pypy3.10": elf}, "/usr/bin/pypy3", Version{Major: 3, Minor: 10}},
		"Debian":                     {map[string]string{"usr/bin/python3": "-> python3.11", "usr/bin/python3.11": elf}, "/usr/bin/python3", Version{Major: 3, Minor: 11}},
		"on PATH":                    {map[string]string{"usr/bin/python3": "-> python3.11", "usr/bin/python3.11": elf}, "python3", Version{Major: 3, Minor: 11}},
		"Red Hat's alternatives":     {map[string]string{"usr/bin/python": "-> /etc/alternatives/python", "etc/alternatives/python": "-> /usr/bin/python3.6", "usr/bin/python3.6": elf}, "python", Version{Major: 3, Minor: 6}},
		"the link lies, the file is": {map[string]string{"usr/bin/python3.14": "-> python3.9", "usr/bin/python3.9": elf}, "/usr/bin/python3.14", Version{Major: 3, Minor: 9}},
		"venv": {map[string]string{
			"home/v/bin/python": "-> python3", "home/v/bin/python3": "-> /usr/bin/python3", "usr/bin/python3": "-> python3.11", "usr/bin/python3.11": elf,
			"home/v/pyvenv.cfg": "home = /usr/bin\nversion = 3.10.1\n", // before the upgrade
		}, "/home/v/bin/python", Version{Major: 3, Minor: 11}},
		"venv with copies": {map[string]string{"home/v/bin/python": elf, "home/v/pyvenv.cfg": "home = /usr/bin\r\nversion = 3.13.0rc1\r\n"}, "/home/v/bin/python", Version{Major: 3, Minor: 13}},
		"virtualenv":       {map[string]string{"home/v/bin/python": elf, "home/v/pyvenv.cfg": "home=/usr/bin\nversion_info=3.8.10.final.0\n"}, "/home/v/bin/python", Version{Major: 3, Minor: 8}},
		"a pyvenv.cfg with home alone": {map[string]string{
			"home/v/bin/python": elf, "home/v/pyvenv.cfg": "home = /opt/p/bin\n", "opt/p/bin/python": "-> python3.12", "opt/p/bin/python3.12": elf,
		}, "/home/v/bin/python", Version{Major: 3, Minor: 12}},
		"conda":             {map[string]string{"opt/c/bin/python": "-> python3.12", "opt/c/bin/python3.12": elf, "opt/c/lib/python3.12/os.py": "x"}, "/opt/c/bin/python", Version{Major: 3, Minor: 12}},
		"conda with copies": {map[string]string{"opt/c/bin/python": elf, "opt/c/lib/python3.12/os.py": "x", "opt/c/lib/python3.1": "-> python3.12"}, "/opt/c/bin/python", Version{Major: 3, Minor: 12}},
		"lib64":             {map[string]string{"opt/c/bin/python": elf, "opt/c/lib64/python3.14/os.py": "x", "opt/c/lib/x": "x"}, "/opt/c/bin/python", Version{Major: 3, Minor: 14}},
		"ipython":           {map[string]string{"opt/c/bin/ipython": elf, "opt/c/lib/python3.14/os.py": "x"}, "/opt/c/bin/ipython", Version{Major: 3, Minor: 14}},
		"a prefix of two":   {map[string]string{"opt/c/bin/python": elf, "opt/c/lib/python3.12/os.py": "x", "opt/c/lib/python3.13/os.py": "x"}, "/opt/c/bin/python", Version{}},
		"pyenv's name":      {map[string]string{"r/shims/python3.12": shim}, "/r/shims/python3.12", Version{Major: 3, Minor: 12}},
		"pyenv here":        {map[string]string{"r/shims/python": shim, "r/version": "3.9.1\n", "home/.python-version": "3.13.1\n", "home/work/x": "x", "r/versions/3.13.1/bin/python": "-> python3.13", "r/versions/3.13.1/bin/python3.13": elf}, "/r/shims/python", Version{Major: 3, Minor: 13}},
		"pyenv everywhere":  {map[string]string{"r/shims/python": shim, "r/version": "3.9.1\n3.8\n", "r/versions/3.9.1/bin/python": "-> python3.9", "r/versions/3.9.1/bin/python3.9": elf}, "/r/shims/python", Version{Major: 3, Minor: 9}},
		"pyenv by a name": {map[string]string{
			"r/shims/python": shim, "r/version": "miniforge3-latest\n", "r/versions/miniforge3-latest/bin/python": "-> python3.10", "r/versions/miniforge3-latest/bin/python3.10": elf,
		}, "/r/shims/python", Version{Major: 3, Minor: 10}},
		"pyenv's system":       {map[string]string{"r/shims/python": shim, "r/version": "system\n"}, "/r/shims/python", Version{}},
		"nothing tells":        {map[string]string{"opt/bin/python": elf}, "/opt/bin/python", Version{}},
		"another number":       {map[string]string{"opt/bin/python3": elf, "opt/lib/python3.x/os.py": "x"}, "/opt/bin/python3", Version{}},
		"links in a circle":    {map[string]string{"opt/bin/python": "-> python3", "opt/bin/python3": "-> python"}, "/opt/bin/python", Version{}},
		"a site's own script":  {map[string]string{"opt/bin/python3.13": "#!/bin/sh\nexec taskset -c 0 /usr/bin/python3.13 \"$@\"\n"}, "/opt/bin/python3.13", Version{}},
		"it is not there":      {nil, "/opt/bin/python3.13", Version{}},
		"a pyvenv.cfg of dirt": {map[string]string{"v/bin/python": elf, "v/pyvenv.cfg": "version = \x00\nversion_info\n= 3.1\nversion = three\n"}, "/v/bin/python", Version{}},
	} {
		t.Run(name, func(t *testing.T) {
			root := tree(t, c.files)
			r, err := Recognise(Command{Argv: []string{c.argv0, "-V"}, Dir: "/home/work", Env: map[string]string{"PATH": "/usr/bin"}, Root: root})
			if err != nil || r.Python != c.want {
				t.Errorf("want %v, have %+v, %v", c.want, r, err)
			}
		})
	}
}

// TestDirect shows that a program is Direct only if the step starts it itself and nothing
// on the way may change the mask or start other programs.
func TestDirect(t *testing.T) {
	dir := tree(t, map[string]string{
		"python3.13":     elf,
		"python3":        "-> python3.13",
		"python":         "-> python3.13",
		"x.py":           "#!/usr/bin/env python3\n",
		"absolute.py":    "#!" + "/usr/bin/python3" + " -u\n",
		"nice.py":        "#!/usr/bin/env -S nice -n 5 python3\n",
		"run.sh":         "#!/bin/bash\nexec python3 x.py\n",
		"pip-stub":       "#!/bin/sh\n'''exec' python3 \"$0\" \"$@\"\n' '''\n",
		"pinned/python3": "#!/bin/sh\nexec taskset -c 0 python3.13 \"$@\"\n",
		"snakemake":      "#!/usr/bin/env python3\n",
		"coverage":       "#!/usr/bin/env python3\n",
	})
	for line, want := range map[string]bool{
		"python3 x.py":           true,
		"python3":                true,
		"python3 -c pass":        true,
		"python3 -m site":        true,
		"x.py":                   true,
		"./x.py":                 true,
		"nice.py":                true,
		"env A=1 python3 x.py":   true,
		"env -S python3 x.py":    true,
		"nice -n 5 python3 x.py": true,
		"time python3 x.py":      true,
		"nohup timeout 60 stdbuf -oL python3 x.py": true,
		"ionice -c 3 chrt -b 0 python3 x.py":       true,
		"python3 -m cProfile x.py":                 true,
		"python3 -m coverage run x.py":             true,
		"python3 -m mpi4py x.py":                   true,
		"uv run python3 x.py":                      true,
		"a.out":                                    false,
		"bash run.sh":                              false,
		"run.sh":                                   false,
		"sh -c python3":                            false,
		"pip-stub":                                 false,
		"nice bash -c 'python3 x.py'":              false,
		"taskset -c 0 python3 x.py":                false,
		"nice taskset -c 0 python3 x.py":           false,
		"env taskset -c 0 time python3 x.py":       false,
		"numactl -C 0 python3 x.py":                false,
		"mpirun -np 2 python3 x.py":                false,
		"mpiexec -n 2 env A=1 python3 x.py":        false,
		"likwid-pin -c 0 python3 x.py":             false,
		"cgexec -g cpuset:a python3 x.py":          false,
		"perf record -- python3 x.py":              false,
		"prlimit --nofile 64 pinned python3 x.py":  false,
		"apptainer exec i.sif python3 x.py":        false,
		"podman run image python3 x.py":            false,
		"shifter --image=i python3 x.py":           false,
		"ch-run image python3 x.py":                false,
		"conda run -n e python3 x.py":              false,
		"pixi run python3 x.py":                    false,
		"pinned/python3 x.py":                      false,
		"nowhere/python3 x.py":                     false,
		"torchrun x.py":                            false,
		"coverage run x.py":                        false,
		"python3 -m torch.distributed.run x.py":    false,
		"python3 -m distributed.cli.dask_worker":   false,
		"snakemake":                                false,
		"python3 snakemake":                        false,
		"dask-worker tcp://host":                   false,
		"ray start":                                false,
		"python3 -m cProfile -m snakemake":         false,
		"python3 -m parsl.executors.high_throughput.process_worker_pool": false,
	} {
		r, err := Recognise(Command{Argv: splitEnv(line), Dir: dir, Env: map[string]string{"PATH": dir}})
		if err != nil && want || r.Direct != want {
			t.Errorf("%s: want %v, have %+v, %v", line, want, r, err)
		}
	}
}

// TestWorkers shows the number of workers that a program's text and arguments certainly
// start.
func TestWorkers(t *testing.T) {
	const mp = "import multiprocessing as mp\nfrom concurrent.futures import ProcessPoolExecutor\nimport joblib\n"
	dir := tree(t, map[string]string{"python3": elf})
	for text, want := range map[string]int{
		"mp.Pool(4)":                                4,
		"mp.Pool(processes=6)":                      6,
		"n = 3\nProcessPoolExecutor(n)":             3,
		"ProcessPoolExecutor(max_workers=12)":       12,
		"mp.Pool()":                                 0,
		"mp.Pool(None)":                             0,
		"mp.Pool(mp.cpu_count())":                   0,
		"mp.Pool(int(input()))":                     0,
		"mp.Process(target=print).start()":          0,
		"mp.Pool(4)\nProcessPoolExecutor(2)":        0,
		"mp.Pool(4)\nmp.Process(target=print)":      0,
		"mp.Pool(4)\njoblib.Parallel(n_jobs=8)([])": 0,
		"if False:\n    mp.Pool(8)\nmp.Pool(2)":     2,
		"print()":                                   0,
	} {
		r, err := Recognise(Command{Argv: []string{"python3", "-c", mp + text}, Dir: dir, Env: map[string]string{"PATH": dir}})
		if err != nil || r.Workers != want {
			t.Errorf("%s: want %d, have %+v, %v", text, want, r, err)
		}
		r, err = Recognise(Command{Argv: []string{"mpirun", "-np", "2", "python3", "-c", mp + text}, Dir: dir, Env: map[string]string{"PATH": dir}})
		if err != nil || r.Workers != 0 {
			t.Errorf("mpirun, %s: have %+v, %v", text, r, err)
		}
	}
}
