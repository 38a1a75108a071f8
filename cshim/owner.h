/* SPDX-License-Identifier: MIT */
/*
 * owner.h - a word of shared memory that names a process and shows when it has ended
 *
 * The word is a robust futex: the kernel notes in it the end of the process, however it ends
 * (set_robust_list(2)). That needs no parent: a process that is init's child may be reaped
 * late, or never.
 */
#ifndef MP_POLICY_OWNER_H
#define MP_POLICY_OWNER_H

#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* Makes this process the owner; it can own one word. */
static inline void mp_owner_set(_Atomic uint32_t *word)
{
	static struct robust_list entry;
	static struct robust_list_head head;

	/* the kernel finds the futex at this distance from the list's entry */
	head.futex_offset = (char *)word - (char *)&entry;
	entry.next = &head.list;
	head.list.next = &entry;
	atomic_store(word, (uint32_t)getpid());
	syscall(SYS_set_robust_list, &head, sizeof(head));
}

/* Whether the owner has ended; false if there was none yet. */
static inline bool mp_owner_ended(_Atomic uint32_t *word)
{
	return atomic_load(word) & FUTEX_OWNER_DIED;
}

/* The owner's pid as the owner numbers itself, 0 if there is none yet or it has ended. */
static inline pid_t mp_owner_pid(_Atomic uint32_t *word)
{
	const uint32_t owner = atomic_load(word);

	return owner & FUTEX_OWNER_DIED ? 0 : (pid_t)(owner & FUTEX_TID_MASK);
}

#endif
