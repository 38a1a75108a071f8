/* SPDX-License-Identifier: MIT */
/*
 * user.c - makes a process of slurmstepd's the user's for good
 *
 * Raw system calls for the credentials, since glibc's set*id() functions signal threads
 * that are not there after a fork (nptl(7)).
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "user.h"

/*
 * The kernel spares slurmstepd if memory runs out (set_oom_adj of Slurm's slurmstepd), and
 * the evaluator inherits that. It has to be the first to be killed instead. The file is
 * root's, because slurmstepd has the user's effective id and so is not dumpable.
 */
void mp_user_give_way(void)
{
	int fd;

	if (getuid() == 0 && syscall(SYS_setresuid, -1, 0, -1))
		return;
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	/* nothing is lost if it cannot be written */
	if (write(fd, "1000", 4) < 0)
		errno = 0;
	close(fd);
}

/*
 * slurmstepd's session keyring may hold what a site's PAM modules put there for root
 * (session-keyring(7)). A kernel without keyrings has nothing to leave.
 */
void mp_user_leave_keyring(void)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0)
		errno = 0;
}

static bool drop_capabilities(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3,
						   0 };
	struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return !syscall(SYS_capset, &header, none);
}

/* Whether this process has no group that is not the step's. */
static bool groups_are_the_steps(const struct mp_step *step)
{
	static gid_t have[65536]; /* NGROUPS_MAX; untouched pages cost nothing */
	int count = getgroups(65536, have);
	int i, j;

	for (i = 0; i < count; i++) {
		for (j = 0; j < step->groups_count; j++)
			if (have[i] == step->groups[j])
				break;
		if (j == step->groups_count && have[i] != step->gid)
			return false;
	}
	return count >= 0;
}

/* A task that evaluates again has the step's groups, and no right to set them. */
bool mp_user_become(const struct mp_step *step)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;

	if (geteuid() == 0 && step->uid != 0 &&
	    syscall(SYS_setgroups, (size_t)step->groups_count, step->groups))
		return false;
	if (syscall(SYS_setresgid, step->gid, step->gid, step->gid) ||
	    syscall(SYS_setresuid, step->uid, step->uid, step->uid))
		return false;
	if (getresuid(&ruid, &euid, &suid) || getresgid(&rgid, &egid, &sgid))
		return false;
	if (ruid != step->uid || euid != step->uid || suid != step->uid ||
	    rgid != step->gid || egid != step->gid || sgid != step->gid)
		return false;
	return groups_are_the_steps(step) && drop_capabilities() &&
	       !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
