// SPDX-License-Identifier: MIT

package workload

import (
	"path"
	"strings"
)

// A launcher is a Python program that runs another one.
type launcher struct {
	syntax  syntax
	sub     string // the subcommand that runs it, "" if there is none
	module  bool   // takes -m MODULE in the place of a script
	command bool   // runs a command, not a script
	tag     string // tag that the launcher itself earns
	inside  bool   // runs the program in its own process
}

// findLauncher returns the launcher with the name of its command or of its module: "python -m
// torch.distributed.run" is torchrun.
func findLauncher(name string) (launcher, bool) {
	switch name {
	case "cProfile", "profile":
		return launcher{syntax: syntax{short: "os", long: []string{"outfile", "sort"}, stop: "m"}, module: true, inside: true}, true
	case "pdb", "ipdb", "pudb":
		return launcher{syntax: syntax{short: "c", long: []string{"command"}, stop: "m"}, module: true, inside: true}, true
	case "trace":
		return launcher{syntax: syntax{short: "fC", long: []string{"file", "coverdir", "ignore-module", "ignore-dir"}}, module: true, inside: true}, true
	case "coverage", "coverage3":
		return launcher{
			syntax: syntax{long: []string{
				"source", "source-pkgs", "omit", "include", "rcfile", "context", "concurrency", "data-file", "save-signal",
				"debug",
			}, stop: "m"},
			sub: "run", module: true,
			inside: true,
		}, true
	case "kernprof", "line_profiler":
		return launcher{syntax: syntax{short: "ospiuz", long: []string{"outfile", "setup", "prof-mod", "unit", "output-interval"}, stop: "m"}, module: true, inside: true}, true
	case "scalene":
		return launcher{syntax: syntax{long: []string{
			"outfile", "cpu-percent-threshold", "program-path", "profile-only", "profile-exclude", "malloc-threshold",
			"profile-interval",
		}, stop: "m"}, sub: "run?", module: true}, true
	case "memory_profiler", "mprof":
		return launcher{syntax: syntax{short: "oTC", long: []string{"output", "interval", "backend", "precision", "timeout"}}, sub: "run?", command: true, inside: true}, true
	case "memray":
		return launcher{syntax: syntax{short: "op", long: []string{"output", "live-port"}, stop: "m"}, sub: "run", module: true}, true
	case "fil-profile":
		return launcher{syntax: syntax{short: "o", stop: "m"}, sub: "run", module: true}, true
	case "viztracer", "pyinstrument", "austinp", "debugpy":
		return launcher{syntax: syntax{short: "ort", long: []string{
			"outfile", "output_file", "renderer", "timeline", "listen", "connect", "interval", "max_stack_depth",
			"tracer_entries", "log_func_exec", "plugin",
		}, stop: "m"}, module: true, inside: true}, true
	case "torchrun", "torch.distributed.run", "torch.distributed.launch", "torch.distributed.elastic":
		return launcher{
			syntax: syntax{
				short: "rt", stop: "m",
				long: []string{
					"nnodes", "nproc_per_node", "nproc-per-node", "node_rank", "node-rank", "master_addr", "master-addr",
					"master_port", "master-port", "rdzv_backend", "rdzv-backend", "rdzv_endpoint", "rdzv-endpoint", "rdzv_id",
					"rdzv-id", "rdzv_conf", "rdzv-conf", "max_restarts", "max-restarts", "monitor_interval", "monitor-interval",
					"start_method", "start-method", "role", "log_dir", "log-dir", "redirects", "tee", "local_addr", "local-addr",
					"local-ranks-filter", "logs_specs", "logs-specs",
				},
			},
			module: true, tag: TagWorkers,
		}, true
	case "accelerate", "accelerate.commands.launch":
		return launcher{
			syntax: syntax{
				stop: "m",
				long: []string{
					"config_file", "num_processes", "num_machines", "machine_rank", "main_process_ip", "main_process_port",
					"mixed_precision", "dynamo_backend", "num_cpu_threads_per_process", "gpu_ids", "deepspeed_config_file",
					"zero_stage", "rdzv_backend", "rdzv_conf", "max_restarts", "monitor_interval", "role", "tee", "same_network",
					"gradient_accumulation_steps", "gradient_clipping", "offload_optimizer_device", "offload_param_device",
					"fsdp_sharding_strategy",
				},
			},
			sub: "launch?", module: true, tag: TagWorkers,
		}, true
	case "deepspeed", "deepspeed.launcher.launch":
		return launcher{
			syntax: syntax{
				short: "Hie",
				long: []string{
					"hostfile", "include", "exclude", "num_nodes", "num_gpus", "master_port", "master_addr", "launcher",
					"launcher_args", "save_pid", "bind_core_list", "node_rank", "world_info",
				},
			},
			module: true, tag: TagWorkers,
		}, true
	case "horovodrun":
		return launcher{syntax: syntax{short: "npH", single: true, long: []string{
			"np", "num-proc", "p", "ssh-port", "H", "hosts", "hostfile", "min-np", "max-np", "slots",
			"network-interface",
		}}, command: true, tag: TagWorkers}, true
	case "mpi4py", "mpi4py.run", "mpi4py.futures":
		return launcher{syntax: syntax{long: []string{"rc", "p", "prof", "profile"}, single: true, stop: "m"}, module: true, tag: TagMPI, inside: true}, true
	case "scorep", "scorep-python", "tau_python", "omnitrace-python", "rocprof-sys-python":
		return launcher{syntax: syntax{short: "Tc", long: []string{"config"}}, inside: true}, true
	case "fabric":
		return launcher{
			syntax: syntax{long: []string{
				"accelerator", "strategy", "devices", "num-nodes", "num_nodes", "node-rank", "node_rank", "main-address",
				"main_address", "main-port", "main_port", "precision",
			}},
			sub: "run", tag: TagWorkers,
		}, true
	case "colossalai":
		return launcher{
			syntax: syntax{short: "Hie", long: []string{
				"host", "hostfile", "include", "exclude", "num_nodes", "nproc_per_node", "master_port", "master_addr",
				"extra_launch_args", "ssh-port",
			}, stop: "m"},
			sub: "run", module: true, tag: TagWorkers,
		}, true
	case "scoop":
		return launcher{
			syntax: syntax{short: "nbpe", single: true, long: []string{
				"hosts", "hostfile", "n", "b", "p", "path", "nice", "python-interpreter", "tunnel", "broker-hostname",
				"prolog", "backend",
			}},
			tag: TagMultiprocessing,
		}, true
	case "gpaw":
		return launcher{syntax: syntax{short: "P", long: []string{"parallel"}, stop: "m"}, sub: "python", module: true, tag: TagMPI}, true
	case "IPython":
		return launcher{syntax: syntax{stop: "cm"}, module: true, inside: true}, true
	}
	return launcher{}, false
}

// followLauncher follows a launcher that is called by its command.
func (w *walker) followLauncher(name string, argv []string) ([]string, bool) {
	words := argv[1:]
	if _, ok := w.crewOf(name, words); ok && w.startedBy(argv[0]) {
		return nil, w.crew(name, words)
	}
	l, ok := findLauncher(name)
	if !ok || strings.Contains(name, ".") || name == "profile" || name == "trace" {
		return nil, false
	}
	w.indirect = true // the interpreter of the script is not known
	w.add(TagPython, commandLine, 0, name)
	return w.launched(name, l, words), true
}

// startsOthers reports whether a Python program or module of this name starts other programs and
// may choose the CPUs for them: a pilot or a workflow manager. crewOf has those of Dask and Ray,
// too.
func startsOthers(name string) bool {
	switch name {
	case "process_worker_pool.py", "parsl.executors.high_throughput.process_worker_pool", // --cpu-affinity
		"radical-pilot-agent", "radical-pilot-agent_n", "rlaunch", "qlaunch", "snakemake", "toil", "cwltool", "luigid",
		"ipcluster", "ipengine", "ipyparallel.engine", "globus-compute-endpoint", "celery",
		"distributed.cli.dask_worker", "distributed.cli.dask_spec", "dask", "ray":
		return true
	}
	return false
}

// launched returns the command line that the words of a launcher contain. For a script or a
// module, it is a command line of a Python interpreter.
func (w *walker) launched(name string, l launcher, words []string) []string {
	if l.sub != "" {
		sub, optional := strings.CutSuffix(l.sub, "?")
		if !optional {
			_, words = l.syntax.parse(words)
		}
		switch {
		case len(words) > 0 && words[0] == sub:
			words = words[1:]
		case !optional:
			return nil
		}
	}
	given, rest := l.syntax.parse(words)
	for len(rest) > 0 && rest[0] == "---" { // ends the options of scalene
		rest = rest[1:]
	}
	var module string
	for _, o := range given {
		switch {
		case o.name == "m" && strings.Contains(l.syntax.stop, "m"):
			module = o.value
		case o.name == "module" && l.module && len(rest) > 0:
			module, rest = rest[0], rest[1:]
		case o.name == "c" && strings.Contains(l.syntax.stop, "c"):
			return append([]string{"python", "-c", o.value}, rest...)
		case o.name == "no_python" || o.name == "no-python":
			l.command = true
		}
	}
	if l.tag != "" && (module != "" || len(rest) > 0) {
		w.add(l.tag, commandLine, 0, name+" "+strings.Join(rest, " "))
	}
	switch {
	case module != "":
		return append([]string{"python", "-m", module}, rest...)
	case len(rest) == 0:
		return nil
	case l.command && (isPython(path.Base(rest[0])) || !strings.HasSuffix(rest[0], ".py")):
		return rest
	case strings.HasPrefix(rest[0], "-"):
		return nil
	}
	return append([]string{"python"}, rest...)
}
