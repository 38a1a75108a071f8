/* SPDX-License-Identifier: MIT */
/* trust.h - whether a file can have been changed by anyone but root */
#ifndef MP_POLICY_TRUST_H
#define MP_POLICY_TRUST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Returns whether only root can have written a file. The file must be regular. Root must own
 * it and every directory up to "/", and nobody else may write them. That holds for the path
 * as given and for the one behind its symbolic links, which goes to real[PATH_MAX]. If not,
 * why[] gets one line that names the part and what is wrong with it.
 */
bool mp_trusted(const char *path, char *real, char *why, size_t size);

#endif
