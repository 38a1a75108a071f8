/* SPDX-License-Identifier: MIT */
/*
 * breaker.c - stops evaluations for a while if they are late again and again
 *
 * Each late evaluation of a user's makes one empty file: UID.1, UID.2, UID.3. They are made
 * with O_EXCL, so they count also if steps start at once. They are empty, so no limit of a
 * file's size is met (the signal of RLIMIT_FSIZE would end slurmstepd). An answer removes
 * them. So does a late evaluation if the first file is old.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "breaker.h"

#define DIRECTORY "/run/slurm-mp-policy"

/*
 * Opens the directory, and makes it before if make is set. Returns -1 if it is not there, or
 * is not as this function makes it. Its files are reached only through this descriptor: a
 * site may give jobs a /run of their own, and its user could put something else there.
 *
 * A directory that is there already keeps its mode. If others can write there, its files are
 * not believed. If the user cannot look into it, user_init would never see the files, because
 * it has the user's effective id.
 */
static int open_directory(bool make)
{
	const bool made = make && !mkdir(DIRECTORY, 0755);
	struct stat st;
	int fd;

	if (make && !made && errno != EEXIST)
		return -1;
	fd = open(DIRECTORY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	/* slurmstepd has the user's umask, so the mode of what it makes is set */
	if ((made && fchmod(fd, 0755)) || fstat(fd, &st) || st.st_uid != 0 ||
	    (st.st_mode & 0077) != 0055) {
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
static bool recent(int directory, uid_t uid, int number)
{
	char name[NAME_SIZE];
	struct stat st;
	time_t age;

	name_of(name, uid, number);
	if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) ||
	    !S_ISREG(st.st_mode) || st.st_uid != 0)
		return false;
	age = time(NULL) - st.st_mtime;
	return age >= 0 && age < MP_BREAKER_PAUSE_S;
}

bool mp_breaker_open(uid_t uid)
{
	const int directory = open_directory(false);
	bool given_up;

	if (directory < 0)
		return false;
	given_up = recent(directory, uid, MP_BREAKER_LATES);
	close(directory);
	return given_up;
}

static void forget(int directory, uid_t uid)
{
	char name[NAME_SIZE];
	int i;

	for (i = 1; i <= MP_BREAKER_LATES; i++) {
		name_of(name, uid, i);
		unlinkat(directory, name, 0);
	}
}

/* Makes the next of the user's files. Returns its number, or 0 if there are all of them. */
static int add(int directory, uid_t uid)
{
	char name[NAME_SIZE];
	int i, fd;

	for (i = 1; i <= MP_BREAKER_LATES; i++) {
		name_of(name, uid, i);
		fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
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
	int directory, number;

	if (geteuid() != 0)
		return false;
	directory = open_directory(true);
	if (directory < 0)
		return false;
	if (!recent(directory, uid, 1))
		forget(directory, uid);
	number = add(directory, uid);
	close(directory);
	return number == MP_BREAKER_LATES;
}

void mp_breaker_answered(uid_t uid)
{
	const int directory = open_directory(false);
	char name[NAME_SIZE];

	if (directory < 0)
		return;
	/* the first is there whenever one is */
	name_of(name, uid, 1);
	if (!unlinkat(directory, name, 0))
		forget(directory, uid);
	close(directory);
}
