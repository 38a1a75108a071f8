/* SPDX-License-Identifier: MIT */
/* slow.c - a SPANK plugin that does nothing, for four seconds, once tasks are forked */

#include <unistd.h>

#include <slurm/spank.h>

SPANK_PLUGIN(slow, 1)

int slurm_spank_task_post_fork(spank_t spank, int argc, char **argv)
{
	int task = -1;

	(void)argc;
	(void)argv;
	if (!spank_get_item(spank, S_TASK_ID, &task) && task == 0)
		sleep(4);
	return ESPANK_SUCCESS;
}
