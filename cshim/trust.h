/* SPDX-License-Identifier: MIT */
/* trust.h - whether a file can have been changed by anyone but root */
#ifndef MP_POLICY_TRUST_H
#define MP_POLICY_TRUST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * True where path is a regular file that root owns and nobody else can write,
 * and so is every directory up to "/", both of the path as given and of the one
 * behind its symbolic links, which goes to real[PATH_MAX]. Else why[] gets one
 * line that names the part and what is wrong with it.
 */
bool mp_trusted(const char *path, char *real, char *why, size_t size);

#endif
