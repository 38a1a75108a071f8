/* SPDX-License-Identifier: MIT */
/* options.c - --mp-policy, --no-mp-policy, and how they reach slurmstepd */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "note.h"
#include "options.h"
#include "words.h"

enum { OPTION_WORDS = 1, OPTION_OFF };

static char option[MP_WORDS_MAX]; /* the words in force, "" if none */
static bool option_words;	  /* --mp-policy was given */
static bool option_off;		  /* --no-mp-policy was given */
static bool option_more;	  /* than the "explain" that Slurm sends of it */
static bool option_own;		  /* this command was given one of them */
static bool inherited;		  /* and takes the next one from before it */
static bool complained;		  /* slurmd's log has the line of a step */

/*
 * The last one given counts, but "explain" alone, which changes nothing of what
 * it explains.
 */
static void take(const char *words)
{
	static const char too[] = ",explain";
	const size_t size = strlen(option);

	if (!size || strcmp(words, "explain"))
		snprintf(option, sizeof(option), "%s", words);
	else if (!mp_words_have(option, "explain") &&
		 size + sizeof(too) <= sizeof(option))
		memcpy(option + size, too, sizeof(too));
}

static int option_given(int val, const char *optarg, int remote)
{
	const char *words = optarg ? optarg : "";
	char why[512], shown[65];

	if (inherited)
		inherited = false;
	else
		option_own = true;
	if (val == OPTION_OFF) {
		option_off = true;
		take(mp_words_have(option, "explain") ? "off,explain" : "off");
	} else if (!mp_words_check(words, why, sizeof(why))) {
		/* the other side may be of another version: not a failure there */
		if (remote && complained)
			return ESPANK_SUCCESS;
		if (remote) {
			complained = true;
			snprintf(shown, sizeof(shown), "%s", words);
			mp_make_printable(shown);
			mp_make_printable(why);
			note("--mp-policy=%s is ignored: %s", shown, why);
			return ESPANK_SUCCESS;
		}
		/* getopt_long takes the next argument for a value, whatever it is */
		if (mp_words_far(words))
			slurm_error("mp-policy: --mp-policy=%s: %s; if \"%s\" is your command, a value is missing: --mp-policy=WORDS %s",
				    words, why, words, words);
		else
			slurm_error("mp-policy: --mp-policy=%s: %s", words, why);
		return ESPANK_BAD_ARG;
	} else {
		option_words = true;
		take(words);
		option_more = !strcmp(words, "explain") &&
			      strcmp(option, words);
	}
	/*
	 * salloc's command and sbatch's script inherit it, so that their own
	 * sruns do as this option says.
	 */
	if (!remote && spank_context() == S_CTX_ALLOCATOR)
		setenv("MP_POLICY", option, 1);
	return ESPANK_SUCCESS;
}

/* In the order in which slurmstepd is told: the opt-out comes last. */
static struct spank_option options[] = {
	{ .name = "mp-policy",
	  .arginfo = "WORDS",
	  .usage = "[mp-policy] auto, off, on, multiprocessing, mpi, workers=N, "
		   "bind, explain; separated by commas",
	  .has_arg = 1,
	  .val = OPTION_WORDS,
	  .cb = option_given },
	{ .name = "no-mp-policy",
	  .usage = "[mp-policy] leave this job's environment alone",
	  .val = OPTION_OFF,
	  .cb = option_given },
};

/*
 * srun, sbatch and salloc take these variables for options that were given before
 * those of the command line (spank_process_env_options of Slurm's spank code),
 * and sbatch and salloc leave them in the environment of what they start.
 */
#define ENV_OPTION "SLURM_SPANK__SLURM_SPANK_OPTION_mp_policy_"
#define ENV_WORDS ENV_OPTION "mp_policy"
#define ENV_OFF ENV_OPTION "no_mp_policy"

static char *env_words, *env_off; /* what they were; NULL: not set */

static void put_back(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

/*
 * Has Slurm take MP_POLICY, or what an outer sbatch or salloc was given, as this
 * command's first option: so it reaches slurmstepd whatever --export keeps, and
 * an option of this command's own comes after it.
 */
static void inherit_option(void)
{
	const char *words = getenv("MP_POLICY");
	char why[512];

	env_words = getenv(ENV_WORDS) ? strdup(getenv(ENV_WORDS)) : NULL;
	env_off = getenv(ENV_OFF) ? strdup(getenv(ENV_OFF)) : NULL;
	if (!words)
		words = env_off ? "off" : env_words;
	unsetenv(ENV_OFF);
	/* a malformed MP_POLICY is the engine's to tell of */
	inherited = words && mp_words_check(words, why, sizeof(why));
	put_back(ENV_WORDS, inherited ? words : NULL);
}

void mp_options_register(spank_t spank)
{
	const spank_context_t context = spank_context();
	size_t i;

	if (context == S_CTX_LOCAL || context == S_CTX_ALLOCATOR)
		inherit_option();
	/* a static table would not reach sbatch and salloc (spank(8)) */
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (spank_option_register(spank, &options[i]) != ESPANK_SUCCESS)
			note("--%s cannot be offered", options[i].name);
}

void mp_options_parsed(void)
{
	const char *left = env_words;

	if (spank_context() != S_CTX_LOCAL)
		return;
	/*
	 * What srun starts sees the variables as they were. But Slurm sends the
	 * last value of an option alone, and not whether it is srun's own: where
	 * that is not all of it, or none, slurmstepd finds here what it is,
	 * whatever --export keeps, and hides it from the tasks.
	 */
	if (option[0] && (option_more || !option_own))
		left = option;
	else if (left && !strcmp(left, option))
		left = NULL;
	put_back(ENV_WORDS, left);
	put_back(ENV_OFF, env_off);
}

const char *mp_options_words(void)
{
	return option;
}

bool mp_step_env(spank_t spank, const char *name, char *value, int size)
{
	spank_err_t rc = spank_getenv(spank, name, value, size);

	value[size - 1] = '\0';
	return rc == ESPANK_SUCCESS || rc == ESPANK_NOSPACE;
}

bool mp_options_off(spank_t spank, bool on)
{
	char words[MP_WORDS_MAX];

	if (option[0])
		return !strcmp(option, "off");
	if (mp_step_env(spank, "MP_POLICY", words, sizeof(words)))
		return !strcmp(words, "off");
	return !on;
}

/* Whether a variable of the step's has legal words; they are copied to words[]. */
static bool step_words(spank_t spank, const char *name, char *words)
{
	char why[512];

	return mp_step_env(spank, name, words, MP_WORDS_MAX) &&
	       mp_words_check(words, why, sizeof(why));
}

/* srun was given more than the "explain" that slurmstepd was told of: all. */
static void complete_explain(const char *all, const char *variable)
{
	option[0] = '\0';
	if (variable)
		take(variable);
	take("explain");
	/* what MP_POLICY says the engine finds there, and says so */
	if (strcmp(option, all))
		take(all);
	else
		snprintf(option, sizeof(option), "explain");
}

/* Slurm 22.05 keeps no more of an sbatch --export=NONE than these variables. */
static void take_left(spank_t spank)
{
	char words[MP_WORDS_MAX];

	if (mp_step_env(spank, ENV_WORDS, words, sizeof(words)))
		option_given(OPTION_WORDS, words, 1);
	if (mp_step_env(spank, ENV_OFF, words, sizeof(words)))
		option_given(OPTION_OFF, NULL, 1);
}

/*
 * What slurmstepd was told of the options, where that is not all. Of srun's there is
 * what mp_options_parsed has left. Given both options, slurmstepd does not know which
 * came last: of a batch job sbatch has left the outcome in MP_POLICY, as it has of an
 * "explain" alone, and of srun's it is the opt-out, for the other comes from the
 * environment mostly.
 */
void mp_options_complete(spank_t spank, bool batch)
{
	char words[MP_WORDS_MAX], srun[MP_WORDS_MAX];
	const char *variable =
		step_words(spank, "MP_POLICY", words) ? words : NULL;
	const bool left =
		!batch && option[0] && step_words(spank, ENV_WORDS, srun);
	const bool explain = !strcmp(option, "explain");
	const bool all = left && !strcmp(option, srun);

	if (all || (left && explain))
		spank_unsetenv(spank, ENV_WORDS);
	if (left && explain) {
		complete_explain(srun, variable);
	} else if (all) {
		/* not srun's own: what --export sets for the step comes first */
		if (variable)
			option[0] = '\0';
	} else if (batch && variable &&
		   (explain || (option_words && option_off))) {
		option[0] = '\0';
		take(words);
	} else if (!option[0] && !variable) {
		take_left(spank);
	}
}
