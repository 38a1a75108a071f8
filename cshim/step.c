/* SPDX-License-Identifier: MIT */
/* step.c - writes the request that the engine reads */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "step.h"

/* Counts where data is NULL, else writes. */
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

	number(out, "abi", MP_ABI);
	pair(out, "config", step->config->config);
	pair(out, "default", step->config->on ? "on" : "off");
	pair(out, "affinity", step->config->affinity);
	pair(out, "hints", step->config->hints ? "on" : "off");
#ifdef MP_TEST_WORDS
	if (step->config->root[0])
		pair(out, "root", step->config->root);
#endif
	pair(out, "option", step->option);
	pair(out, "kind", step->kind);
	number(out, "uid", step->uid);
	number(out, "gid", step->gid);
	number(out, "node", step->node);
	number(out, "tasks", step->tasks);
	number(out, "local_tasks", step->local_tasks);
	number(out, "cpus", step->cpus);
	number(out, "cpus_per_task", step->cpus_per_task);
	for (i = 0; i < step->argc && step->argv[i]; i++)
		pair(out, "argv", step->argv[i]);
	for (i = 0; step->env && step->env[i]; i++)
		pair(out, "env", step->env[i]);
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
