# SPDX-License-Identifier: MIT
"""Matrix products in two workers, which the BLAS library may do with threads."""

import argparse
import json
import resource
import time
from multiprocessing import Pool

import numpy as np


def piece(seed):
    a = np.random.default_rng(seed).standard_normal((1500, 1500))
    return float((a @ a)[0, 0])


def main():
    parser = argparse.ArgumentParser(description="Multiply matrices in two workers.")
    parser.add_argument("--pieces", type=int, default=40, help="products (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    options = parser.parse_args()

    with Pool(2) as pool:
        start = time.perf_counter()
        pool.map(piece, range(options.pieces), chunksize=1)
        seconds = time.perf_counter() - start
    if options.json:
        switches = sum(resource.getrusage(who).ru_nivcsw for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        print(json.dumps({"seconds": round(seconds, 3), "pieces": options.pieces, "switches": switches}))


if __name__ == "__main__":
    main()
