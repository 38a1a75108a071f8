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
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "breaker.h"

#define FOLDER "/run/slurm-mp-policy"

/*
 * The folder, which is made with make; -1 where it is not there, or not root's. What
 * is in it is reached through this descriptor alone: a site may give jobs a /run of
 * their own, where its user could put something else in its place.
 */
static int open_folder(bool make)
{
	struct stat st;
	int fd;

	if (make && mkdir(FOLDER, 0755) && errno != EEXIST)
		return -1;
	fd = open(FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	/* slurmstepd has the user's umask, so the mode of what it makes is set */
	if (fstat(fd, &st) || st.st_uid != 0 || (make && fchmod(fd, 0755))) {
		close(fd);
		return -1;
	}
	return fd;
}

#define NAME_SIZE 32

static void name_of(char name[NAME_SIZE], uid_t uid, int number)
{
	snprintf(name, NAME_SIZE, "%u.%d", (unsigned int)uid, number);
}

/* A file of the future was made before the clock was set back: nothing is known. */
static bool recent(int folder, uid_t uid, int number)
{
	char name[NAME_SIZE];
	struct stat st;
	time_t age;

	name_of(name, uid, number);
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) ||
	    !S_ISREG(st.st_mode) || st.st_uid != 0)
		return false;
	age = time(NULL) - st.st_mtime;
	return age >= 0 && age < MP_BREAKER_PAUSE_S;
}

bool mp_breaker_open(uid_t uid)
{
	const int folder = open_folder(false);
	bool given_up;

	if (folder < 0)
		return false;
	given_up = recent(folder, uid, MP_BREAKER_LATES);
	close(folder);
	return given_up;
}

static void forget(int folder, uid_t uid)
{
	char name[NAME_SIZE];
	int i;

	for (i = 1; i <= MP_BREAKER_LATES; i++) {
		name_of(name, uid, i);
		unlinkat(folder, name, 0);
	}
}

/* Makes the next of the user's files; its number, or 0 where there is none to make. */
static int add(int folder, uid_t uid)
{
	char name[NAME_SIZE];
	int i, fd;

	for (i = 1; i <= MP_BREAKER_LATES; i++) {
		name_of(name, uid, i);
		fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			    0600);
		if (fd >= 0) {
			close(fd);
			return i;
		}
		if (errno != EEXIST)
			break;
	}
	return 0;
}

bool mp_breaker_late(uid_t uid)
{
	int folder, number;

	if (geteuid() != 0)
		return false;
	folder = open_folder(true);
	if (folder < 0)
		return false;
	if (!recent(folder, uid, 1))
		forget(folder, uid);
	number = add(folder, uid);
	close(folder);
	return number == MP_BREAKER_LATES;
}

void mp_breaker_answered(uid_t uid)
{
	const int folder = open_folder(false);
	char name[NAME_SIZE];

	if (folder < 0)
		return;
	/* the first is there whenever one is */
	name_of(name, uid, 1);
	if (!unlinkat(folder, name, 0))
		forget(folder, uid);
	close(folder);
}
