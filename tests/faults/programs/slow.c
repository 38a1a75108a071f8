/* SPDX-License-Identifier: MIT */
/* slow.c - a SPANK plugin that waits once tasks are forked; its word is the number of seconds */

#include <stdlib.h>
#include <unistd.h>

#include <slurm/spank.h>

SPANK_PLUGIN(slow, 1)

int slurm_spank_task_post_fork(spank_t spank, int argc, char **argv)
{
	int task = -1;

	if (argc == 1 && !spank_get_item(spank, S_TASK_ID, &task) && task == 0)
		sleep((unsigned int)atoi(argv[0]));
	return ESPANK_SUCCESS;
}
