/* SPDX-License-Identifier: MIT */
/* environment.h - changes a task's environment, as a whole or not at all */
#ifndef MP_POLICY_ENVIRONMENT_H
#define MP_POLICY_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

#include <slurm/spank.h>

#define MP_APPLIED_NAME "MP_POLICY_APPLIED"

struct mp_change {
	const char *name; /* first, for mp_env_find */
	const char *value;
	char op;  /* of abi.h: one that sets or removes a variable */
	bool met; /* the environment has the variable */
};

enum mp_applied {
	MP_APPLIED,
	MP_NOT_APPLIED, /* nothing was changed */
	MP_TOO_LARGE,	/* nothing was changed: execve(2) or Slurm would refuse it */
};

/*
 * Makes the changes, whose order it changes. If the result could be more than
 * execve(2) takes, or if the record cannot be set, nothing is changed.
 */
enum mp_applied mp_env_change(spank_t spank, struct mp_change *changes,
			      size_t count);

/* Whether the text is the name of a variable. */
bool mp_env_is_name(const char *text);

/* The value of the first entry of the name, NULL if there is none. */
const char *mp_env_value(char **env, const char *name);

/*
 * Elements of so many bytes that begin with a pointer to a name: mp_env_sort sorts
 * them by name, and mp_env_find returns one of the name that the entry NAME=VALUE
 * has, NULL if there is none.
 */
void mp_env_sort(void *list, size_t count, size_t size);
void *mp_env_find(const char *entry, void *list, size_t count, size_t size);

#endif
