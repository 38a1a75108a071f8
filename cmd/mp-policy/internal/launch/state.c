/* SPDX-License-Identifier: MIT */
/* state.c - undoes the changes that Go's runtime makes to this process */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "state.h"

extern char **environ;

/*
 * Go's runtime ends the process if it cannot reserve its address space: seen at 1.2 GB.
 * Below this limit no evaluation is made.
 */
#define GO_NEEDS ((rlim_t)4 << 30)

static bool ignored[NSIG]; /* Go handles all but SIGHUP and SIGINT, which execve(2) makes the default */
static sigset_t blocked;   /* Go unblocks some */
static bool closed[3];	   /* Go opens /dev/null there */
static struct rlimit files; /* Go raises the soft limit */

/* Without Go: COMMAND as it is. */
static void start_plain(int argc, char **argv)
{
	int i = 2, status;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "--")) {
			i++;
			break;
		}
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return;
		if (!strcmp(argv[i], "--mp-policy"))
			i++;
	}
	if (i >= argc)
		return;
	fprintf(stderr, "mp-policy: run: the limit of the address space (ulimit -v) is too small for an evaluation; the command runs as it is\n");
	execvp(argv[i], argv + i);
	status = errno == ENOENT ? 127 : 126;
	fprintf(stderr, "mp-policy: run: %s: %s\n", argv[i], strerror(errno));
	_exit(status);
}

/* glibc gives a constructor the arguments of main; another C library does not. */
static void __attribute__((constructor)) record(int argc, char **argv)
{
	struct sigaction action;
	struct rlimit space;
	int i;

	for (i = 1; i < NSIG; i++)
		ignored[i] = !sigaction(i, NULL, &action) &&
			     action.sa_handler == SIG_IGN;
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	for (i = 0; i < 3; i++)
		closed[i] = fcntl(i, F_GETFD) < 0 && errno == EBADF;
	getrlimit(RLIMIT_NOFILE, &files);
#ifdef __GLIBC__
	if (argc > 1 && !strcmp(argv[1], "run") &&
	    !getrlimit(RLIMIT_AS, &space) && space.rlim_cur < GO_NEEDS)
		start_plain(argc, argv);
#else
	(void)argc, (void)argv, (void)space;
#endif
}

void mp_restore_signals(void)
{
	static const int of_go[] = { SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE,
				     SIGSEGV, SIGPIPE, SIGPROF, SIGURG, SIGXFSZ,
				     SIGSYS };
	struct sigaction action = { 0 };
	size_t i;
	int sig;

	for (sig = 1; sig < SIGRTMIN; sig++) {
		for (i = 0; i < sizeof(of_go) / sizeof(of_go[0]); i++)
			if (of_go[i] == sig)
				break;
		if (i < sizeof(of_go) / sizeof(of_go[0]))
			continue;
		action.sa_handler = ignored[sig] ? SIG_IGN : SIG_DFL;
		sigaction(sig, &action, NULL); /* fails for SIGKILL, SIGSTOP and glibc's own */
	}
}

int mp_exec(char **argv, char **env)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct rlimit raised;
	sigset_t mask;
	int i, error;

	for (i = 1; i < NSIG; i++)
		if (ignored[i])
			sigaction(i, &ignore, NULL);
	for (i = 0; i < 3; i++)
		if (closed[i])
			fcntl(i, F_SETFD, FD_CLOEXEC);
	getrlimit(RLIMIT_NOFILE, &raised);
	setrlimit(RLIMIT_NOFILE, &files);
	pthread_sigmask(SIG_SETMASK, &blocked, &mask);
	execvpe(argv[0], argv, env);
	error = errno;
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	setrlimit(RLIMIT_NOFILE, &raised);
	return error;
}

void mp_say(const char *text, size_t size)
{
	sigset_t mask;
	ssize_t n;

	sigemptyset(&mask);
	sigaddset(&mask, SIGPIPE);
	sigaddset(&mask, SIGXFSZ);
	sigaddset(&mask, SIGTTOU);
	pthread_sigmask(SIG_BLOCK, &mask, NULL);
	while (size > 0 && ((n = write(2, text, size)) > 0 || (n < 0 && errno == EINTR)))
		if (n > 0) {
			text += n;
			size -= (size_t)n;
		}
}

char **mp_environment(void)
{
	return environ;
}
