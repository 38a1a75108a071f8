/* SPDX-License-Identifier: MIT */
/* collect.c - waits for an evaluator's answer, for the step or for one of its tasks */

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

enum mp_answer mp_collect(spank_t spank, const struct mp_board *board,
			  struct mp_board *from, pid_t *pid, bool child,
			  unsigned int deadline)
{
	char text[MP_TEXT_MAX];
	struct timespec start;
	enum mp_answer got;
	long cpu = 0;
	bool says;

	clock_gettime(CLOCK_MONOTONIC, &start);
	got = mp_board_await_answer(from, deadline);
	/*
	 * One that has answered ends by itself, but a child is to be reaped. One that is no
	 * child is killed by the user, in the evaluator's namespaces, with the number that
	 * the evaluator has there and has put on the board.
	 */
	if (!child && got == MP_LATE)
		mp_collect_kill(spank, from, mp_board_evaluator(from));
	if (child)
		mp_evaluator_end(pid, from, END_MS, &cpu);
	else
		*pid = 0;
	mp_board_set_waited(from,
			    (unsigned int)(mp_elapsed_ns(&start) / 1000000));
	mp_board_text(from, text, sizeof(text));
	says = ((got != MP_REPLY || text[0]) &&
		mp_board_first(board, MP_LINE_ANSWER)) ||
	       from == board;
	if (says && got == MP_LATE)
		note("no answer within %u ms; the step runs without the policy",
		     deadline);
	if (says && got == MP_FAILED)
		note("%s; the step runs without the policy",
		     text[0] ? text : "the evaluator ended without an answer");
	if (says && got == MP_REPLY && text[0])
		note("%s", text);
	if (got == MP_REPLY &&
	    !mp_reply_valid(from->reply, mp_board_reply_size(from),
			    from->tasks)) {
		mp_board_reject(from);
		got = MP_FAILED;
		if (mp_board_first(board, MP_LINE_MALFORMED) || from == board)
			note("the engine's reply is malformed; the step runs without the policy");
	}
	slurm_debug("mp-policy: waited %ld us for the evaluator, which used %ld us of CPU",
		    mp_elapsed_ns(&start) / 1000, cpu);
	return got;
}

void mp_evaluate_again(spank_t spank, const struct mp_config *config,
		       const char *kind, const struct mp_board *board,
		       struct mp_board *own, uint32_t rank)
{
	const unsigned int waited = mp_board_waited(board);
	struct mp_step step;
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
			       left > 0 ? (unsigned int)left : 0) == MP_REPLY)
			return;
	}
	mp_board_close(own);
}
