// SPDX-License-Identifier: MIT

package python

import "strings"

// schedulerRow returns the row of a call that starts workers for tasks. Sources:
// distributed/distributed.yaml (nanny.pre-spawn-environ), which limits the threads of
// Dask's workers to one; Ray's documentation, "Configuring Ray" (OMP_NUM_THREADS);
// ipyparallel/cluster/cluster.py; parsl/executors/high_throughput/executor.py (a worker
// may have several cores); luigi/worker.py (a process for each task if there are
// several workers); submitit/local/local.py (interpreters).
func schedulerRow(path string) row {
	switch path {
	case "distributed.LocalCluster":
		return row{effect: effectWorkers, check: unlessFalse("processes", -1)}
	case "distributed.Client":
		return row{effect: effectWorkers, check: localClient}
	case "ray.init":
		return row{effect: effectWorkers, check: localRay}
	case "dask_cuda.LocalCUDACluster", "ray.util.multiprocessing.Pool", "ray.util.multiprocessing.pool.Pool", "ray.tune.run",
		"ray.tune.Tuner", "submitit.LocalExecutor.map_array", "ipyparallel.Cluster":
		return row{effect: effectWorkers}
	case "ray.get", "ray.wait":
		return row{effect: effectWorkers, check: startsRay}
	case "parsl.HighThroughputExecutor":
		return row{effect: effectWorkers, check: localProvider}
	case "luigi.build":
		return row{effect: effectPool, count: "workers", at: -1, need: true, check: unlessOne("workers", -1)}
	}
	return row{}
}

// mpiRow returns the row of a call that initialises MPI.
func mpiRow(path string) row {
	switch path {
	case "mpi4py.futures.MPIPoolExecutor", "mpi4py.futures.MPICommExecutor", "dask_mpi.initialize", "schwimmbad.MPIPool", "emcee.utils.MPIPool",
		"mpipool.MPIPool", "mpipool.MPIExecutor", "yt.enable_parallelism", "horovod.torch.init", "horovod.tensorflow.init", "horovod.keras.init",
		"horovod.mxnet.init", "horovod.tensorflow.keras.init":
		return row{effect: effectMPI}
	case "h5py.File":
		return row{effect: effectMPI, check: argumentIs("driver", 2, "mpio")}
	case "torch.distributed.init_process_group":
		return row{effect: effectMPI, check: argumentIs("backend", 0, "mpi")}
	}
	return row{}
}

// localClient is a check: a client without an address starts a cluster here.
func localClient(c *call) truth {
	c.dask = "other" // what is computed from now on, the client's workers do
	if v := c.arg(0, "address"); v != nil {
		if _, isNone := v.(none); !isNone {
			return no
		}
	}
	if c.arg(-1, "scheduler_file") != nil {
		return no
	}
	return unlessFalse("processes", -1)(c)
}

// localRay is a check: ray.init with an address joins a cluster that runs already, and
// in local mode there is one process.
func localRay(c *call) truth {
	c.ray = true
	if v := c.arg(0, "address"); v != nil {
		return truthOf(v == none{} || v == "local")
	}
	if v := c.arg(-1, "local_mode"); v != nil {
		return isTrue(v).not()
	}
	return yes
}

// startsRay is a check: without ray.init, the first use of Ray calls it. Source: Ray's
// documentation, "Starting Ray".
func startsRay(c *call) truth { return truthOf(!c.ray) }

// localProvider is a check: without a provider, or with a local one, Parsl's workers
// are started here. Source: parsl/executors/high_throughput/executor.py.
func localProvider(c *call) truth {
	switch provider := c.arg(-1, "provider").(type) {
	case nil, none:
		return yes
	case *object:
		return truthOf(strings.HasSuffix(provider.path, ".LocalProvider"))
	}
	return unsure
}
