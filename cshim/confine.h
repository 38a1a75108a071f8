/* SPDX-License-Identifier: MIT */
/* confine.h - bounds what the evaluator can use and reach */
#ifndef MP_POLICY_CONFINE_H
#define MP_POLICY_CONFINE_H

/*
 * Limits this process for good: its CPU time, its memory and its life are bounded, it
 * writes no file, and it has no descriptor and no signal handler of slurmstepd's.
 */
void mp_confine(void);

#endif
