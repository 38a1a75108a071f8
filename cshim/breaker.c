/* SPDX-License-Identifier: MIT */
/*
 * breaker.c - gives evaluations up for a while where they are late again and again
 *
 * Each late evaluation of a user's makes one empty file, UID.1, UID.2, UID.3: made
 * with O_EXCL, they count also where steps start at once, and no limit of a file's
 * size (RLIMIT_FSIZE, whose signal would end slurmstepd) is met. An answer removes
 * them, and so does a late one where the first is old.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "breaker.h"

#define FOLDER "/run/slurm-mp-policy"

static void name_of(char path[PATH_MAX], uid_t uid, int number)
{
	snprintf(path, PATH_MAX, FOLDER "/%u.%d", (unsigned int)uid, number);
}

/* A file of the future was made before the clock was set back: nothing is known. */
static bool recent(const char *path)
{
	struct stat st;
	time_t age;

	if (lstat(path, &st) || !S_ISREG(st.st_mode) || st.st_uid != 0)
		return false;
	age = time(NULL) - st.st_mtime;
	return age >= 0 && age < MP_BREAKER_PAUSE_S;
}

bool mp_breaker_open(uid_t uid)
{
	char path[PATH_MAX];

	name_of(path, uid, MP_BREAKER_LATES);
	return recent(path);
}

/* slurmstepd has the user's umask, so the mode of what it makes is set. */
static bool make_folder(void)
{
	struct stat st;
	bool good;
	int fd;

	if (mkdir(FOLDER, 0755) && errno != EEXIST)
		return false;
	fd = open(FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return false;
	good = !fstat(fd, &st) && st.st_uid == 0 && !fchmod(fd, 0755);
	close(fd);
	return good;
}

static void forget(uid_t uid)
{
	char path[PATH_MAX];
	int i;

	for (i = 1; i <= MP_BREAKER_LATES; i++) {
		name_of(path, uid, i);
		unlink(path);
	}
}

bool mp_breaker_late(uid_t uid)
{
	char path[PATH_MAX];
	int i, fd;

	if (geteuid() != 0 || !make_folder())
		return false;
	name_of(path, uid, 1);
	if (!recent(path))
		forget(uid);
	for (i = 1; i <= MP_BREAKER_LATES; i++) {
		name_of(path, uid, i);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd >= 0) {
			close(fd);
			return i == MP_BREAKER_LATES;
		}
		if (errno != EEXIST)
			return false;
	}
	return false;
}

void mp_breaker_answered(uid_t uid)
{
	char path[PATH_MAX];

	/* the first is there whenever one is */
	name_of(path, uid, 1);
	if (!unlink(path))
		forget(uid);
}
