/* SPDX-License-Identifier: MIT */
/* state.h - undoes the changes that Go's runtime makes to this process */
#ifndef MP_POLICY_STATE_H
#define MP_POLICY_STATE_H

#include <stddef.h>

/*
 * A signal that comes before the command is started has the same effect as on the command.
 * Go itself would end a process that ignores SIGTERM, and print a trace for SIGQUIT.
 */
void mp_restore_signals(void);

/* execvp(3) with all as it was before Go's runtime started; the errno if it fails. */
int mp_exec(char **argv, char **env);

/* Writes to stderr from a thread of its own. A signal from the write does not end the process. */
void mp_say(const char *text, size_t size);

/* The environment as the kernel gave it, with names that are there twice. */
char **mp_environment(void);

#endif
