/* SPDX-License-Identifier: MIT */
/*
 * reach.c - tries to get hold of another process of the same user
 *
 *	reach PID    prints what it got, one word a line
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void file(int pid, const char *name, int flags)
{
	char path[64], byte;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, flags);
	/* that of one's own user opens, and is empty where it must not be read */
	if (fd >= 0 && (flags != O_RDONLY || read(fd, &byte, 1) > 0))
		printf("%s\n", name);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "mem",  "maps",	"environ",
					     "auxv", "pagemap", "stack" };
	char byte, link[64], to[64];
	struct iovec local = { &byte, 1 }, remote = { (void *)0x1000, 1 };
	int pid = argc == 2 ? atoi(argv[1]) : 0, fd;
	size_t i;

	if (pid <= 1)
		return 2;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		file(pid, names[i], O_RDONLY);
	file(pid, "mem", O_RDWR);
	file(pid, "fd", O_DIRECTORY);
	file(pid, "oom_score_adj", O_WRONLY);
	snprintf(link, sizeof(link), "/proc/%d/cwd", pid);
	if (readlink(link, to, sizeof(to)) > 0)
		puts("cwd");
	if (process_vm_readv(pid, &local, 1, &remote, 1, 0) >= 0 ||
	    errno == EFAULT)
		puts("process_vm_readv");
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd >= 0 && syscall(SYS_pidfd_getfd, fd, 0, 0) >= 0)
		puts("pidfd_getfd");
	if (!ptrace(PTRACE_SEIZE, pid, NULL, NULL))
		puts("ptrace");
	return 0;
}
