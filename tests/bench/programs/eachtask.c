/* SPDX-License-Identifier: MIT */
/*
 * eachtask.c - how the plugin is not built: every task loads the engine itself
 *
 * The simplest way to call Go from a SPANK plugin that survives slurmstepd's
 * forks. Built with the shim's own step.c, apply.c and config.c, so that all that
 * differs is where the engine runs.
 */

#include <dlfcn.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <slurm/spank.h>

#include "abi.h"
#include "apply.h"
#include "config.h"
#include "step.h"

SPANK_PLUGIN(mp_eachtask, 1)

#define REPLY_SIZE ((size_t)1024 * 1024)

static struct mp_config config;

int slurm_spank_init(spank_t spank, int argc, char **argv)
{
	(void)spank;
	mp_config_parse(&config, argc, argv, spank_remote(spank) == 1);
	return ESPANK_SUCCESS;
}

static int read_step(spank_t spank, struct mp_step *step)
{
	memset(step, 0, sizeof(*step));
	step->config = &config;
	step->option = "";
	step->kind = "step";
	return spank_get_item(spank, S_JOB_UID, &step->uid) ||
	       spank_get_item(spank, S_JOB_GID, &step->gid) ||
	       spank_get_item(spank, S_JOB_ARGV, &step->argc, &step->argv) ||
	       spank_get_item(spank, S_JOB_ENV, &step->env) ||
	       spank_get_item(spank, S_JOB_LOCAL_TASK_COUNT,
			      &step->local_tasks) ||
	       spank_get_item(spank, S_JOB_TOTAL_TASK_COUNT, &step->tasks) ||
	       spank_get_item(spank, S_JOB_NODEID, &step->node);
}

int slurm_spank_task_init(spank_t spank, int argc, char **argv)
{
	char text[512] = "", *request, *reply;
	mp_prepare_fn *prepare;
	mp_decide_fn *decide;
	struct mp_step step;
	struct mp_task task = { .pid = getpid() };
	cpu_set_t mask;
	size_t size;
	void *lib;
	long got;

	(void)argc;
	(void)argv;
	if (read_step(spank, &step) ||
	    spank_get_item(spank, S_TASK_GLOBAL_ID, &task.rank) ||
	    sched_getaffinity(0, sizeof(mask), &mask))
		return ESPANK_SUCCESS;
	lib = dlopen(config.lib, RTLD_NOW | RTLD_LOCAL);
	request = mp_step_request(&step, &size);
	reply = malloc(REPLY_SIZE);
	if (!lib || !request || !reply)
		return ESPANK_SUCCESS;
	*(void **)(&prepare) = dlsym(lib, MP_SYM_PREPARE);
	*(void **)(&decide) = dlsym(lib, MP_SYM_DECIDE);
	if (prepare(request, size, text, sizeof(text)))
		return ESPANK_SUCCESS;
	got = decide(&task, 1, (char *)&mask, sizeof(mask), reply, REPLY_SIZE,
		     text, sizeof(text));
	if (got > 0)
		mp_apply(spank, reply, (size_t)got, 1, 0, true);
	return ESPANK_SUCCESS;
}
