/* SPDX-License-Identifier: MIT */
/* surroundings.c - what a process takes along when it is forked, beside its memory */

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "surroundings.h"

/*
 * request_key(2) finds a session keyring of a process's own by its name, and does
 * nothing where there is none. keyctl(2) would give the process one to name it.
 */
static long session_keyring(void)
{
	return syscall(SYS_request_key, "keyring", "_ses", NULL, 0);
}

bool mp_surroundings_read(struct mp_surroundings *now)
{
	struct stat mounts, root;

	if (stat("/proc/thread-self/ns/mnt", &mounts) || stat("/", &root))
		return false;
	now->mounts_device = mounts.st_dev;
	now->mounts = mounts.st_ino;
	now->root_device = root.st_dev;
	now->root = root.st_ino;
	now->keyring = session_keyring();
	return true;
}

bool mp_surroundings_same(const struct mp_surroundings *a,
			  const struct mp_surroundings *b)
{
	return a->mounts_device == b->mounts_device && a->mounts == b->mounts &&
	       a->root_device == b->root_device && a->root == b->root &&
	       a->keyring == b->keyring;
}
