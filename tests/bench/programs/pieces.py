# SPDX-License-Identifier: MIT
"""The options and the output of the programs beside this one, as those of blas_threads.py."""

import argparse
import json
import resource


def options(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--pieces", type=int, default=40, help="pieces of work (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    return parser.parse_args()


def show(given, seconds):
    """Print the work, its wall time in seconds, and the involuntary context switches."""
    if given.json:
        switches = sum(resource.getrusage(who).ru_nivcsw for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        print(json.dumps({"seconds": round(seconds, 3), "pieces": given.pieces, "switches": switches}))
