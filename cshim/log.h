/* SPDX-License-Identifier: MIT */
/* log.h - the line of log=changes|all: the result for a step on this node */
#ifndef MP_POLICY_LOG_H
#define MP_POLICY_LOG_H

#include <slurm/spank.h>

#include "board.h"
#include "config.h"

/* How an evaluation went. */
struct mp_outcome {
	long wait_us; /* that the step's launch waited */
	long cpu_us;  /* that the evaluator used, -1 if it is not known */
	char failed[MP_TEXT_MAX]; /* why nothing was decided, "" if it was */
};

/* Why a step has no evaluation; docs/administrators.md has the meaning. */
#define MP_VERDICT_OPTED_OUT "opted-out"
#define MP_VERDICT_OFF "off"
#define MP_VERDICT_SWITCHED_OFF "switched-off"

/* The line of a step that is not evaluated by the choice of the site or the user. */
void mp_log_silent(spank_t spank, const struct mp_config *config,
		   const char *verdict);
/* The line of a step whose evaluation could not be started, in one sentence. */
void mp_log_unstarted(spank_t spank, const struct mp_config *config,
		      const char *why);
/* The line of a step whose evaluation has ended. Its decision is on the board. */
void mp_log_evaluated(spank_t spank, const struct mp_config *config,
		      const struct mp_board *board,
		      const struct mp_outcome *outcome);

#endif
