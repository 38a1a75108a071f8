/* SPDX-License-Identifier: MIT */
/* number.h - reads a number of a word */
#ifndef MP_POLICY_NUMBER_H
#define MP_POLICY_NUMBER_H

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* Whether the text is a decimal number from 1 to most, which goes to *to. */
static inline bool mp_number(const char *text, unsigned long most,
			     unsigned long *to)
{
	char *end;

	/* strtoul would take a sign or leading blanks */
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*to = strtoul(text, &end, 10);
	return !errno && !*end && *to >= 1 && *to <= most;
}

#endif
