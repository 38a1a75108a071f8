/* SPDX-License-Identifier: MIT */
/* state.h - what Go's runtime changes of this process, and its way back */
#ifndef MP_POLICY_STATE_H
#define MP_POLICY_STATE_H

#include <stddef.h>

/* execvp(3) with all as it was before Go's runtime started; the errno if it fails. */
int mp_exec(char **argv, char **env);

/* Writes to stderr from a thread that does nothing else; no signal of it ends the process. */
void mp_say(const char *text, size_t size);

/* The environment as the kernel gave it, with names that are there twice. */
char **mp_environment(void);

#endif
