/* SPDX-License-Identifier: MIT */
/* cgroup.h - takes the evaluator out of the step's cgroups */
#ifndef MP_POLICY_CGROUP_H
#define MP_POLICY_CGROUP_H

#include <stdbool.h>
#include <sys/types.h>

/* Bytes of the path of a cgroup's directory, the NUL included. */
#define MP_CGROUP_PATH 4096
/* Bytes of a /proc/PID/cgroup with a NUL after it; a longer one is not read. */
#define MP_CGROUP_TEXT 16384

/*
 * The cgroup that a process of a step may go to so that it is in none of the step's, from
 * a line of /proc/PID/cgroup without its newline: a directory below /sys/fs/cgroup, in
 * to[MP_CGROUP_PATH]. False if the line is of no cgroup that Slurm has made for a job.
 * *unified gets whether it is of cgroup v2.
 */
bool mp_cgroup_outside(const char *line, char *to, bool *unified);

/*
 * Takes this process out of the step's cgroups; it must be root, and have one thread. What
 * cannot be left stays as it is, and so does the affinity mask.
 *
 * On cgroup v2 it goes on in a second process, a child of the same parent, whose number
 * the kernel writes to *moved; without moved it stays. The first one ends.
 *
 * text[MP_CGROUP_TEXT] gets the process's /proc/self/cgroup from before, or "" if it
 * cannot be read. Then no cgroup is left.
 */
void mp_cgroup_leave(pid_t *moved, char *text);

#endif
