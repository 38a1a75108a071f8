/* SPDX-License-Identifier: MIT */
/*
 * plain.c - asks the shim whether a step plainly gets nothing
 *
 *	program CONFIG DEFAULT LOG OPTION KIND TASKS COMMAND...
 *
 * Prints "plain" or "engine". The environment is the step's. With "plain", the answer for
 * TASKS tasks must be valid and must have an empty record for each task.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <slurm/spank.h>

#include "apply.h"
#include "plain.h"
#include "record.h"
#include "say.h"

/* apply.c needs these only for a record that is not empty */
enum mp_applied mp_env_change(spank_t spank, struct mp_change *changes,
			      size_t count)
{
	(void)spank;
	(void)changes;
	if (count)
		exit(3);
	return MP_APPLIED;
}

bool mp_env_is_name(const char *name)
{
	(void)name;
	exit(3);
}

void mp_say(const char *text)
{
	(void)text;
	exit(3);
}

int main(int argc, char **argv)
{
	static struct mp_config config;
	struct mp_step step = { .config = &config, .env = environ };
	struct mp_board board;
	uint32_t i;

	if (argc < 7)
		return 2;
	snprintf(config.config, sizeof(config.config), "%s", argv[1]);
	snprintf(config.def, sizeof(config.def), "%s", argv[2]);
	snprintf(config.log, sizeof(config.log), "%s", argv[3]);
	step.option = argv[4];
	step.kind = argv[5];
	step.local_tasks = (uint32_t)atoi(argv[6]);
	step.argc = argc - 7;
	step.argv = argv + 7;
	if (!mp_plain(&step)) {
		puts("engine");
		return 0;
	}
	if (!mp_board_open(&board, step.local_tasks) ||
	    !mp_plain_answer(&board) ||
	    mp_board_answered(&board) != MP_REPLY ||
	    !mp_reply_valid(board.reply, mp_board_reply_size(&board),
			    board.tasks))
		return 1;
	for (i = 0; i < board.tasks; i++)
		if (mp_apply(NULL, board.reply, mp_board_reply_size(&board),
			     board.tasks, i, true) != MP_APPLIED)
			return 1;
	mp_board_close(&board);
	puts("plain");
	return 0;
}
