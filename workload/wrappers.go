// SPDX-License-Identifier: MIT

package workload

import (
	"path"
	"strings"
)

// A wrapping describes how a command runs the command that follows its options.
type wrapping struct {
	syntax
	// keeps is set if it starts only this command and does not change its CPUs.
	keeps bool
}

// wrapper returns the syntax of a command that runs the command after its options and changes
// nothing else that matters here. Source: the man page of each.
func wrapper(name string) (wrapping, bool) {
	switch name {
	case "nohup", "setsid", "catchsegv", "unbuffer", "command", "exec", "linux32", "linux64",
		"dumb-init", "tini", "catatonit", "heaptrack", "valgrind", "memusage":
		return wrapping{keeps: true}, true
	case "time":
		return wrapping{syntax: syntax{short: "fo", long: []string{"format", "output"}}, keeps: true}, true
	case "nice":
		return wrapping{syntax: syntax{short: "n", long: []string{"adjustment"}}, keeps: true}, true
	case "ionice":
		return wrapping{syntax: syntax{short: "cn", long: []string{"class", "classdata"}}, keeps: true}, true
	case "chrt": // a policy and a priority, not CPUs
		return wrapping{syntax: syntax{short: "TPD", skip: 1}, keeps: true}, true
	case "timeout":
		return wrapping{syntax: syntax{short: "ks", long: []string{"kill-after", "signal"}, skip: 1}, keeps: true}, true
	case "stdbuf":
		return wrapping{syntax: syntax{short: "ioe", long: []string{"input", "output", "error"}}, keeps: true}, true
	case "numactl":
		return wrapping{syntax: syntax{short: "iPpmNCw", long: []string{
			"interleave", "preferred", "preferred-many", "physcpubind", "cpunodebind", "membind", "weighted-interleave",
		}}}, true
	case "taskset":
		return wrapping{syntax: syntax{skip: 1}}, true
	case "hwloc-bind":
		return wrapping{syntax: syntax{skip: 1, loose: true}}, true
	case "likwid-pin", "likwid-perfctr", "likwid-mpirun":
		return wrapping{syntax: syntax{short: "cCgtsotnM", loose: true}}, true
	case "sudo":
		return wrapping{syntax: syntax{short: "ugCpTRD"}}, true
	case "xvfb-run":
		return wrapping{syntax: syntax{short: "enpsf", long: []string{"server-args", "server-num", "auth-file", "error-file", "xauth-protocol"}}}, true
	case "cgexec":
		return wrapping{syntax: syntax{short: "g"}}, true
	case "setarch", "prlimit":
		return wrapping{syntax: syntax{loose: true}}, true
	case "flock":
		return wrapping{syntax: syntax{short: "wE", long: []string{"timeout", "conflict-exit-code"}, skip: 1}, keeps: true}, true
	case "ltrace":
		return wrapping{syntax: syntax{short: "aADeFnopsuwxl", long: []string{"align", "config", "debug", "output", "library", "where"}}, keeps: true}, true
	case "strace":
		return wrapping{syntax: syntax{short: "aebEIoOpPsSuUXlFnx", long: []string{"output", "trace", "string-limit", "user", "env"}}, keeps: true}, true
	case "perf":
		return wrapping{syntax: syntax{short: "eoFcCptmjxrI", long: []string{
			"event", "output", "freq", "count", "call-graph", "delay", "interval-print", "repeat", "field-separator",
			"cpu",
		}, skip: 1, loose: true}}, true
	case "gdb", "cuda-gdb", "lldb":
		return wrapping{syntax: syntax{short: "x", long: []string{"ex", "iex", "x", "command", "eval-command", "init-eval-command"}, single: true, loose: true}}, true
	case "rr", "rocprof", "rocprofv3", "rocprofv2", "rocprof-sys-run", "omnitrace-run", "tau_exec", "hpcrun", "psrecord", "py-spy", "austin",
		"nsys", "ncu", "nv-nsight-cu-cli", "nvprof", "dlprof", "compute-sanitizer", "cuda-memcheck",
		"AMDuProfCLI", "rocprof-compute", "omniperf", "rocprof-sys-sample", "omnitrace-sample", "pat_run",
		"vtune", "amplxe-cl", "advisor", "advixe-cl", "inspxe-cl", "aps", "ddt", "forge", "map", "perf-report", "darshan",
		"mpirun", "mpiexec", "mpiexec.hydra", "orterun", "prterun", "ibrun", "aprun", "jsrun":
		return wrapping{syntax: profiler(name)}, true
	case "ch-run":
		return wrapping{syntax: syntax{short: "bcgmu", long: []string{"bind", "cd", "gid", "uid", "mount"}, skip: 1}}, true
	}
	return wrapping{}, false
}

// profiler returns the syntax of a tool that has many options. The lists have only those options
// whose value could be taken for a command.
func profiler(name string) syntax {
	s := syntax{loose: true}
	switch name {
	case "nsys":
		s.short, s.skip = "bcCdefkmnopqstwxyz", 1
		s.long = []string{
			"trace", "output", "sample", "duration", "delay", "force-overwrite", "stats", "export", "capture-range",
			"capture-range-end", "cuda-memory-usage", "backtrace", "cudabacktrace", "env-var", "kill", "mpi-impl",
			"wait", "show-output", "stop-on-exit", "session-new", "cpuctxsw", "python-sampling", "python-backtrace",
			"pytorch", "gpu-metrics-device", "gpu-metrics-devices", "trace-fork-before-exec",
		}
	case "ncu", "nv-nsight-cu-cli":
		s.short = "oksc"
		s.long = []string{
			"export", "set", "section", "metrics", "target-processes", "launch-count", "launch-skip", "kernel-name",
			"nvtx-include", "replay-mode", "log-file", "csv-file",
		}
	case "nvprof":
		s.short, s.long = "oemt", []string{"export-profile", "output-profile", "log-file", "events", "metrics", "timeout"}
	case "vtune", "amplxe-cl", "advisor", "advixe-cl", "inspxe-cl":
		s.single, s.short = true, "cr"
		s.long = []string{
			"collect", "result-dir", "r", "knob", "k", "data-limit", "duration", "d", "search-dir", "source-search-dir",
			"target-duration-type", "app-working-dir", "project-dir",
		}
	case "py-spy":
		s.short, s.long, s.skip = "oprdfn", []string{"output", "rate", "duration", "format", "pid"}, 1
	case "rr":
		s.skip = 1
	case "tau_exec":
		s.single, s.long = true, []string{"T", "ebs_period", "ebs_source"}
	case "hpcrun":
		s.short = "eotrfc"
	case "ddt", "forge", "map", "perf-report":
		s.short, s.long = "no", []string{"np", "output", "procs", "export", "profile-name"}
	case "mpirun", "mpiexec", "mpiexec.hydra", "orterun", "prterun", "ibrun", "aprun", "jsrun":
		s.single, s.short = true, "ncHNdjSraglbp"
		s.long = []string{
			"np", "ppn", "x", "host", "hosts", "hostfile", "machinefile", "f", "map-by", "bind-to", "rank-by",
			"oversubscribe-by", "mca", "wdir", "cpu_bind", "cpu-bind", "rr",
		}
	}
	return s
}

// unwrap takes one wrapper off a command line. It returns false if the command is not a wrapper.
// env, and the project tools that start only the command, keep its CPUs. conda runs a shell with
// the scripts of the environment, pixi and hatch may run several commands, and a container may have
// other CPUs.
func (w *walker) unwrap(name string, argv []string) ([]string, bool) {
	words := argv[1:]
	switch name {
	case "env":
		return w.env(words, 0), true
	case "conda", "mamba", "micromamba", "pixi", "hatch", "apptainer", "singularity", "sarus", "enroot",
		"podman-hpc", "podman", "docker", "nerdctl", "shifter":
		w.indirect = true
	}
	switch name {
	case "conda", "mamba", "micromamba":
		return w.conda(argv)
	case "uv":
		return w.uv(words)
	case "poetry", "pdm", "pipenv", "rye", "pixi", "hatch":
		return w.projectRun(name, words)
	case "apptainer", "singularity", "sarus", "enroot":
		return w.container(name, words)
	case "podman-hpc", "podman", "docker", "nerdctl":
		return w.container("podman", words)
	case "shifter":
		s, dir := containerSyntax(name)
		given, rest := s.command(words)
		w.containerDir(given, dir)
		return rest, true
	}
	s, ok := wrapper(name)
	if !ok {
		return nil, false
	}
	w.indirect = w.indirect || !s.keeps
	_, rest := s.command(words)
	return rest, true
}

// env follows env(1), also with -S, and keeps the changes of the directory and of variables.
func (w *walker) env(words []string, depth int) []string {
	s := syntax{short: "uCa", long: []string{"unset", "chdir", "argv0"}, stop: "S"}
	given, rest := s.parse(words)
	if dir, ok := lastOption(given, "C", "chdir"); ok {
		w.dir = w.join(dir)
	}
	for _, o := range given {
		switch o.name {
		case "S", "split-string":
			if depth < 4 {
				return w.env(append(splitEnv(o.value), rest...), depth+1)
			}
			return nil
		case "u", "unset":
			w.unset(o.value)
			w.later(Later{Name: o.value, Removed: true, By: commandLine})
		case "i", "ignore-environment":
			w.clear()
		}
	}
	if len(rest) > 0 && rest[0] == "-" {
		w.clear()
		rest = rest[1:]
	}
	return w.assignments(rest)
}

// clear removes the whole environment, as "env -i" does.
func (w *walker) clear() {
	w.path, w.pythonPath = "/bin:/usr/bin", ""
	w.variables, w.assigned, w.removed, w.changed = nil, nil, nil, nil
	w.note("env -i removes each variable that is set here")
}

// assignments removes leading words NAME=VALUE.
func (w *walker) assignments(words []string) []string {
	for len(words) > 0 {
		name, value, ok := strings.Cut(words[0], "=")
		if !ok {
			break
		}
		w.set(name, value, commandLine)
		words = words[1:]
	}
	return words
}

// splitEnv splits the argument of env -S. It does not expand variables.
func splitEnv(text string) []string {
	var words []string
	var word []byte
	inWord, quote := false, byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && i+1 < len(text) && quote != '\'':
			i++
			switch text[i] {
			case 'c':
				return finishWord(words, word, inWord)
			case '_':
				if quote == 0 {
					words, word, inWord = finishWord(words, word, inWord), nil, false
					continue
				}
				word = append(word, ' ')
			case 't', 'n', 'v', 'f', 'r':
				word = append(word, ' ')
			default:
				word = append(word, text[i])
			}
			inWord = true
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word = append(word, c)
		case c == '\'' || c == '"':
			quote, inWord = c, true
		case c == '#' && !inWord:
			return words
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f':
			words, word, inWord = finishWord(words, word, inWord), nil, false
		default:
			word, inWord = append(word, c), true
		}
	}
	return finishWord(words, word, inWord)
}

func finishWord(words []string, word []byte, inWord bool) []string {
	if inWord {
		words = append(words, string(word))
	}
	return words
}

// conda follows "conda run". The environment's bin directory comes first on PATH, so that
// an entry-point script is found there.
func (w *walker) conda(argv []string) ([]string, bool) {
	words := argv[1:]
	_, words = syntax{short: "rp", long: []string{"root-prefix", "prefix", "rc-file"}}.parse(words)
	if len(words) == 0 || words[0] != "run" {
		return nil, false
	}
	s := syntax{short: "npae", long: []string{"name", "prefix", "cwd", "attach", "env", "root-prefix"}}
	given, rest := s.parse(words[1:])
	if prefix, ok := lastOption(given, "p", "prefix"); ok {
		w.path = w.join(path.Join(prefix, "bin")) + ":" + w.path
	}
	if name, ok := lastOption(given, "n", "name"); ok && name != "base" {
		if exe := w.find(argv[0]); exe != "" {
			w.path = path.Join(path.Dir(path.Dir(exe)), "envs", name, "bin") + ":" + w.path
		}
	}
	if dir, ok := lastOption(given, "cwd"); ok {
		w.dir = w.join(dir)
	}
	return rest, true
}
