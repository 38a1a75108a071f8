/* SPDX-License-Identifier: MIT */
/*
 * board.h - the memory that slurmstepd, its tasks and the evaluator share
 *
 * One anonymous shared mapping a step. The evaluator runs as the user, so
 * everything on it is data that a user could have written: sizes and places are
 * kept in struct mp_board, which is private memory, and nothing that is read
 * from the mapping is believed before it was checked.
 */
#ifndef MP_POLICY_BOARD_H
#define MP_POLICY_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "abi.h"

#define MP_TEXT_MAX 512		   /* bytes, the NUL included */
#define MP_ANSWER_MAX (MP_TEXT_MAX + MP_LOG_MAX) /* of the engine's two lines */
#define MP_REPLY_MAX ((size_t)1024 * 1024) /* bytes; untouched pages cost nothing */

/* The evaluator's answer; changes once, from MP_PENDING. */
enum mp_answer { MP_PENDING, MP_REPLY, MP_FAILED, MP_LATE };

struct mp_shared;

struct mp_board {
	struct mp_shared *shared; /* NULL: no board */
	size_t size;		  /* bytes of the mapping */
	uint32_t tasks;
	uint32_t posted;    /* tasks so far */
	uint32_t mask_size; /* bytes of one task's mask */
	struct mp_task *task;
	unsigned char *masks;
	char *reply;
	/*
	 * The number of the process in which the evaluator goes on out of the step's
	 * cgroups, 0 if there is none. It is in a page of its own, which only root has.
	 */
	pid_t *moved;
};

/* Maps a board for so many tasks. Returns false, with errno, if that fails. */
bool mp_board_open(struct mp_board *board, uint32_t tasks);
void mp_board_close(struct mp_board *board);

/* Maps board->moved; without memory it stays NULL. */
void mp_board_open_moved(struct mp_board *board);
/* Unmaps it; false if that fails. */
bool mp_board_close_moved(struct mp_board *board);

/*
 * Puts one task's rank and the mask of its process on the board; cgroup is the
 * process, as the evaluator would number it, whose cgroups are the task's, or 0.
 */
void mp_board_post(struct mp_board *board, uint32_t index, uint32_t rank,
		   pid_t pid, pid_t cgroup);
/* Whether every task has been posted. */
bool mp_board_full(const struct mp_board *board);
/* Whether this process's own mask is the one that was posted for the task. */
bool mp_board_same_mask(const struct mp_board *board, uint32_t index);

/*
 * The evaluator's side: has the kernel note on the board when this process ends,
 * however it ends (robust futexes, set_robust_list(2)).
 */
void mp_board_mark_end(struct mp_board *board);
/* slurmstepd's side: whether the kernel has. */
bool mp_board_ended(const struct mp_board *board);
/* The evaluator's pid as it gave it, 0 if it has not done so yet, or has ended. */
pid_t mp_board_evaluator(const struct mp_board *board);

/* The evaluator's side: waits for the last post; false after limit ms. */
bool mp_board_await_posts(const struct mp_board *board, unsigned int limit);
/* The evaluator's side: publishes a reply of so many bytes, and its lines for the log. */
void mp_board_answer(struct mp_board *board, size_t reply_size,
		     const char *text);
/* The evaluator's side: publishes a failure; printf-like. */
void mp_board_fail(struct mp_board *board, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * slurmstepd's side: waits for the answer until the deadline (ms) is over or
 * the evaluator has ended.
 */
enum mp_answer mp_board_await_answer(struct mp_board *board,
				     unsigned int deadline);
/* slurmstepd's side: takes what there is, or is to come, for a failure. */
void mp_board_reject(struct mp_board *board);
/* What the step's launch has waited, in ms, for its tasks to know. */
void mp_board_set_waited(struct mp_board *board, unsigned int ms);
unsigned int mp_board_waited(const struct mp_board *board);
enum mp_answer mp_board_answered(const struct mp_board *board);
/*
 * Lines of which slurmd's log gets one a step: whether this process is the first of
 * the step to write it.
 */
enum mp_line { MP_LINE_ANSWER, MP_LINE_MALFORMED, MP_LINE_TOO_LARGE, MP_LINE_NOT_UNDONE };
bool mp_board_first(const struct mp_board *board, enum mp_line line);
/* Copies the evaluator's line for the log, made printable, to text[]. */
void mp_board_text(const struct mp_board *board, char *text, size_t size);
/* The same of its part of the line of log=, "" if there is none. */
void mp_board_line(const struct mp_board *board, char *line, size_t size);
/* Bytes of the reply as the evaluator gave them, at most MP_REPLY_MAX. */
size_t mp_board_reply_size(const struct mp_board *board);

#endif
