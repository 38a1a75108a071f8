# SPDX-License-Identifier: MIT
"""Matrix products in a pool of each rank of mpirun, without MPI between them. Rank 0 prints
the numbers of its own pool."""

import os
import time
from multiprocessing import Pool

import numpy as np
import pieces


def piece(seed):
    a = np.random.default_rng(seed).standard_normal((600, 600))
    return float((a @ a.T).trace())


def main():
    given = pieces.options("Multiply matrices in a pool of each rank.")
    with Pool() as pool:
        start = time.perf_counter()
        pool.map(piece, range(given.pieces), chunksize=1)
        seconds = time.perf_counter() - start
    if os.environ.get("OMPI_COMM_WORLD_RANK", "0") == "0":
        pieces.show(given, seconds)


if __name__ == "__main__":
    main()
