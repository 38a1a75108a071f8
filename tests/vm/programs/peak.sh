#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints the most memory that this job has had, in bytes.
job=$(sed 's/^0:://; s,/step_.*,,' /proc/self/cgroup)
cat "/sys/fs/cgroup$job/memory.peak"
