/* SPDX-License-Identifier: MIT */
/* engine.h - loads the engine and calls it, in the evaluator */
#ifndef MP_POLICY_ENGINE_H
#define MP_POLICY_ENGINE_H

#include "board.h"
#include "step.h"

/*
 * Has the engine evaluate the step, puts its answer on the board, and ends this process.
 * The process must be the user's and confined.
 */
void mp_engine_run(const struct mp_step *step, struct mp_board *board)
	__attribute__((noreturn));

#endif
