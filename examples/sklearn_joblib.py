#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fits of scikit-learn that joblib runs in processes.

    srun -n 1 -c 32 python3 sklearn_joblib.py

joblib starts the workers and sees to their threads itself (it gives each of them
CPUs divided by workers), so what is left to do for it is to tell it the CPUs that
the task has, and to undo a binding that would put all workers on one core.

With --json it prints seconds (wall time of the work), pieces (fits) and switches
(involuntary context switches, see getrusage(2)).
"""

import argparse
import json
import resource
import time

import numpy as np
from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline


def fit(seed, rows):
    """Fit a model on one random half of the data, return its score on the other."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((rows, 300))
    y = x[:, :10].sum(axis=1) + rng.standard_normal(rows)
    half = rows // 2
    model = make_pipeline(PCA(50, svd_solver="full"), Ridge())
    return float(model.fit(x[:half], y[:half]).score(x[half:], y[half:]))


def main():
    parser = argparse.ArgumentParser(description="Fit models in processes that joblib starts.")
    parser.add_argument("--pieces", type=int, default=48, help="fits (default %(default)s)")
    parser.add_argument("--rows", type=int, default=2000, help="rows of the data (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    options = parser.parse_args()

    with Parallel(n_jobs=-1, batch_size=1) as parallel:
        parallel(delayed(abs)(n) for n in range(64))  # starts the workers
        start = time.perf_counter()
        scores = parallel(delayed(fit)(n, options.rows) for n in range(options.pieces))
        seconds = time.perf_counter() - start
    get_reusable_executor().shutdown(wait=True)

    if options.json:
        switches = sum(resource.getrusage(who).ru_nivcsw for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        print(json.dumps({"seconds": round(seconds, 3), "pieces": options.pieces, "switches": switches}))
        return
    print(f"{options.pieces} fits, mean score {np.mean(scores):.3f}, {seconds:.2f} s")


if __name__ == "__main__":
    main()
