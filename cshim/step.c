/* SPDX-License-Identifier: MIT */
/* step.c - reads Slurm's description of the step, and writes it into the engine's request */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "options.h"
#include "step.h"

bool mp_step_read(spank_t spank, const struct mp_config *config,
		  const char *kind, struct mp_step *step)
{
	gid_t *groups = NULL;
	uint16_t cpus = 0;

	memset(step, 0, sizeof(*step));
	step->config = config;
	step->option = mp_options_words();
	step->kind = kind;
	if (spank_get_item(spank, S_JOB_UID, &step->uid) ||
	    spank_get_item(spank, S_JOB_GID, &step->gid) ||
	    spank_get_item(spank, S_JOB_SUPPLEMENTARY_GIDS, &groups,
			   &step->groups_count) ||
	    spank_get_item(spank, S_JOB_ARGV, &step->argc, &step->argv) ||
	    spank_get_item(spank, S_JOB_ENV, &step->env) ||
	    spank_get_item(spank, S_JOB_LOCAL_TASK_COUNT, &step->local_tasks) ||
	    spank_get_item(spank, S_JOB_TOTAL_TASK_COUNT, &step->tasks) ||
	    spank_get_item(spank, S_JOB_NODEID, &step->node))
		return false;
	step->groups = groups;
	/* the engine can do without these */
	if (!spank_get_item(spank, S_JOB_NCPUS, &cpus))
		step->cpus = cpus;
	spank_get_item(spank, S_STEP_CPUS_PER_TASK, &step->cpus_per_task);
	return step->local_tasks > 0;
}

bool mp_step_env(spank_t spank, const char *name, char *value, int size)
{
	const spank_err_t rc = spank_getenv(spank, name, value, size);

	value[size - 1] = '\0';
	return rc == ESPANK_SUCCESS || rc == ESPANK_NOSPACE;
}

/* Counts the bytes if data is NULL, and writes them if it is not. */
struct out {
	char *data;
	size_t size;
};

static void text(struct out *out, const char *s)
{
	size_t size = strlen(s) + 1;

	if (out->data)
		memcpy(out->data + out->size, s, size);
	out->size += size;
}

static void pair(struct out *out, const char *key, const char *value)
{
	text(out, key);
	text(out, value);
}

static void number(struct out *out, const char *key, unsigned long value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%lu", value);
	pair(out, key, digits);
}

static void write_request(struct out *out, const struct mp_step *step)
{
	int i;

	number(out, MP_KEY_ABI, MP_ABI);
	pair(out, MP_KEY_CONFIG, step->config->config);
	pair(out, MP_KEY_DEFAULT, step->config->def);
	pair(out, MP_KEY_AFFINITY, step->config->affinity);
	pair(out, MP_KEY_HINTS, step->config->hints);
	pair(out, MP_KEY_LOG, step->config->log);
	number(out, MP_KEY_DEADLINE, step->config->deadline);
#ifdef MP_TEST_WORDS
	if (step->config->root[0])
		pair(out, MP_KEY_ROOT, step->config->root);
#endif
	pair(out, MP_KEY_OPTION, step->option);
	pair(out, MP_KEY_KIND, step->kind);
	pair(out, MP_KEY_CGROUP, step->cgroup ? step->cgroup : "");
	number(out, MP_KEY_UID, step->uid);
	number(out, MP_KEY_GID, step->gid);
	number(out, MP_KEY_NODE, step->node);
	number(out, MP_KEY_TASKS, step->tasks);
	number(out, MP_KEY_LOCAL_TASKS, step->local_tasks);
	number(out, MP_KEY_CPUS, step->cpus);
	number(out, MP_KEY_CPUS_PER_TASK, step->cpus_per_task);
	for (i = 0; i < step->argc && step->argv[i]; i++)
		pair(out, MP_KEY_ARGV, step->argv[i]);
	for (i = 0; step->env && step->env[i]; i++)
		pair(out, MP_KEY_ENV, step->env[i]);
}

char *mp_step_request(const struct mp_step *step, size_t *size)
{
	struct out out = { NULL, 0 };

	write_request(&out, step);
	out.data = malloc(out.size);
	if (!out.data)
		return NULL;
	out.size = 0;
	write_request(&out, step);
	*size = out.size;
	return out.data;
}
