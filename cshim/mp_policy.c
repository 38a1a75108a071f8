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
#include <time.h>
#include <unistd.h>

#include <slurm/slurm.h>
#include <slurm/spank.h>

#include "apply.h"
#include "board.h"
#include "evaluator.h"
#include "step.h"
#include "words.h"

SPANK_PLUGIN(mp_policy, 1)

#define KILL_SWITCH "/etc/slurm/mp_policy.off"

enum { OPTION_OFF = 1, OPTION_WORDS };

static struct mp_config config;
static char option[MP_WORDS_MAX]; /* the words given, "" if none */
static bool option_off;		  /* --no-mp-policy was given */
static pid_t stepd;		  /* slurmstepd, also as seen from its children */
static struct mp_board board;	  /* of the step on this node */
static pid_t evaluator;		  /* 0: none */
static const char *kind;	  /* of the step, as the engine is told */

/*
 * For slurmd's log alone: at the level info nothing reaches the user's stderr
 * unless they ask srun for it with -v.
 */
#define note(...) slurm_info("mp-policy: " __VA_ARGS__)

static int option_given(int val, const char *optarg, int remote)
{
	char why[512];

	if (val == OPTION_OFF) {
		option_off = true;
	} else if (!optarg || !mp_words_check(optarg, why, sizeof(why))) {
		/* the other side may be of another version: not a failure there */
		if (remote) {
			note("--mp-policy=%s is ignored: %s", optarg, why);
			return ESPANK_SUCCESS;
		}
		slurm_error("mp-policy: --mp-policy=%s: %s", optarg, why);
		return ESPANK_BAD_ARG;
	} else {
		snprintf(option, sizeof(option), "%s", optarg);
	}
	if (option_off)
		snprintf(option, sizeof(option),
			 mp_words_have(option, "explain") ? "off,explain"
							  : "off");
	/*
	 * salloc's command and sbatch's script inherit it, so that their own
	 * sruns do as this option says.
	 */
	if (spank_context() == S_CTX_ALLOCATOR)
		setenv("MP_POLICY", option, 1);
	return ESPANK_SUCCESS;
}

static struct spank_option options[] = {
	{ .name = "no-mp-policy",
	  .usage = "leave this job's environment alone (mp-policy)",
	  .val = OPTION_OFF,
	  .cb = option_given },
	{ .name = "mp-policy",
	  .arginfo = "WORDS",
	  .usage = "auto, off, on, multiprocessing, mpi, workers=N, explain; "
		   "separated by commas",
	  .has_arg = 1,
	  .val = OPTION_WORDS,
	  .cb = option_given },
};

int slurm_spank_init(spank_t spank, int argc, char **argv)
{
	const spank_context_t context = spank_context();
	size_t i;

	mp_config_parse(&config, argc, argv,
			context == S_CTX_REMOTE || context == S_CTX_SLURMD);
	/* a static table would not reach sbatch and salloc (spank(8)) */
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (spank_option_register(spank, &options[i]) != ESPANK_SUCCESS)
			note("--%s cannot be offered", options[i].name);
	if (context == S_CTX_REMOTE)
		stepd = getpid();
	return ESPANK_SUCCESS;
}

/* Whether the step's environment has the variable; its start goes to value[]. */
static bool step_env(spank_t spank, const char *name, char *value, int size)
{
	spank_err_t rc = spank_getenv(spank, name, value, size);

	value[size - 1] = '\0';
	return rc == ESPANK_SUCCESS || rc == ESPANK_NOSPACE;
}

/*
 * sbatch --export=NONE drops MP_POLICY, and Slurm 22.05 the option with it. What
 * it keeps, for the script and for its sruns, are the variables that start
 * with SLURM, and among them what sbatch made of its options for prologs
 * (_set_spank_env in Slurm's src/sbatch/sbatch.c).
 */
#define JOB_OPTION "SLURM_SPANK__SLURM_SPANK_OPTION_mp_policy_"

static void adopt_job_option(spank_t spank)
{
	char words[MP_WORDS_MAX];

	if (option[0] || step_env(spank, "MP_POLICY", words, sizeof(words)))
		return;
	if (step_env(spank, JOB_OPTION "mp_policy", words, sizeof(words)))
		option_given(OPTION_WORDS, words, 1);
	if (step_env(spank, JOB_OPTION "no_mp_policy", words, sizeof(words)))
		option_given(OPTION_OFF, NULL, 1);
}

/*
 * Whether nobody wants anything of this step: then not even an evaluator is
 * forked. What an outer step has set must still be taken back.
 */
static bool left_alone(spank_t spank)
{
	char words[MP_WORDS_MAX], applied[2];

	if (step_env(spank, "MP_POLICY_APPLIED", applied, sizeof(applied)))
		return false;
	if (option[0])
		return !strcmp(option, "off");
	if (step_env(spank, "MP_POLICY", words, sizeof(words)))
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
	step->option = option;
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
	adopt_job_option(spank);
	if (left_alone(spank) || !access(KILL_SWITCH, F_OK))
		return ESPANK_SUCCESS;
	if (!read_step(spank, &step)) {
		note("Slurm does not describe the step; it runs without the policy");
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
	evaluator = mp_evaluator_start(&step, &board, getpid() == stepd);
	if (evaluator < 0) {
		note("the evaluator cannot be forked: %s; the step runs without the policy",
		     strerror(errno));
		evaluator = 0;
		mp_board_close(&board);
	}
	return ESPANK_SUCCESS;
}

static long microseconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000000L +
	       (now.tv_nsec - start->tv_nsec) / 1000L;
}

/* Waits for the answer, ends the evaluator and says in the log what failed. */
static enum mp_answer collect(struct mp_board *from, pid_t pid)
{
	char text[MP_TEXT_MAX];
	struct timespec start;
	enum mp_answer got;
	long waited, cpu;
	bool ended;

	clock_gettime(CLOCK_MONOTONIC, &start);
	got = mp_board_await_answer(from, config.deadline, mp_evaluator_alive,
				    pid);
	ended = mp_evaluator_end(pid, &cpu);
	waited = microseconds_since(&start);

	if (got == MP_LATE)
		note("no answer within %u ms; the step runs without the policy",
		     config.deadline);
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
	if (!ended)
		note("the evaluator (pid %d) hangs in the kernel", (int)pid);
	slurm_debug("mp-policy: waited %ld us for the evaluator, which used %ld us of CPU",
		    waited, cpu);
	return got;
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
	mp_board_post(&board, (uint32_t)index, rank, pid);
	if (mp_board_full(&board)) {
		collect(&board, evaluator);
		evaluator = 0;
		/* the tasks, forked before, keep their own mapping of it */
		mp_board_close(&board);
	}
	return ESPANK_SUCCESS;
}

/*
 * Evaluates for this task alone, in a child of its own: its mask is not the one
 * that the step's evaluation was told.
 */
static void evaluate_again(spank_t spank, struct mp_board *own, uint32_t rank)
{
	struct mp_step step;
	pid_t pid;

	if (!read_step(spank, &step) || !mp_board_open(own, 1))
		return;
	/* step.local_tasks stays: the CPUs of the step are shared by them all */
	pid = mp_evaluator_start(&step, own, true);
	if (pid < 0) {
		mp_board_close(own);
		return;
	}
	mp_board_post(own, 0, rank, getpid());
	if (collect(own, pid) != MP_REPLY)
		mp_board_close(own);
}

static void apply_board(spank_t spank, const struct mp_board *from,
			uint32_t index)
{
	if (mp_board_answered(from) == MP_REPLY)
		mp_apply(spank, from->reply, mp_board_reply_size(from),
			 from->tasks, index);
}

int slurm_spank_task_init(spank_t spank, int argc, char **argv)
{
	struct mp_board own = { 0 };
	int index = -1;
	uint32_t rank = 0;

	(void)argc;
	(void)argv;
	if (board.shared && !spank_get_item(spank, S_TASK_ID, &index) &&
	    !spank_get_item(spank, S_TASK_GLOBAL_ID, &rank) && index >= 0 &&
	    mp_board_answered(&board) == MP_REPLY) {
		if (mp_board_same_mask(&board, (uint32_t)index)) {
			apply_board(spank, &board, (uint32_t)index);
		} else {
			evaluate_again(spank, &own, rank);
			if (own.shared)
				apply_board(spank, &own, 0);
			mp_board_close(&own);
		}
	}
	/* sbatch's option is for the sruns of its script (--export=NONE too) */
	if (option[0] && kind && !strcmp(kind, "batch"))
		spank_setenv(spank, "MP_POLICY", option, 1);
	mp_board_close(&board);
	return ESPANK_SUCCESS;
}

int slurm_spank_exit(spank_t spank, int argc, char **argv)
{
	long cpu;

	(void)spank;
	(void)argc;
	(void)argv;
	/* a step that failed before its last task was forked */
	if (evaluator && getpid() == stepd)
		mp_evaluator_end(evaluator, &cpu);
	evaluator = 0;
	mp_board_close(&board);
	return ESPANK_SUCCESS;
}
