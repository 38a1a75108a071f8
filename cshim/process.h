/* SPDX-License-Identifier: MIT */
/* process.h - the start and the end of each process that the plugin starts */
#ifndef MP_POLICY_PROCESS_H
#define MP_POLICY_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * fork(2); in the child every signal is blocked, since slurmstepd's handlers must not run
 * there.
 */
pid_t mp_fork_quietly(void);

/*
 * fork(2) of a process with one thread, which gets no signal when the child ends: in a task
 * that has it blocked, it would stay pending. To be waited for with __WALL.
 */
pid_t mp_fork_untold(void);

/* Every signal is as in a new process, and none is blocked. */
void mp_reset_signals(void);

/* Closes every descriptor from this number on. */
void mp_close_descriptors(int from);

/* Ends this process without exit handlers, which are slurmstepd's. */
void mp_leave(void) __attribute__((noreturn));

/*
 * Waits until a child has ended, limit ms at most. It may return before, so the caller
 * looks again.
 */
void mp_await_end(pid_t pid, long limit);

/*
 * Reaps a child that only forks and exits, which is killed after limit ms: its user can stop
 * it. False if it has exited with another status than 0, or cannot be waited for.
 */
bool mp_reap_forker(pid_t pid, unsigned int limit);

#endif
