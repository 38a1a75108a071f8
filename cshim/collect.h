/* SPDX-License-Identifier: MIT */
/* collect.h - waits for an evaluator's answer, for the step or for one of its tasks */
#ifndef MP_POLICY_COLLECT_H
#define MP_POLICY_COLLECT_H

#include <slurm/spank.h>

#include "board.h"
#include "log.h"
#include "step.h"

/*
 * Waits for the answer on the board from, deadline ms at most, ends the evaluator, and logs
 * what failed. board is the step's own, which may be the same one: of its tasks, only the
 * first one logs. *pid becomes 0 unless it is a child that could not be reaped yet.
 * *outcome gets how it went.
 */
enum mp_answer mp_collect(spank_t spank, const struct mp_board *board,
			  struct mp_board *from, pid_t *pid, bool child,
			  unsigned int deadline, struct mp_outcome *outcome);

/*
 * Evaluates for this task only, in a child of its own, in what the step has left of the
 * deadline: its mask is not the one that the step's evaluation was given. Without an answer,
 * own stays closed.
 */
void mp_evaluate_again(spank_t spank, const struct mp_config *config,
		       const char *kind, const struct mp_board *board,
		       struct mp_board *own, uint32_t rank);

/* Kills the evaluator that is not a child, unless it has ended. */
void mp_collect_kill(spank_t spank, const struct mp_board *from, pid_t pid);

#endif
