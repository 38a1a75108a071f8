/* SPDX-License-Identifier: MIT */
/* note.h - lines for slurmd's log */
#ifndef MP_POLICY_NOTE_H
#define MP_POLICY_NOTE_H

#include <slurm/spank.h>

/*
 * Writes a line only to slurmd's log. At the level info it reaches the user's stderr only if
 * the user asks srun for it with -v.
 */
#define note(...) slurm_info("mp-policy: " __VA_ARGS__)

/*
 * Makes a text fit for a log if a user could have written it: it has no newline and no
 * control character. ISO 8859 and Unicode have further ones above ASCII.
 */
static inline void mp_make_printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

#endif
