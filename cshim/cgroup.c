/* SPDX-License-Identifier: MIT */
/*
 * cgroup.c - takes the evaluator out of the step's cgroups
 *
 * slurmstepd is in them when it calls user_init: proctrack_g_create and task_g_pre_setuid
 * come before (_fork_all_tasks in Slurm's src/slurmd/slurmstepd/mgr.c). An evaluator that
 * stays there is charged to the job's memory, and if it hangs in the kernel, the step's
 * directories stay as long as it does.
 *
 * Writing to cgroup.procs waits for an RCU grace period, some milliseconds. Two ways do not
 * (kernel/cgroup/cgroup.c): a thread that writes 0 to the file tasks of cgroup v1, since
 * Linux 5.5, and CLONE_INTO_CGROUP of clone3(2) on cgroup v2. Before 5.5
 * cgroup_procs_write_start waits for threads, too (percpu_down_write of
 * cgroup_threadgroup_rwsem).
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cgroup.h"

#define ROOT "/sys/fs/cgroup"
/* Bytes of an affinity mask: as many as board.c has. */
#define MASK_MAX 1024

/* Finds "/NAME_" and digits in text, with a slash or the end behind them; NULL if not there. */
static const char *find_numbered(const char *text, const char *name)
{
	const size_t size = strlen(name);
	const char *at = text;
	size_t digits;

	while ((at = strstr(at, name))) {
		digits = strspn(at + size, "0123456789");
		if (digits && (at[size + digits] == '/' || !at[size + digits]))
			return at;
		at += size;
	}
	return NULL;
}

bool mp_cgroup_outside(const char *line, char *to, bool *unified)
{
	const char *controllers = strchr(line, ':');
	const char *path, *job;
	int size;

	path = controllers ? strchr(++controllers, ':') : NULL;
	if (!path)
		return false;
	*unified = path++ == controllers;
	/*
	 * v1: .../slurm/uid_U/job_J/step_S; v2: .../slurmstepd.scope/job_J/step_S/slurm, with
	 * the directory system beside job_J, which is a leaf as v2 demands it (create_hierarchy
	 * of Slurm's src/plugins/cgroup/v1, the comment above cgroup_v2.c's functions).
	 */
	job = find_numbered(path, *unified ? "/job_" : "/uid_");
	if (!job || (!*unified && find_numbered(job, "/job_") == NULL))
		return false;
	if (*unified)
		size = snprintf(to, MP_CGROUP_PATH, ROOT "%.*s/system",
				(int)(job - path), path);
	else
		size = snprintf(to, MP_CGROUP_PATH, ROOT "/%.*s%.*s",
				(int)(path - 1 - controllers), controllers,
				(int)(job - path), path);
	return size > 0 && size < MP_CGROUP_PATH;
}

/* False if there is no such file, or it is too long. */
static bool read_file(const char *path, char *text, size_t size)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got = -1;

	while (fd >= 0 && length < size &&
	       (got = read(fd, text + length, size - length)) > 0)
		length += (size_t)got;
	if (fd >= 0)
		close(fd);
	if (got != 0)
		return false;
	text[length] = '\0';
	return true;
}

static void move_to(const char *directory)
{
	char path[MP_CGROUP_PATH + 8];
	int fd;

	snprintf(path, sizeof(path), "%s/tasks", directory);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	/* if this thread may not leave, the evaluation is still right */
	if (write(fd, "0", 1) < 0)
		errno = 0;
	close(fd);
}

#ifndef SYS_clone3
#define SYS_clone3 435 /* of x86, Arm, POWER, RISC-V and s390; older headers lack it */
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
/* struct clone_args of linux/sched.h, which older headers lack */
struct fork_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack,
		stack_size, tls, set_tid, set_tid_size, cgroup;
};
#define FORK_PARENT 0x00008000ULL     /* CLONE_PARENT */
#define FORK_PARENT_TID 0x00100000ULL /* CLONE_PARENT_SETTID */
#define FORK_CHILD_CLEAR 0x00200000ULL /* CLONE_CHILD_CLEARTID */
#define FORK_CHILD_TID 0x01000000ULL  /* CLONE_CHILD_SETTID */

/*
 * Goes on in a second process. fork(3) came before, so no lock is held by a thread that
 * is not there. glibc keeps the number of this thread, and the kernel writes the second
 * process's number to the same place.
 */
static void fork_into(const char *directory, pid_t *moved)
{
	struct fork_args args = { .flags = FORK_PARENT | FORK_PARENT_TID |
					   CLONE_INTO_CGROUP };
	const int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int *number = NULL;

	if (fd < 0)
		return;
	if (!prctl(PR_GET_TID_ADDRESS, &number, 0, 0, 0) && number) {
		args.flags |= FORK_CHILD_TID | FORK_CHILD_CLEAR;
		args.child_tid = (uint64_t)(uintptr_t)number;
	}
	args.parent_tid = (uint64_t)(uintptr_t)moved;
	args.cgroup = (uint64_t)fd;
	if (syscall(SYS_clone3, &args, sizeof(args)) > 0) {
		/* this is not the evaluator's end, so the kernel is to note none */
		syscall(SYS_set_robust_list, NULL,
			sizeof(struct robust_list_head));
		_exit(0);
	}
	close(fd);
}

void mp_cgroup_leave(pid_t *moved, char *text)
{
	char to[MP_CGROUP_PATH], v2[MP_CGROUP_PATH] = "";
	unsigned char mask[MASK_MAX];
	char *line, *rest = text;
	bool unified;
	long size;

	if (!read_file("/proc/self/cgroup", text, MP_CGROUP_TEXT - 1)) {
		text[0] = '\0';
		return;
	}
	/* another cpuset gives a thread all of its CPUs */
	size = syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask);
	while ((line = strsep(&rest, "\n"))) {
		if (mp_cgroup_outside(line, to, &unified)) {
			if (unified)
				strcpy(v2, to);
			else
				move_to(to);
		}
		/* strsep has cut the line off: the text is to stay whole */
		if (rest)
			rest[-1] = '\n';
	}
	if (*v2 && moved)
		fork_into(v2, moved);
	if (size > 0)
		syscall(SYS_sched_setaffinity, 0, (size_t)size, mask);
}
