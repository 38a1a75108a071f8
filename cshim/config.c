/* SPDX-License-Identifier: MIT */
/* config.c - the words of the plugin's line in plugstack.conf */

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <slurm/spank.h>

#include "config.h"
#include "number.h"

enum kind { KIND_PATH, KIND_NUMBER, KIND_CHOICE };

struct word {
	const char *name;
	enum kind kind;
	size_t offset;	      /* of its field in struct mp_config */
	const char *standard; /* the value if the line has none */
	const char *values;   /* of a choice */
	unsigned long most;   /* of a number */
	const char *form;
};

#define PATH(name, field, standard)                                        \
	{ name, KIND_PATH, offsetof(struct mp_config, field), standard, "", 0, \
	  MP_PATH_FORM(name) },
#define NUMBER(name, field, standard, unit, most)                      \
	{ name, KIND_NUMBER, offsetof(struct mp_config, field), #standard, \
	  "", most, MP_NUMBER_FORM(name, unit, most) },
#define CHOICE(name, field, standard, values)                                  \
	{ name, KIND_CHOICE, offsetof(struct mp_config, field), standard, values, \
	  0, MP_CHOICE_FORM(name, values) },

static const struct word words[] = { MP_CONFIG_WORDS(PATH, NUMBER, CHOICE) };

#define WORDS (sizeof(words) / sizeof(words[0]))

/* The forms of all words, each behind a comma. */
#define PATH_TEXT(name, field, standard) ", " MP_PATH_FORM(name)
#define NUMBER_TEXT(name, field, standard, unit, most) \
	", " MP_NUMBER_FORM(name, unit, most)
#define CHOICE_TEXT(name, field, standard, values) \
	", " MP_CHOICE_FORM(name, values)

static const char all_forms[] =
	MP_CONFIG_WORDS(PATH_TEXT, NUMBER_TEXT, CHOICE_TEXT);

static bool choice(char *to, const char *value, const char *values)
{
	const size_t size = strlen(value);
	size_t length;

	for (;; values += length + 1) {
		length = strcspn(values, "|");
		if (length == size && !strncmp(values, value, size))
			break;
		if (!values[length])
			return false;
	}
	snprintf(to, MP_CHOICE_MAX, "%s", value);
	return true;
}

/* Returns whether the value is allowed. If so, the word's field gets it. */
static bool take(struct mp_config *config, const struct word *word,
		 const char *value)
{
	char *to = (char *)config + word->offset;
	unsigned long n;

	if (word->kind == KIND_CHOICE)
		return choice(to, value, word->values);
	if (word->kind == KIND_NUMBER) {
		if (!mp_number(value, word->most, &n))
			return false;
		*(unsigned int *)(void *)to = (unsigned int)n;
		return true;
	}
	if (value[0] != '/' || strlen(value) >= PATH_MAX)
		return false;
	snprintf(to, PATH_MAX, "%s", value);
	return true;
}

static const struct word *find(const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < WORDS; i++)
		if (strlen(words[i].name) == size &&
		    !strncmp(words[i].name, text, size))
			return &words[i];
	return NULL;
}

void mp_config_parse(struct mp_config *config, int argc, char **argv,
		     bool administrator)
{
	const struct word *word;
	size_t size;
	int i;

	memset(config, 0, sizeof(*config));
	for (word = words; word < words + WORDS; word++)
		take(config, word, word->standard);
	for (i = 0; i < argc; i++) {
		size = strcspn(argv[i], "=");
		word = find(argv[i], size);
		if (!(word && argv[i][size] &&
		      take(config, word, argv[i] + size + 1)) &&
		    administrator)
			slurm_info("mp-policy: plugstack.conf: \"%s\" is ignored; allowed: %s",
				   argv[i], word ? word->form : all_forms + 2);
	}
}
