/* SPDX-License-Identifier: MIT */
/* words.c - the words of plugstack.conf's line and of the options */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <slurm/spank.h>

#include "words.h"

#ifndef MP_ENGINE_PATH
#error "MP_ENGINE_PATH: the build must say where the engine is installed"
#endif

#define POLICY_PATH "/etc/slurm/mp_policy.conf"
#define DEADLINE_DEFAULT 500u
#define DEADLINE_MAX 10000u
#define WORKERS_MAX 65536ul

static bool path_word(char *to, const char *value)
{
	if (value[0] != '/' || strlen(value) >= PATH_MAX)
		return false;
	snprintf(to, PATH_MAX, "%s", value);
	return true;
}

static bool number(const char *text, unsigned long most, unsigned long *to)
{
	char *end;

	/* strtoul would take a sign or leading blanks */
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*to = strtoul(text, &end, 10);
	return !errno && !*end && *to >= 1 && *to <= most;
}

static bool choice(bool *to, const char *value, const char *yes, const char *no)
{
	if (strcmp(value, yes) && strcmp(value, no))
		return false;
	*to = !strcmp(value, yes);
	return true;
}

/*
 * NULL: the word was taken; else what is allowed. "root=", the directory of a
 * recorded node, is a word of the tests' build alone.
 */
static const char *config_word(struct mp_config *config, const char *word)
{
	const char *value = strchr(word, '=');
	size_t name;
	unsigned long n;

	if (!value)
		return "NAME=VALUE";
	name = (size_t)(value++ - word);

	if (name == 3 && !strncmp(word, "lib", name))
		return path_word(config->lib, value) ? NULL : "an absolute path";
	if (name == 6 && !strncmp(word, "config", name))
		return path_word(config->config, value) ? NULL
							: "an absolute path";
	if (name == 8 && !strncmp(word, "deadline", name)) {
		if (!number(value, DEADLINE_MAX, &n))
			return "milliseconds from 1 to 10000";
		config->deadline = (unsigned int)n;
		return NULL;
	}
	if (name == 7 && !strncmp(word, "default", name))
		return choice(&config->on, value, "on", "off") ? NULL
							       : "on or off";
	if (name == 5 && !strncmp(word, "hints", name))
		return choice(&config->hints, value, "on", "off") ? NULL
								  : "on or off";
	if (name == 8 && !strncmp(word, "affinity", name)) {
		if (strcmp(value, "fix") && strcmp(value, "hint") &&
		    strcmp(value, "off"))
			return "fix, hint or off";
		snprintf(config->affinity, sizeof(config->affinity), "%s",
			 value);
		return NULL;
	}
#ifdef MP_TEST_WORDS
	if (name == 4 && !strncmp(word, "root", name))
		return path_word(config->root, value) ? NULL : "an absolute path";
#endif
	return "lib=, config=, deadline=, default=, affinity= or hints=";
}

void mp_config_parse(struct mp_config *config, int argc, char **argv,
		     bool administrator)
{
	const char *allowed;
	int i;

	snprintf(config->lib, sizeof(config->lib), "%s", MP_ENGINE_PATH);
	snprintf(config->config, sizeof(config->config), "%s", POLICY_PATH);
	snprintf(config->affinity, sizeof(config->affinity), "fix");
	config->deadline = DEADLINE_DEFAULT;
	config->on = true;
	config->hints = true;

	for (i = 0; i < argc; i++) {
		allowed = config_word(config, argv[i]);
		if (allowed && administrator)
			slurm_info("mp-policy: plugstack.conf: \"%s\" is ignored; allowed: %s",
				   argv[i], allowed);
	}
}

static bool is_word(const char *word, size_t size, const char *name)
{
	return size == strlen(name) && !strncmp(word, name, size);
}

bool mp_words_have(const char *words, const char *name)
{
	size_t size;

	for (;; words += size + 1) {
		size = strcspn(words, ",");
		if (is_word(words, size, name))
			return true;
		if (!words[size])
			return false;
	}
}

static bool workers(const char *word, size_t size)
{
	char text[16];
	unsigned long n;

	if (size <= 8 || strncmp(word, "workers=", 8) ||
	    size - 8 >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)(size - 8), word + 8);
	return number(text, WORKERS_MAX, &n);
}

#define ALLOWED                                                            \
	"allowed, separated by commas: auto, off, on, multiprocessing, mpi, " \
	"workers=N (1 to 65536), explain"

bool mp_words_check(const char *words, char *why, size_t size)
{
	static const char *const names[] = { "auto", "off", "on",
					     "multiprocessing", "mpi",
					     "explain" };
	const char *word = words;
	bool off = false, wanted = false;
	size_t len, i;

	if (strlen(words) >= MP_WORDS_MAX) {
		snprintf(why, size, "longer than %d bytes; " ALLOWED,
			 MP_WORDS_MAX - 1);
		return false;
	}
	for (;; word += len + 1) {
		len = strcspn(word, ",");
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (is_word(word, len, names[i]))
				break;
		if (i == sizeof(names) / sizeof(names[0]) &&
		    !workers(word, len)) {
			snprintf(why, size, "\"%.*s\" is not a word of it; "
				 ALLOWED, (int)len, word);
			return false;
		}
		if (is_word(word, len, "off"))
			off = true;
		else if (!is_word(word, len, "explain"))
			wanted = true;
		if (!word[len])
			break;
	}
	if (off && wanted) {
		snprintf(why, size, "\"off\" stands alone or with \"explain\"; "
			 ALLOWED);
		return false;
	}
	return true;
}
