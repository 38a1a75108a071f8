/* SPDX-License-Identifier: MIT */
/*
 * timedshim.c - the shim, with its callbacks timed
 *
 * slurmd's log gets "mp-bench: user_init WALL CPU posts WALL CPU last WALL CPU",
 * of which posts are all task_post_fork except the last one. It is compiled so that the shim's
 * line about the wait and the evaluator's CPU appears, too. Each
 * task's stderr gets "mp-bench: task_init WALL CPU". All in nanoseconds.
 */

#include <stdio.h>
#include <unistd.h>

#include <slurm/slurm.h>
#include <slurm/spank.h>

#include "stopwatch.h"

#define slurm_spank_user_init shim_user_init
#define slurm_spank_task_post_fork shim_task_post_fork
#define slurm_spank_task_init shim_task_init
int shim_user_init(spank_t spank, int argc, char **argv);
int shim_task_post_fork(spank_t spank, int argc, char **argv);
int shim_task_init(spank_t spank, int argc, char **argv);
#include "mp_policy.c"
#undef slurm_spank_user_init
#undef slurm_spank_task_post_fork
#undef slurm_spank_task_init

static struct stopwatch user_init, posts;

/* A callback of one thread: the others of slurmstepd do not count. */
static struct stopwatch thread_now(void)
{
	return (struct stopwatch){ clock_ns(CLOCK_MONOTONIC),
				   clock_ns(CLOCK_THREAD_CPUTIME_ID) };
}

static struct stopwatch thread_since(struct stopwatch start)
{
	const struct stopwatch now = thread_now();

	return (struct stopwatch){ now.wall - start.wall, now.cpu - start.cpu };
}

int slurm_spank_user_init(spank_t spank, int argc, char **argv)
{
	const struct stopwatch start = thread_now();

	shim_user_init(spank, argc, argv);
	user_init = thread_since(start);
	return ESPANK_SUCCESS;
}

int slurm_spank_task_post_fork(spank_t spank, int argc, char **argv)
{
	const struct stopwatch start = thread_now();
	struct stopwatch lap;

	shim_task_post_fork(spank, argc, argv);
	lap = thread_since(start);
	if (evaluator) {
		posts.wall += lap.wall;
		posts.cpu += lap.cpu;
		return ESPANK_SUCCESS;
	}
	slurm_info("mp-bench: user_init %ld %ld posts %ld %ld last %ld %ld",
		   user_init.wall, user_init.cpu, posts.wall, posts.cpu,
		   lap.wall, lap.cpu);
	return ESPANK_SUCCESS;
}

int slurm_spank_task_init(spank_t spank, int argc, char **argv)
{
	const struct stopwatch start = thread_now();
	struct stopwatch lap;

	shim_task_init(spank, argc, argv);
	lap = thread_since(start);
	dprintf(STDERR_FILENO, "mp-bench: task_init %ld %ld\n", lap.wall,
		lap.cpu);
	return ESPANK_SUCCESS;
}
