/* SPDX-License-Identifier: MIT */
/*
 * check.c - runs the shim's readers outside of Slurm
 *
 *	check words             each line of stdin: "good", or what is wrong
 *	check reply TASKS FILE  what each task would be given, or "malformed"
 *	check mutate TASKS FILE RUNS SEED
 *	                        the same on damaged copies; the sanitizers speak
 *
 * The variable that REFUSE names cannot be set.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <slurm/spank.h>

#include "apply.h"
#include "say.h"
#include "step_env.h"
#include "words.h"

static bool quiet;

void slurm_info(const char *format, ...)
{
	(void)format;
}

spank_err_t spank_setenv(spank_t spank, const char *name, const char *value,
			 int overwrite)
{
	const char *refused = getenv("REFUSE");

	(void)spank;
	if (refused && !strcmp(refused, name))
		return ESPANK_ERROR;
	if (!quiet)
		printf("%s %s=%s\n", overwrite ? "replace" : "set", name, value);
	return ESPANK_SUCCESS;
}

spank_err_t spank_unsetenv(spank_t spank, const char *name)
{
	(void)spank;
	if (!quiet)
		printf("unset %s\n", name);
	return ESPANK_SUCCESS;
}

void mp_say(const char *text)
{
	if (!quiet)
		fputs(text, stderr);
}

static int words(void)
{
	char line[4096], why[512];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		puts(mp_words_check(line, why, sizeof(why)) ? "good" : why);
	}
	return 0;
}

/* In memory of exactly the reply's size, so that a byte beyond it is seen. */
static void reply(const char *data, size_t size, uint32_t tasks)
{
	char *copy = malloc(size ? size : 1);
	uint32_t i;

	memcpy(copy, data, size);
	if (!mp_reply_valid(copy, size, tasks)) {
		if (!quiet)
			puts("malformed");
	}
	for (i = 0; i < tasks; i++) {
		if (!quiet)
			printf("task %u\n", i);
		mp_apply(NULL, copy, size, tasks, i, !quiet);
	}
	free(copy);
}

static void mutate(char *data, size_t size, uint32_t tasks, long runs)
{
	static const unsigned char odd[] = { 0, 1, 0x7f, 0x80, 0xff, '+', '-' };
	char *copy = malloc(size);
	size_t cut;
	int changes;

	for (quiet = true; runs-- > 0;) {
		memcpy(copy, data, size);
		for (changes = 1 + rand() % 4; changes--;)
			copy[(size_t)rand() % size] =
				(char)odd[(size_t)rand() % sizeof(odd)];
		cut = rand() % 3 ? size : (size_t)rand() % (size + 1);
		reply(copy, cut, tasks + (rand() % 50 == 0));
	}
	free(copy);
}

int main(int argc, char **argv)
{
	static char data[1 << 20];
	size_t size;
	FILE *f;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc == 2 && !strcmp(argv[1], "words"))
		return words();
	if (argc < 4 || !(f = fopen(argv[3], "r")))
		return 2;
	size = fread(data, 1, sizeof(data), f);
	fclose(f);
	if (argc == 6) {
		srand((unsigned int)atoi(argv[5]));
		mutate(data, size, (uint32_t)atoi(argv[2]), atol(argv[4]));
	} else {
		reply(data, size, (uint32_t)atoi(argv[2]));
	}
	return 0;
}
