/* SPDX-License-Identifier: MIT */
/* end.c - prints whether the use of CPU is known of children that have ended in several ways */

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "evaluator.h"

#define USED_US 50000L

static pid_t start(void)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	while (clock() * 1000000LL / CLOCKS_PER_SEC < USED_US)
		;
	_exit(0);
}

/* Waits for the end of pid, which stays a zombie. */
static void await(pid_t pid)
{
	siginfo_t info;

	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
}

static void end(const char *what, pid_t pid, pid_t *moved)
{
	struct mp_board board = { .moved = moved };
	long cpu = 0;
	bool ended = mp_evaluator_end(&pid, &board, 1000, &cpu);

	printf("%s: %s, CPU %s\n", what, ended ? "ended" : "there",
	       cpu < 0		? "not known" :
	       cpu < USED_US	? "too little" :
	       cpu < 2 * USED_US ? "of one" :
				   "of two");
}

int main(void)
{
	pid_t pid = start(), second = start();

	await(pid);
	end("one", pid, NULL);
	pid = start();
	await(pid);
	await(second);
	end("two", pid, &second);
	pid = start();
	waitpid(pid, NULL, 0);
	end("reaped by somebody else", pid, NULL);
	pid = start();
	second = start();
	await(pid);
	waitpid(second, NULL, 0);
	end("second reaped by somebody else", pid, &second);
	return 0;
}
