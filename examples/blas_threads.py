#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Matrix products in one process, with the threads of the BLAS library.

    srun -n 1 -c 32 python3 blas_threads.py

A program that must stay as fast as it is: it has no workers, and a library that was
told to use one thread would leave the other CPUs idle.

With --json it prints seconds (wall time of the work), pieces (products) and switches
(involuntary context switches, see getrusage(2)).
"""

import argparse
import json
import resource
import time

import numpy as np


def main():
    parser = argparse.ArgumentParser(description="Multiply matrices with threads.")
    parser.add_argument("--pieces", type=int, default=20, help="products (default %(default)s)")
    parser.add_argument("--size", type=int, default=1500, help="rows of a matrix (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    options = parser.parse_args()

    a = np.random.default_rng(1).standard_normal((options.size, options.size))
    a @ a  # starts the threads
    start = time.perf_counter()
    total = sum(float((a @ a)[0, 0]) for _ in range(options.pieces))
    seconds = time.perf_counter() - start

    if options.json:
        switches = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
        print(json.dumps({"seconds": round(seconds, 3), "pieces": options.pieces, "switches": switches}))
        return
    print(f"{options.pieces} products, {total:.3g}, {seconds:.2f} s")


if __name__ == "__main__":
    main()
