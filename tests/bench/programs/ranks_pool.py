# SPDX-License-Identifier: MIT
"""Matrix products in a pool of each rank of mpirun, without MPI between them. Rank 0
prints what blas_threads.py prints, of its own pool."""

import argparse
import json
import os
import resource
import time
from multiprocessing import Pool

import numpy as np


def piece(seed):
    a = np.random.default_rng(seed).standard_normal((600, 600))
    return float((a @ a.T).trace())


def main():
    parser = argparse.ArgumentParser(description="Multiply matrices in a pool of each rank.")
    parser.add_argument("--pieces", type=int, default=30, help="products (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    options = parser.parse_args()

    with Pool() as pool:
        start = time.perf_counter()
        pool.map(piece, range(options.pieces), chunksize=1)
        seconds = time.perf_counter() - start
    if options.json and os.environ.get("OMPI_COMM_WORLD_RANK", "0") == "0":
        switches = sum(resource.getrusage(who).ru_nivcsw for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        print(json.dumps({"seconds": round(seconds, 3), "pieces": options.pieces, "switches": switches}))


if __name__ == "__main__":
    main()
