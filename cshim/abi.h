/* SPDX-License-Identifier: MIT */
/*
 * abi.h - the messages between the shim and the engine
 *
 * The shim (mp_policy.so) and the engine (libmp_policy.so) are two files that
 * a site may upgrade at different moments. Both are compiled from this header
 * and carry MP_ABI. Each refuses the other if the number differs. Change the
 * number with any change to the structures, the functions, the keys of the
 * request or the form of the reply.
 */
#ifndef MP_POLICY_ABI_H
#define MP_POLICY_ABI_H

#include <stddef.h>
#include <stdint.h>

#define MP_ABI 5

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
 * The request: key NUL value NUL, repeated; every value is text, numbers are
 * decimal. MP_KEY_ARGV and MP_KEY_ENV occur once for each element, in order.
 */
#define MP_KEY_ABI "abi"
/* words of plugstack.conf */
#define MP_KEY_CONFIG "config"
#define MP_KEY_DEFAULT "default"
#define MP_KEY_AFFINITY "affinity"
#define MP_KEY_HINTS "hints"
#define MP_KEY_LOG "log"
#define MP_KEY_DEADLINE "deadline" /* ms */
#define MP_KEY_ROOT "root" /* sent only by the tests' build of the shim */
/* the step, as Slurm describes it */
#define MP_KEY_OPTION "option" /* words of --mp-policy, empty if not given */
#define MP_KEY_KIND "kind"     /* step, batch or interactive */
#define MP_KEY_UID "uid"
#define MP_KEY_GID "gid"
#define MP_KEY_NODE "node"		     /* index of this node in the step */
#define MP_KEY_TASKS "tasks"		     /* of the whole step */
#define MP_KEY_LOCAL_TASKS "local_tasks"     /* on this node */
#define MP_KEY_CPUS "cpus"		     /* of the step on this node, 0: not known */
#define MP_KEY_CPUS_PER_TASK "cpus_per_task" /* 0 or 1 if -c was not given */
#define MP_KEY_ARGV "argv"
#define MP_KEY_ENV "env" /* NAME=value */
/*
 * the /proc/self/cgroup that the evaluator had in the step's cgroups, empty if it
 * has not left them
 */
#define MP_KEY_CGROUP "cgroup"

/*
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
 * reply, or -1. In both cases text[] may get one line for the log. With a reply a
 * second one may follow, behind a newline: the engine's part of the line of log=, of
 * less than MP_LOG_MAX bytes and in logfmt.
 */
#define MP_LOG_MAX 256
typedef long mp_decide_fn(struct mp_task *tasks, uint32_t count, char *masks,
			  uint32_t mask_size, char *reply, size_t reply_size,
			  char *text, size_t text_size);

#endif
