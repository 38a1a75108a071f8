/* SPDX-License-Identifier: MIT */
/* step.h - Slurm's description of the step, for the evaluator */
#ifndef MP_POLICY_STEP_H
#define MP_POLICY_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <slurm/spank.h>

#include "config.h"

/*
 * The pointers lead into slurmstepd's own memory. They are set before the evaluator is
 * forked, and only the evaluator follows them, in its copy of that memory. So slurmstepd
 * copies nothing, however large the environment is.
 */
struct mp_step {
	const struct mp_config *config;
	const char *option; /* words of the option, "" if none was given */
	const char *kind;   /* step, batch or interactive */
	uid_t uid;
	gid_t gid;
	const gid_t *groups;
	int groups_count;
	int argc;
	char **argv;
	char **env;
	const char *cgroup;	/* see abi.h; only in an evaluator, NULL elsewhere */
	uint32_t node;		/* index of this node in the step */
	uint32_t tasks;		/* of the whole step */
	uint32_t local_tasks;	/* on this node */
	uint32_t cpus;		/* of the step on this node */
	uint32_t cpus_per_task; /* 0 or 1 if -c was not given */
};

/* Whether the step's environment has the variable; its start goes to value[]. */
bool mp_step_env(spank_t spank, const char *name, char *value, int size);

/* Fills it in; false if Slurm does not describe the step. */
bool mp_step_read(spank_t spank, const struct mp_config *config,
		  const char *kind, struct mp_step *step);

/* The request of abi.h, from malloc(3); NULL if memory is short. */
char *mp_step_request(const struct mp_step *step, size_t *size);

#endif
