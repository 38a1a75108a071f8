/* SPDX-License-Identifier: MIT */
/* options.c - the options, and the words that are in force in this process */

#include <stdio.h>
#include <string.h>

#include "note.h"
#include "options.h"
#include "words.h"

enum { OPTION_WORDS = 1, OPTION_OFF };

static char option[MP_WORDS_MAX]; /* the words in force, "" if there are none */

/* The last option counts. An "explain" is added: it changes nothing of what it explains. */
void mp_options_take(const char *words)
{
	static const char too[] = ",explain";
	const size_t size = strlen(option);

	if (!size || strcmp(words, "explain"))
		snprintf(option, sizeof(option), "%s", words);
	else if (!mp_words_have(option, "explain") &&
		 size + sizeof(too) <= sizeof(option))
		memcpy(option + size, too, sizeof(too));
}

void mp_options_take_off(void)
{
	mp_options_take(mp_words_have(option, "explain") ? "off,explain" : "off");
}

void mp_options_clear(void)
{
	option[0] = '\0';
}

const char *mp_options_words(void)
{
	return option;
}

static int option_given(int val, const char *optarg, int remote)
{
	const bool off = val == OPTION_OFF;
	const char *words = optarg ? optarg : "";

	return remote ? mp_stepd_option(off, words) :
			mp_command_option(off, words);
}

/* Slurm sends them to slurmstepd in this order, so the opt-out comes last. */
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

void mp_options_register(spank_t spank)
{
	const spank_context_t context = spank_context();
	size_t i;

	if (context == S_CTX_LOCAL || context == S_CTX_ALLOCATOR)
		mp_command_inherit();
	/* a static table would not reach sbatch and salloc (spank(8)) */
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (spank_option_register(spank, &options[i]) != ESPANK_SUCCESS)
			note("--%s cannot be offered", options[i].name);
}
