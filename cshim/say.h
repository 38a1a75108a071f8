/* SPDX-License-Identifier: MIT */
/* say.h - lines on the stderr of the user's tasks */
#ifndef MP_POLICY_SAY_H
#define MP_POLICY_SAY_H

#include "step.h"

/*
 * A task never writes such a line itself: it could wait for a full pipe or for a dead
 * file server, and a limit of a file's size or a closed reader would end it by a signal. A line that takes longer than some time is lost.
 */

/*
 * In user_init, of the step whose tasks may have something to say: if their stderr is a
 * file, starts the process that writes to it. stepd is slurmstepd's number, 0 if that is
 * another one for a child of this process.
 */
void mp_say_start(const struct mp_step *step, pid_t stepd);
/*
 * In slurmstepd, when the step is over: the process that writes to a file ends, also if
 * its user has stopped it. Waits for its last line for a second at most. Under
 * contain_spank one that was stopped is left: slurmstepd may not know its number.
 */
void mp_say_end(void);

/*
 * In a task, before anything is said: propagated is SLURM_RLIMIT_FSIZE, "" if it is not
 * there, with which Slurm sets the task's limit only later (set_user_limits in its
 * src/slurmd/slurmstepd/task.c). If the size of files is limited, nothing is said: srun
 * has the same limit, and would be ended by the line that it writes for the task.
 */
void mp_say_heed(const char *propagated);

/* In a task: prints the text, and waits some ms at most until it is there. */
void mp_say(const char *text);
/* In a task: it has said all that it has to say. */
void mp_say_done(void);

#endif
