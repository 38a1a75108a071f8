/* SPDX-License-Identifier: MIT */
/* apply.h - carries the engine's reply into one task's environment */
#ifndef MP_POLICY_APPLY_H
#define MP_POLICY_APPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <slurm/spank.h>

#include "environment.h"

/* The reply is data that a user could have written. */

/* Whether the reply holds a well-formed record for each of the tasks. */
bool mp_reply_valid(const char *reply, size_t size, uint32_t tasks);

/*
 * Applies the record of the task with this index, as a whole or not at all, and with
 * aloud prints its lines for the user.
 */
enum mp_applied mp_apply(spank_t spank, const char *reply, size_t size,
			 uint32_t tasks, uint32_t index, bool aloud);

#endif
