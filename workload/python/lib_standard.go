// SPDX-License-Identifier: MIT

package python

// standardRow returns the row of a call of the standard library, or of a package that
// has the same interface. Sources: the standard library's documentation,
// "multiprocessing" and "concurrent.futures"; torch/multiprocessing/spawn.py.
func standardRow(path string) row {
	switch path {
	case "multiprocessing.Pool", "aiomultiprocess.Pool", "aioprocessing.AioPool":
		return own("processes", 0)
	case "multiprocessing.Process", "multiprocessing.SpawnProcess", "multiprocessing.ForkProcess", "multiprocessing.ForkServerProcess",
		"aiomultiprocess.Process", "aiomultiprocess.Worker", "aioprocessing.AioProcess":
		return row{effect: effectStart}
	case "multiprocessing.spawn", "multiprocessing.start_processes":
		return row{effect: effectPool, count: "nprocs", at: 2, check: spawned}
	case "concurrent.futures.ProcessPoolExecutor":
		return own("max_workers", 0)
	}
	return row{}
}

// poolRow returns the row of a call of a library whose purpose is a pool. Sources:
// pebble/pool/process.py, pebble/concurrent/process.py; pathos/multiprocessing.py,
// pathos/parallel.py; mpire/pool.py; p_tqdm/p_tqdm.py; pqdm/processes.py;
// tqdm/contrib/concurrent.py; pandarallel/core.py; parmap/parmap.py;
// sharedmem/sharedmem.py.
func poolRow(path string) row {
	switch path {
	case "loky.ProcessPoolExecutor", "loky.get_reusable_executor", "pebble.ProcessPool":
		return own("max_workers", 0)
	case "pebble.concurrent.process", "pebble.asynchronous.process", "pebble.process.spawn":
		return row{effect: effectStart} // one process for each call
	case "tqdm.contrib.concurrent.process_map":
		return own("max_workers", -1)
	case "pathos.Pool", "pathos.ProcessPool", "pathos.ProcessingPool", "pathos._ProcessPool", "pathos.ParallelPool", "pathos.ParallelPythonPool":
		return own("nodes", 0)
	case "mpire.WorkerPool":
		return row{effect: effectPool, count: "n_jobs", check: unless("start_method", "threading")}
	case "p_tqdm.p_map", "p_tqdm.p_imap", "p_tqdm.p_umap", "p_tqdm.p_uimap":
		return row{effect: effectPool, count: "num_cpus", at: -1, check: shareOfCPUs("num_cpus")}
	case "pqdm.processes.pqdm":
		return own("n_jobs", 2)
	case "pandarallel.pandarallel.initialize":
		return own("nb_workers", 1)
	case "parmap.map", "parmap.starmap", "parmap.map_async", "parmap.starmap_async":
		return row{effect: effectPool, count: "pm_processes", at: -1, check: unlessFalse("pm_parallel", -1)}
	case "sharedmem.MapReduce":
		return own("np", 1)
	}
	return row{}
}

// spawned is a check for torch's spawn: nprocs is 1 if it is not given.
func spawned(c *call) truth {
	if c.arg(2, "nprocs") == nil {
		c.name("nprocs", int64(1))
	}
	return yes
}

// shareOfCPUs is a check that is always met: a fraction as the number of workers is a
// share of the CPUs.
func shareOfCPUs(name string) func(c *call) truth {
	return func(c *call) truth {
		if _, isShare := c.arg(-1, name).(float64); isShare {
			c.name(name, usable)
		}
		return yes
	}
}
