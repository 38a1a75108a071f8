/* SPDX-License-Identifier: MIT */
/* say.h - lines on the stderr of the user's tasks */
#ifndef MP_POLICY_SAY_H
#define MP_POLICY_SAY_H

#include "step.h"

/*
 * A task never writes such a line itself. It could wait for a full pipe or for a dead file
 * server, and a limit of a file's size or a closed reader would end it by a signal. A line
 * that takes too long is lost.
 */

/*
 * To be called in user_init of a step whose tasks may have lines to print. Starts the process
 * that writes them if the tasks' stderr is a file. stepd is slurmstepd's number, 0 if a child
 * of this process sees another number.
 */
void mp_say_start(const struct mp_step *step, pid_t stepd);
/*
 * In slurmstepd, when the step is over: the process that writes to a file ends, also if
 * its user has stopped it. Waits for its last line for a second at most. Under
 * contain_spank one that was stopped is left: slurmstepd may not know its number.
 */
void mp_say_end(void);

/*
 * To be called in a task before mp_say. propagated is SLURM_RLIMIT_FSIZE, "" if it is not
 * there: Slurm sets the task's limit from it only later (set_user_limits in its
 * src/slurmd/slurmstepd/task.c). If the size of files is limited, mp_say prints nothing: srun
 * has the same limit, and the line that it writes for the task would end it.
 */
void mp_say_heed(const char *propagated);

/* In a task: prints the text, and waits some ms at most until it is there. */
void mp_say(const char *text);
/* In a task: there are no more lines. */
void mp_say_done(void);

#endif
