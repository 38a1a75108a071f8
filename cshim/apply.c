/* SPDX-License-Identifier: MIT */
/* apply.c - carries the engine's reply into one task's environment */

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi.h"
#include "apply.h"

/* Bytes of one task's record; more than an environment of this kind needs. */
#define RECORD_MAX ((size_t)256 * 1024)
/* How long lines for the user may wait for their reader, in milliseconds. */
#define SAY_LIMIT_MS 20

static uint32_t word(const char *reply, size_t at)
{
	uint32_t value;

	memcpy(&value, reply + at * sizeof(value), sizeof(value));
	return value;
}

/* The tables at the reply's head; false where they are wrong. */
static bool tables(const char *reply, size_t size, uint32_t tasks,
		   uint32_t *records, size_t *start)
{
	if (size < 3 * sizeof(uint32_t) || word(reply, 0) != MP_REPLY_MAGIC ||
	    word(reply, 1) != tasks)
		return false;
	*records = word(reply, 2);
	*start = (3 + (size_t)tasks + *records) * sizeof(uint32_t);
	return *records <= tasks && size >= *start;
}

/*
 * A copy of a record, from malloc(3), with a NUL behind it: what is checked must
 * be what is applied. NULL where the tables are wrong.
 */
static char *copy_record(const char *reply, size_t size, uint32_t tasks,
			 uint32_t record, size_t *length)
{
	uint32_t records, from, to;
	size_t start;
	char *copy;

	if (!tables(reply, size, tasks, &records, &start) || record >= records)
		return NULL;
	from = record ? word(reply, 3 + (size_t)tasks + record - 1) : 0;
	to = word(reply, 3 + (size_t)tasks + record);
	if (from > to || to > size - start || to - from > RECORD_MAX)
		return NULL;
	*length = to - from;
	copy = malloc(*length + 1);
	if (!copy)
		return NULL;
	memcpy(copy, reply + start + from, *length);
	copy[*length] = '\0';
	return copy;
}

static bool is_name(const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++) {
		const char c = name[i];

		if (!(c == '_' || (c >= 'A' && c <= 'Z') ||
		      (c >= 'a' && c <= 'z') || (i && c >= '0' && c <= '9')))
			return false;
	}
	return i > 0;
}

/*
 * The next setting of a record; false at its end, and with *bad set where it is
 * malformed. *end is a NUL that is not the record's.
 */
static bool next(const char **at, const char *end, char *op, const char **name,
		 const char **value, bool *bad)
{
	if (*at == end)
		return false;
	*bad = true;
	*op = *(*at)++;
	*name = *at;
	*at += strlen(*name) + 1;
	if (*at >= end)
		return false;
	*value = *at;
	*at += strlen(*value) + 1;
	if (*at > end)
		return false;
	if (*op == MP_OP_SAY)
		*bad = **name != '\0';
	else if (*op == MP_OP_SET || *op == MP_OP_REPLACE)
		*bad = !is_name(*name) || !**value;
	else if (*op == MP_OP_UNSET)
		*bad = !is_name(*name) || **value;
	return !*bad;
}

/* A pipe that poll(2) calls writable takes PIPE_BUF bytes at once. */
void mp_say(const char *text)
{
	size_t left = strlen(text);
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };
	int patience = SAY_LIMIT_MS;
	ssize_t done;

	while (left) {
		/* nothing but POLLOUT: a write to nobody would be a SIGPIPE */
		if (poll(&out, 1, 0) != 1 || out.revents != POLLOUT) {
			if ((out.revents & ~POLLOUT) || !patience--)
				return;
			poll(NULL, 0, 1);
			continue;
		}
		done = write(STDERR_FILENO, text,
			     left < PIPE_BUF ? left : PIPE_BUF);
		if (done <= 0)
			return;
		text += done;
		left -= (size_t)done;
	}
}

static void apply_one(spank_t spank, char op, const char *name,
		      const char *value, bool aloud)
{
	switch (op) {
	case MP_OP_SET:
		/* not over what another plugin has set since it was decided */
		spank_setenv(spank, name, value, 0);
		break;
	case MP_OP_REPLACE:
		spank_setenv(spank, name, value, 1);
		break;
	case MP_OP_UNSET:
		spank_unsetenv(spank, name);
		break;
	default:
		if (aloud)
			mp_say(value);
	}
}

static bool well_formed(const char *record, size_t length)
{
	const char *from = record, *name, *value;
	bool bad = false;
	char op;

	while (next(&from, record + length, &op, &name, &value, &bad))
		;
	return !bad;
}

bool mp_reply_valid(const char *reply, size_t size, uint32_t tasks)
{
	uint32_t records, i;
	size_t start, length;
	char *record;
	bool good;

	if (!tables(reply, size, tasks, &records, &start))
		return false;
	for (i = 0; i < tasks; i++)
		if (word(reply, 3 + (size_t)i) >= records)
			return false;
	for (i = 0; i < records; i++) {
		record = copy_record(reply, size, tasks, i, &length);
		if (!record)
			return false;
		good = well_formed(record, length);
		free(record);
		if (!good)
			return false;
	}
	return true;
}

void mp_apply(spank_t spank, const char *reply, size_t size, uint32_t tasks,
	      uint32_t index, bool aloud)
{
	const char *from, *name, *value;
	uint32_t records;
	size_t start, length;
	bool bad = false;
	char *record;
	char op;

	if (index >= tasks || !tables(reply, size, tasks, &records, &start))
		return;
	record = copy_record(reply, size, tasks, word(reply, 3 + (size_t)index),
			     &length);
	if (!record)
		return;
	if (well_formed(record, length)) {
		from = record;
		while (next(&from, record + length, &op, &name, &value, &bad))
			apply_one(spank, op, name, value, aloud);
	}
	free(record);
}
