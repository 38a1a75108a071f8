#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Matrix products in a pool of processes, the shape of many users' programs.

    srun -n 1 -c 32 python3 matrix_pool.py

It starts one worker for each CPU that Slurm gave to the task, and hands out
pieces of work: a matrix product, which the BLAS library may do with threads,
and a step that only the worker itself can do. At the end it says where each
worker could run, how many threads it had, and how long everything took. With
more workers than one on the same CPU the time is that of one CPU, however many
the job has.

With --json the same comes as one JSON object: workers, seconds (wall time of the
work), pieces, processes (pid, cpus as a list such as "0-3,8", threads, pieces),
switches (involuntary context switches, see getrusage(2)), and variables, those of
the environment that steer threads and affinity.
"""

import argparse
import json
import os
import resource
import time
from multiprocessing import Pool

import numpy as np

# Names of variables that thread libraries read, or begin with.
STEERING = ("OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "BLIS_", "NUMEXPR_",
            "PYTHON_CPU_COUNT", "LOKY_", "MP_POLICY")


def status():
    """Return the CPUs this process may run on and its number of threads, see proc(5)."""
    with open("/proc/self/status") as f:
        fields = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
    return fields["Cpus_allowed_list"], int(fields["Threads"])


def piece(args):
    """Do one piece of work; return the worker, its CPUs, its threads and a result."""
    seed, size = args
    a = np.random.default_rng(seed).standard_normal((size, size))
    b = a @ a.T
    np.sin(b, out=b)
    b.sort(axis=1)
    total = float(b.trace())
    return (os.getpid(), *status(), total)


def main():
    parser = argparse.ArgumentParser(description="Multiply matrices in a pool of processes.")
    parser.add_argument("--pieces", type=int, default=96, help="pieces of work (default %(default)s)")
    parser.add_argument("--size", type=int, default=600, help="rows of a matrix (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    options = parser.parse_args()

    # Slurm says how many CPUs the task has; outside of Slurm it is all of them.
    workers = int(os.environ.get("SLURM_CPUS_PER_TASK") or os.cpu_count())
    with Pool(workers) as pool:
        start = time.perf_counter()
        done = pool.map(piece, [(n, options.size) for n in range(options.pieces)], chunksize=1)
        seconds = time.perf_counter() - start

    processes = {}
    for pid, cpus, threads, _ in done:
        p = processes.setdefault(pid, {"pid": pid, "cpus": cpus, "threads": threads, "pieces": 0})
        p["threads"] = max(p["threads"], threads)
        p["pieces"] += 1
    variables = {k: v for k, v in sorted(os.environ.items()) if k.startswith(STEERING) or k.endswith("_NUM_THREADS")}

    if options.json:
        switches = sum(resource.getrusage(who).ru_nivcsw for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        print(json.dumps({"workers": workers, "seconds": round(seconds, 3), "pieces": options.pieces,
                          "switches": switches, "processes": list(processes.values()), "variables": variables}))
        return
    for name, value in variables.items():
        print(f"{name}={value}")
    print("worker   may run on CPUs       threads  pieces")
    for p in processes.values():
        print(f"{p['pid']:<8} {p['cpus']:<20} {p['threads']:>8} {p['pieces']:>7}")
    print(f"{workers} workers, {options.pieces} pieces, {seconds:.2f} s")


if __name__ == "__main__":
    main()
