/* SPDX-License-Identifier: MIT */
/* surroundings.h - what a process takes along when it is forked, beside its memory */
#ifndef MP_POLICY_SURROUNDINGS_H
#define MP_POLICY_SURROUNDINGS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Which files a path leads to, and with what a file server is asked for them: the mount
 * namespace, the root folder and the session keyring (keyrings(7)), where AFS and
 * Kerberos keep a user's tokens.
 */
struct mp_surroundings {
	dev_t mounts_device, root_device;
	ino_t mounts, root;
	long keyring; /* serial number, -1: none, or not known */
};

/* Reads this thread's; false where they are not known. It changes none of them. */
bool mp_surroundings_read(struct mp_surroundings *now);
bool mp_surroundings_same(const struct mp_surroundings *a,
			  const struct mp_surroundings *b);

#endif
