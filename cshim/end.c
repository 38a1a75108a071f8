/* SPDX-License-Identifier: MIT */
/* end.c - ends an evaluator that is not wanted any more */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "elapsed.h"
#include "evaluator.h"
#include "process.h"

/* How often a killed one is looked at, in ms. */
#define LOOK_MS 20L
/*
 * One that is found asleep in the kernel so many times in a row is taken for hanging. A busy
 * kernel, or one that moves a process to another cgroup, lets it sleep for some of them.
 */
#define LOOKS 10

/*
 * A process that is not this one's child may have ended, and another process may have its
 * number: so the signal is sent with the user's rights. The user can signal, and so stop, any
 * process whose real id is the user's (kill(2)). That must not be slurmstepd: a child sends
 * the signal, and slurmstepd does not wait for it. Under contain_spank it is init's child.
 */
void mp_evaluator_kill(pid_t pid, uid_t uid, gid_t gid)
{
	if (geteuid() != 0) {
		kill(pid, SIGKILL);
		return;
	}
	if (mp_fork_quietly() != 0)
		return;
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	mp_close_descriptors(0);
	if (!syscall(SYS_setgroups, (size_t)0, NULL) &&
	    !syscall(SYS_setresgid, gid, gid, gid) &&
	    !syscall(SYS_setresuid, uid, uid, uid)) {
		/* with fs.suid_dumpable=1 the change of ids has undone it (proc(5)) */
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
		kill(pid, SIGKILL);
	}
	mp_leave();
}

static long microseconds(const struct timeval *t)
{
	return t->tv_sec * 1000000L + t->tv_usec;
}

/* Whether a thread sleeps in the kernel so that no signal ends it (proc_pid_stat(5)). */
static bool thread_hangs(int tasks, const char *thread)
{
	char path[64], text[512];
	const char *state;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "%.32s/stat", thread);
	fd = openat(tasks, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	state = strrchr(text, ')');
	return state && !strncmp(state, ") D", 3);
}

/* Any thread may hang. If it is one of the engine's, the first thread has ended. */
static bool hangs(pid_t pid)
{
	struct dirent *entry;
	bool found = false;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir)))
		found = entry->d_name[0] != '.' &&
			thread_hangs(dirfd(dir), entry->d_name);
	if (dir)
		closedir(dir);
	return found;
}

/* *cpu becomes -1 if this process has not reaped pid: the use of CPU is not known then. */
static bool end_one(pid_t pid, unsigned int limit, long *cpu)
{
	struct timespec start;
	struct rusage used;
	bool killed = false;
	int asleep = 0;
	pid_t got;
	long left;

	*cpu = -1;
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		got = wait4(pid, NULL, WNOHANG, &used);
		if (got == pid)
			*cpu = microseconds(&used.ru_utime) +
			       microseconds(&used.ru_stime);
		/* slurmstepd waits for any child, so it may have been first */
		if (got == pid || (got < 0 && errno == ECHILD))
			return true;
		left = (long)limit - mp_elapsed_ns(&start) / 1000000L;
		asleep = killed && hangs(pid) ? asleep + 1 : 0;
		if (left <= 0 || asleep == LOOKS)
			return false;
		/* a child that was not waited for keeps its number */
		if (!killed)
			kill(pid, SIGKILL);
		killed = true;
		mp_await_end(pid, left < LOOK_MS ? left : LOOK_MS);
	}
}

bool mp_evaluator_end(pid_t *pid, const struct mp_board *board,
		      unsigned int limit, long *cpu)
{
	bool ended;
	long second;

	ended = end_one(*pid, limit, cpu);
	/* of two processes, the first has ended when there is the second */
	if (board->moved && *board->moved) {
		*pid = *board->moved;
		ended = end_one(*pid, limit, &second);
		*cpu = *cpu < 0 || second < 0 ? -1 : *cpu + second;
	}
	if (ended)
		*pid = 0;
	return ended;
}
