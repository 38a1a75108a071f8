/* SPDX-License-Identifier: MIT */
/* evaluator.h - the child process that loads the engine */
#ifndef MP_POLICY_EVALUATOR_H
#define MP_POLICY_EVALUATOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "board.h"
#include "step.h"

/*
 * Forks the evaluator; it becomes the step's user, loads the engine and answers
 * on the board. With tied, it dies with this process. Returns its pid, or -1
 * with errno.
 */
pid_t mp_evaluator_start(const struct mp_step *step, struct mp_board *board,
			 bool tied);

/* Whether it still runs; also where it is another process's child. */
bool mp_evaluator_alive(pid_t pid);

/*
 * Ends the evaluator, whose user is uid, and reaps it, within limit ms; *cpu gets
 * the microseconds of CPU that it used, 0 where it was another process's child.
 * False where it could not be reaped yet: a process that hangs in the kernel (a
 * dead file server) ends only with that.
 */
bool mp_evaluator_end(pid_t pid, bool tied, uid_t uid, unsigned int limit,
		      long *cpu);

#endif
