/* SPDX-License-Identifier: MIT */
/* plain.h - finds out without the engine that a step gets nothing */
#ifndef MP_POLICY_PLAIN_H
#define MP_POLICY_PLAIN_H

#include <stdbool.h>

#include "board.h"
#include "step.h"

/*
 * Whether the engine would change, print and log nothing for this step. True only if that
 * is plain: the program is a binary of a name that the engine knows nothing about, the site
 * has no rule, and nobody asks for anything. It reads files that the user can choose, so the
 * process must be the user's and confined.
 */
bool mp_plain(const struct mp_step *step);

/* Puts a reply on the board that changes nothing. False if there are too many tasks. */
bool mp_plain_answer(struct mp_board *board);

#endif
