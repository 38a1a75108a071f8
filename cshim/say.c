/* SPDX-License-Identifier: MIT */
/*
 * say.c - lines on the stderr of the user's tasks
 *
 * A pipe, a socket and a terminal are written to by a child of the task's, which a timer
 * ends. Not so a file: a process that waits for a dead file server may hang in the kernel,
 * and slurmstepd waits for each process of the step, up to UnkillableStepTimeout, and then
 * has the node drained. So for a file there is a writer that has left the step's cgroups.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "cgroup.h"
#include "elapsed.h"
#include "evaluator.h"
#include "futex.h"
#include "owner.h"
#include "process.h"
#include "say.h"
#include "user.h"

/* How long a task waits until its lines are written, in ms: only for their order. */
#define SAY_LIMIT_MS 20
/* How long a line may take to be written, in seconds. */
#define LINE_LIMIT_S 1
/* A last bound on the writer's life, in seconds: a launch may take so long. */
#define LIFE_S 60
/* How often slurmstepd looks whether the writer has ended. */
#define LOOK_NS 5000000L
/* Bytes of one text for the writer; untouched pages cost nothing. */
#define TEXT_MAX ((size_t)64 * 1024)

/* Shared by the tasks and the writer, which is the user: nothing of it is believed. */
struct desk {
	_Atomic uint32_t state; /* a futex */
	_Atomic uint32_t event; /* a futex; changes with state and with done */
	_Atomic uint32_t done;	/* tasks that print no more lines */
	_Atomic uint32_t size;
	_Atomic uint32_t owner; /* the writer; see owner.h */
	char text[TEXT_MAX];
};

enum { DESK_FREE, DESK_TAKEN, DESK_WRITTEN };

static struct desk *desk;      /* NULL: stderr is not a file, or there is no writer */
static bool limited;	       /* the size of files is */
static uint32_t desk_tasks;    /* on this node */
static uid_t desk_uid;
static gid_t desk_gid;
static bool desk_numbers; /* the writer has the number there that it gives itself */

/*
 * Whether stderr may be a file: a write to one may hang so that no signal ends it. The name
 * in /proc shows that. fstat(2) may ask a file server, and lseek(2) waits for the write of
 * another process (it locks the file's position).
 */
static bool stderr_is_file(void)
{
	static const char *const others[] = { "pipe:[", "socket:[", "/dev/" };
	char name[PATH_MAX];
	const ssize_t size =
		readlink("/proc/self/fd/2", name, sizeof(name) - 1);
	size_t i;

	name[size > 0 ? size : 0] = '\0';
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strncmp(name, others[i], strlen(others[i])))
			return false;
	return true;
}

/* Nothing of a line may end or stop the process that writes it. */
static void ignore_signals(void)
{
	mp_reset_signals();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
}

static void end_after(time_t seconds)
{
	const struct itimerval life = { { 0, 0 }, { seconds, 0 } };

	setitimer(ITIMER_REAL, &life, NULL);
}

static void write_all(int fd, const char *text, size_t size)
{
	struct pollfd out = { .fd = fd, .events = POLLOUT };
	ssize_t done;

	while (size) {
		done = write(fd, text, size);
		if (done > 0) {
			text += done;
			size -= (size_t)done;
		} else if (done < 0 && errno == EAGAIN) {
			poll(&out, 1, -1);
		} else if (done == 0 || errno != EINTR) {
			return;
		}
	}
}

/* It keeps two descriptors: stderr, and the pipe that the task waits for. */
static __attribute__((noreturn)) void help(const char *text, int end)
{
	end_after(LINE_LIMIT_S);
	if (dup2(end, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		mp_leave();
	mp_close_descriptors(STDERR_FILENO);
	ignore_signals();
	write_all(STDOUT_FILENO, text, strlen(text));
	mp_leave();
}

/*
 * Starts a process that is not this one's child. Returns 0 in that process, and in this one
 * 1, or -1 if there may be none.
 */
static int start_apart(pid_t (*start)(void))
{
	sigset_t all, old;
	bool started;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = start();
	if (pid == 0) {
		pid = fork();
		if (pid != 0)
			_exit(pid < 0);
		return 0;
	}
	started = pid > 0 && mp_reap_forker(pid, LINE_LIMIT_S * 1000);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return started ? 1 : -1;
}

static void await_end(int end)
{
	struct pollfd ended = { .fd = end, .events = POLLIN };
	struct timespec start;
	long left = SAY_LIMIT_MS;

	clock_gettime(CLOCK_MONOTONIC, &start);
	while (left > 0 && poll(&ended, 1, (int)left) < 0 && errno == EINTR)
		left = SAY_LIMIT_MS - mp_elapsed_ns(&start) / 1000000L;
}

static void say_by_helper(const char *text)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return;
	if (start_apart(mp_fork_untold) == 0)
		help(text, ends[1]);
	close(ends[1]);
	await_end(ends[0]);
	close(ends[0]);
}

/* The writer */

static void change(struct desk *at, uint32_t state)
{
	atomic_store(&at->state, state);
	atomic_fetch_add(&at->event, 1);
	mp_futex_wake(&at->state);
	mp_futex_wake(&at->event);
}

static void write_desk(struct desk *at)
{
	static char text[TEXT_MAX];
	size_t size = atomic_load(&at->size);

	size = size < TEXT_MAX ? size : TEXT_MAX;
	memcpy(text, at->text, size);
	end_after(LINE_LIMIT_S);
	write_all(STDIN_FILENO, text, size);
	end_after(LIFE_S);
	change(at, DESK_FREE);
}

/* It keeps one descriptor: that file. */
static __attribute__((noreturn)) void write_for(const struct mp_step *step,
						pid_t stepd)
{
	const struct rlimit none = { 0, 0 };
	char cgroup[MP_CGROUP_TEXT];
	pid_t second = 0;
	uint32_t seen;
	bool last;

	mp_owner_set(&desk->owner);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (dup2(STDERR_FILENO, STDIN_FILENO) < 0)
		mp_leave();
	mp_close_descriptors(STDOUT_FILENO);
	mp_user_give_way();
	mp_cgroup_leave(&second, cgroup);
	/* again: this may be another process; and before the user can stop it */
	mp_owner_set(&desk->owner);
	mp_user_leave_keyring();
	if (!mp_user_become(step))
		mp_leave();
	/* again: changing the credentials undoes it (prctl(2)) */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_NAME, "mp-policy", 0, 0, 0);
	setrlimit(RLIMIT_CORE, &none);
	ignore_signals();
	end_after(LIFE_S);
	do {
		seen = atomic_load(&desk->event);
		/* before the state: a task puts its line on the desk before it is done */
		last = atomic_load(&desk->done) >= desk_tasks;
		if (atomic_load(&desk->state) == DESK_WRITTEN)
			write_desk(desk);
		else if (last)
			break;
		else
			mp_futex_wait(&desk->event, seen, 500000000L);
		/* if a task never counts itself, it still ends soon after slurmstepd */
	} while (!stepd || getpgid(stepd) >= 0);
	mp_leave();
}

/* Has the writer leave, once it has written what there is. */
static void dismiss(void)
{
	atomic_store(&desk->done, desk_tasks);
	atomic_fetch_add(&desk->event, 1);
	mp_futex_wake(&desk->event);
}

/* A writer that was started all the same must not wait for the tasks. */
static void leave_desk(void)
{
	dismiss();
	munmap(desk, sizeof(*desk));
	desk = NULL;
}

void mp_say_start(const struct mp_step *step, pid_t stepd)
{
	void *map;

	if (!stderr_is_file())
		return;
	map = mmap(NULL, sizeof(*desk), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED)
		return;
	desk = map;
	desk_tasks = step->local_tasks;
	desk_uid = step->uid;
	desk_gid = step->gid;
	desk_numbers = stepd != 0;
	switch (start_apart(fork)) {
	case 0:
		write_for(step, stepd);
	case -1:
		leave_desk();
	}
}

void mp_say_end(void)
{
	struct timespec start;
	uint32_t owner;
	long left;
	pid_t pid;

	if (!desk)
		return;
	/* a task that was killed early is not among the done ones */
	dismiss();
	clock_gettime(CLOCK_MONOTONIC, &start);
	while (!mp_owner_ended(&desk->owner)) {
		left = LINE_LIMIT_S * 1000000000L - mp_elapsed_ns(&start);
		if (left <= 0)
			break;
		owner = atomic_load(&desk->owner);
		mp_futex_wait(&desk->owner, owner,
			      left < LOOK_NS ? left : LOOK_NS);
	}
	/* one that is not the user yet cannot be stopped, and ends itself */
	pid = desk_numbers ? mp_owner_pid(&desk->owner) : 0;
	if (pid > 1 && start_apart(fork) == 0) {
		mp_evaluator_kill(pid, desk_uid, desk_gid);
		mp_leave();
	}
	leave_desk();
}

static void await_state(uint32_t state, const struct timespec *start)
{
	uint32_t now;
	long left;

	while ((now = atomic_load(&desk->state)) != state) {
		left = SAY_LIMIT_MS * 1000000L - mp_elapsed_ns(start);
		if (left <= 0)
			return;
		mp_futex_wait(&desk->state, now, left);
	}
}

static void say_to_writer(const char *text)
{
	const size_t size = strlen(text);
	uint32_t state = DESK_FREE;
	struct timespec start;

	clock_gettime(CLOCK_MONOTONIC, &start);
	await_state(DESK_FREE, &start);
	if (!atomic_compare_exchange_strong(&desk->state, &state, DESK_TAKEN))
		return;
	atomic_store(&desk->size,
		     (uint32_t)(size < TEXT_MAX ? size : TEXT_MAX));
	memcpy(desk->text, text, size < TEXT_MAX ? size : TEXT_MAX);
	change(desk, DESK_WRITTEN);
	await_state(DESK_FREE, &start);
}

void mp_say_heed(const char *propagated)
{
	struct rlimit size;

	propagated += propagated[0] == 'U';
	limited = getrlimit(RLIMIT_FSIZE, &size) ||
		  size.rlim_cur != RLIM_INFINITY ||
		  (propagated[0] && strtoull(propagated, NULL, 10) != RLIM_INFINITY);
}

void mp_say(const char *text)
{
	if (limited)
		return;
	if (!stderr_is_file())
		say_by_helper(text);
	else if (desk)
		say_to_writer(text);
}

void mp_say_done(void)
{
	if (!desk)
		return;
	atomic_fetch_add(&desk->done, 1);
	atomic_fetch_add(&desk->event, 1);
	mp_futex_wake(&desk->event);
}
