/* SPDX-License-Identifier: MIT */
/* confine.c - bounds what the evaluator can use and reach */

#include <stddef.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "confine.h"
#include "process.h"

/* A last bound on its life, should everything else fail, in seconds. */
#define LIFE_S 90
/* CPU seconds; one evaluation needs a few milliseconds. */
#define CPU_S 2
/* Bytes of private memory; one evaluation needs a few MiB, a sanitizer more. */
#ifndef MP_DATA_BYTES
#define MP_DATA_BYTES ((rlim_t)1 << 30)
#endif

static void limit(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit now, want;

	if (getrlimit((__rlimit_resource_t)resource, &now))
		return;
	want.rlim_cur = soft < now.rlim_max ? soft : now.rlim_max;
	want.rlim_max = hard < now.rlim_max ? hard : now.rlim_max;
	setrlimit((__rlimit_resource_t)resource, &want);
}

void mp_confine(void)
{
	const struct itimerval life = { { 0, 0 }, { LIFE_S, 0 } };

	mp_reset_signals();
	limit(RLIMIT_CORE, 0, 0);
	limit(RLIMIT_CPU, CPU_S, CPU_S + 1);
	limit(RLIMIT_DATA, MP_DATA_BYTES, MP_DATA_BYTES);
	limit(RLIMIT_FSIZE, 0, 0);
	setitimer(ITIMER_REAL, &life, NULL);
	mp_close_descriptors(0);
}
