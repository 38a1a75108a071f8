#!/bin/bash
# SPDX-License-Identifier: MIT
# Steps beside each other, above each other and one after another, in a job of 8 CPUs.
srun --exact -n1 -c4 python3 /opt/probe/probe.py exact4 &
srun --exact -n1 -c3 python3 /opt/probe/probe.py exact3 &
wait
srun --overlap -n1 -c8 python3 /opt/probe/probe.py overlap
srun -n2 -c2 --exact python3 /opt/probe/probe.py two
