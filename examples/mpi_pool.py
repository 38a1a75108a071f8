#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Matrix products in a pool of processes of each MPI rank.

    srun --mpi=pmi2 -n 4 -c 32 python3 mpi_pool.py

Each rank starts one worker for each CPU that Slurm gave to it, as matrix_pool.py
does, and the ranks add up their results.

With --json rank 0 prints seconds (wall time of the work, the mean of the ranks), pieces
of all ranks and switches (involuntary context switches, see getrusage(2)).
"""

import argparse
import array
import json
import os
import resource
import time
from multiprocessing import Pool

import numpy as np
from mpi4py import MPI


def piece(args):
    """Do one piece of work; return a result."""
    seed, size = args
    a = np.random.default_rng(seed).standard_normal((size, size))
    return float((a @ a.T).trace())


def everywhere(ranks, number):
    """Return the sum of all ranks' numbers."""
    total = array.array("i", [0])
    ranks.Allreduce(array.array("i", [number]), total)
    return total[0]


def main():
    parser = argparse.ArgumentParser(description="Multiply matrices in a pool of each rank.")
    parser.add_argument("--pieces", type=int, default=48, help="pieces of work of each rank (default %(default)s)")
    parser.add_argument("--size", type=int, default=600, help="rows of a matrix (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    options = parser.parse_args()

    ranks = MPI.COMM_WORLD
    workers = int(os.environ.get("SLURM_CPUS_PER_TASK") or 1)
    with Pool(workers) as pool:
        pool.map(abs, range(64), chunksize=1)
        everywhere(ranks, 0)  # all ranks start together
        start = time.perf_counter()
        done = pool.map(piece, [(ranks.rank * options.pieces + n, options.size) for n in range(options.pieces)], chunksize=1)
        seconds = time.perf_counter() - start
    seconds = everywhere(ranks, round(seconds * 1e6)) / 1e6 / ranks.size
    total = everywhere(ranks, round(sum(done) / options.pieces))
    switches = everywhere(ranks, sum(resource.getrusage(who).ru_nivcsw for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))

    if ranks.rank:
        return
    if options.json:
        print(json.dumps({"seconds": round(seconds, 3), "pieces": options.pieces * ranks.size, "switches": switches}))
        return
    print(f"{ranks.size} ranks with {workers} workers, {options.pieces * ranks.size} pieces, {total}, {seconds:.2f} s")


if __name__ == "__main__":
    main()
