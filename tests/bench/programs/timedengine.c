/* SPDX-License-Identifier: MIT */
/*
 * timedengine.c - an engine that times the real one, which -DREAL names
 *
 * Its line for slurmd's log is "mp-bench: evaluator" and, in nanoseconds of wall
 * and of CPU: dlopen, start (Go's runtime and the packages' init), prepare, wait
 * (for the tasks), decide; and the CPU before, since the fork.
 */

#include <dlfcn.h>
#include <stdio.h>

#include "abi.h"
#include "stopwatch.h"

extern const unsigned int mp_policy_abi;
const unsigned int mp_policy_abi = MP_ABI;

mp_prepare_fn mp_policy_prepare;
mp_decide_fn mp_policy_decide;

static mp_decide_fn *real_decide;
static struct stopwatch at, load, start, prepare;
static long before;

long mp_policy_prepare(char *request, size_t size, char *text, size_t text_size)
{
	mp_prepare_fn *real_prepare;
	void *lib;
	long result;

	at = stopwatch_now();
	before = at.cpu;
	lib = dlopen(REAL, RTLD_NOW | RTLD_LOCAL);
	if (!lib) {
		snprintf(text, text_size, "%s", dlerror());
		return -1;
	}
	*(void **)(&real_prepare) = dlsym(lib, MP_SYM_PREPARE);
	*(void **)(&real_decide) = dlsym(lib, MP_SYM_DECIDE);
	load = stopwatch_lap(&at);
	/* an empty request is refused, once the runtime has started */
	real_prepare(request, 0, text, text_size);
	*text = '\0';
	start = stopwatch_lap(&at);
	result = real_prepare(request, size, text, text_size);
	prepare = stopwatch_lap(&at);
	return result;
}

long mp_policy_decide(struct mp_task *tasks, uint32_t count, char *masks,
		      uint32_t mask_size, char *reply, size_t reply_size,
		      char *text, size_t text_size)
{
	const struct stopwatch wait = stopwatch_lap(&at);
	struct stopwatch decide;
	long result = real_decide(tasks, count, masks, mask_size, reply,
				  reply_size, text, text_size);

	decide = stopwatch_lap(&at);
	if (result >= 0)
		snprintf(text, text_size,
			 "mp-bench: evaluator %ld %ld %ld %ld %ld %ld %ld %ld %ld %ld %ld",
			 load.wall, load.cpu, start.wall, start.cpu,
			 prepare.wall, prepare.cpu, wait.wall, wait.cpu,
			 decide.wall, decide.cpu, before);
	return result;
}
