/* SPDX-License-Identifier: MIT */
/* user.h - makes a process of slurmstepd's the user's for good */
#ifndef MP_POLICY_USER_H
#define MP_POLICY_USER_H

#include <stdbool.h>

#include "step.h"

/*
 * To be called in this order. In a task, which is the user's already, a function changes only
 * what is not as it should be.
 */

/*
 * Becomes root again if the process was root, and the first to be killed if memory runs out.
 */
void mp_user_give_way(void);
/* Leaves slurmstepd's session keyring. */
void mp_user_leave_keyring(void);
/*
 * Takes the step's ids and groups, and no capability and no new privileges from then on.
 * False, with errno, if the process is not the user's afterwards.
 */
bool mp_user_become(const struct mp_step *step);

#endif
