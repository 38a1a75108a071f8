/* SPDX-License-Identifier: MIT */
/* options_stepd.c - the options in slurmstepd */

#include <stdio.h>
#include <string.h>

#include "note.h"
#include "options.h"
#include "step.h"
#include "words.h"

static bool words_given; /* --mp-policy was sent */
static bool off_given;	 /* --no-mp-policy was sent */
static bool complained;	 /* slurmd's log has the line of a malformed option */

/* Another version of the plugin may have sent the option: what is malformed is no failure. */
static void ignore(const char *words, char *why)
{
	char shown[65];

	if (complained)
		return;
	complained = true;
	snprintf(shown, sizeof(shown), "%s", words);
	mp_make_printable(shown);
	mp_make_printable(why);
	note("--mp-policy=%s is ignored: %s", shown, why);
}

int mp_stepd_option(bool off, const char *words)
{
	char why[512];

	if (off) {
		off_given = true;
		mp_options_take_off();
	} else if (mp_words_check(words, why, sizeof(why))) {
		words_given = true;
		mp_options_take(words);
	} else {
		ignore(words, why);
	}
	return ESPANK_SUCCESS;
}

bool mp_stepd_off(spank_t spank, bool on)
{
	const char *option = mp_options_words();
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

/* Slurm has sent only the "explain" of srun's words, which are all. */
static void complete_explain(const char *all, const char *variable)
{
	mp_options_clear();
	if (variable)
		mp_options_take(variable);
	mp_options_take("explain");
	if (strcmp(mp_options_words(), all)) {
		mp_options_take(all);
		return;
	}
	/* the engine reads the rest in MP_POLICY, and names that as the origin */
	mp_options_clear();
	mp_options_take("explain");
}

/* Slurm 22.05 keeps no more of an sbatch --export=NONE than these variables. */
static void take_left(spank_t spank)
{
	char words[MP_WORDS_MAX];

	if (mp_step_env(spank, MP_OPTION_ENV_WORDS, words, sizeof(words)))
		mp_stepd_option(false, words);
	if (mp_step_env(spank, MP_OPTION_ENV_OFF, words, sizeof(words)))
		mp_stepd_option(true, "");
}

/*
 * Slurm does not send all of the options. The rest of srun's is what mp_command_parsed has
 * left. If both options are sent, it is not known which one came last. For a batch job sbatch
 * has left the outcome in MP_POLICY, and also the words to which "explain" was added. For
 * srun it is taken to be the opt-out, because the other option mostly comes from the
 * environment.
 */
void mp_stepd_complete(spank_t spank, bool batch)
{
	const char *option = mp_options_words();
	char words[MP_WORDS_MAX], srun[MP_WORDS_MAX];
	const char *variable =
		step_words(spank, "MP_POLICY", words) ? words : NULL;
	const bool left = !batch && option[0] &&
			  step_words(spank, MP_OPTION_ENV_WORDS, srun);
	const bool explain = !strcmp(option, "explain");
	const bool all = left && !strcmp(option, srun);

	if (all || (left && explain))
		spank_unsetenv(spank, MP_OPTION_ENV_WORDS);
	if (left && explain) {
		complete_explain(srun, variable);
	} else if (all) {
		/* not srun's own: what --export sets for the step comes first */
		if (variable)
			mp_options_clear();
	} else if (batch && variable &&
		   (explain || (words_given && off_given))) {
		mp_options_clear();
		mp_options_take(words);
	} else if (!option[0] && !variable) {
		take_left(spank);
	}
}
