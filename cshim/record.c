/* SPDX-License-Identifier: MIT */
/* record.c - takes back what an outer step has set */

#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "record.h"

/* One variable that an outer step has changed. */
struct word {
	const char *name;   /* first, for mp_env_find */
	const char *value;  /* NULL: it was removed */
	const char *old;    /* NULL: there was none */
	const char *actual; /* NULL: there is none */
};

static bool escaped(unsigned char c)
{
	return c <= ' ' || c == 0x7f || c == '%' || c == '<';
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* In place; false for what policy/applied.go does not write. */
static bool unescape(char *text)
{
	char *to = text;
	int high, low, c;

	for (; *text; text++) {
		c = (unsigned char)*text;
		if (c == '%') {
			high = digit(text[1]);
			low = high < 0 ? -1 : digit(text[2]);
			if (low < 0)
				return false;
			c = high * 16 + low;
			if (!c || !escaped((unsigned char)c))
				return false;
			text += 2;
		} else if (escaped((unsigned char)c)) {
			return false;
		}
		*to++ = (char)c;
	}
	*to = '\0';
	return true;
}

/* Ends the text at the first of these characters; what is behind it, or NULL. */
static char *cut(char *text, char at)
{
	char *found = strchr(text, at);

	if (found)
		*found++ = '\0';
	return found;
}

static bool read_word(char *text, struct word *word)
{
	char *old = cut(text, '<'), *value = cut(text, '=');

	*word = (struct word){ .name = text, .value = value, .old = old };
	return mp_env_is_name(text) && strcmp(text, MP_APPLIED_NAME) &&
	       (value || old) && (!value || unescape(value)) &&
	       (!old || unescape(old));
}

/* The first of a name counts; these all point into one text, in its order. */
static size_t drop_repeated(struct word *words, size_t count)
{
	size_t i, kept = 0;

	for (i = 0; i < count; i++) {
		if (!kept || strcmp(words[kept - 1].name, words[i].name))
			words[kept++] = words[i];
		else if (words[i].name < words[kept - 1].name)
			words[kept - 1] = words[i];
	}
	return kept;
}

static size_t read_words(char *text, struct word *words)
{
	size_t count = 0;
	char *next;

	for (; text && count < MP_RECORD_WORDS; text = next) {
		next = cut(text, ' ');
		if (read_word(text, &words[count]))
			count++;
	}
	mp_env_sort(words, count, sizeof(*words));
	return drop_repeated(words, count);
}

/* The first of a name's entries counts, as for getenv(3). */
static void find_actual(char **env, struct word *words, size_t count)
{
	struct word *word;

	for (; *env; env++) {
		word = mp_env_find(*env, words, count, sizeof(*words));
		if (word && !word->actual)
			word->actual = *env + strlen(word->name) + 1;
	}
}

/* Whether the variable is as the outer step has left it; else it is the user's. */
static bool is_ours(const struct word *word)
{
	if (!word->value || !word->actual)
		return !word->value && !word->actual;
	return !strcmp(word->value, word->actual);
}

static void add(struct mp_undo *undo, char op, const char *name,
		const char *value)
{
	undo->change[undo->count++] =
		(struct mp_change){ .name = name, .value = value, .op = op };
}

static void take_back(struct mp_undo *undo, const struct word *word)
{
	if (!is_ours(word))
		return;
	if (!word->old)
		add(undo, MP_OP_UNSET, word->name, "");
	else if (!word->actual)
		add(undo, MP_OP_BACK, word->name, word->old);
	else if (strcmp(word->actual, word->old))
		add(undo, MP_OP_BACK_REPLACE, word->name, word->old);
}

struct mp_undo *mp_record_read(char **env)
{
	const char *record = mp_env_value(env, MP_APPLIED_NAME);
	struct mp_undo *undo;
	struct word *words;
	size_t size, count, i;

	if (!record)
		return NULL;
	size = strlen(record) + 1;
	undo = malloc(sizeof(*undo) + size);
	words = malloc(MP_RECORD_WORDS * sizeof(*words));
	if (undo && words) {
		undo->count = 0;
		memcpy(undo->text, record, size);
		count = read_words(undo->text, words);
		find_actual(env, words, count);
		for (i = 0; i < count; i++)
			take_back(undo, &words[i]);
		add(undo, MP_OP_UNSET, MP_APPLIED_NAME, "");
	} else {
		free(undo);
		undo = NULL;
	}
	free(words);
	return undo;
}

enum mp_applied mp_record_undo(spank_t spank)
{
	enum mp_applied done;
	struct mp_undo *undo;
	char **env = NULL;

	if (spank_get_item(spank, S_JOB_ENV, &env) ||
	    !mp_env_value(env, MP_APPLIED_NAME))
		return MP_APPLIED;
	undo = mp_record_read(env);
	if (!undo)
		return MP_NOT_APPLIED;
	done = mp_env_change(spank, undo->change, undo->count);
	free(undo);
	return done;
}
