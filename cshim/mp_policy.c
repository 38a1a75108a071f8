/* SPDX-License-Identifier: MIT */
/*
 * mp_policy.c - the SPANK callbacks
 *
 * Every callback returns ESPANK_SUCCESS whatever happens: from Slurm 25.05 any
 * other value kills the step, also where the plugin is optional. The one
 * exception is a malformed option, refused before anything is launched.
 *
 * In every program but slurmstepd only slurm_spank_init and the options'
 * callbacks do anything. In slurmstepd user_init and task_post_fork may run in
 * a child that shares its memory (SlurmdParameters=contain_spank), so what is
 * kept between them is in static memory and not in descriptors.
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
#include "elapsed.h"
#include "evaluator.h"
#include "note.h"
#include "options.h"
#include "step.h"
#include "words.h"

SPANK_PLUGIN(mp_policy, 1)

#define KILL_SWITCH "/etc/slurm/mp_policy.off"

static struct mp_config config;
static pid_t stepd;		  /* slurmstepd, also as seen from its children */
static struct mp_board board;	  /* of the step on this node */
static pid_t evaluator;		  /* 0: none */
static bool tied;		  /* the evaluator is slurmstepd's own child */
static const char *kind;	  /* of the step, as the engine is told */
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
	mp_options_parsed();
	return ESPANK_SUCCESS;
}

/*
 * Whether nobody wants anything of this step: then not even an evaluator is
 * forked. What an outer step has set must still be taken back.
 */
static bool left_alone(spank_t spank)
{
	const char *option = mp_options_words();
	char words[MP_WORDS_MAX], applied[2];

	if (mp_step_env(spank, "MP_POLICY_APPLIED", applied, sizeof(applied)))
		return false;
	if (option[0])
		return !strcmp(option, "off");
	if (mp_step_env(spank, "MP_POLICY", words, sizeof(words)))
		return !strcmp(words, "off");
	return !config.on;
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

/* What every Slurm gives; false where the step cannot be described. */
static bool read_step(spank_t spank, struct mp_step *step)
{
	gid_t *groups = NULL;
	uint16_t cpus = 0;

	memset(step, 0, sizeof(*step));
	step->config = &config;
	step->option = mp_options_words();
	step->kind = kind;
	if (spank_get_item(spank, S_JOB_UID, &step->uid) ||
	    spank_get_item(spank, S_JOB_GID, &step->gid) ||
	    spank_get_item(spank, S_JOB_SUPPLEMENTARY_GIDS, &groups,
			   &step->groups_count) ||
	    spank_get_item(spank, S_JOB_ARGV, &step->argc, &step->argv) ||
	    spank_get_item(spank, S_JOB_ENV, &step->env) ||
	    spank_get_item(spank, S_JOB_LOCAL_TASK_COUNT, &step->local_tasks) ||
	    spank_get_item(spank, S_JOB_TOTAL_TASK_COUNT, &step->tasks) ||
	    spank_get_item(spank, S_JOB_NODEID, &step->node))
		return false;
	step->groups = groups;
	/* of these the engine can do without */
	if (!spank_get_item(spank, S_JOB_NCPUS, &cpus))
		step->cpus = cpus;
	spank_get_item(spank, S_STEP_CPUS_PER_TASK, &step->cpus_per_task);
	return step->local_tasks > 0;
}

int slurm_spank_user_init(spank_t spank, int argc, char **argv)
{
	struct mp_step step;

	(void)argc;
	(void)argv;
	if (!read_kind(spank))
		return ESPANK_SUCCESS;
	mp_options_complete(spank, !strcmp(kind, "batch"));
	if (left_alone(spank))
		return ESPANK_SUCCESS;
	if (!access(KILL_SWITCH, F_OK)) {
		silent = "switched off on this node by " KILL_SWITCH;
		return ESPANK_SUCCESS;
	}
	silent = "the evaluation could not be started";
	if (!read_step(spank, &step)) {
		note("Slurm does not describe the step; it runs without the policy");
		return ESPANK_SUCCESS;
	}
	if (mp_breaker_open(step.uid)) {
		silent = "evaluations of your steps were late on this node, and are not tried again for some minutes";
		return ESPANK_SUCCESS;
	}
	if (!mp_board_open(&board, step.local_tasks)) {
		note("no memory for the board: %s; the step runs without the policy",
		     strerror(errno));
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
		return ESPANK_SUCCESS;
	}
	silent = NULL;
	return ESPANK_SUCCESS;
}

/*
 * How long a killed evaluator may take to be gone, in ms: while a step is launched,
 * and when it is over and nobody waits, on a node as busy as may be.
 */
#define END_MS 20u
#define LAST_END_MS 1000u

/* One that has ended may have left its number to another process. */
static void kill_evaluator(spank_t spank, const struct mp_board *from,
			   pid_t pid)
{
	uid_t uid;

	if (pid > 1 && !mp_board_ended(from) &&
	    !spank_get_item(spank, S_JOB_UID, &uid))
		mp_evaluator_kill(pid, uid);
}

/*
 * Waits for the answer, sees to the evaluator's end, and says in the log what
 * failed. *pid becomes 0 unless it is a child that could not be reaped yet.
 */
static enum mp_answer collect(spank_t spank, struct mp_board *from, pid_t *pid,
			      bool child, unsigned int deadline)
{
	char text[MP_TEXT_MAX];
	struct timespec start;
	enum mp_answer got;
	long cpu = 0;

	clock_gettime(CLOCK_MONOTONIC, &start);
	got = mp_board_await_answer(from, deadline);
	/*
	 * One that has answered ends by itself, but a child is to be reaped. What kills
	 * one that is none is the user, in the namespaces of the evaluator, which has
	 * said what number it has there.
	 */
	if (!child && got == MP_LATE)
		kill_evaluator(spank, from, mp_board_evaluator(from));
	if (!child || mp_evaluator_end(*pid, END_MS, &cpu))
		*pid = 0;
	mp_board_set_waited(from,
			    (unsigned int)(mp_elapsed_ns(&start) / 1000000));
	if (got == MP_LATE)
		note("no answer within %u ms; the step runs without the policy",
		     deadline);
	mp_board_text(from, text, sizeof(text));
	if (got == MP_FAILED)
		note("%s; the step runs without the policy",
		     text[0] ? text : "the evaluator ended without an answer");
	if (got == MP_REPLY && text[0])
		note("%s", text);
	if (got == MP_REPLY &&
	    !mp_reply_valid(from->reply, mp_board_reply_size(from),
			    from->tasks)) {
		mp_board_reject(from);
		got = MP_FAILED;
		note("the engine's reply is malformed; the step runs without the policy");
	}
	slurm_debug("mp-policy: waited %ld us for the evaluator, which used %ld us of CPU",
		    mp_elapsed_ns(&start) / 1000, cpu);
	return got;
}

/* One that fails at once delays nothing, and says so each time. */
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
	/* under contain_spank the evaluator may number processes otherwise */
	mp_board_post(&board, (uint32_t)index, rank, pid, tied ? pid : 0);
	if (mp_board_full(&board)) {
		remember(spank, collect(spank, &board, &evaluator, tied,
					config.deadline));
		/* the tasks, forked before, keep their own mapping of it */
		mp_board_close(&board);
	}
	return ESPANK_SUCCESS;
}

/*
 * Evaluates for this task alone, in a child of its own, in what is left of the
 * deadline: its mask is not the one that the step's evaluation was told.
 */
static void evaluate_again(spank_t spank, struct mp_board *own, uint32_t rank)
{
	const unsigned int waited = mp_board_waited(&board);
	struct mp_step step;
	pid_t pid = 0;

	if (waited >= config.deadline || !read_step(spank, &step) ||
	    !mp_board_open(own, 1))
		return;
	/* step.local_tasks stays: the CPUs of the step are shared by them all */
	if (!mp_evaluator_start_apart(&step, own)) {
		mp_board_close(own);
		return;
	}
	mp_board_post(own, 0, rank, getpid(), getpid());
	if (collect(spank, own, &pid, false, config.deadline - waited) !=
	    MP_REPLY)
		mp_board_close(own);
}

static void apply_board(spank_t spank, const struct mp_board *from,
			uint32_t index, bool aloud)
{
	mp_apply(spank, from->reply, mp_board_reply_size(from), from->tasks,
		 index, aloud);
}

/* Who asks for an explanation gets one also where nothing was decided. */
static void explain_silence(spank_t spank, enum mp_answer got)
{
	char words[MP_WORDS_MAX], text[MP_TEXT_MAX], line[MP_TEXT_MAX + 64];
	const char *why = silent;

	if (!mp_words_have(mp_options_words(), "explain") &&
	    !(mp_step_env(spank, "MP_POLICY", words, sizeof(words)) &&
	      mp_words_have(words, "explain")))
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

int slurm_spank_task_init(spank_t spank, int argc, char **argv)
{
	enum mp_answer got = MP_PENDING;
	struct mp_board own = { 0 };
	int index = -1;
	uint32_t rank = 0, node = 1;
	bool first;

	(void)argc;
	(void)argv;
	if (spank_get_item(spank, S_TASK_ID, &index) ||
	    spank_get_item(spank, S_TASK_GLOBAL_ID, &rank) || index < 0)
		return ESPANK_SUCCESS;
	/* the engine speaks on the step's first node alone, too */
	first = index == 0 && !spank_get_item(spank, S_JOB_NODEID, &node) &&
		node == 0;
	if (board.shared)
		got = mp_board_answered(&board);
	if (got != MP_REPLY) {
		if (first)
			explain_silence(spank, got);
	} else if (mp_board_same_mask(&board, (uint32_t)index)) {
		apply_board(spank, &board, (uint32_t)index, true);
	} else {
		evaluate_again(spank, &own, rank);
		if (own.shared)
			apply_board(spank, &own, 0, first);
		mp_board_close(&own);
	}
	/* sbatch's option is for the sruns of its script (--export=NONE too) */
	if (mp_options_words()[0] && kind && !strcmp(kind, "batch"))
		spank_setenv(spank, "MP_POLICY", mp_options_words(), 1);
	/* the board goes with the memory of slurmstepd's, when the task executes */
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
			kill_evaluator(spank, &board, evaluator);
		} else if (!mp_evaluator_end(evaluator, LAST_END_MS, &cpu)) {
			note("the evaluator (pid %d) hangs in the kernel; it ends when what it reads answers",
			     (int)evaluator);
		}
	}
	evaluator = 0;
	mp_board_close(&board);
	return ESPANK_SUCCESS;
}
