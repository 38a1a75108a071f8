/* SPDX-License-Identifier: MIT */
/*
 * mp_policy.c - the SPANK callbacks
 *
 * Every callback returns ESPANK_SUCCESS whatever happens: from Slurm 25.05 any
 * other value kills the step, even if the plugin is optional. The only exception is a
 * malformed option, which is refused before anything is launched.
 *
 * In every program but slurmstepd only slurm_spank_init and the options'
 * callbacks do anything. In slurmstepd user_init and task_post_fork may run in
 * a child that shares its memory (SlurmdParameters=contain_spank). So they keep their
 * data in static memory and not in descriptors.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <slurm/slurm.h>
#include <slurm/spank.h>

#include "apply.h"
#include "board.h"
#include "breaker.h"
#include "collect.h"
#include "config.h"
#include "evaluator.h"
#include "log.h"
#include "note.h"
#include "options.h"
#include "record.h"
#include "say.h"
#include "step.h"
#include "words.h"

SPANK_PLUGIN(mp_policy, 1)

#define KILL_SWITCH "/etc/slurm/mp_policy.off"

static struct mp_config config;
static pid_t stepd;		  /* slurmstepd, also as seen from its children */
static struct mp_board board;	  /* of the step on this node */
static pid_t evaluator;		  /* 0: none */
static bool tied;		  /* the evaluator is slurmstepd's own child */
static const char *kind;	  /* of the step: MP_KEY_KIND */
static const char *silent;	  /* why there is no evaluation, NULL: there is */

int slurm_spank_init(spank_t spank, int argc, char **argv)
{
	const spank_context_t context = spank_context();

	mp_config_parse(&config, argc, argv,
			context == S_CTX_REMOTE || context == S_CTX_SLURMD);
	mp_options_register(spank);
	if (context == S_CTX_REMOTE)
		stepd = getpid();
	return ESPANK_SUCCESS;
}

int slurm_spank_init_post_opt(spank_t spank, int argc, char **argv)
{
	(void)spank;
	(void)argc;
	(void)argv;
	mp_command_parsed();
	return ESPANK_SUCCESS;
}

static bool read_kind(spank_t spank)
{
	uint32_t id = 0;

	if (spank_get_item(spank, S_JOB_STEPID, &id) != ESPANK_SUCCESS ||
	    id == SLURM_EXTERN_CONT)
		return false;
	kind = id == SLURM_BATCH_SCRIPT	      ? "batch"
	       : id == SLURM_INTERACTIVE_STEP ? "interactive"
					      : "step";
	return true;
}

static bool wants_explanation(spank_t spank)
{
	char words[MP_WORDS_MAX];

	return mp_words_have(mp_options_words(), "explain") ||
	       (mp_step_env(spank, "MP_POLICY", words, sizeof(words)) &&
		mp_words_have(words, "explain"));
}

int slurm_spank_user_init(spank_t spank, int argc, char **argv)
{
	struct mp_step step;

	(void)argc;
	(void)argv;
	if (!read_kind(spank))
		return ESPANK_SUCCESS;
	mp_stepd_complete(spank, !strcmp(kind, "batch"));
	/* task_init takes back the settings of an outer step */
	if (mp_stepd_off(spank, true)) {
		mp_log_silent(spank, &config, MP_VERDICT_OPTED_OUT);
		return ESPANK_SUCCESS;
	}
	if (mp_stepd_off(spank, strcmp(config.def, "off") != 0)) {
		mp_log_silent(spank, &config, MP_VERDICT_OFF);
		return ESPANK_SUCCESS;
	}
	if (!access(KILL_SWITCH, F_OK)) {
		silent = "switched off on this node by " KILL_SWITCH;
		mp_log_silent(spank, &config, MP_VERDICT_SWITCHED_OFF);
		/* only a user who asks for an explanation sees this */
		if (wants_explanation(spank) &&
		    mp_step_read(spank, &config, kind, &step))
			mp_say_start(&step, getpid() == stepd ? stepd : 0);
		return ESPANK_SUCCESS;
	}
	silent = "the evaluation could not be started";
	if (!mp_step_read(spank, &config, kind, &step)) {
		note("Slurm does not describe the step; it runs without the policy");
		mp_log_unstarted(spank, &config,
				 "Slurm does not describe the step");
		return ESPANK_SUCCESS;
	}
	mp_say_start(&step, getpid() == stepd ? stepd : 0);
	if (mp_breaker_open(step.uid)) {
		silent = "evaluations of your steps were late on this node, and are not tried again for some minutes";
		mp_log_unstarted(spank, &config,
				 "not tried: the evaluations of this user's steps were late");
		return ESPANK_SUCCESS;
	}
	if (!mp_board_open(&board, step.local_tasks)) {
		note("no memory for the board: %s; the step runs without the policy",
		     strerror(errno));
		mp_log_unstarted(spank, &config, "no memory for the board");
		return ESPANK_SUCCESS;
	}
	/*
	 * Under contain_spank this process ends with the callback, and the
	 * evaluator must not end with it.
	 */
	tied = getpid() == stepd;
	evaluator = mp_evaluator_start(&step, &board, tied);
	if (evaluator < 0) {
		note("the evaluator cannot be forked: %s; the step runs without the policy",
		     strerror(errno));
		evaluator = 0;
		mp_board_close(&board);
		mp_log_unstarted(spank, &config,
				 "the evaluator cannot be forked");
		return ESPANK_SUCCESS;
	}
	silent = NULL;
	return ESPANK_SUCCESS;
}

/*
 * How long a killed evaluator may take to end, in ms, on a very busy node. The step is
 * over then, and no task waits.
 */
#define LAST_END_MS 1000u

/* An evaluation that fails at once delays nothing and has a line each time. */
static void remember(spank_t spank, enum mp_answer got)
{
	uid_t uid;

	if (spank_get_item(spank, S_JOB_UID, &uid))
		return;
	if (got == MP_REPLY)
		mp_breaker_answered(uid);
	if (got == MP_LATE && mp_breaker_late(uid))
		note("%d evaluations in a row were late for uid %u; that user's steps run without the policy on this node for %d s",
		     MP_BREAKER_LATES, (unsigned int)uid, MP_BREAKER_PAUSE_S);
}

int slurm_spank_task_post_fork(spank_t spank, int argc, char **argv)
{
	struct mp_outcome outcome;
	int index = -1;
	uint32_t rank = 0;
	pid_t pid = 0;

	(void)argc;
	(void)argv;
	if (!board.shared || !evaluator)
		return ESPANK_SUCCESS;
	if (spank_get_item(spank, S_TASK_ID, &index) ||
	    spank_get_item(spank, S_TASK_GLOBAL_ID, &rank) ||
	    spank_get_item(spank, S_TASK_PID, &pid))
		return ESPANK_SUCCESS;
	/* under contain_spank the evaluator may have other numbers for processes */
	mp_board_post(&board, (uint32_t)index, rank, pid, tied ? pid : 0);
	if (mp_board_full(&board)) {
		remember(spank, mp_collect(spank, &board, &board, &evaluator,
					   tied, config.deadline, &outcome));
		mp_log_evaluated(spank, &config, &board, &outcome);
		/* the tasks, forked before, keep their own mapping of it */
		mp_board_close(&board);
	}
	return ESPANK_SUCCESS;
}

static enum mp_applied apply_board(spank_t spank, const struct mp_board *from,
				   uint32_t index, bool aloud)
{
	return mp_apply(spank, from->reply, mp_board_reply_size(from),
			from->tasks, index, aloud);
}

/* A user who asks for an explanation gets one even if nothing was decided. */
static void explain_silence(spank_t spank, enum mp_answer got)
{
	char text[MP_TEXT_MAX], line[MP_TEXT_MAX + 64];
	const char *why = silent;

	if (!wants_explanation(spank))
		return;
	if (!why && got == MP_LATE)
		why = "no answer within the deadline";
	if (!why && got == MP_FAILED) {
		mp_board_text(&board, text, sizeof(text));
		why = text[0] ? text : "the evaluation failed";
	}
	if (!why)
		return;
	snprintf(line, sizeof(line), "mp-policy: nothing is set: %s\n", why);
	mp_say(line);
}

/* All tasks of a step have the same line, so one of them writes it. */
static bool writes(enum mp_line line, int index)
{
	return board.shared ? mp_board_first(&board, line) : index == 0;
}

#define TOO_LARGE                                                             \
	"the environment would be larger than execve(2) takes, or one variable " \
	"longer than 128 KiB; a smaller environment or a higher stack limit "    \
	"(ulimit -s) avoids it"

/*
 * Reports changes that were not applied. An outer step's values never stay, whatever has
 * failed.
 */
static void finish(spank_t spank, enum mp_applied done, int index, bool first)
{
	if (done == MP_TOO_LARGE) {
		if (writes(MP_LINE_TOO_LARGE, index))
			note("nothing is set: " TOO_LARGE);
		silent = TOO_LARGE;
		if (first)
			explain_silence(spank, MP_FAILED);
	}
	if (done != MP_APPLIED && mp_record_undo(spank) != MP_APPLIED &&
	    writes(MP_LINE_NOT_UNDONE, index))
		note("what an outer step has set stays: there is no memory, or "
		     TOO_LARGE);
}

/* sbatch's option is for the sruns of its script (--export=NONE too). */
static void pass_option_on(spank_t spank)
{
	struct mp_change option = { .name = "MP_POLICY",
				    .value = mp_options_words(),
				    .op = MP_OP_REPLACE };

	if (option.value[0] && !strcmp(kind, "batch") &&
	    mp_env_change(spank, &option, 1) != MP_APPLIED)
		note("the script's sruns do not get --mp-policy or --no-mp-policy: "
		     TOO_LARGE);
}

int slurm_spank_task_init(spank_t spank, int argc, char **argv)
{
	enum mp_applied done = MP_NOT_APPLIED;
	enum mp_answer got = MP_PENDING;
	struct mp_board own = { 0 };
	int index = -1;
	uint32_t rank = 0, node = 1;
	char limit[32];
	bool first;

	(void)argc;
	(void)argv;
	/* a step without a kind is not one that the policy is for */
	if (!kind)
		return ESPANK_SUCCESS;
	if (!mp_step_env(spank, "SLURM_RLIMIT_FSIZE", limit, sizeof(limit)))
		limit[0] = '\0';
	mp_say_heed(limit);
	if (spank_get_item(spank, S_TASK_ID, &index) ||
	    spank_get_item(spank, S_TASK_GLOBAL_ID, &rank) || index < 0) {
		finish(spank, MP_NOT_APPLIED, 0, false);
		mp_say_done();
		return ESPANK_SUCCESS;
	}
	/* the engine, too, prints only on the step's first node */
	first = index == 0 && !spank_get_item(spank, S_JOB_NODEID, &node) &&
		node == 0;
	if (board.shared)
		got = mp_board_answered(&board);
	if (got != MP_REPLY) {
		if (first)
			explain_silence(spank, got);
	} else if (mp_board_same_mask(&board, (uint32_t)index)) {
		done = apply_board(spank, &board, (uint32_t)index, true);
	} else {
		mp_evaluate_again(spank, &config, kind, &board, &own, rank);
		if (own.shared)
			done = apply_board(spank, &own, 0, first);
		mp_board_close(&own);
	}
	finish(spank, done, index, first);
	mp_say_done();
	pass_option_on(spank);
	/* execve(2) unmaps the board */
	return ESPANK_SUCCESS;
}

int slurm_spank_exit(spank_t spank, int argc, char **argv)
{
	long cpu;

	(void)argc;
	(void)argv;
	/* a step that failed before its last task was forked, or was late */
	if (evaluator && getpid() == stepd) {
		if (!tied) {
			mp_board_reject(&board);
			mp_collect_kill(spank, &board, evaluator);
		} else if (!mp_evaluator_end(&evaluator, &board, LAST_END_MS,
					     &cpu)) {
			note("the evaluator (pid %d) hangs in the kernel; it ends when what it reads answers",
			     (int)evaluator);
		}
	}
	evaluator = 0;
	mp_board_close(&board);
	if (getpid() == stepd)
		mp_say_end();
	return ESPANK_SUCCESS;
}
