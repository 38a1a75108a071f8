/* SPDX-License-Identifier: MIT */
/*
 * mover.c - a SPANK plugin that binds each task to the first CPU of its mask
 *
 * As another plugin of a site might, after Slurm has bound the task.
 */

#include <sched.h>
#include <stddef.h>

#include <slurm/spank.h>

SPANK_PLUGIN(mover, 1)

int slurm_spank_task_init(spank_t spank, int argc, char **argv)
{
	cpu_set_t mask, first;
	int cpu;

	(void)spank;
	(void)argc;
	(void)argv;
	if (sched_getaffinity(0, sizeof(mask), &mask))
		return ESPANK_SUCCESS;
	for (cpu = 0; cpu < CPU_SETSIZE && !CPU_ISSET(cpu, &mask); cpu++)
		;
	CPU_ZERO(&first);
	CPU_SET(cpu, &first);
	sched_setaffinity(0, sizeof(first), &first);
	return ESPANK_SUCCESS;
}
