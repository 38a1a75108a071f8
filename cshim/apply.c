/* SPDX-License-Identifier: MIT */
/* apply.c - carries the engine's reply into one task's environment */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "apply.h"
#include "record.h"
#include "say.h"

/*
 * Changes of one task: each word of an outer step's record may be taken back and each
 * of this step's be set, and the record itself.
 */
#define CHANGES_MAX ((size_t)2 * MP_RECORD_WORDS + 1)

static uint32_t word(const char *reply, size_t at)
{
	uint32_t value;

	memcpy(&value, reply + at * sizeof(value), sizeof(value));
	return value;
}

/* Reads the tables at the reply's head. Returns false if they are wrong. */
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
 * Returns a copy of a record, from malloc(3), with a NUL behind it. It is copied because the
 * bytes that are checked must be those that are applied. Returns NULL if the tables are wrong.
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
	if (from > to || to > size - start)
		return NULL;
	*length = to - from;
	copy = malloc(*length + 1);
	if (!copy)
		return NULL;
	memcpy(copy, reply + start + from, *length);
	copy[*length] = '\0';
	return copy;
}

/*
 * Reads the next setting of a record. Returns false at the record's end, and also if the
 * record is malformed: then *bad is set. *end is the NUL behind the record.
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
		*bad = !mp_env_is_name(*name) || !**value;
	else if (*op == MP_OP_BACK || *op == MP_OP_BACK_REPLACE)
		*bad = !mp_env_is_name(*name);
	else if (*op == MP_OP_UNSET)
		*bad = !mp_env_is_name(*name) || **value;
	return !*bad;
}

/* Counts the changes of a record; false if it is malformed, or has too many. */
static bool well_formed(const char *record, size_t length, size_t *count)
{
	const char *from = record, *name, *value;
	bool bad = false;
	char op;

	for (*count = 0; next(&from, record + length, &op, &name, &value, &bad);)
		*count += op != MP_OP_SAY;
	return !bad && *count <= CHANGES_MAX;
}

bool mp_reply_valid(const char *reply, size_t size, uint32_t tasks)
{
	uint32_t records, i;
	size_t start, length, count;
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
		good = well_formed(record, length, &count);
		free(record);
		if (!good)
			return false;
	}
	return true;
}

static enum mp_applied apply_record(spank_t spank, const char *record,
				    size_t length, size_t count, bool aloud)
{
	struct mp_change *changes = calloc(count + 1, sizeof(*changes));
	const char *from = record, *name, *value;
	enum mp_applied done;
	bool bad = false;
	size_t n = 0;
	char op;

	if (!changes)
		return MP_NOT_APPLIED;
	while (next(&from, record + length, &op, &name, &value, &bad))
		if (op != MP_OP_SAY)
			changes[n++] = (struct mp_change){ .name = name,
							   .value = value,
							   .op = op };
	done = mp_env_change(spank, changes, n);
	free(changes);
	/* the lines are about what was changed */
	for (from = record; done == MP_APPLIED && aloud &&
			    next(&from, record + length, &op, &name, &value, &bad);)
		if (op == MP_OP_SAY)
			mp_say(value);
	return done;
}

enum mp_applied mp_apply(spank_t spank, const char *reply, size_t size,
			 uint32_t tasks, uint32_t index, bool aloud)
{
	enum mp_applied done = MP_NOT_APPLIED;
	size_t start, length, count;
	uint32_t records;
	char *record;

	if (index >= tasks || !tables(reply, size, tasks, &records, &start))
		return MP_NOT_APPLIED;
	record = copy_record(reply, size, tasks, word(reply, 3 + (size_t)index),
			     &length);
	if (!record)
		return MP_NOT_APPLIED;
	if (well_formed(record, length, &count))
		done = apply_record(spank, record, length, count, aloud);
	free(record);
	return done;
}
