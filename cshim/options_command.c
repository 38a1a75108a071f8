/* SPDX-License-Identifier: MIT */
/* options_command.c - the options in srun, sbatch and salloc */

#include <stdlib.h>
#include <string.h>

#include <slurm/slurm.h>

#include "options.h"
#include "words.h"

/* The next option that Slurm reports is not this command's own. */
static bool inherited;
/* An option of this command's own was given. */
static bool own;
/*
 * The last option was "explain", which is added to the words before it. Slurm sends
 * slurmstepd only "explain" then.
 */
static bool more;
/* The values of Slurm's variables before this command used them; NULL: not set. */
static char *env_words, *env_off;

static void put_back(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

/*
 * Slurm takes MP_POLICY, or the option of an outer sbatch or salloc, for this command's
 * first option. So it reaches slurmstepd whatever --export keeps, and an option of this
 * command's own comes after it.
 */
void mp_command_inherit(void)
{
	const char *words = getenv("MP_POLICY");
	char why[512];

	env_words = getenv(MP_OPTION_ENV_WORDS) ?
			    strdup(getenv(MP_OPTION_ENV_WORDS)) :
			    NULL;
	env_off = getenv(MP_OPTION_ENV_OFF) ?
			  strdup(getenv(MP_OPTION_ENV_OFF)) :
			  NULL;
	if (!words)
		words = env_off ? "off" : env_words;
	unsetenv(MP_OPTION_ENV_OFF);
	/* the engine reports a malformed MP_POLICY */
	inherited = words && mp_words_check(words, why, sizeof(why));
	put_back(MP_OPTION_ENV_WORDS, inherited ? words : NULL);
}

static int refuse(const char *words, const char *why)
{
	/* getopt_long takes the next argument for a value, whatever it is */
	if (mp_words_far(words))
		slurm_error("mp-policy: --mp-policy=%s: %s; if \"%s\" is your command, a value is missing: --mp-policy=WORDS %s",
			    words, why, words, words);
	else
		slurm_error("mp-policy: --mp-policy=%s: %s", words, why);
	return ESPANK_BAD_ARG;
}

int mp_command_option(bool off, const char *words)
{
	char why[512];

	if (inherited)
		inherited = false;
	else
		own = true;
	if (off) {
		mp_options_take_off();
	} else if (mp_words_check(words, why, sizeof(why))) {
		mp_options_take(words);
		more = !strcmp(words, "explain") &&
		       strcmp(mp_options_words(), words);
	} else {
		return refuse(words, why);
	}
	/*
	 * salloc's command and sbatch's script inherit it, so that their own
	 * sruns do as this option says.
	 */
	if (spank_context() == S_CTX_ALLOCATOR)
		setenv("MP_POLICY", mp_options_words(), 1);
	return ESPANK_SUCCESS;
}

void mp_command_parsed(void)
{
	const char *words = mp_options_words(), *left = env_words;

	if (spank_context() != S_CTX_LOCAL)
		return;
	/*
	 * What srun starts sees the variables as they were. But Slurm sends only the last
	 * value of an option, and not whether it is srun's own. If that is not all of it, or
	 * not srun's own, slurmstepd finds all of it here, whatever --export keeps, and hides
	 * it from the tasks.
	 */
	if (words[0] && (more || !own))
		left = words;
	else if (left && !strcmp(left, words))
		left = NULL;
	put_back(MP_OPTION_ENV_WORDS, left);
	put_back(MP_OPTION_ENV_OFF, env_off);
}
