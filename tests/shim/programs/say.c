/* SPDX-License-Identifier: MIT */
/* say.c - shows the end of the processes that the shim's say.c starts: say CASE FILE */

#include <dlfcn.h>
#include <sys/wait.h>

#include "../../../cshim/say.c"

static bool no_fork;

pid_t fork(void)
{
	pid_t (*real)(void);

	if (no_fork)
		return -1;
	*(void **)(&real) = dlsym(RTLD_NEXT, "fork");
	return real();
}

static pid_t fork_stopped(void)
{
	const pid_t pid = mp_fork_untold();

	if (pid == 0)
		raise(SIGSTOP);
	return pid;
}

/* A user's stop of the process between a task and its helper. */
static void stop_between(void)
{
	if (start_apart(fork_stopped) == 0)
		mp_leave();
	puts(waitpid(-1, NULL, __WALL | WNOHANG) < 0 ? "no child is left" :
						       "a child is left");
}

static const struct mp_step step = { .uid = 65534,
				     .gid = 65534,
				     .local_tasks = 1 };

static void start_none(void)
{
	no_fork = true;
	mp_say_start(&step, getpid());
	puts(desk ? "the desk is left" : "no desk");
}

/* A writer of a step whose task never reports that it is done. */
static void end_writer(bool stop)
{
	int status = 0;
	pid_t pid;

	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	mp_say_start(&step, getpid());
	mp_say("a line\n");
	/* it has written, so it is the user and has its last number */
	while (desk && atomic_load(&desk->state) != DESK_FREE)
		usleep(1000);
	pid = desk ? mp_owner_pid(&desk->owner) : 0;
	if (stop && !kill(pid, SIGSTOP))
		waitpid(pid, &status, WUNTRACED);
	mp_say_end();
	if (pid <= 0 || waitpid(pid, &status, 0) != pid)
		puts("no writer");
	else
		puts(WIFSIGNALED(status) ? "killed" : "left");
}

int main(int argc, char **argv)
{
	alarm(30);
	if (argc != 3 || !freopen(argv[2], "a", stderr))
		return 2;
	if (!strcmp(argv[1], "between"))
		stop_between();
	else if (!strcmp(argv[1], "none"))
		start_none();
	else
		end_writer(!strcmp(argv[1], "stopped"));
	return 0;
}
