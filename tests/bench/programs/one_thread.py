# SPDX-License-Identifier: MIT
"""Additions in one process with one thread. It prints what blas_threads.py prints."""

import argparse
import json
import resource
import time


def main():
    parser = argparse.ArgumentParser(description="Add numbers.")
    parser.add_argument("--pieces", type=int, default=40, help="sums (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    options = parser.parse_args()

    start = time.perf_counter()
    for _ in range(options.pieces):
        sum(n * n for n in range(400_000))
    seconds = time.perf_counter() - start
    if options.json:
        switches = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
        print(json.dumps({"seconds": round(seconds, 3), "pieces": options.pieces, "switches": switches}))


if __name__ == "__main__":
    main()
