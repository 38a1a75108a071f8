/* SPDX-License-Identifier: MIT */
/* stopwatch.h - wall and CPU time of one stretch of a program */
#ifndef MP_BENCH_STOPWATCH_H
#define MP_BENCH_STOPWATCH_H

#include <sys/resource.h>
#include <time.h>

/* Nanoseconds; cpu is the whole process's, its other threads included. */
struct stopwatch {
	long wall, cpu;
};

static inline long clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000L + now.tv_nsec;
}

/*
 * CLOCK_PROCESS_CPUTIME_ID stands still between two ticks of the kernel where the
 * process has a RLIMIT_CPU, as the evaluator has (timers_active in the kernel's
 * kernel/time/posix-cpu-timers.c); getrusage(2) does not.
 */
static inline long process_cpu_ns(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000000L +
	       (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000L;
}

static inline struct stopwatch stopwatch_now(void)
{
	return (struct stopwatch){ clock_ns(CLOCK_MONOTONIC),
				   process_cpu_ns() };
}

/* The time since *last, which is set to now. */
static inline struct stopwatch stopwatch_lap(struct stopwatch *last)
{
	const struct stopwatch now = stopwatch_now();
	const struct stopwatch lap = { now.wall - last->wall,
				       now.cpu - last->cpu };

	*last = now;
	return lap;
}

#endif
