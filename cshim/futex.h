/* SPDX-License-Identifier: MIT */
/* futex.h - waiting for another process on a word of shared memory (futex(2)) */
#ifndef MP_POLICY_FUTEX_H
#define MP_POLICY_FUTEX_H

#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Not FUTEX_PRIVATE_FLAG: the two sides are different processes. */
static inline void mp_futex_wake(_Atomic uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

/* Waits while the word is seen, for so many nanoseconds of less than a second. */
static inline void mp_futex_wait(_Atomic uint32_t *word, uint32_t seen, long ns)
{
	const struct timespec limit = { 0, ns };

	syscall(SYS_futex, word, FUTEX_WAIT, seen, &limit, NULL, 0);
}

#endif
