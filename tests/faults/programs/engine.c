/* SPDX-License-Identifier: MIT */
/*
 * engine.c - an engine that is broken in one way, which is its file's name
 *
 * "sleeps.so" never answers, and so on. A name that is none of them is an engine
 * that works: it sets FROM_ENGINE=1 in every task.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi.h"

extern unsigned int mp_policy_abi;
unsigned int mp_policy_abi = MP_ABI;

static char kind[64];

static bool is(const char *name)
{
	return !strcmp(kind, name);
}

static void block_signals(void)
{
	sigset_t all;
	int i;

	for (i = 1; i < NSIG; i++)
		signal(i, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
}

static void sleep_forever(void)
{
	block_signals();
	for (;;)
		pause();
}

static void allocate(void)
{
	char *p;

	for (;;) {
		p = malloc(1 << 20);
		if (!p)
			abort();
		memset(p, 1, 1 << 20);
	}
}

/* Tries to keep what it writes, if it may write at all. */
static void fill_files(void)
{
	static const char *const names[] = { "/tmp/mp-policy-fault",
					     "/dev/shm/mp-policy-fault" };
	static char block[65536];
	size_t i;
	int fd;

	signal(SIGXFSZ, SIG_IGN);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		fd = open(names[i], O_WRONLY | O_CREAT | O_TRUNC, 0600);
		if (fd < 0)
			continue;
		if (write(fd, block, sizeof(block)) > 0)
			sleep_forever(); /* which the test takes for a failure */
		unlink(names[i]);
		close(fd);
	}
}

__attribute__((constructor)) static void load(void)
{
	Dl_info info;
	const char *name;
	volatile int spins = 1;

	if (!dladdr((void *)load, &info))
		return;
	name = strrchr(info.dli_fname, '/');
	name = name ? name + 1 : info.dli_fname;
	snprintf(kind, sizeof(kind), "%.*s", (int)strcspn(name, "."), name);
	if (is("other-abi"))
		mp_policy_abi = MP_ABI + 1;
	if (is("killed-in-load"))
		raise(SIGKILL);
	if (is("sleeps-in-load"))
		sleep_forever();
	while (is("spins") && spins)
		;
}

/* Whether a program with root's set-uid bit makes root of us. */
static bool set_uid_program_helps(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		/* su(1) without a password and without a terminal: only root may */
		execl("/bin/su", "su", "-s", "/bin/true", "root", NULL);
		_exit(1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

/* Whether the limit is no more than that, and cannot be raised. */
static bool limited(__rlimit_resource_t resource, rlim_t most)
{
	struct rlimit l;

	if (getrlimit(resource, &l) || l.rlim_max > most)
		return false;
	l.rlim_max++;
	return setrlimit(resource, &l) != 0;
}

/* The host's session keyring, which it has given this name. */
static bool has_hosts_keyring(void)
{
	char text[256] = "";

	syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text,
		sizeof(text) - 1);
	return strstr(text, ";host of mp-policy") != NULL;
}

/* Tries all that could lead out of the user's rights; names what did. */
static void escape(char *text, size_t size)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3,
						   0 };
	struct __user_cap_data_struct all[2] = { { ~0u, ~0u, ~0u },
						 { ~0u, ~0u, ~0u } };
	struct rlimit core = { 1, 1 };
	struct itimerval life;
	char path[64], byte;
	size_t at = 0;
	int fd;

#define TRY(what, succeeds)                                            \
	do {                                                           \
		if (succeeds)                                          \
			at += (size_t)snprintf(text + at, size - at,   \
					       " " what);              \
	} while (0)
	at = (size_t)snprintf(text, size, "got:");
	TRY("setuid", !setuid(0));
	TRY("seteuid", !seteuid(0));
	TRY("setresuid", !setresuid(0, 0, 0));
	TRY("setgid", !setgid(0));
	TRY("setresgid", !setresgid(0, 0, 0));
	TRY("setgroups", !setgroups(0, NULL));
	TRY("capset", !syscall(SYS_capset, &header, all));
	TRY("ambient", !prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE,
			      CAP_SYS_ADMIN, 0, 0));
	TRY("no_new_privs", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 ||
				    !prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
	TRY("chroot", !chroot("/"));
	TRY("mount", !mount("none", "/tmp", "tmpfs", 0, NULL));
	TRY("unshare", !unshare(CLONE_NEWNS));
	TRY("core", !setrlimit(RLIMIT_CORE, &core));
	TRY("set-uid", set_uid_program_helps());
	TRY("ptrace of the parent", !ptrace(PTRACE_ATTACH, getppid(), 0, 0));
	snprintf(path, sizeof(path), "/proc/%d/mem", getppid());
	fd = open(path, O_RDWR);
	TRY("the parent's memory", fd >= 0);
	TRY("the parent's keyring", has_hosts_keyring());
	TRY("shadow", open("/etc/shadow", O_RDONLY) >= 0);
	fd = open("/proc/self/oom_score_adj", O_RDONLY);
	TRY("to be spared", fd < 0 || read(fd, path, 4) != 4 ||
				    strncmp(path, "1000", 4));
	close(fd);
	for (fd = 3; fd < 4096; fd++)
		if (fcntl(fd, F_GETFD) >= 0) {
			TRY("a descriptor", true);
			break;
		}
	for (fd = 0; fd < 3; fd++)
		TRY("a stream", write(fd, "", 1) != 1 || read(fd, &byte, 1));
	for (char **e = environ; *e; e++)
		if (strncmp(*e, "GO", 2))
			TRY("a variable", true);
	TRY("more CPU", !limited(RLIMIT_CPU, 3));
	TRY("more memory", !limited(RLIMIT_DATA, (rlim_t)1 << 30));
	TRY("to write files", !limited(RLIMIT_FSIZE, 0));
	TRY("more time", getitimer(ITIMER_REAL, &life) ||
				 !life.it_value.tv_sec ||
				 life.it_value.tv_sec > 90);
#undef TRY
}

/* The step's cgroups that this process is in, and the first of its CPUs. */
static void tell_cgroups(char *text, size_t size)
{
	FILE *f = fopen("/proc/self/cgroup", "r");
	size_t at = (size_t)snprintf(text, size, "in:");
	char line[4096];
	cpu_set_t mask;
	int cpu;

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (strstr(line, "/job_") && at < size)
			at += (size_t)snprintf(text + at, size - at, " %s",
					       line);
	}
	if (f)
		fclose(f);
	CPU_ZERO(&mask);
	sched_getaffinity(0, sizeof(mask), &mask);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &mask) && at < size)
			at += (size_t)snprintf(text + at, size - at, " cpu%d",
					       cpu);
}

/* What Go would take for its environment, and the environment proper. */
static void tell_environment(char *text, size_t size)
{
	char block[65536];
	int fd = open("/proc/self/environ", O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, block, sizeof(block));
	size_t at = 0;

	/* not readable, since the evaluator is not dumpable */
	at += (size_t)snprintf(text, size, "environ %zd:", n < 0 ? 0 : n);
	for (char **e = environ; *e && at < size; e++)
		at += (size_t)snprintf(text + at, size - at, " %s", *e);
}

mp_prepare_fn mp_policy_prepare;
mp_decide_fn mp_policy_decide;

long mp_policy_prepare(char *request, size_t size, char *text, size_t text_size)
{
	(void)request;
	(void)size;
	if (is("segfaults"))
		memset((void *)1, 0, 1);
	if (is("aborts"))
		abort();
	if (is("exits"))
		exit(1);
	if (is("ends-its-thread"))
		syscall(SYS_exit, 0);
	if (is("killed-in-prepare"))
		raise(SIGKILL);
	if (is("sleeps-in-prepare"))
		sleep_forever();
	if (is("allocates"))
		allocate();
	if (is("fills-files"))
		fill_files();
	if (is("closes-descriptors"))
		for (int fd = 0; fd < 1024; fd++)
			close(fd);
	if (is("stops"))
		raise(SIGSTOP);
	if (is("says")) {
		snprintf(text, text_size,
			 "one\nslurmd: error: two\r\x1b[31m%%s%%n%%99999d\x9b\x7f\xc2\x9b.");
		return -1;
	}
	if (is("says-without-end")) {
		memset(text, 'x', text_size);
		return -1;
	}
	if (is("escapes"))
		escape(text, text_size);
	if (is("tells-environment"))
		tell_environment(text, text_size);
	if (is("tells-cgroups"))
		tell_cgroups(text, text_size);
	return is("escapes") || is("tells-environment") ||
	       is("tells-cgroups") || is("refuses-silently") ? -1 : 0;
}

static void words(char **to, const uint32_t *values, size_t count)
{
	memcpy(*to, values, count * sizeof(*values));
	*to += count * sizeof(*values);
}

long mp_policy_decide(struct mp_task *tasks, uint32_t count, char *masks,
		      uint32_t mask_size, char *reply, size_t reply_size,
		      char *text, size_t text_size)
{
	static const char good[] = "+FROM_ENGINE\0001";
	static const char bad[] = "+FROM_ENGINE\0001\0+BAD NAME\0001";
	const char *record = is("bad-name") ? bad : good;
	const uint32_t end = is("bad-name") ? sizeof(bad) : sizeof(good);
	uint32_t head[] = { MP_REPLY_MAGIC, count, 1 };
	const uint32_t zero = 0;
	char *to = reply;
	uint32_t i;

	(void)mask_size;
	(void)masks;
	(void)text;
	(void)text_size;
	/* does it for one task, which is one that was moved and evaluates again */
	if (count == 1 && !strncmp(kind, "then-", 5))
		memmove(kind, kind + 5, strlen(kind + 5) + 1);
	if (is("sleeps"))
		sleep_forever();
	if (is("killed-in-decide"))
		raise(SIGKILL);
	if (is("writes-garbage")) {
		memset(reply, 0xa5, 4096);
		return 4096;
	}
	if (is("writes-nothing"))
		return 0;
	if (is("claims-too-much"))
		return (long)reply_size * 4096 + 1;
	if (is("answers-another-step"))
		head[1] = count + 1;
	if (is("scribbles")) /* over the futexes and sizes before the tasks, too */
		memset((void *)((uintptr_t)tasks & ~(uintptr_t)4095), 0xff,
		       4096);
	words(&to, head, 3);
	for (i = 0; i < count; i++)
		words(&to, &zero, 1);
	words(&to, &end, 1);
	memcpy(to, record, end);
	to += end;
	if (is("killed-after-reply"))
		raise(SIGKILL);
	return to - reply - (is("truncates") ? 3 : 0);
}
