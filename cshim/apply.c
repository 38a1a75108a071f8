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
/* How long a line for the user may wait for its pipe, in milliseconds. */
#define SAY_LIMIT_MS 20

static uint32_t word(const char *reply, size_t at)
{
	uint32_t value;

	memcpy(&value, reply + at * sizeof(value), sizeof(value));
	return value;
}

/* The record's first byte and its size; false where the tables are wrong. */
static bool find_record(const char *reply, size_t size, uint32_t tasks,
			uint32_t index, size_t *at, size_t *length)
{
	uint32_t records, record, start, end;
	size_t table;

	if (size < 3 * sizeof(uint32_t) || index >= tasks ||
	    word(reply, 0) != MP_REPLY_MAGIC || word(reply, 1) != tasks)
		return false;
	records = word(reply, 2);
	if (records > tasks ||
	    size < (3 + (size_t)tasks + records) * sizeof(uint32_t))
		return false;
	record = word(reply, 3 + index);
	if (record >= records)
		return false;
	table = (3 + (size_t)tasks + records) * sizeof(uint32_t);
	start = record ? word(reply, 3 + (size_t)tasks + record - 1) : 0;
	end = word(reply, 3 + (size_t)tasks + record);
	if (start > end || end > size - table || end - start > RECORD_MAX)
		return false;
	*at = table + start;
	*length = end - start;
	return true;
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
 * The next setting of a record that ends with a NUL; false at its end, and with
 * *bad set where it is malformed.
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
	if (*op == MP_OP_SAY)
		*bad = **name != '\0';
	else if (*op == MP_OP_SET || *op == MP_OP_REPLACE)
		*bad = !is_name(*name) || !**value;
	else if (*op == MP_OP_UNSET)
		*bad = !is_name(*name) || **value;
	return !*bad;
}

/*
 * Prints on the task's stderr without ever waiting for its reader: a pipe that
 * poll(2) calls writable takes PIPE_BUF bytes at once.
 */
static void say(const char *text)
{
	size_t left = strlen(text);
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };
	ssize_t done;

	while (left) {
		if (poll(&out, 1, SAY_LIMIT_MS) != 1 ||
		    !(out.revents & POLLOUT))
			return;
		done = write(STDERR_FILENO, text,
			     left < PIPE_BUF ? left : PIPE_BUF);
		if (done <= 0)
			return;
		text += done;
		left -= (size_t)done;
	}
}

static void apply_one(spank_t spank, char op, const char *name,
		      const char *value)
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
		say(value);
	}
}

/*
 * A copy of a task's record, from malloc(3), with a NUL behind it: what is
 * checked must be what is applied. NULL where it is malformed.
 */
static char *checked_record(const char *reply, size_t size, uint32_t tasks,
			    uint32_t index, size_t *length)
{
	const char *from, *name, *value;
	bool bad = false;
	char *record;
	size_t at;
	char op;

	if (!find_record(reply, size, tasks, index, &at, length))
		return NULL;
	record = malloc(*length + 1);
	if (!record)
		return NULL;
	memcpy(record, reply + at, *length);
	record[*length] = '\0';
	from = record;
	while (next(&from, record + *length, &op, &name, &value, &bad))
		;
	if (!bad)
		return record;
	free(record);
	return NULL;
}

bool mp_reply_valid(const char *reply, size_t size, uint32_t tasks)
{
	uint32_t index, last = 0;
	size_t length;
	char *record;

	for (index = 0; index < tasks; index++) {
		/* tasks mostly share a record */
		if (index && word(reply, 3 + index) == last)
			continue;
		record = checked_record(reply, size, tasks, index, &length);
		if (!record)
			return false;
		free(record);
		last = word(reply, 3 + index);
	}
	return true;
}

void mp_apply(spank_t spank, const char *reply, size_t size, uint32_t tasks,
	      uint32_t index)
{
	const char *from, *name, *value;
	bool bad = false;
	size_t length;
	char *record = checked_record(reply, size, tasks, index, &length);
	char op;

	if (!record)
		return;
	from = record;
	while (next(&from, record + length, &op, &name, &value, &bad))
		apply_one(spank, op, name, value);
	free(record);
}
