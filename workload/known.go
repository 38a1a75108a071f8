// SPDX-License-Identifier: MIT

package workload

import "strings"

// Effects that a call can have, the stronger the higher.
const (
	eNone    = iota
	eWorkers // a library's own workers, whose threads it looks after
	eJoblib  // a pool of processes, whose threads its library looks after
	ePool    // worker processes that nobody looks after
	eMPI     // initialises MPI
)

// A rule says what a call does.
type rule struct {
	effect uint8
	count  string // argument that says how many workers: with 1 there is no pool
	pos    int    // its position, -1 if it has none
	need   bool   // without that argument there is no pool
	check  uint8  // what else decides, see holds
}

// Further checks of a call's arguments.
const (
	cNone      = iota
	cJoblib    // backend, prefer, require
	cThreading // start_method="threading"
	cParmap    // pm_parallel=False
	cDask      // an address, or processes=False
	cLiteral   // the count must be a number in the text: it may be a pool's map, too
	cMPIFile   // driver="mpio"
	cMPIBackend
	cChooser // schwimmbad.choose_pool(mpi=, processes=)
	cContext // joblib.parallel_config
)

// isInteresting says whether a module, or something in it, can have an effect.
func isInteresting(path string) bool {
	root, _, _ := strings.Cut(path, ".")
	switch root {
	case "multiprocessing", "multiprocess", "billiard", "concurrent", "joblib", "sklearn", "loky", "pathos", "mpire", "pebble",
		"aiomultiprocess", "aioprocessing", "tqdm", "p_tqdm", "pqdm", "pandarallel", "parmap", "sharedmem", "schwimmbad", "emcee",
		"dynesty", "pycbc", "bilby", "pymc", "pymc3", "scipy", "ray", "dask", "distributed", "dask_mpi", "dask_cuda", "ipyparallel",
		"torch", "torch_geometric", "monai", "keras", "tensorflow", "datasets", "spacy",
		"mpi4py", "petsc4py", "slepc4py", "dolfin", "dolfinx", "firedrake", "mpi4jax", "gpaw", "horovod", "espressomd", "mpi4py_fft",
		"mpipool", "pypar", "pyMPI", "boost", "Scientific", "yt", "h5py",
		"functools", "importlib":
		return true
	}
	return false
}

// canonical gives things that have several names one of them.
func canonical(path string) string {
	for _, alias := range [...][2]string{
		{"multiprocess", "multiprocessing"},
		{"billiard", "multiprocessing"},
		{"torch.multiprocessing", "multiprocessing"},
		{"pathos.helpers.mp", "multiprocessing"},
		{"multiprocessing.context", "multiprocessing"},
		{"multiprocessing.process", "multiprocessing"},
		{"multiprocessing.pool.Pool", "multiprocessing.Pool"},
		{"concurrent.futures.process", "concurrent.futures"},
		{"loky.process_executor", "loky"},
		{"loky.reusable_executor", "loky"},
		{"joblib.externals.loky", "loky"},
		{"sklearn.externals.joblib", "joblib"},
		{"sklearn.utils.parallel", "joblib"},
		{"joblib.parallel", "joblib"},
		{"pathos.pools", "pathos"},
		{"pathos.multiprocessing", "pathos"},
		{"pathos.parallel", "pathos"},
		{"dask.distributed", "distributed"},
		{"distributed.deploy.local", "distributed"},
		{"distributed.client", "distributed"},
		{"tensorflow.keras", "keras"},
		{"pymc3", "pymc"},
		{"torch.utils.data.dataloader", "torch.utils.data"},
		{"scipy.optimize.differentialevolution", "scipy.optimize"},
		{"bilby.core.sampler", "bilby"},
		{"bilby.sampler", "bilby"},
		{"schwimmbad.multiprocessing", "schwimmbad"},
		{"schwimmbad.mpi", "schwimmbad"},
	} {
		if tail, ok := strings.CutPrefix(path, alias[0]); ok && (tail == "" || tail[0] == '.') {
			return canonicalTail(alias[1], tail)
		}
	}
	return path
}

func canonicalTail(head, tail string) string {
	if tail == "" {
		return head
	}
	if path := head + tail; path != head {
		return canonical(path)
	}
	return head
}

// callRule says what a call of a canonical path does. The libraries' own
// documentation and sources are the reference.
func callRule(path string) rule {
	switch path {
	case "multiprocessing.Pool":
		return rule{effect: ePool, count: "processes"}
	case "multiprocessing.Process", "multiprocessing.SpawnProcess", "multiprocessing.ForkProcess", "multiprocessing.ForkServerProcess",
		"aiomultiprocess.Process", "aiomultiprocess.Worker", "aioprocessing.AioProcess", "pebble.concurrent.process", "pebble.process.spawn":
		return rule{effect: ePool, pos: -1}
	case "multiprocessing.spawn", "multiprocessing.start_processes": // torch's
		return rule{effect: ePool, count: "nprocs", pos: 2}
	case "concurrent.futures.ProcessPoolExecutor", "loky.ProcessPoolExecutor", "loky.get_reusable_executor", "pebble.ProcessPool":
		return rule{effect: ePool, count: "max_workers"}
	case "tqdm.contrib.concurrent.process_map":
		return rule{effect: ePool, count: "max_workers", pos: -1}
	case "pathos.Pool", "pathos.ProcessPool", "pathos.ProcessingPool", "pathos._ProcessPool", "pathos.ParallelPool", "pathos.ParallelPythonPool":
		return rule{effect: ePool, count: "nodes"}
	case "mpire.WorkerPool":
		return rule{effect: ePool, count: "n_jobs", check: cThreading}
	case "aiomultiprocess.Pool", "aioprocessing.AioPool":
		return rule{effect: ePool, count: "processes"}
	case "p_tqdm.p_map", "p_tqdm.p_imap", "p_tqdm.p_umap", "p_tqdm.p_uimap":
		return rule{effect: ePool, count: "num_cpus", pos: -1}
	case "pqdm.processes.pqdm":
		return rule{effect: ePool, count: "n_jobs", pos: 2}
	case "pandarallel.pandarallel.initialize":
		return rule{effect: ePool, count: "nb_workers", pos: 1}
	case "parmap.map", "parmap.starmap", "parmap.map_async", "parmap.starmap_async":
		return rule{effect: ePool, count: "pm_processes", pos: -1, check: cParmap}
	case "sharedmem.MapReduce":
		return rule{effect: ePool, count: "np", pos: 1}
	case "schwimmbad.MultiPool", "pycbc.pool.BroadcastPool", "dynesty.pool.Pool", "emcee.interruptible_pool.InterruptiblePool":
		return rule{effect: ePool, count: "processes"}
	case "schwimmbad.choose_pool":
		return rule{effect: ePool, count: "processes", pos: 1, need: true, check: cChooser}
	case "emcee.EnsembleSampler": // version 2
		return rule{effect: ePool, count: "threads", pos: -1, need: true}
	case "bilby.run_sampler":
		return rule{effect: ePool, count: "npool", pos: -1, need: true}
	case "scipy.optimize.differential_evolution", "scipy.optimize.brute", "scipy.integrate.quad_vec":
		return rule{effect: ePool, count: "workers", pos: -1, need: true, check: cLiteral}
	case "joblib.Parallel":
		return rule{effect: eJoblib, count: "n_jobs", need: true, check: cJoblib}
	case "schwimmbad.JoblibPool":
		return rule{effect: eJoblib, count: "n_jobs"}
	case "joblib.parallel_backend", "joblib.parallel_config":
		return rule{effect: eWorkers, count: "n_jobs", pos: 1, check: cContext}
	case "distributed.Client", "distributed.LocalCluster", "dask_cuda.LocalCUDACluster":
		return rule{effect: eWorkers, pos: -1, check: cDask}
	case "ray.init", "ray.util.multiprocessing.Pool", "ray.util.multiprocessing.pool.Pool", "ray.tune.run", "ipyparallel.Cluster":
		return rule{effect: eWorkers, pos: -1}
	case "pymc.sample":
		return rule{effect: eWorkers, count: "cores", pos: -1}
	case "torch.utils.data.DataLoader":
		return rule{effect: eWorkers, count: "num_workers", pos: 5, need: true}
	case "mpi4py.futures.MPIPoolExecutor", "mpi4py.futures.MPICommExecutor", "dask_mpi.initialize", "schwimmbad.MPIPool",
		"emcee.utils.MPIPool", "mpipool.MPIPool", "mpipool.MPIExecutor", "yt.enable_parallelism",
		"horovod.torch.init", "horovod.tensorflow.init", "horovod.keras.init", "horovod.mxnet.init", "horovod.tensorflow.keras.init":
		return rule{effect: eMPI, pos: -1}
	case "h5py.File":
		return rule{effect: eMPI, pos: -1, check: cMPIFile}
	case "torch.distributed.init_process_group":
		return rule{effect: eMPI, pos: -1, check: cMPIBackend}
	}
	root, rest, _ := strings.Cut(path, ".")
	switch last := rest[strings.LastIndexByte(rest, '.')+1:]; {
	case root == "sklearn" && last != "":
		return rule{effect: eWorkers, count: "n_jobs", pos: -1, need: true}
	case (root == "torch_geometric" || root == "monai") && strings.HasSuffix(last, "DataLoader"), root == "torch_geometric" && strings.HasSuffix(last, "Loader"):
		return rule{effect: eWorkers, count: "num_workers", pos: -1, need: true}
	}
	return rule{}
}

// isKnownPath says whether a path means something to us, be it that it is known
// to be harmless.
func isKnownPath(path string) bool {
	switch path {
	case "concurrent.futures.ThreadPoolExecutor", "multiprocessing.get_context", "multiprocessing.pool.ThreadPool",
		"multiprocessing.dummy.Pool", "multiprocessing.dummy.Process":
		return true
	}
	return callRule(path).effect != eNone || importsMPI(path)
}

// isPool says whether a call of the path makes worker processes.
func isPool(path string) bool {
	e := callRule(path).effect
	return e == ePool || e == eJoblib || path == "multiprocessing" || path == "loky" || path == "pathos"
}

// importsMPI says whether to import a module, or a name of it, initialises MPI:
// mpi4py's MPI does (mpi4py.rc.initialize), and what is built on it or on C
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
