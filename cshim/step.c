/* SPDX-License-Identifier: MIT */
/* step.c - writes the request that the engine reads */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi.h"
#include "step.h"

/* Bytes of environment that other plugins may add to a small one. */
#define GROWTH ((size_t)64 * 1024)

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

static size_t request_size(const struct mp_step *step)
{
	struct out out = { NULL, 0 };

	write_request(&out, step);
	return out.size;
}

char *mp_step_request(const struct mp_step *step, size_t *size)
{
	struct out out = { malloc(request_size(step)), 0 };

	if (!out.data)
		return NULL;
	write_request(&out, step);
	*size = out.size;
	return out.data;
}

size_t mp_step_tell(const struct mp_step *step, char *to, size_t room)
{
	struct out out = { to, 0 };
	char folder[PATH_MAX];

	if (!getcwd(folder, sizeof(folder)) ||
	    strlen(folder) + 1 + request_size(step) > room)
		return 0;
	text(&out, folder);
	write_request(&out, step);
	return out.size;
}

size_t mp_step_room(const struct mp_step *step)
{
	return PATH_MAX + 2 * request_size(step) + GROWTH;
}
