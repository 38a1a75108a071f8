/* SPDX-License-Identifier: MIT */
/*
 * abi.h - what the shim and the engine say to each other
 *
 * The shim (mp_policy.so) and the engine (libmp_policy.so) are two files that
 * a site may upgrade at different moments. Both are compiled from this header
 * and carry MP_ABI; each refuses the other when the number differs. Change the
 * number with any change to the structures, the functions, the keys of the
 * request or the form of the reply.
 */
#ifndef MP_POLICY_ABI_H
#define MP_POLICY_ABI_H

#include <stddef.h>
#include <stdint.h>

#define MP_ABI 3

/* Names under which the shim looks the engine's symbols up (dlsym(3)). */
#define MP_SYM_ABI "mp_policy_abi"
#define MP_SYM_PREPARE "mp_policy_prepare"
#define MP_SYM_DECIDE "mp_policy_decide"

/* One task of the step on this node, as seen once its mask is final. */
struct mp_task {
	uint32_t rank; /* global task id in the step, S_TASK_GLOBAL_ID */
	int32_t pid;   /* process id, whose cgroups hold the CPU quota */
};

/*
 * The request: key NUL value NUL, repeated; every value is text. "argv" and
 * "env" occur once for each element, in order. Numbers are decimal. "cgroup" is
 * the /proc/self/cgroup that the evaluator had in the step's cgroups, if it has
 * left them. "root" is sent only by the tests' build of the shim.
 *
 * The reply, all integers uint32_t in the machine's byte order:
 *
 *	MP_REPLY_MAGIC, tasks, records,
 *	record of task 0, record of task 1, ...
 *	end of record 0, end of record 1, ...  (bytes from the end of this table)
 *	the records
 *
 * A record is a sequence of: one byte MP_OP_*, name NUL, value NUL.
 */
#define MP_REPLY_MAGIC 0x4d505231u

#define MP_OP_SET '+'	  /* set, if the task's environment has no such name */
#define MP_OP_REPLACE '=' /* set, whatever stands there */
/* the same for a value that is given back to the user; only such a value may be empty */
#define MP_OP_BACK '<'
#define MP_OP_BACK_REPLACE '>'
#define MP_OP_UNSET '-' /* remove; the value is empty */
#define MP_OP_SAY '!'	/* print the value on the task's stderr; no name */

/*
 * Reads what does not depend on the masks: node, rules, program. Returns 0, or
 * -1 with one line for the log in text[].
 */
typedef long mp_prepare_fn(char *request, size_t size, char *text,
			   size_t text_size);

/*
 * Decides for the tasks and writes the reply. masks[] holds, for each task,
 * mask_size bytes as sched_getaffinity(2) gave them. Returns the bytes of the
 * reply, or -1. In both cases text[] may get one line for the log.
 */
typedef long mp_decide_fn(struct mp_task *tasks, uint32_t count, char *masks,
			  uint32_t mask_size, char *reply, size_t reply_size,
			  char *text, size_t text_size);

#endif
