/* SPDX-License-Identifier: MIT */
/* options.h - --mp-policy, --no-mp-policy, and how they reach slurmstepd */
#ifndef MP_POLICY_OPTIONS_H
#define MP_POLICY_OPTIONS_H

#include <stdbool.h>

#include <slurm/spank.h>

/* Offers the options; to be called in slurm_spank_init, in every context. */
void mp_options_register(spank_t spank);

/* To be called once the options are parsed, in slurm_spank_init_post_opt. */
void mp_options_parsed(void);

/* Finishes what slurmstepd was told; there, before mp_options_words. */
void mp_options_complete(spank_t spank, bool batch);

/* The words in force, "" where no option was given. */
const char *mp_options_words(void);

/*
 * Whether the step is to be left alone, and no more than that: then no evaluator is
 * needed. on is the site's default.
 */
bool mp_options_off(spank_t spank, bool on);

/* Whether the step's environment has the variable; its start goes to value[]. */
bool mp_step_env(spank_t spank, const char *name, char *value, int size);

#endif
