/* SPDX-License-Identifier: MIT */
/* evaluator.h - the child process that evaluates a step */
#ifndef MP_POLICY_EVALUATOR_H
#define MP_POLICY_EVALUATOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "board.h"
#include "step.h"

/*
 * Forks the evaluator. It becomes the step's user, asks the engine if it has to, and
 * answers on the board. With tied, it dies with this process. Returns its pid, or -1 with
 * errno.
 */
pid_t mp_evaluator_start(const struct mp_step *step, struct mp_board *board,
			 bool tied);

/*
 * The same in a task. The program that the task executes must never find a child that it has
 * not forked, so the evaluator is init's child. Its pid is on the board. The process in
 * between takes limit ms at most, also if its user stops it.
 */
bool mp_evaluator_start_apart(const struct mp_step *step,
			      struct mp_board *board, unsigned int limit);

/*
 * Ends an evaluator that is this process's child and reaps it, within limit ms. *cpu gets
 * the microseconds of CPU that it used, or -1 if they are not known, and *pid 0. Returns
 * false if it could not be reaped yet: *pid is its number then. A process that hangs in the
 * kernel (a dead file server) ends only with that, and is waited for 200 ms at most, when the step ends.
 */
bool mp_evaluator_end(pid_t *pid, const struct mp_board *board,
		      unsigned int limit, long *cpu);

/*
 * Kills an evaluator that is init's child, with the rights of uid and gid and no other group.
 * pid is its number in a child of this process. It does not wait for the end. An evaluator
 * that is not the user yet ends itself once it is, so the board must be answered before.
 */
void mp_evaluator_kill(pid_t pid, uid_t uid, gid_t gid);

#endif
