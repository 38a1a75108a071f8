/* SPDX-License-Identifier: MIT */
/* collect.c - waits for an evaluator's answer, for the step or for one of its tasks */

#include <stdio.h>
#include <unistd.h>

#include <slurm/slurm.h>

#include "apply.h"
#include "collect.h"
#include "elapsed.h"
#include "evaluator.h"
#include "note.h"

/* How long a killed evaluator may take to be gone, in ms, while a step is launched. */
#define END_MS 20u

void mp_collect_kill(spank_t spank, const struct mp_board *from, pid_t pid)
{
	uid_t uid;
	gid_t gid;

	/* one that has ended may have left its number to another process */
	if (pid > 1 && !mp_board_ended(from) &&
	    !spank_get_item(spank, S_JOB_UID, &uid) &&
	    !spank_get_item(spank, S_JOB_GID, &gid))
		mp_evaluator_kill(pid, uid, gid);
}

/* Writes the reason if there is no answer, "" if there is one. */
static void write_failure(const struct mp_board *from, enum mp_answer got,
			  unsigned int deadline, char *why, size_t size)
{
	why[0] = '\0';
	if (got == MP_LATE)
		snprintf(why, size, "no answer within %u ms", deadline);
	if (got == MP_FAILED)
		mp_board_text(from, why, size);
	if (got == MP_FAILED && !why[0])
		snprintf(why, size, "the evaluator ended without an answer");
}

enum mp_answer mp_collect(spank_t spank, const struct mp_board *board,
			  struct mp_board *from, pid_t *pid, bool child,
			  unsigned int deadline, struct mp_outcome *outcome)
{
	char text[MP_TEXT_MAX];
	struct timespec start;
	enum mp_answer got;
	enum mp_line line = MP_LINE_ANSWER;

	outcome->cpu_us = -1;
	clock_gettime(CLOCK_MONOTONIC, &start);
	got = mp_board_await_answer(from, deadline);
	/*
	 * One that has answered ends by itself, but a child is to be reaped. One that is not a
	 * child is killed with the user's rights, in the evaluator's namespaces, with the number that
	 * the evaluator has there and has put on the board.
	 */
	if (!child && got == MP_LATE)
		mp_collect_kill(spank, from, mp_board_evaluator(from));
	if (child)
		mp_evaluator_end(pid, from, END_MS, &outcome->cpu_us);
	else
		*pid = 0;
	outcome->wait_us = mp_elapsed_ns(&start) / 1000;
	mp_board_set_waited(from, (unsigned int)(outcome->wait_us / 1000));
	mp_board_text(from, text, sizeof(text));
	write_failure(from, got, deadline, outcome->failed,
		      sizeof(outcome->failed));
	if (got == MP_REPLY && text[0] &&
	    (mp_board_first(board, MP_LINE_ANSWER) || from == board))
		note("%s", text);
	if (got == MP_REPLY &&
	    !mp_reply_valid(from->reply, mp_board_reply_size(from),
			    from->tasks)) {
		mp_board_reject(from);
		got = MP_FAILED;
		line = MP_LINE_MALFORMED;
		snprintf(outcome->failed, sizeof(outcome->failed),
			 "the engine's reply is malformed");
	}
	if (outcome->failed[0] &&
	    (mp_board_first(board, line) || from == board))
		note("%s; the step runs without the policy", outcome->failed);
	if (outcome->cpu_us < 0)
		slurm_debug("mp-policy: waited %ld us for the evaluator, whose use of CPU is not known",
			    outcome->wait_us);
	else
		slurm_debug("mp-policy: waited %ld us for the evaluator, which used %ld us of CPU",
			    outcome->wait_us, outcome->cpu_us);
	return got;
}

void mp_evaluate_again(spank_t spank, const struct mp_config *config,
		       const char *kind, const struct mp_board *board,
		       struct mp_board *own, uint32_t rank)
{
	const unsigned int waited = mp_board_waited(board);
	struct mp_step step;
	struct mp_outcome outcome;
	struct timespec start;
	pid_t pid = 0;
	long left;

	if (waited >= config->deadline ||
	    !mp_step_read(spank, config, kind, &step) || !mp_board_open(own, 1))
		return;
	left = (long)(config->deadline - waited);
	clock_gettime(CLOCK_MONOTONIC, &start);
	/* step.local_tasks stays: the CPUs of the step are shared by them all */
	if (mp_evaluator_start_apart(&step, own, (unsigned int)left)) {
		left -= mp_elapsed_ns(&start) / 1000000L;
		mp_board_post(own, 0, rank, getpid(), getpid());
		if (mp_collect(spank, board, own, &pid, false,
			       left > 0 ? (unsigned int)left : 0,
			       &outcome) == MP_REPLY)
			return;
	}
	mp_board_close(own);
}
