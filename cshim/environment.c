/* SPDX-License-Identifier: MIT */
/* environment.c - changes a task's environment, as a whole or not at all */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "abi.h"
#include "environment.h"

/*
 * What execve(2) takes: argv, the environment, and a pointer for each string, may
 * have a quarter of the stack's soft limit, but not less than 128 KiB (ARG_MAX) and
 * not more than 6 MiB (3/4 of _STK_LIM): bprm_stack_limits in Linux's fs/exec.c.
 * Kernels before 4.13 count no pointers and know no 6 MiB; they take more.
 */
#define EXEC_LEAST ((rlim_t)128 * 1024)
#define EXEC_MOST ((rlim_t)6 * 1024 * 1024)
/*
 * Bytes that stay free below that. execve(2) counts the program's path too, Slurm puts
 * it into argv[0], and the interpreter of a script is given it: 12 KiB if each has
 * PATH_MAX bytes. The rest is for what comes after task_init and cannot be known: other
 * plugins and TaskProlog.
 */
#define EXEC_FREE ((rlim_t)32 * 1024)
/*
 * Slurm sets no variable whose name, value and 2 bytes more reach this (MAX_ENV_STRLEN in its
 * src/common/env.c). It prints an error for the user then, and spank_setenv returns
 * success. The kernel's own limit of a string (MAX_ARG_STRLEN) is not smaller.
 */
#define ENTRY_MOST ((size_t)128 * 1024)

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In the order of by_name: the entry's name ends where its value begins. */
static int entry_by_name(const void *entry, const void *element)
{
	const char *e = entry, *n = *(const char *const *)element;

	while (*n && *e == *n) {
		e++;
		n++;
	}
	return (*e == '=' ? 0 : (unsigned char)*e) - (unsigned char)*n;
}

void mp_env_sort(void *list, size_t count, size_t size)
{
	qsort(list, count, size, by_name);
}

static const char *name_at(const void *list, size_t at, size_t size)
{
	return *(const char *const *)((const char *)list + at * size);
}

void *mp_env_find(const char *entry, void *list, size_t count, size_t size)
{
	const unsigned char first = (unsigned char)entry[0];
	void *found;

	/* most entries of an environment end here, and searching costs a task time */
	if (!count || first < (unsigned char)name_at(list, 0, size)[0] ||
	    first > (unsigned char)name_at(list, count - 1, size)[0])
		return NULL;
	found = bsearch(entry, list, count, size, entry_by_name);
	/* an entry without "=" is not a variable */
	return found && entry[strlen(name_at(found, 0, size))] == '=' ? found
								       : NULL;
}

bool mp_env_is_name(const char *text)
{
	size_t i;

	for (i = 0; text[i]; i++) {
		const char c = text[i];

		if (!(c == '_' || (c >= 'A' && c <= 'Z') ||
		      (c >= 'a' && c <= 'z') || (i && c >= '0' && c <= '9')))
			return false;
	}
	return i > 0;
}

const char *mp_env_value(char **env, const char *name)
{
	const size_t size = strlen(name);

	for (; env && *env; env++)
		if (!strncmp(*env, name, size) && (*env)[size] == '=')
			return *env + size + 1;
	return NULL;
}

static rlim_t least(rlim_t a, rlim_t b)
{
	return a < b ? a : b;
}

/*
 * The limit of the task when it executes. Slurm sets the stack limit that srun sends
 * after task_init (set_user_limits), but not at every site, so the smaller one counts.
 */
static rlim_t exec_limit(char **env)
{
	const char *sent = mp_env_value(env, "SLURM_RLIMIT_STACK");
	rlim_t limit = EXEC_MOST, value;
	struct rlimit stack;
	char *end;

	if (getrlimit(RLIMIT_STACK, &stack))
		return EXEC_LEAST;
	limit = least(limit, stack.rlim_cur / 4);
	if (sent) {
		sent += *sent == 'U'; /* srun --propagate */
		value = strtoull(sent, &end, 10);
		if (end != sent)
			limit = least(limit, value / 4);
	}
	return limit > EXEC_LEAST ? limit : EXEC_LEAST;
}

static rlim_t counted(size_t string)
{
	return string + 1 + sizeof(char *);
}

static bool replaces(const struct mp_change *c)
{
	return c->op == MP_OP_REPLACE || c->op == MP_OP_BACK_REPLACE;
}

/* Whether execve(2) takes the changed environment; the changes are sorted. */
static bool fits(int argc, char **argv, char **env, struct mp_change *changes,
		 size_t count)
{
	rlim_t before = 0, gone = 0, added = 0;
	struct mp_change *c;
	size_t i, size;

	for (i = 0; argv && i < (size_t)argc && argv[i]; i++)
		before += counted(strlen(argv[i]));
	for (i = 0; env && env[i]; i++) {
		size = strlen(env[i]);
		before += counted(size);
		c = mp_env_find(env[i], changes, count, sizeof(*c));
		if (!c || c->met)
			continue;
		c->met = true;
		if (replaces(c) || c->op == MP_OP_UNSET)
			gone += counted(size);
	}
	for (c = changes; c < changes + count; c++) {
		if (c->op == MP_OP_UNSET || (c->met && !replaces(c)))
			continue;
		size = strlen(c->name) + 1 + strlen(c->value);
		if (size + 1 >= ENTRY_MOST)
			return false;
		added += counted(size);
	}
	/* what does not grow is not refused because of us */
	return added <= gone ||
	       before - gone + added + EXEC_FREE <= exec_limit(env);
}

static spank_err_t make(spank_t spank, const struct mp_change *c)
{
	if (c->op == MP_OP_UNSET)
		return spank_unsetenv(spank, c->name);
	/* else not over what another plugin has set since it was decided */
	return spank_setenv(spank, c->name, c->value, replaces(c));
}

enum mp_applied mp_env_change(spank_t spank, struct mp_change *changes,
			      size_t count)
{
	char **argv = NULL, **env = NULL;
	struct mp_change *record = NULL;
	int argc = 0;
	size_t i;

	if (!count)
		return MP_APPLIED;
	if (spank_get_item(spank, S_JOB_ARGV, &argc, &argv) ||
	    spank_get_item(spank, S_JOB_ENV, &env))
		return MP_NOT_APPLIED;
	for (i = 0; i < count; i++)
		changes[i].met = false;
	mp_env_sort(changes, count, sizeof(*changes));
	if (!fits(argc, argv, env, changes, count))
		return MP_TOO_LARGE;
	/* first, so that nothing is removed that could not be given back */
	for (i = 0; i < count && !record; i++)
		if (!strcmp(changes[i].name, MP_APPLIED_NAME))
			record = &changes[i];
	if (record && record->op != MP_OP_UNSET && make(spank, record))
		return MP_NOT_APPLIED;
	for (i = 0; i < count; i++)
		if (&changes[i] != record)
			make(spank, &changes[i]);
	if (record && record->op == MP_OP_UNSET)
		make(spank, record);
	return MP_APPLIED;
}
