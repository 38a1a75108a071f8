/* SPDX-License-Identifier: MIT */
/* words.h - the words of the options */
#ifndef MP_POLICY_WORDS_H
#define MP_POLICY_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define MP_WORDS_MAX 256 /* bytes of an option's value, the NUL included */

/*
 * Returns whether words is a legal value of --mp-policy. If it is not, why[] gets one line:
 * what is wrong and what is allowed.
 */
bool mp_words_check(const char *words, char *why, size_t size);

/*
 * Returns whether words, which are not legal, are one word that is not like any legal
 * word. As the value of an option it may be the user's command: the value is missing.
 */
bool mp_words_far(const char *words);

/* Whether the comma-separated words hold this one. */
bool mp_words_have(const char *words, const char *word);

#endif
