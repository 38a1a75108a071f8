/* SPDX-License-Identifier: MIT */
/*
 * breaker.h - gives evaluations up for a while where they are late again and again
 *
 * slurmstepd lives for one step, so what was late before is in files, below /run:
 * root alone can write there, and a reboot forgets. It is counted for each user,
 * since a user can make their own evaluations late (a script on a dead file server),
 * and must not turn the plugin off for others.
 */
#ifndef MP_POLICY_BREAKER_H
#define MP_POLICY_BREAKER_H

#include <stdbool.h>
#include <sys/types.h>

#define MP_BREAKER_LATES 3    /* evaluations in a row */
#define MP_BREAKER_PAUSE_S 300 /* seconds */

/* Whether the user's steps are to be left alone now. Needs no privilege. */
bool mp_breaker_open(uid_t uid);

/*
 * To be told, by root, how an evaluation went: whether it was late, or answered.
 * Late tells whether this one was the last that it took. Where the files cannot be
 * written, nothing is ever given up.
 */
bool mp_breaker_late(uid_t uid);
void mp_breaker_answered(uid_t uid);

#endif
