/* SPDX-License-Identifier: MIT */
/*
 * options.h - --mp-policy, --no-mp-policy, and how they reach slurmstepd
 *
 * options.c has the words that are in force in this process, options_command.c what srun,
 * sbatch and salloc do with the options, and options_stepd.c what slurmstepd does.
 */
#ifndef MP_POLICY_OPTIONS_H
#define MP_POLICY_OPTIONS_H

#include <stdbool.h>

#include <slurm/spank.h>

/*
 * srun, sbatch and salloc take these variables for options that were given before
 * those of the command line (spank_process_env_options of Slurm's spank code),
 * and sbatch and salloc leave them in the environment of what they start.
 */
#define MP_OPTION_ENV "SLURM_SPANK__SLURM_SPANK_OPTION_mp_policy_"
#define MP_OPTION_ENV_WORDS MP_OPTION_ENV "mp_policy"
#define MP_OPTION_ENV_OFF MP_OPTION_ENV "no_mp_policy"

/* Offers the options; to be called in slurm_spank_init, in every context. */
void mp_options_register(spank_t spank);

/* The words in force, "" if no option was given. */
const char *mp_options_words(void);

/* Adds an option to the words in force; the words are legal. */
void mp_options_take(const char *words);
/* The same for --no-mp-policy. */
void mp_options_take_off(void);
/* Forgets the words in force. */
void mp_options_clear(void);

/*
 * In srun, sbatch and salloc: makes the words of an outer command this command's first
 * option.
 */
void mp_command_inherit(void);
/* An option of such a command. Returns what its callback has to return. */
int mp_command_option(bool off, const char *words);
/* Leaves the words for slurmstepd, in srun; to be called once the options are parsed. */
void mp_command_parsed(void);

/* An option in slurmstepd. Returns what its callback has to return. */
int mp_stepd_option(bool off, const char *words);
/* Completes what Slurm has sent; to be called before mp_options_words. */
void mp_stepd_complete(spank_t spank, bool batch);
/*
 * Whether the step is to be left alone and nothing else is asked for, so that no evaluator
 * is needed. on is the site's default.
 */
bool mp_stepd_off(spank_t spank, bool on);

#endif
