/* SPDX-License-Identifier: MIT */
/*
 * engine.c - engines that are broken in one way each, by -DKIND=...
 */

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi.h"

enum { OTHER_ABI, SLEEPS, CRASHES, GARBAGE, REFUSES, SETS, TELLS, FORGES };

extern const unsigned int mp_policy_abi;
const unsigned int mp_policy_abi = KIND == OTHER_ABI ? MP_ABI + 1 : MP_ABI;

/* What the engine is when it is loaded, and what it cannot become. */
static void tell(char *text, size_t size)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3,
						   0 };
	struct __user_cap_data_struct caps[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	uid_t r, e, s;
	gid_t rg, eg, sg, groups[64];
	int fd, open = 0, i, root = 0, n;
	struct rlimit core;
	sigset_t blocked;

	syscall(SYS_capget, &header, caps);
	getresuid(&r, &e, &s);
	getresgid(&rg, &eg, &sg);
	n = getgroups(64, groups);
	for (i = 0; i < n; i++)
		root |= groups[i] == 0;
	for (fd = 3; fd < 1024; fd++)
		open += fcntl(fd, F_GETFD) >= 0;
	getrlimit(RLIMIT_CORE, &core);
	sigprocmask(SIG_SETMASK, NULL, &blocked);
	snprintf(text, size,
		 "uids %u %u %u gids %u %u %u root's group %d caps %x descriptors %d new privileges %d dumpable %d core %d blocked %d variables %d; setuid(0) %d setgroups %d",
		 r, e, s, rg, eg, sg, root,
		 caps[0].permitted | caps[1].permitted | caps[0].effective,
		 open, !prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
		 prctl(PR_GET_DUMPABLE), core.rlim_max > 0,
		 sigismember(&blocked, SIGTERM), getenv("PATH") != NULL,
		 setuid(0), setgroups(0, NULL));
}

mp_prepare_fn mp_policy_prepare;
mp_decide_fn mp_policy_decide;

long mp_policy_prepare(char *request, size_t size, char *text, size_t text_size)
{
	(void)request;
	(void)size;
	if (KIND == CRASHES)
		raise(SIGSEGV);
	if (KIND == TELLS) {
		tell(text, text_size);
		return -1;
	}
	if (KIND == REFUSES) {
		snprintf(text, text_size, "refused\non purpose");
		return -1;
	}
	return 0;
}

long mp_policy_decide(struct mp_task *tasks, uint32_t count, char *masks,
		      uint32_t mask_size, char *reply, size_t reply_size,
		      char *text, size_t text_size)
{
	static const char bad[] = "+OMP_NUM_THREADS\0001\0+BAD NAME\0001\0";
	/* FORGES: a good reply, and a line of log= that a user has written */
	static const char forged[] =
		"\nverdict=none user=0 step=1.1 set=FORGED:1\n\x1b[31mmp-policy: step=7.7 ";
	uint32_t words[] = { MP_REPLY_MAGIC, count, 1 };
	char *to = reply;
	uint32_t i, zero = 0, end = sizeof(bad) - 1;

	(void)tasks;
	(void)masks;
	(void)mask_size;
	(void)reply_size;
	(void)text;
	(void)text_size;
	if (KIND == SLEEPS) {
		signal(SIGTERM, SIG_IGN);
		for (;;)
			pause();
	}
	if (KIND == GARBAGE) {
		memset(reply, 0xa5, 4096);
		return 4096;
	}
	if (KIND == FORGES) {
		end = sizeof("+OMP_NUM_THREADS\0001");
		memset(text, 'x', text_size);
		memcpy(text, forged, sizeof(forged) - 1);
	}
	/* SETS: right in form, with one setting that must spoil the record */
	memcpy(to, words, sizeof(words));
	to += sizeof(words);
	for (i = 0; i < count; i++, to += sizeof(zero))
		memcpy(to, &zero, sizeof(zero));
	memcpy(to, &end, sizeof(end));
	to += sizeof(end);
	memcpy(to, bad, end);
	return (long)(to - reply) + (long)end;
}
