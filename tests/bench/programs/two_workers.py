# SPDX-License-Identifier: MIT
"""Matrix products in two workers, which the BLAS library may do with threads."""

import time
from multiprocessing import Pool

import numpy as np
import pieces


def piece(seed):
    a = np.random.default_rng(seed).standard_normal((1500, 1500))
    return float((a @ a)[0, 0])


def main():
    given = pieces.options("Multiply matrices in two workers.")
    with Pool(2) as pool:
        start = time.perf_counter()
        pool.map(piece, range(given.pieces), chunksize=1)
        seconds = time.perf_counter() - start
    pieces.show(given, seconds)


if __name__ == "__main__":
    main()
