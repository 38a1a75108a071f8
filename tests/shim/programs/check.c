/* SPDX-License-Identifier: MIT */
/*
 * check.c - runs the shim's readers outside of Slurm
 *
 *	check words             each line of stdin: "good" or "bad"
 *	check reply TASKS FILE  what each task would be given, or "malformed"
 *	check mutate TASKS FILE RUNS SEED
 *	                        the same on damaged copies; the sanitizers speak
 *	check tell RUNS         a request, while an evaluator writes over it
 *	check surroundings      that each part of them is compared
 */

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <slurm/spank.h>

#include "apply.h"
#include "step.h"
#include "surroundings.h"
#include "words.h"

static bool quiet;

void slurm_info(const char *format, ...)
{
	(void)format;
}

spank_err_t spank_setenv(spank_t spank, const char *name, const char *value,
			 int overwrite)
{
	(void)spank;
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

static int words(void)
{
	char line[4096], why[512];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		puts(mp_words_check(line, why, sizeof(why)) ? "good" : "bad");
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

/* The request ends where the memory does, so that a byte beyond it is seen. */
static int tell(long runs)
{
	static const struct mp_config config;
	const struct mp_step step = { .config = &config, .option = "", .kind = "step" };
	const size_t room = 8192, size = 2 * room;
	char *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	size_t first;
	pid_t pid;

	if (map == MAP_FAILED || mprotect(map + room, room, PROT_NONE))
		return 2;
	first = mp_step_tell(&step, map, room);
	if (!first || mp_step_tell(&step, map + room - first, first) != first ||
	    mp_step_tell(&step, map + room - first + 1, first - 1))
		return 3;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		for (;;)
			memset(map, 'x', room);
	}
	while (runs-- > 0 && mp_step_tell(&step, map, room) == first)
		;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return runs < 0 ? 0 : 4;
}

static int surroundings(void)
{
	struct mp_surroundings now, other[5];
	int i;

	if (!mp_surroundings_read(&now) || !mp_surroundings_same(&now, &now))
		return 2;
	for (i = 0; i < 5; i++)
		other[i] = now;
	other[0].mounts_device++;
	other[1].mounts++;
	other[2].root_device++;
	other[3].root++;
	other[4].keyring++;
	for (i = 0; i < 5; i++)
		if (mp_surroundings_same(&now, &other[i]))
			return 3 + i;
	return 0;
}

int main(int argc, char **argv)
{
	static char data[1 << 20];
	size_t size;
	FILE *f;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc == 2 && !strcmp(argv[1], "words"))
		return words();
	if (argc == 2 && !strcmp(argv[1], "surroundings"))
		return surroundings();
	if (argc == 3 && !strcmp(argv[1], "tell"))
		return tell(atol(argv[2]));
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
