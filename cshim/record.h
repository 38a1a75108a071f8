/* SPDX-License-Identifier: MIT */
/*
 * record.h - takes back what an outer step has set
 *
 * The shim does this if no evaluation of the step answers; else the engine does it. The form
 * of the record is described in policy/applied.go, which reads it in the same way.
 */
#ifndef MP_POLICY_RECORD_H
#define MP_POLICY_RECORD_H

#include "environment.h"

/* Words of a record that are read: maxApplied in policy/applied.go. */
#define MP_RECORD_WORDS 1024

struct mp_undo {
	size_t count;
	struct mp_change change[MP_RECORD_WORDS + 1];
	char text[]; /* that the changes point into */
};

/*
 * The changes that give the user their own environment back, for free(3). NULL if
 * there is no record, or no memory. The record is data that a user could have written.
 */
struct mp_undo *mp_record_read(char **env);

/* Makes them; MP_APPLIED if there is no record. */
enum mp_applied mp_record_undo(spank_t spank);

#endif
