/* SPDX-License-Identifier: MIT */
/* nothing.c - a SPANK plugin with our callbacks, which do nothing */

#include <slurm/spank.h>

SPANK_PLUGIN(mp_nothing, 1)

#define CALLBACK(name)                                   \
	int name(spank_t spank, int argc, char **argv)   \
	{                                                \
		(void)spank;                             \
		(void)argc;                              \
		(void)argv;                              \
		return ESPANK_SUCCESS;                   \
	}

CALLBACK(slurm_spank_init)
CALLBACK(slurm_spank_init_post_opt)
CALLBACK(slurm_spank_user_init)
CALLBACK(slurm_spank_task_post_fork)
CALLBACK(slurm_spank_task_init)
CALLBACK(slurm_spank_exit)
