/* SPDX-License-Identifier: MIT */
/* elapsed.h - how long something has taken, whatever the clock on the wall does */
#ifndef MP_POLICY_ELAPSED_H
#define MP_POLICY_ELAPSED_H

#include <time.h>

/* Nanoseconds since start, which clock_gettime(CLOCK_MONOTONIC) gave. */
static inline long mp_elapsed_ns(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000000000L + now.tv_nsec -
	       start->tv_nsec;
}

#endif
