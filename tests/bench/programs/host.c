/* SPDX-License-Identifier: MIT */
/*
 * host.c - runs the engine outside of Slurm, and times it
 *
 *	host ENGINE ROOT TASKS CPUS <request
 *
 * loads the engine, makes ROOT the root directory where it is not "/" (a recorded
 * node; it takes root), and has the engine evaluate the request for so many tasks,
 * each with the CPUs from 0 on. Prints, in nanoseconds of wall and of CPU: dlopen,
 * start (Go's runtime and the packages' init), prepare, decide; then the bytes of
 * the reply, minor page faults and the largest resident size in KiB.
 */

#include <dlfcn.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "abi.h"
#include "stopwatch.h"

#define REQUEST_MAX ((size_t)64 * 1024 * 1024)
#define REPLY_SIZE ((size_t)1024 * 1024)

int main(int argc, char **argv)
{
	char text[512] = "", *request = malloc(REQUEST_MAX),
	     *reply = malloc(REPLY_SIZE), *masks;
	struct stopwatch at, load, start, prepare, decide;
	mp_prepare_fn *real_prepare;
	mp_decide_fn *real_decide;
	struct mp_task *tasks;
	uint32_t count, cpus, mask_size, i, cpu;
	struct rusage used;
	size_t size;
	long got;
	void *lib;

	if (argc != 5 || !request || !reply)
		errx(1, "usage: host ENGINE ROOT TASKS CPUS <request");
	count = (uint32_t)atoi(argv[3]);
	cpus = (uint32_t)atoi(argv[4]);
	mask_size = (cpus + 63) / 64 * 8;
	tasks = calloc(count, sizeof(*tasks));
	masks = calloc(count, mask_size);
	if (!tasks || !masks)
		err(1, "calloc");
	for (i = 0; i < count; i++) {
		tasks[i].rank = i;
		for (cpu = 0; cpu < cpus; cpu++)
			masks[i * mask_size + cpu / 8] |=
				(char)(1 << cpu % 8);
	}
	size = fread(request, 1, REQUEST_MAX, stdin);

	at = stopwatch_now();
	lib = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
	if (!lib)
		errx(1, "%s", dlerror());
	*(void **)(&real_prepare) = dlsym(lib, MP_SYM_PREPARE);
	*(void **)(&real_decide) = dlsym(lib, MP_SYM_DECIDE);
	load = stopwatch_lap(&at);
	/* an empty request is refused, once the runtime has started */
	real_prepare(request, 0, text, sizeof(text));
	start = stopwatch_lap(&at);
	if (strcmp(argv[2], "/") && (chroot(argv[2]) || chdir("/")))
		err(1, "chroot %s", argv[2]);
	*text = '\0';
	at = stopwatch_now();
	if (real_prepare(request, size, text, sizeof(text)))
		errx(1, "prepare: %s", text);
	prepare = stopwatch_lap(&at);
	got = real_decide(tasks, count, masks, mask_size, reply, REPLY_SIZE,
			  text, sizeof(text));
	decide = stopwatch_lap(&at);
	if (got < 0)
		errx(1, "decide: %s", text);
	/* a recorded node lacks some of what the engine looks for */
	if (*text && !strcmp(argv[2], "/"))
		warnx("%s", text);
	getrusage(RUSAGE_SELF, &used);
	printf("%ld %ld %ld %ld %ld %ld %ld %ld %ld %ld %ld\n", load.wall,
	       load.cpu, start.wall, start.cpu, prepare.wall, prepare.cpu,
	       decide.wall, decide.cpu, got, used.ru_minflt, used.ru_maxrss);
	return 0;
}
