/* SPDX-License-Identifier: MIT */
/*
 * taskstate.c - writes down everything of a process but its environment
 *
 * Run as a task with and without the plugin, its output must be the same. What
 * differs from run to run (pids, inode numbers, times) is left out.
 */

#include <dirent.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void limits(void)
{
	struct rlimit l;
	int i;

	for (i = 0; i < RLIM_NLIMITS; i++)
		if (!getrlimit((__rlimit_resource_t)i, &l))
			printf("limit %d: %lld %lld\n", i,
			       (long long)l.rlim_cur, (long long)l.rlim_max);
}

/* /proc/self/status: signals, ids, groups, capabilities, masks and more. */
static void status(void)
{
	static const char *const keys[] = {
		"Umask:", "TracerPid:", "Uid:", "Gid:", "FDSize:", "Groups:",
		"NSsid:", "Kthread:", "CoreDumping:", "Threads:", "SigPnd:",
		"ShdPnd:", "SigBlk:", "SigIgn:", "SigCgt:", "CapInh:", "CapPrm:",
		"CapEff:", "CapBnd:", "CapAmb:", "NoNewPrivs:", "Seccomp:",
		"Speculation", "Cpus_allowed", "Mems_allowed", "untag_mask",
	};
	char line[65536];
	FILE *f = fopen("/proc/self/status", "r");
	size_t i;

	while (f && fgets(line, sizeof(line), f))
		for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			if (!strncmp(line, keys[i], strlen(keys[i])) &&
			    strcmp(keys[i], "NSsid:"))
				fputs(line, stdout);
	if (f)
		fclose(f);
}

static void file(const char *path)
{
	char text[4096];
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	text[n] = '\0';
	printf("%s: %s%s", path, text, n ? "" : "\n");
	if (f)
		fclose(f);
}

static void descriptors(void)
{
	char path[64], to[4096];
	struct stat st;
	ssize_t n;
	char *at;
	int fd;

	for (fd = 0; fd < 1024; fd++) {
		if (fstat(fd, &st))
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, to, sizeof(to) - 1);
		to[n > 0 ? n : 0] = '\0';
		/* pipe:[4711], socket:[4712] */
		at = strchr(to, '[');
		if (at)
			*at = '\0';
		printf("descriptor %d: %s mode %o\n", fd, to,
		       (unsigned int)st.st_mode);
	}
}

static void namespaces(void)
{
	static const char *const names[] = { "cgroup", "ipc",  "mnt",  "net",
					     "pid",    "time", "user", "uts" };
	char path[64], to[128];
	ssize_t n;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		n = readlink(path, to, sizeof(to) - 1);
		to[n > 0 ? n : 0] = '\0';
		printf("namespace %s\n", to);
	}
}

int main(void)
{
	struct itimerval timer;
	char cwd[4096];
	int i;

	limits();
	status();
	descriptors();
	namespaces();
	file("/proc/self/oom_score_adj");
	file("/proc/self/coredump_filter");
	file("/proc/self/timerslack_ns");
	for (i = ITIMER_REAL; i <= ITIMER_PROF; i++)
		if (!getitimer((__itimer_which_t)i, &timer))
			printf("timer %d: %ld\n", i, (long)timer.it_value.tv_sec);
	printf("cwd %s\n", getcwd(cwd, sizeof(cwd)));
	printf("nice %d\n", getpriority(PRIO_PROCESS, 0));
	printf("scheduler %d\n", sched_getscheduler(0));
	printf("io priority %ld\n", syscall(SYS_ioprio_get, 1, 0));
	printf("personality %x\n", (unsigned int)personality(0xffffffff));
	printf("dumpable %d\n", prctl(PR_GET_DUMPABLE));
	printf("keepcaps %d securebits %d\n", prctl(PR_GET_KEEPCAPS),
	       prctl(PR_GET_SECUREBITS));
	i = 0;
	prctl(PR_GET_PDEATHSIG, &i);
	printf("death signal %d\n", i);
	i = 0;
	prctl(PR_GET_CHILD_SUBREAPER, &i);
	printf("subreaper %d\n", i);
	printf("child: %s\n", waitpid(-1, NULL, WNOHANG) < 0 ? "none" : "one");
	return 0;
}
