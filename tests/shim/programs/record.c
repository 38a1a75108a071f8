/* SPDX-License-Identifier: MIT */
/*
 * record.c - has the shim take an outer step's changes back, outside of Slurm
 *
 * Reads environments from stdin: each entry with a NUL behind it, and a NUL behind
 * the last. Writes what would be changed in the same form: "unset NAME", "NAME=VALUE".
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <slurm/spank.h>

#include "abi.h"
#include "record.h"
#include "step_env.h"

spank_err_t spank_setenv(spank_t spank, const char *name, const char *value,
			 int overwrite)
{
	(void)spank;
	/* as the shim must know what is there */
	if (!overwrite == !!mp_env_value(env, name))
		abort();
	printf("%s=%s", name, value);
	putchar('\0');
	return ESPANK_SUCCESS;
}

spank_err_t spank_unsetenv(spank_t spank, const char *name)
{
	(void)spank;
	if (!mp_env_value(env, name))
		abort();
	printf("unset %s", name);
	putchar('\0');
	return ESPANK_SUCCESS;
}

static void undo(char **entries)
{
	env = entries;
	if (mp_record_undo(NULL) != MP_APPLIED)
		printf("failed%c", '\0');
	putchar('\0');
}

int main(void)
{
	char **entries = NULL, *entry = NULL;
	size_t size = 0, count = 0, i;

	for (;;) {
		if (getdelim(&entry, &size, '\0', stdin) < 0)
			break;
		entries = realloc(entries, (count + 1) * sizeof(char *));
		/* of exactly its size, so that a byte beyond it is seen */
		entries[count] = *entry ? strdup(entry) : NULL;
		if (entries[count++])
			continue;
		undo(entries);
		for (i = 0; i < count; i++)
			free(entries[i]);
		count = 0;
	}
	free(entries);
	free(entry);
	return 0;
}
