# SPDX-License-Identifier: MIT
"""Prints what the kernel gives this task, what the environment says, and what the workers of
a pool have: one line, with one write. The argument is a name for the line. MEET="A B" has
it run beside the one with MEET="B A"."""

import multiprocessing
import os
import sys
import time


def listed(cpus):
    parts = []
    for cpu in sorted(cpus):
        if parts and cpu == parts[-1][1] + 1:
            parts[-1][1] = cpu
        else:
            parts.append([cpu, cpu])
    return ",".join(f"{a}-{b}" if b > a else f"{a}" for a, b in parts)


def mask(_):
    return os.getpid(), listed(os.sched_getaffinity(0))


def siblings(cpu):
    with open(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list") as f:
        return f.read()


def meet(mine, other):
    open(f"/tmp/meet.{mine}", "w").close()
    while not os.path.exists(f"/tmp/meet.{other}"):
        time.sleep(1)


if __name__ == "__main__":
    if os.environ.get("MEET"):
        meet(*os.environ["MEET"].split())
    if os.environ.get("WITH_BLAS"):
        import numpy

        a = numpy.ones((300, 300))
        a @ a
    cpus = os.sched_getaffinity(0)
    with multiprocessing.Pool() as pool:
        workers = pool._processes
        masks = sorted(set(m for _, m in pool.map(mask, range(4 * workers), 1)))
    env = os.environ
    fields = {
        "task": env.get("SLURM_PROCID", "0"),
        "mask": listed(cpus),
        "cpus": len(cpus),
        "cores": len(set(map(siblings, cpus))),
        "workers": workers,
        "masks": "/".join(masks),
    }
    for name in ("PYTHON_CPU_COUNT", "LOKY_MAX_CPU_COUNT", "OMP_NUM_THREADS", "OMP_PROC_BIND", "OMP_PLACES"):
        fields[name] = env.get(name, "-")
    line = " ".join(f"{name}={value}" for name, value in fields.items())
    os.write(1, f"PROBE {sys.argv[1]} {line}\n".encode())
