/* SPDX-License-Identifier: MIT */
/* process.c - the start and the end of each process that the plugin starts */

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "elapsed.h"
#include "process.h"

/* How often a waiter looks whether a child has ended if there is no pidfd_open(2). */
#define REAP_STEP_NS 50000L

pid_t mp_fork_quietly(void)
{
	sigset_t all, old;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (pid != 0)
		sigprocmask(SIG_SETMASK, &old, NULL);
	return pid;
}

pid_t mp_fork_untold(void)
{
	return (pid_t)syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);
}

void mp_reset_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;
	int i;

	for (i = 1; i < NSIG; i++)
		sigaction(i, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * For kernels before 5.9. RLIMIT_NOFILE does not bound the loop: it may be a billion, or
 * lower than a number in use.
 */
static void close_each(int from)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int fd;

	/* an entry is a number; ".", ".." and no directory at all count as nothing */
	while (dir && (entry = readdir(dir))) {
		fd = atoi(entry->d_name);
		if (entry->d_name[0] != '.' && fd >= from && fd != dirfd(dir))
			close(fd);
	}
	if (dir)
		closedir(dir);
	else
		for (fd = from; fd < 65536; fd++)
			close(fd);
}

void mp_close_descriptors(int from)
{
#ifdef SYS_close_range
	if (!syscall(SYS_close_range, (unsigned int)from, ~0u, 0u))
		return;
#endif
	close_each(from);
}

/* Kernels before 5.3 have no descriptor of a process. */
void mp_await_end(pid_t pid, long limit)
{
	const struct timespec step = { 0, REAP_STEP_NS };
	struct pollfd end = { .fd = -1, .events = POLLIN };

#ifdef SYS_pidfd_open
	end.fd = (int)syscall(SYS_pidfd_open, pid, 0);
#endif
	if (end.fd < 0) {
		nanosleep(&step, NULL);
		return;
	}
	poll(&end, 1, (int)limit);
	close(end.fd);
}

bool mp_reap_forker(pid_t pid, unsigned int limit)
{
	struct timespec start;
	int status = 0;
	pid_t got;
	long left;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		got = waitpid(pid, &status, __WALL | WNOHANG);
		if (got == pid || (got < 0 && errno != EINTR))
			break;
		left = (long)limit - mp_elapsed_ns(&start) / 1000000L;
		/* it does nothing but fork, so it was stopped */
		if (left <= 0)
			kill(pid, SIGKILL);
		mp_await_end(pid, left > 0 ? left : 1);
	}
	/* one that was killed may have forked before */
	return got == pid && (WIFSIGNALED(status) || !status);
}

void mp_leave(void)
{
	_exit(0);
}
