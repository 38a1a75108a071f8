/* SPDX-License-Identifier: MIT */
/* step_env.h - a step without arguments, whose environment is env */
#ifndef STEP_ENV_H
#define STEP_ENV_H

#include <stdarg.h>
#include <stddef.h>

#include <slurm/spank.h>

static char *none[] = { NULL }, **env = none;

spank_err_t spank_get_item(spank_t spank, spank_item_t item, ...)
{
	va_list args;

	(void)spank;
	va_start(args, item);
	if (item == S_JOB_ARGV) {
		*va_arg(args, int *) = 0;
		*va_arg(args, char ***) = none;
	} else {
		*va_arg(args, char ***) = env;
	}
	va_end(args);
	return ESPANK_SUCCESS;
}

#endif
