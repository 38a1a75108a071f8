/* SPDX-License-Identifier: MIT */
/* trust.c - whether a file can have been changed by anyone but root */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "trust.h"

static bool part_trusted(const char *part, char *why, size_t size)
{
	struct stat st;

	if (lstat(part, &st)) {
		snprintf(why, size, "%s: %s", part, strerror(errno));
		return false;
	}
	if (st.st_uid != 0) {
		snprintf(why, size,
			 "%s is owned by uid %u; it must be root's (chown root)",
			 part, (unsigned int)st.st_uid);
		return false;
	}
	/* a link's own mode means nothing; its directory's does */
	if (!S_ISLNK(st.st_mode) && (st.st_mode & (S_IWGRP | S_IWOTH))) {
		snprintf(why, size,
			 "%s has mode %04o; nobody but root may write it (chmod go-w)",
			 part, (unsigned int)(st.st_mode & 07777));
		return false;
	}
	return true;
}

static bool path_trusted(const char *path, char *why, size_t size)
{
	char part[PATH_MAX];
	const char *end;
	size_t len;

	if (!part_trusted("/", why, size))
		return false;
	for (end = path; *end;) {
		end += strspn(end, "/");
		end += strcspn(end, "/");
		len = (size_t)(end - path);
		memcpy(part, path, len);
		part[len] = '\0';
		if (!part_trusted(part, why, size))
			return false;
	}
	return true;
}

bool mp_trusted(const char *path, char *real, char *why, size_t size)
{
	struct stat st;

	if (path[0] != '/' || strlen(path) >= PATH_MAX) {
		snprintf(why, size, "%.64s: not an absolute path", path);
		return false;
	}
	if (!path_trusted(path, why, size))
		return false;
	if (!realpath(path, real)) {
		snprintf(why, size, "%s: %s", path, strerror(errno));
		return false;
	}
	if (!path_trusted(real, why, size))
		return false;
	if (stat(real, &st) || !S_ISREG(st.st_mode)) {
		snprintf(why, size, "%s: not a regular file", real);
		return false;
	}
	return true;
}
