/* SPDX-License-Identifier: MIT */
/*
 * breaker.h - stops evaluations for a while if they are late again and again
 *
 * slurmstepd lives for one step, so files below /run keep the count. Only root can write
 * there, and a reboot removes them. Each user has a count: users can make their own
 * evaluations late (a script on a dead file server), and must not turn the plugin off for
 * others.
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
 * Counts a late evaluation. Returns whether the user's steps are left alone from now on.
 * Needs root. If the files cannot be written, no step is ever left alone.
 */
bool mp_breaker_late(uid_t uid);
/* Begins the count anew after an evaluation that answered. Needs root. */
void mp_breaker_answered(uid_t uid);

#endif
