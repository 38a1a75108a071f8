/* SPDX-License-Identifier: MIT */
/* words.h - the words of plugstack.conf's line and of the options */
#ifndef MP_POLICY_WORDS_H
#define MP_POLICY_WORDS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define MP_WORDS_MAX 256 /* bytes of an option's value, the NUL included */

/* What the line in plugstack.conf says; see the defaults in words.c. */
struct mp_config {
	char lib[PATH_MAX];
	char config[PATH_MAX];
	unsigned int deadline; /* milliseconds */
	bool on;
	bool hints;
	char affinity[8]; /* fix, hint or off */
#ifdef MP_TEST_WORDS
	char root[PATH_MAX]; /* the node's root directory, "" for its own */
#endif
};

/*
 * Parses the plugstack words. An unknown or bad one is ignored; it is logged
 * where the log is an administrator's, and is nothing to a user of srun.
 */
void mp_config_parse(struct mp_config *config, int argc, char **argv,
		     bool administrator);

/*
 * Whether words is a legal value of --mp-policy; where it is not, why[] gets
 * one line: what is wrong and what is allowed.
 */
bool mp_words_check(const char *words, char *why, size_t size);

/* Whether the comma-separated words hold this one. */
bool mp_words_have(const char *words, const char *word);

#endif
