// SPDX-License-Identifier: MIT

package python

import "strings"

// processCall returns the handler of a call about processes that is more than a row of
// the table.
func processCall(path string) handler {
	switch path {
	case "multiprocessing.get_context":
		return func(*call) value { return &library{path: "multiprocessing"} }
	case "multiprocessing.Manager": // one process that serves objects and computes nothing
		return func(c *call) value { return c.made("multiprocessing.managers.SyncManager") }
	case "os.fork":
		return fork
	case "multiprocessing.Process.start", "multiprocessing.SpawnProcess.start", "multiprocessing.ForkProcess.start", "aiomultiprocess.Process.start":
		return startThread
	case "multiprocessing.Process.join":
		return joinProcess
	case "torch.cuda.device_count", "torch.cuda.is_available", "torch.cuda.current_device", "torch.distributed.is_available",
		"torch.distributed.is_initialized":
		return unknownSetting
	case "subprocess.Popen":
		return interpreterStarted
	case "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output":
		return interpreterWaited
	case "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell":
		return asyncInterpreter
	case "schwimmbad.choose_pool":
		return choosePool
	case "pathos.maps.Map", "pathos.maps.Smap", "pathos.maps.Imap", "pathos.maps.Amap", "pathos.maps.Asmap", "pathos.maps.Uimap":
		return mapOf
	case "pathos.maps.Map.__call__":
		return callMapOf
	case "submitit.AutoExecutor":
		return autoExecutor
	case "submitit.LocalExecutor.submit":
		return submit
	case "nipype.Workflow.run":
		return runWorkflow
	}
	return nil
}

// process is Process(target=f, args=(...)). f runs when the process is started, and may open a pool
// itself.
func (c *call) process() value {
	if i, ok := c.self.(*instance); ok {
		return i
	}
	o := c.later(1, 3)
	if p, ok := o.data.(*pending); ok && c.doubt == 0 {
		p.rounds, p.loop, p.isCounted = c.repeat, c.innermost(), true
	}
	return o
}

// joinProcess is p.join(). A process that is joined in the loop that starts it is the only one at its
// time.
func joinProcess(c *call) value {
	if p, ok := payload[*pending](c.self); ok && p.isCounted {
		c.waited(p.rounds, p.loop)
		p.isCounted = false
	}
	return none{}
}

// fork is os.fork() in a loop: workers. One fork, or the two of a daemon, start no
// workers; they stand in lines of their own.
func fork(c *call) value {
	at := Hop{File: c.frame.module.file, Line: c.line}
	c.forks[at]++
	if c.repeat != 1 || c.forks[at] > 1 {
		c.sight(effectStart, c.path, nil)
		if c.repeat == 1 && c.forks[at] == 2 {
			c.sight(effectStart, c.path, nil) // the first one, too
		}
	}
	return data
}

// interpreterStarted is subprocess.Popen([sys.executable, ...]).
func interpreterStarted(c *call) value {
	if c.isPython(c.arg(0, "args")) {
		c.interpreterBeside()
	}
	return c.made("subprocess.Popen")
}

// asyncInterpreter is asyncio.create_subprocess_exec(sys.executable, ...), or
// create_subprocess_shell(command).
func asyncInterpreter(c *call) value {
	if len(c.positional) > 0 && c.isPython(c.settle(c.positional[0])) {
		c.interpreterBeside()
	}
	return data
}

// interpreterBeside records an interpreter that runs beside the program. Several of them are workers
// that compute. Their threads are not known.
func (c *call) interpreterBeside() {
	c.interpreters++
	if c.repeat != 1 || c.interpreters > 1 {
		c.sight(effectWorkers, c.path, none{})
	}
}

// interpreterWaited is subprocess.run: the program waits for it.
func interpreterWaited(*call) value { return data }

// isPython reports whether a command, or its first word, is a Python interpreter.
func (c *call) isPython(command value) bool {
	switch v := command.(type) {
	case *list:
		if len(v.items) > 1 && c.settle(v.items[1]) == "-c" {
			return false // a few statements, which are no worker
		}
		return len(v.items) > 0 && c.isPython(c.settle(v.items[0]))
	case *library:
		return v.path == "sys.executable"
	case string:
		word, _, _ := strings.Cut(strings.TrimSpace(v), " ")
		return strings.HasPrefix(word[strings.LastIndexByte(word, '/')+1:], "python")
	}
	return false
}

// submit is LocalExecutor.submit(f): an interpreter for each call. Source:
// submitit/local/local.py.
func submit(c *call) value {
	c.interpreterBeside()
	c.callbacks(&c.arguments)
	return data
}

// autoExecutor is submitit.AutoExecutor(directory, cluster): with "local" it starts
// interpreters here, else jobs of the batch system.
func autoExecutor(c *call) value {
	if equal(c.arg(1, "cluster"), "local") == yes {
		return c.made("submitit.LocalExecutor")
	}
	return c.made(c.path)
}

// choosePool is schwimmbad.choose_pool(mpi, processes). Source: schwimmbad/__init__.py.
func choosePool(c *call) value {
	if v := c.arg(0, "mpi"); v != nil {
		switch isTrue(v) {
		case yes:
			c.sight(effectMPI, c.path, nil)
			return c.made("schwimmbad.MPIPool")
		case unsure:
			c.doubt++
			c.sight(effectMPI, c.path, nil)
			c.doubt--
		}
	}
	if v := c.arg(1, "processes"); v != nil && v != int64(1) {
		c.sight(effectPool, c.path, v)
	}
	return c.made("schwimmbad.MultiPool")
}

// keywords finds workers of libraries by the name of an argument of a method whose object is not known. Sources: keras Model.fit, datasets.Dataset.map, spacy Language.pipe (-1 is
// as many as CPUs), dask's compute, nipype's Workflow.run.
func (c *call) keywords() {
	for _, name := range [...]string{"use_multiprocessing", "num_proc", "n_process", "scheduler", "num_workers", "plugin"} {
		v, ok := c.named[name]
		if !ok {
			continue
		}
		v = c.settle(v)
		switch name {
		case "num_workers":
			if makesLoaders(c.path) {
				c.keywordCount(name, v)
			}
		case "scheduler":
			c.scheduler(v)
		case "plugin":
			c.plugin(v, c.arg(-1, "plugin_args"))
		case "use_multiprocessing":
			switch isTrue(v) {
			case yes:
				c.sight(effectWorkers, name, none{})
			case unsure:
				c.sight(effectWorkers, name, setting)
			}
		default:
			c.keywordCount(name, v)
		}
	}
}

// makesLoaders reports whether a library's function or class makes loaders of data, by its
// name: a data module of Lightning's hands num_workers to the loaders that it makes.
func makesLoaders(path string) bool {
	name := strings.ToLower(path)
	return strings.Contains(name, "load") || strings.HasSuffix(name, "datamodule")
}

// keywordCount is a keyword with a number of workers; 0 and None mean no workers.
func (c *call) keywordCount(name string, v value) {
	switch n := v.(type) {
	case none, bool:
		return
	case int64:
		switch {
		case n < 0 && name == "n_process":
			v = none{}
		case n < 1, n == 1 && name != "num_workers":
			return
		}
	}
	c.sight(effectWorkers, name, v)
}

// runWorkflow is nipype's Workflow.run(plugin, plugin_args).
func runWorkflow(c *call) value {
	c.plugin(c.arg(0, "plugin"), c.arg(1, "plugin_args"))
	return data
}

// plugin records the workers of a plugin of nipype. A node of a workflow mostly runs other programs, and
// nipype sets their numbers of threads, which must not be changed. Source:
// nipype/pipeline/plugins/multiproc.py; num_threads in nipype/interfaces.
func (c *call) plugin(name, options value) {
	switch name {
	case "MultiProc", "LegacyMultiProc":
	default:
		return
	}
	count := value(none{})
	if d, ok := options.(*dict); ok {
		if n, ok := d.get("n_procs"); ok {
			count = c.settle(n)
		}
	}
	c.sight(effectWorkers, c.path, count)
}

// importsWorkers reports whether programs import a module only for functions that start workers, if the
// data are large enough. Sources: swifter's documentation (Dask's
// processes); Modin's, "Getting Started" (Ray or Dask, which limit the threads).
func importsWorkers(path string) bool { return path == "swifter" || path == "modin.pandas" }

// importsMPI reports whether to import a module, or a name of it, initialises MPI:
// mpi4py's MPI does (mpi4py.rc.initialize), and so does what is built on it or on C
// libraries that do.
func importsMPI(path string) bool {
	for _, module := range [...]string{
		"mpi4py.MPI", "petsc4py.PETSc", "slepc4py.SLEPc", "dolfin", "dolfinx", "firedrake", "mpi4jax", "gpaw", "espressomd", "mpi4py_fft",
		"pypar", "pyMPI", "boost.mpi", "Scientific.MPI",
	} {
		if tail, ok := strings.CutPrefix(path, module); ok && (tail == "" || tail[0] == '.') {
			return true
		}
	}
	return false
}

// isSettings reports whether a library's call returns the content of a configuration, which decides about
// the program and is not read.
func isSettings(path string) bool {
	root, rest, _ := strings.Cut(path, ".")
	switch path {
	case "sys.stdin.isatty", "sys.stdout.isatty", "sys.stderr.isatty", "os.isatty", "time.time", "time.monotonic", "time.perf_counter",
		"logging.getLogger.isEnabledFor", "logging.isEnabledFor", "logging.Logger.isEnabledFor":
		return true
	}
	switch root {
	case "yaml", "toml", "tomllib", "tomli", "configparser", "ConfigParser", "hydra", "omegaconf", "confuse", "dynaconf", "ruamel", "decouple",
		"environs", "configobj", "yacs", "ml_collections", "mmengine", "detectron2":
		return true
	case "json":
		return rest == "load" || rest == "loads"
	case "torch":
		return strings.HasPrefix(rest, "distributed.") || strings.HasPrefix(rest, "cuda.")
	}
	return false
}
