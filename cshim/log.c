/* SPDX-License-Identifier: MIT */
/* log.c - the line of log=changes|all: the result for a step on this node */

#include <stdio.h>
#include <string.h>

#include <slurm/slurm.h>

#include "log.h"
#include "note.h"
#include "step.h"

/* Bytes of the whole line at most; docs/administrators.md promises it. */
#define LINE_MAX_BYTES 400

/* Bytes of the keys that the shim writes in front of the rest, the NUL included. */
#define HEAD_MAX 134
_Static_assert(sizeof("mp-policy: ") - 1 + HEAD_MAX - 1 + 1 + MP_LOG_MAX - 1 <=
		       LINE_MAX_BYTES,
	       "a line of log= could be too long");

/*
 * Bytes of a partition's name in the line, the NUL included: short enough that no
 * number behind it is cut, for any step.
 */
#define PARTITION_MAX 29

/* Makes a bare value of logfmt: no blank, no quotation mark, no '='. */
static void make_bare(char *text)
{
	mp_make_printable(text);
	for (; *text; text++)
		if (strchr(" =\"\\", *text))
			*text = '?';
}

/* Makes a text that may stand between quotation marks. */
static void make_quoted(char *text)
{
	mp_make_printable(text);
	for (; *text; text++)
		if (*text == '"' || *text == '\\')
			*text = '\'';
}

static void step_name(spank_t spank, char *name, size_t size)
{
	uint32_t job = 0, step = 0;

	spank_get_item(spank, S_JOB_ID, &job);
	spank_get_item(spank, S_JOB_STEPID, &step);
	if (step == SLURM_BATCH_SCRIPT)
		snprintf(name, size, "%u.batch", job);
	else if (step == SLURM_INTERACTIVE_STEP)
		snprintf(name, size, "%u.interactive", job);
	else
		snprintf(name, size, "%u.%u", job, step);
}

/*
 * The shim's own keys come first, because the first one counts if a key is there twice.
 * The evaluator writes the rest, and it runs as the user.
 */
static void write_line(spank_t spank, const struct mp_outcome *outcome,
		       const char *rest)
{
	char head[HEAD_MAX], step[40], partition[PARTITION_MAX], cost[64] = "";
	uint32_t tasks = 0;
	uid_t uid = 0;

	step_name(spank, step, sizeof(step));
	spank_get_item(spank, S_JOB_UID, &uid);
	spank_get_item(spank, S_JOB_LOCAL_TASK_COUNT, &tasks);
	if (!mp_step_env(spank, "SLURM_JOB_PARTITION", partition,
			 sizeof(partition)) ||
	    !partition[0])
		snprintf(partition, sizeof(partition), "-");
	make_bare(partition);
	if (outcome && outcome->cpu_us < 0)
		snprintf(cost, sizeof(cost), " wait_us=%ld", outcome->wait_us);
	else if (outcome)
		snprintf(cost, sizeof(cost), " wait_us=%ld cpu_us=%ld",
			 outcome->wait_us, outcome->cpu_us);
	snprintf(head, sizeof(head), "step=%s user=%u partition=%s tasks=%u%s",
		 step, (unsigned int)uid, partition, tasks, cost);
	note("%s %s", head, rest);
}

void mp_log_silent(spank_t spank, const struct mp_config *config,
		   const char *verdict)
{
	char rest[64];

	if (strcmp(config->log, "all"))
		return;
	snprintf(rest, sizeof(rest), "verdict=%s", verdict);
	write_line(spank, NULL, rest);
}

static void log_failed(spank_t spank, const struct mp_config *config,
		       const struct mp_outcome *outcome, const char *why)
{
	char rest[MP_LOG_MAX], text[MP_LOG_MAX - 32];

	if (!strcmp(config->log, "off"))
		return;
	snprintf(text, sizeof(text), "%s", why);
	make_quoted(text);
	snprintf(rest, sizeof(rest), "verdict=failed failed=\"%s\"", text);
	write_line(spank, outcome, rest);
}

void mp_log_unstarted(spank_t spank, const struct mp_config *config,
		      const char *why)
{
	log_failed(spank, config, NULL, why);
}

void mp_log_evaluated(spank_t spank, const struct mp_config *config,
		      const struct mp_board *board,
		      const struct mp_outcome *outcome)
{
	char rest[MP_LOG_MAX];

	if (outcome->failed[0]) {
		log_failed(spank, config, outcome, outcome->failed);
		return;
	}
	if (!strcmp(config->log, "off"))
		return;
	mp_board_line(board, rest, sizeof(rest));
	/* the engine knows whether log=changes wants the step */
	if (rest[0])
		write_line(spank, outcome, rest);
}
