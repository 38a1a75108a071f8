/* SPDX-License-Identifier: MIT */
/* board.c - the memory that slurmstepd, its tasks and the evaluator share */

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "board.h"
#include "elapsed.h"
#include "futex.h"
#include "note.h"
#include "owner.h"

/* Kernels of today stop at 8192 CPUs (NR_CPUS of arch/x86/Kconfig). */
#define MASK_MAX 1024

/* How often a waiter looks whether the evaluator is still there. */
#define SLICE_NS 5000000L

struct mp_shared {
	_Atomic uint32_t posted; /* tasks on the board; a futex */
	_Atomic uint32_t answer; /* enum mp_answer; a futex */
	_Atomic uint32_t reply_size;
	_Atomic uint32_t waited; /* ms */
	_Atomic uint32_t lines;	 /* a bit for each enum mp_line */
	_Atomic uint32_t owner;	 /* the evaluator; see owner.h */
	char text[MP_ANSWER_MAX];
};

/*
 * The raw system call, since sched_getaffinity(3) clears its buffer and hides
 * how many bytes this kernel's masks have.
 */
static long get_mask(pid_t pid, unsigned char *mask, size_t size)
{
	return syscall(SYS_sched_getaffinity, pid, size, mask);
}

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

bool mp_board_open(struct mp_board *board, uint32_t tasks)
{
	unsigned char probe[MASK_MAX];
	long mask_size = get_mask(0, probe, sizeof(probe));
	size_t task_at, mask_at, reply_at, size;
	char *map;

	memset(board, 0, sizeof(*board));
	if (mask_size <= 0)
		return false;
	task_at = round_up(sizeof(struct mp_shared), 64);
	mask_at = round_up(task_at + tasks * sizeof(struct mp_task), 64);
	reply_at = round_up(mask_at + (size_t)tasks * (size_t)mask_size, 64);
	size = reply_at + MP_REPLY_MAX;
	map = mmap(NULL, size, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED)
		return false;
	board->shared = (struct mp_shared *)(void *)map;
	board->size = size;
	board->tasks = tasks;
	board->mask_size = (uint32_t)mask_size;
	board->task = (struct mp_task *)(void *)(map + task_at);
	board->masks = (unsigned char *)map + mask_at;
	board->reply = map + reply_at;
	return true;
}

void mp_board_open_moved(struct mp_board *board)
{
	void *map = mmap(NULL, sizeof(pid_t), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	board->moved = map == MAP_FAILED ? NULL : map;
}

bool mp_board_close_moved(struct mp_board *board)
{
	if (board->moved && munmap(board->moved, sizeof(pid_t)))
		return false;
	board->moved = NULL;
	return true;
}

void mp_board_close(struct mp_board *board)
{
	mp_board_close_moved(board);
	if (board->shared)
		munmap(board->shared, board->size);
	memset(board, 0, sizeof(*board));
}

void mp_board_post(struct mp_board *board, uint32_t index, uint32_t rank,
		   pid_t pid, pid_t cgroup)
{
	if (index < board->tasks) {
		unsigned char *mask = board->masks +
				      (size_t)index * board->mask_size;

		board->task[index].rank = rank;
		board->task[index].pid = cgroup;
		/* a task that is gone already keeps an empty mask: no settings */
		if (get_mask(pid, mask, board->mask_size) < 0)
			memset(mask, 0, board->mask_size);
	}
	board->posted++;
	/* only the evaluator reads this; slurmstepd counts in its own memory */
	atomic_store(&board->shared->posted, board->posted);
	if (mp_board_full(board))
		mp_futex_wake(&board->shared->posted);
}

bool mp_board_full(const struct mp_board *board)
{
	return board->posted >= board->tasks;
}

bool mp_board_same_mask(const struct mp_board *board, uint32_t index)
{
	unsigned char own[MASK_MAX];

	return index < board->tasks &&
	       get_mask(0, own, sizeof(own)) == (long)board->mask_size &&
	       !memcmp(own, board->masks + (size_t)index * board->mask_size,
		       board->mask_size);
}

/*
 * slurmstepd cannot always wait for the evaluator: under contain_spank it is init's child,
 * which may be slow to reap it or never do.
 */
void mp_board_mark_end(struct mp_board *board)
{
	mp_owner_set(&board->shared->owner);
}

bool mp_board_ended(const struct mp_board *board)
{
	return mp_owner_ended(&board->shared->owner);
}

pid_t mp_board_evaluator(const struct mp_board *board)
{
	return mp_owner_pid(&board->shared->owner);
}

bool mp_board_await_posts(const struct mp_board *board, unsigned int limit)
{
	struct timespec start;
	uint32_t seen;

	clock_gettime(CLOCK_MONOTONIC, &start);
	while ((seen = atomic_load(&board->shared->posted)) < board->tasks) {
		if (mp_elapsed_ns(&start) / 1000000L >= (long)limit)
			return false;
		mp_futex_wait(&board->shared->posted, seen, 100 * SLICE_NS);
	}
	return true;
}

static bool answer(struct mp_board *board, uint32_t value)
{
	uint32_t pending = MP_PENDING;

	return atomic_compare_exchange_strong(&board->shared->answer, &pending,
					      value);
}

void mp_board_answer(struct mp_board *board, size_t reply_size,
		     const char *text)
{
	snprintf(board->shared->text, MP_ANSWER_MAX, "%s", text);
	atomic_store(&board->shared->reply_size, (uint32_t)reply_size);
	answer(board, MP_REPLY);
	mp_futex_wake(&board->shared->answer);
}

void mp_board_fail(struct mp_board *board, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(board->shared->text, MP_TEXT_MAX, format, args);
	va_end(args);
	answer(board, MP_FAILED);
	mp_futex_wake(&board->shared->answer);
}

enum mp_answer mp_board_await_answer(struct mp_board *board,
				     unsigned int deadline)
{
	struct timespec start;
	long left;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		if (atomic_load(&board->shared->answer) != MP_PENDING)
			break;
		left = (long)deadline * 1000000L - mp_elapsed_ns(&start);
		if (left <= 0) {
			answer(board, MP_LATE);
			break;
		}
		/* if it answered before it ended, its answer stands */
		if (mp_board_ended(board)) {
			answer(board, MP_FAILED);
			break;
		}
		mp_futex_wait(&board->shared->answer, MP_PENDING,
			   left < SLICE_NS ? left : SLICE_NS);
	}
	return mp_board_answered(board);
}

void mp_board_set_waited(struct mp_board *board, unsigned int ms)
{
	atomic_store(&board->shared->waited, ms);
}

unsigned int mp_board_waited(const struct mp_board *board)
{
	return atomic_load(&board->shared->waited);
}

void mp_board_reject(struct mp_board *board)
{
	atomic_store(&board->shared->answer, MP_FAILED);
}

enum mp_answer mp_board_answered(const struct mp_board *board)
{
	uint32_t value = atomic_load(&board->shared->answer);

	return value <= MP_LATE ? (enum mp_answer)value : MP_FAILED;
}

bool mp_board_first(const struct mp_board *board, enum mp_line line)
{
	const uint32_t bit = 1u << line;

	return !(atomic_fetch_or(&board->shared->lines, bit) & bit);
}

/* Copies from there to the byte stop or the end; returns the byte behind it. */
static size_t copy_text(const struct mp_board *board, size_t from, char stop,
			char *text, size_t size)
{
	size_t i, n = 0;

	for (i = from; i < MP_ANSWER_MAX; i++) {
		const char c = board->shared->text[i];

		if (!c || c == stop)
			break;
		if (n + 1 < size)
			text[n++] = c;
	}
	text[n] = '\0';
	mp_make_printable(text);
	return i + 1;
}

void mp_board_text(const struct mp_board *board, char *text, size_t size)
{
	/* a failure is one line, whatever it has in it */
	copy_text(board, 0,
		  mp_board_answered(board) == MP_REPLY ? '\n' : '\0', text,
		  size);
}

void mp_board_line(const struct mp_board *board, char *line, size_t size)
{
	char text[MP_TEXT_MAX];

	copy_text(board, copy_text(board, 0, '\n', text, sizeof(text)), '\0',
		  line, size);
}

size_t mp_board_reply_size(const struct mp_board *board)
{
	size_t size = atomic_load(&board->shared->reply_size);

	return size < MP_REPLY_MAX ? size : MP_REPLY_MAX;
}
