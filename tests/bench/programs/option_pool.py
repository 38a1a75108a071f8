# SPDX-License-Identifier: MIT
"""Matrix products with the threads of the BLAS library, or in a pool with --pool."""

import sys
from multiprocessing import Pool

import blas_threads


def main():
    if "--pool" in sys.argv:
        with Pool() as pool:
            pool.map(abs, range(100))
    else:
        blas_threads.main()


if __name__ == "__main__":
    main()
