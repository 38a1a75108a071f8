/* SPDX-License-Identifier: MIT */
/* note.h - lines for slurmd's log */
#ifndef MP_POLICY_NOTE_H
#define MP_POLICY_NOTE_H

#include <slurm/spank.h>

/*
 * For slurmd's log alone: at the level info nothing reaches the user's stderr
 * unless they ask srun for it with -v.
 */
#define note(...) slurm_info("mp-policy: " __VA_ARGS__)

/*
 * Of what a user could have written: no line of its own in a log, and no control
 * character, of which ISO 8859 and Unicode have more above ASCII.
 */
static inline void mp_make_printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

#endif
