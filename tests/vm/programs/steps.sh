#!/bin/bash
# SPDX-License-Identifier: MIT
# Steps beside each other, above each other and one after another, in a job of 8 CPUs.
srun --mp-policy=multiprocessing --exact -n1 -c4 python3 /opt/probe/probe.py exact4 &
srun --mp-policy=multiprocessing --exact -n1 -c3 python3 /opt/probe/probe.py exact3 &
wait
srun --mp-policy=multiprocessing --overlap -n1 -c8 python3 /opt/probe/probe.py overlap
srun --mp-policy=multiprocessing -n2 -c2 --exact python3 /opt/probe/probe.py two
