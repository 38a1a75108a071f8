/* SPDX-License-Identifier: MIT */
/*
 * evaluator.c - forks the evaluator, which becomes the step's user
 *
 * slurmstepd has threads. So the child must not touch a lock that another thread may have
 * held, and calls no slurm_* function. fork(3) itself makes malloc(3) and dlopen(3) usable.
 */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cgroup.h"
#include "confine.h"
#include "engine.h"
#include "evaluator.h"
#include "plain.h"
#include "process.h"
#include "user.h"

pid_t mp_evaluator_start(const struct mp_step *step, struct mp_board *board,
			 bool tied)
{
	const pid_t parent = getpid();
	struct mp_step own = *step;
	char cgroup[MP_CGROUP_TEXT];
	pid_t pid;

	if (tied)
		mp_board_open_moved(board);
	pid = mp_fork_quietly();
	/* the tasks are forked later and must not have it */
	if (pid != 0 && board->moved)
		madvise(board->moved, sizeof(pid_t), MADV_DONTFORK);
	if (pid != 0)
		return pid;
	mp_board_mark_end(board);
	/*
	 * The user must not reach into a copy of slurmstepd. With fs.suid_dumpable=1 the change
	 * of ids undoes this (proc(5)), until the second call below.
	 */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	mp_user_give_way();
	/* an untied one does not know its tasks' numbers, and reads its own cgroup for theirs */
	if (tied && geteuid() == 0) {
		mp_cgroup_leave(board->moved, cgroup);
		own.cgroup = cgroup;
		mp_board_mark_end(board);
	}
	if (!mp_board_close_moved(board)) {
		mp_board_fail(board, "the evaluator keeps memory of root's: %s",
			      strerror(errno));
		mp_leave();
	}
	/* a task that evaluates again has only the user's keyring; a new one costs key quota */
	if (geteuid() == 0)
		mp_user_leave_keyring();
	if (!mp_user_become(step)) {
		mp_board_fail(board, "the evaluator cannot become uid %u: %s",
			      (unsigned int)step->uid, strerror(errno));
		mp_leave();
	}
	/* a change of the credentials undoes this call and PR_SET_PDEATHSIG (prctl(2)) */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* until here the user's rights were not enough to kill this process */
	if (mp_board_answered(board) != MP_PENDING)
		mp_leave();
	if (tied) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (getppid() != parent)
			mp_leave();
	}
	prctl(PR_SET_NAME, "mp-policy", 0, 0, 0);
	mp_confine();
	if (mp_plain(&own) && mp_plain_answer(board))
		mp_leave();
	mp_engine_run(&own, board);
}

bool mp_evaluator_start_apart(const struct mp_step *step,
			      struct mp_board *board, unsigned int limit)
{
	const pid_t pid = mp_fork_untold();

	if (pid == 0)
		_exit(mp_evaluator_start(step, board, false) < 0);
	return pid > 0 && mp_reap_forker(pid, limit);
}
