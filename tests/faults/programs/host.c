/* SPDX-License-Identifier: MIT */
/*
 * host.c - a SPANK host that does what slurmstepd does, and fails on request
 *
 *	host DESCRIPTION
 *
 * Loads the plugin and calls it in slurmstepd's order (_fork_all_tasks and, for
 * contain_spank, _run_spank_func in Slurm's src/slurmd/slurmstepd/mgr.c). Each
 * line of the description is a word and its value; see describe(). It prints what
 * each callback returned and took, what was logged, and what is left at the end;
 * each task writes its environment to OUT/task.INDEX, or executes a program.
 *
 * fork(3) and mmap(3) are this program's own, so that a call of the plugin's can be
 * made to fail, and a fault be put into the evaluator before anything else runs.
 */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <slurm/slurm.h>
#include <slurm/spank.h>

#define LIST_MAX 64
#define TASKS_MAX 1024
#define STACK_SIZE (1024 * 1024)

static void die(const char *what)
{
	fprintf(stderr, "host: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* The description */

struct list {
	char *item[LIST_MAX];
	int count;
};

struct rule {
	int number; /* of the system call or of the limit */
	long value; /* errno, or the soft and hard limit */
};

static struct {
	const char *plugin, *cwd, *out, *program, *argv_file, *env_file;
	const char *abort_at; /* user_init or fork */
	struct list words, options, groups, before, after;
	uint32_t stepid, tasks, total, node, cpus_per_task;
	uint16_t cpus;
	uid_t uid;
	gid_t gid;
	bool contain, bind, move, move_after, quiet;
	long jump; /* of the wall clock, in seconds */
	int repeat;
	int fail_fork, fail_mmap; /* errno */
	bool fail_in_task;	  /* and nowhere else */
	bool no_task_id;	  /* in the tasks */
	const char *fail_setenv;  /* a name */
	int interrupts;		  /* so many calls of waitpid(2) meet a signal */
	struct rule seccomp[LIST_MAX], limit[LIST_MAX], own_limit[LIST_MAX];
	int seccomps, limits, own_limits;
	long signal_after; /* us after the evaluator was forked; -1: never */
	int signal;
	mode_t umask;
	useconds_t delay;
} d = { .stepid = 0,	    .tasks = 1,	   .total = 1,	       .cpus = 2,
	.uid = 65534,	    .gid = 65534,  .repeat = 1,	       .cwd = "/",
	.signal_after = -1, .umask = 0022 };

static void add(struct list *list, const char *value)
{
	if (list->count == LIST_MAX)
		exit(2);
	list->item[list->count++] = strdup(value);
}

static void add_rule(struct rule *rules, int *count, const char *value)
{
	if (*count == LIST_MAX ||
	    sscanf(value, "%d %ld", &rules[*count].number,
		   &rules[*count].value) != 2)
		exit(2);
	(*count)++;
}

/* What other ids meet there is EACCES. */
static void shut(const char *path)
{
	static const char file[] = "/run/shut";
	struct stat st;

	if (stat(path, &st))
		die(path);
	if (S_ISDIR(st.st_mode)) {
		if (mount("none", path, "tmpfs", MS_RDONLY, "mode=0"))
			die(path);
		return;
	}
	close(open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	if (mount(file, path, "none", MS_BIND, NULL))
		die(path);
}

static void describe(const char *word, char *value)
{
#define IS(name) (!strcmp(word, name))
	if (IS("plugin"))
		d.plugin = strdup(value);
	else if (IS("word")) /* of the line in plugstack.conf */
		add(&d.words, value);
	else if (IS("option")) /* mp-policy=WORDS or no-mp-policy */
		add(&d.options, value);
	else if (IS("stepid"))
		d.stepid = (uint32_t)strtoul(value, NULL, 0);
	else if (IS("tasks")) /* on this node */
		d.tasks = (uint32_t)atoi(value);
	else if (IS("total"))
		d.total = (uint32_t)atoi(value);
	else if (IS("node"))
		d.node = (uint32_t)atoi(value);
	else if (IS("cpus"))
		d.cpus = (uint16_t)atoi(value);
	else if (IS("cpus_per_task"))
		d.cpus_per_task = (uint32_t)atoi(value);
	else if (IS("uid"))
		d.uid = (uid_t)atoi(value);
	else if (IS("gid"))
		d.gid = (gid_t)atoi(value);
	else if (IS("group"))
		add(&d.groups, value);
	else if (IS("argv")) /* a file, each word with a NUL behind it */
		d.argv_file = strdup(value);
	else if (IS("env")) /* likewise */
		d.env_file = strdup(value);
	else if (IS("cwd"))
		d.cwd = strdup(value);
	else if (IS("umask"))
		d.umask = (mode_t)strtoul(value, NULL, 8);
	else if (IS("out")) /* directory for what the tasks write */
		d.out = strdup(value);
	else if (IS("exec")) /* what the tasks execute */
		d.program = strdup(value);
	else if (IS("contain")) /* SlurmdParameters=contain_spank */
		d.contain = true;
	else if (IS("bind")) /* one CPU for each task */
		d.bind = true;
	else if (IS("move")) /* another plugin rebinds tasks before our task_init */
		d.move = true;
	else if (IS("move_after"))
		d.move_after = true;
	else if (IS("before")) /* another plugin sets this before our task_init */
		add(&d.before, value);
	else if (IS("after"))
		add(&d.after, value);
	else if (IS("abort")) /* the step fails in user_init, or in fork */
		d.abort_at = strdup(value);
	else if (IS("repeat")) /* so many steps in this process */
		d.repeat = atoi(value);
	else if (IS("quiet"))
		d.quiet = true;
	else if (IS("jump"))
		d.jump = atol(value);
	else if (IS("fail_fork"))
		d.fail_fork = atoi(value);
	else if (IS("fail_in_task")) /* what fails does so only in the tasks */
		d.fail_in_task = true;
	else if (IS("no_task_id")) /* Slurm gives a task no number */
		d.no_task_id = true;
	else if (IS("fail_setenv")) /* this variable cannot be set */
		d.fail_setenv = strdup(value);
	else if (IS("switch_off")) { /* /etc/slurm/mp_policy.off */
		if (mount("none", "/etc", "tmpfs", 0, NULL) ||
		    mkdir("/etc/slurm", 0755) ||
		    mknod("/etc/slurm/mp_policy.off", S_IFREG | 0644, 0))
			die("/etc/slurm/mp_policy.off");
	} else if (IS("fail_mmap"))
		d.fail_mmap = atoi(value);
	else if (IS("interrupts"))
		d.interrupts = atoi(value);
	else if (IS("seccomp")) /* in the evaluator: system call, errno */
		add_rule(d.seccomp, &d.seccomps, value);
	else if (IS("delay")) /* of the evaluator before anything, in us */
		d.delay = (useconds_t)atoi(value);
	else if (IS("limit")) /* in the evaluator: limit, value */
		add_rule(d.limit, &d.limits, value);
	else if (IS("own_limit")) /* in slurmstepd and all below it */
		add_rule(d.own_limit, &d.own_limits, value);
	else if (IS("signal")) { /* to the evaluator: number, after so many us */
		if (sscanf(value, "%d %ld", &d.signal, &d.signal_after) != 2)
			exit(2);
	} else if (IS("hide")) { /* an empty file system on this directory */
		if (mount("none", value, "tmpfs", MS_RDONLY, NULL))
			die(value);
	} else if (IS("shut")) { /* a directory or a file that only root can open */
		shut(value);
	} else if (IS("run")) { /* this directory as /run, in place of an own one */
		if (mount(value, "/run", "none", MS_BIND, NULL))
			die(value);
	} else {
		fprintf(stderr, "host: no such word: %s\n", word);
		exit(2);
	}
#undef IS
}

static void read_description(const char *path)
{
	static char line[65536];
	FILE *f = fopen(path, "r");
	char *value;

	if (!f)
		die(path);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		value = strchr(line, ' ');
		if (value)
			*value++ = '\0';
		describe(line, value ? value : line + strlen(line));
	}
	fclose(f);
}

static char **read_words(const char *path, int *count)
{
	size_t size = 0, n = 0, i;
	char *text, *at, **words;
	FILE *f;

	*count = 0;
	if (!path)
		return calloc(1, sizeof(char *));
	f = fopen(path, "r");
	if (!f || fseek(f, 0, SEEK_END))
		die(path);
	size = (size_t)ftell(f);
	rewind(f);
	text = malloc(size + 1);
	if (!text || fread(text, 1, size, f) != size)
		die(path);
	fclose(f);
	for (i = 0; i < size; i++)
		n += !text[i];
	words = calloc(n + 1, sizeof(char *));
	for (i = 0, at = text; i < n; i++, at += strlen(at) + 1)
		words[i] = strdup(at);
	free(text);
	*count = (int)n;
	return words;
}

/* The log. As in slurmstepd, a thread may hold its lock while a process forks. */

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

static void print_log(const char *level, const char *format, va_list args)
{
	char text[8192];
	const char *c;

	pthread_mutex_lock(&log_lock);
	vsnprintf(text, sizeof(text), format, args);
	if (!d.quiet || strcmp(level, "debug")) {
		printf("log %s ", level);
		for (c = text; *c; c++)
			if ((unsigned char)*c < ' ' || (unsigned char)*c > 0x7e)
				printf("<%02x>", (unsigned char)*c);
			else
				putchar(*c);
		putchar('\n');
		fflush(stdout);
	}
	pthread_mutex_unlock(&log_lock);
}

#define LOG(name)                              \
	void slurm_##name(const char *format, ...); \
	void slurm_##name(const char *format, ...)  \
	{                                      \
		va_list args;                  \
					       \
		va_start(args, format);        \
		print_log(#name, format, args); \
		va_end(args);                  \
	}
LOG(info)
LOG(error)
LOG(verbose)
LOG(debug)
LOG(debug2)

static void *busy_thread(void *unused)
{
	const struct timespec pause = { 0, 20000 };

	(void)unused;
	for (;;) {
		pthread_mutex_lock(&log_lock);
		free(malloc(100));
		nanosleep(&pause, NULL);
		pthread_mutex_unlock(&log_lock);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

/* fork and mmap, as the plugin finds them */

static bool in_plugin;
static bool evaluates;	/* it may start an evaluator now */
static bool in_task;
static pid_t privileged; /* slurmstepd, or contain_spank's clone, in the plugin */

static void deny(const struct rule *rules, int count)
{
	struct sock_filter code[2 * LIST_MAX + 2];
	struct sock_fprog program = { 0, code };
	unsigned short n = 0;
	int i;

	code[n++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (i = 0; i < count; i++) {
		code[n++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)rules[i].number,
			0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(
			BPF_RET | BPF_K,
			rules[i].value ? SECCOMP_RET_ERRNO |
						 (unsigned int)rules[i].value
				       : SECCOMP_RET_KILL_PROCESS);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						 SECCOMP_RET_ALLOW);
	program.len = n;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(3);
}

static void set_limits(const struct rule *rules, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		const struct rlimit l = { (rlim_t)rules[i].value,
					  (rlim_t)rules[i].value };

		setrlimit((__rlimit_resource_t)rules[i].number, &l);
	}
}

static void *signal_later(void *arg)
{
	const pid_t pid = (pid_t)(intptr_t)arg;
	const struct timespec when = { d.signal_after / 1000000,
				       d.signal_after % 1000000 * 1000 };

	nanosleep(&when, NULL);
	/*
	 * The user may stop the evaluator, but not before it has the user's id; the
	 * other signals may be root's. Raw: of only this thread.
	 */
	if (d.signal == SIGSTOP)
		syscall(SYS_setresuid, d.uid, d.uid, d.uid);
	syscall(SYS_kill, pid, d.signal); /* not the plugin's kill(2), which is watched */
	return NULL;
}

pid_t fork(void)
{
	static pid_t (*real)(void);
	static bool signalled;
	pthread_t thread;
	pid_t pid;

	if (!real)
		*(void **)(&real) = dlsym(RTLD_NEXT, "fork");
	if (in_plugin && d.fail_fork && (in_task || !d.fail_in_task)) {
		errno = d.fail_fork;
		return -1;
	}
	pid = real();
	if (!in_plugin || !evaluates)
		return pid;
	if (pid == 0) {
		set_limits(d.limit, d.limits);
		usleep(d.delay);
		if (d.seccomps)
			deny(d.seccomp, d.seccomps);
	} else if (pid > 0 && d.signal_after >= 0 && !signalled &&
		   !pthread_create(&thread, NULL, signal_later,
				   (void *)(intptr_t)pid)) {
		/* not the process that kills the evaluator as well */
		signalled = true;
		pthread_detach(thread);
	}
	return pid;
}

/* What a process of the plugin's that kills had of root's; it has no stdout. */
static struct killer {
	bool groups, dumpable;
} *killer;
static bool undumpable; /* this process, since it has the user's ids */

int prctl(int option, ...)
{
	unsigned long arg[4];
	va_list args;
	int i;

	va_start(args, option);
	for (i = 0; i < 4; i++)
		arg[i] = va_arg(args, unsigned long);
	va_end(args);
	if (option == PR_SET_DUMPABLE)
		undumpable = !arg[0] && getuid() == d.uid;
	return (int)syscall(SYS_prctl, option, arg[0], arg[1], arg[2], arg[3]);
}

/* slurmstepd with the user's real id could be signalled by the user (kill(2)). */
int kill(pid_t pid, int number)
{
	gid_t real, effective, saved;

	if (in_plugin && getpid() == privileged && getuid() != 0)
		printf("fault the user may signal slurmstepd\n");
	if (in_plugin && privileged && getpid() != privileged) {
		getresgid(&real, &effective, &saved);
		killer->groups |= getgroups(0, NULL) || real != d.gid ||
				  effective != d.gid || saved != d.gid;
		killer->dumpable |= !undumpable;
	}
	return (int)syscall(SYS_kill, pid, number);
}

/* A signal that comes while the plugin waits. */
pid_t waitpid(pid_t pid, int *status, int options)
{
	if (in_plugin && d.interrupts) {
		d.interrupts--;
		errno = EINTR;
		return -1;
	}
	return wait4(pid, status, options, NULL);
}

#ifndef __SANITIZE_ADDRESS__ /* which has an mmap of its own */
void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	if (in_plugin && d.fail_mmap && (flags & MAP_SHARED) &&
	    (in_task || !d.fail_in_task)) {
		errno = d.fail_mmap;
		return MAP_FAILED;
	}
	return (void *)syscall(SYS_mmap, addr, length, prot, flags, fd, offset);
}
#endif

/*
 * The files that the plugin reaches for while root is behind the process: in
 * slurmstepd, and in the evaluator until it has become the user.
 */
static void reached(const char *path)
{
	if (in_plugin && getuid() == 0 && !d.quiet) {
		printf("path %s\n", path);
		fflush(stdout);
	}
}

#define REACH(type, name, params, args, path)                        \
	type name params;                                            \
	type name params                                             \
	{                                                            \
		static type(*real) params;                           \
								     \
		if (!real)                                           \
			*(void **)(&real) = dlsym(RTLD_NEXT, #name); \
		reached(path);                                       \
		return real args;                                    \
	}
#ifndef __SANITIZE_ADDRESS__ /* which has these of its own */
REACH(int, access, (const char *path, int mode), (path, mode), path)
REACH(int, lstat, (const char *path, struct stat *st), (path, st), path)
REACH(int, stat, (const char *path, struct stat *st), (path, st), path)
REACH(int, open, (const char *path, int flags, ...), (path, flags, 0600), path)
REACH(int, openat, (int dir, const char *path, int flags, ...),
      (dir, path, flags, 0600), path)
REACH(int, mkdir, (const char *path, mode_t mode), (path, mode), path)
REACH(int, unlink, (const char *path), (path), path)
REACH(int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags),
      path)
REACH(int, fstatat, (int dir, const char *path, struct stat *st, int flags),
      (dir, path, st, flags), path)
REACH(int, chdir, (const char *path), (path), path)
REACH(char *, realpath, (const char *path, char *to), (path, to), path)
REACH(DIR *, opendir, (const char *path), (path), path)
REACH(FILE *, fopen, (const char *path, const char *mode), (path, mode), path)
REACH(ssize_t, readlink, (const char *path, char *to, size_t size),
      (path, to, size), path)
REACH(void *, dlopen, (const char *path, int mode), (path, mode), path)
#endif

/* A wall clock that jumps back and forth, and does not measure time. */
static long jumped(void)
{
	static int back = 1;

	return in_plugin ? (back = -back) * d.jump : 0;
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
	const int rc = (int)syscall(SYS_clock_gettime, clock, t);

	if (clock == CLOCK_REALTIME)
		t->tv_sec += jumped();
	return rc;
}

time_t time(time_t *to)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	if (to)
		*to = t.tv_sec;
	return t.tv_sec;
}

/* SPANK, as far as the plugin uses it */

struct spank_handle {
	int task; /* -1: of no task */
};

static char **step_env, **step_argv;
static int step_argc;
static gid_t step_gids[LIST_MAX];
static pid_t task_pid[TASKS_MAX];
static struct spank_option known[8];
static int knowns;
static const int remote = 1;

spank_context_t spank_context(void)
{
	return S_CTX_REMOTE;
}

static int find_env(const char *name)
{
	const size_t size = strlen(name);
	int i;

	for (i = 0; step_env[i]; i++)
		if (!strncmp(step_env[i], name, size) &&
		    step_env[i][size] == '=')
			return i;
	return -1;
}

spank_err_t spank_getenv(spank_t spank, const char *name, char *value, int size)
{
	const int i = find_env(name);

	(void)spank;
	if (i < 0)
		return ESPANK_ENV_NOEXIST;
	if (snprintf(value, (size_t)size, "%s", strchr(step_env[i], '=') + 1) >=
	    size)
		return ESPANK_NOSPACE;
	return ESPANK_SUCCESS;
}

spank_err_t spank_setenv(spank_t spank, const char *name, const char *value,
			 int overwrite)
{
	int i = find_env(name), n;
	char *entry;

	(void)spank;
	if (i >= 0 && !overwrite)
		return ESPANK_ENV_EXISTS;
	if (d.fail_setenv && !strcmp(name, d.fail_setenv))
		return ESPANK_ERROR;
	/* MAX_ENV_STRLEN of Slurm, which sets nothing then and returns this */
	if (strlen(name) + strlen(value) + 2 >= 128 * 1024) {
		printf("fault environment variable %s is too long\n", name);
		return ESPANK_SUCCESS;
	}
	if (asprintf(&entry, "%s=%s", name, value) < 0)
		return ESPANK_ERROR;
	if (i >= 0) {
		free(step_env[i]);
		step_env[i] = entry;
		return ESPANK_SUCCESS;
	}
	for (n = 0; step_env[n]; n++)
		;
	step_env = realloc(step_env, ((size_t)n + 2) * sizeof(char *));
	step_env[n] = entry;
	step_env[n + 1] = NULL;
	return ESPANK_SUCCESS;
}

spank_err_t spank_unsetenv(spank_t spank, const char *name)
{
	int i;

	(void)spank;
	while ((i = find_env(name)) >= 0) {
		free(step_env[i]);
		for (; step_env[i]; i++)
			step_env[i] = step_env[i + 1];
	}
	return ESPANK_SUCCESS;
}

spank_err_t spank_option_register(spank_t spank, struct spank_option *option)
{
	(void)spank;
	if (knowns == 8)
		return ESPANK_ERROR;
	known[knowns++] = *option;
	return ESPANK_SUCCESS;
}

spank_err_t spank_get_item(spank_t spank, spank_item_t item, ...)
{
	spank_err_t rc = ESPANK_SUCCESS;
	va_list args;

	va_start(args, item);
#define GIVE(type, value) (*va_arg(args, type *) = (type)(value))
	switch (item) {
	case S_JOB_UID:
		GIVE(uid_t, d.uid);
		break;
	case S_JOB_GID:
		GIVE(gid_t, d.gid);
		break;
	case S_JOB_SUPPLEMENTARY_GIDS:
		GIVE(gid_t *, step_gids);
		GIVE(int, d.groups.count);
		break;
	case S_JOB_STEPID:
		GIVE(uint32_t, d.stepid);
		break;
	case S_JOB_ARGV:
		GIVE(int, step_argc);
		GIVE(char **, step_argv);
		break;
	case S_JOB_ENV:
		GIVE(char **, step_env);
		break;
	case S_JOB_LOCAL_TASK_COUNT:
		GIVE(uint32_t, d.tasks);
		break;
	case S_JOB_TOTAL_TASK_COUNT:
		GIVE(uint32_t, d.total > d.tasks ? d.total : d.tasks);
		break;
	case S_JOB_NODEID:
		GIVE(uint32_t, d.node);
		break;
	case S_JOB_NCPUS:
		GIVE(uint16_t, d.cpus);
		break;
	case S_STEP_CPUS_PER_TASK:
		GIVE(uint32_t, d.cpus_per_task);
		break;
	case S_TASK_ID:
		if (spank->task < 0 || (in_task && d.no_task_id))
			rc = ESPANK_NOT_TASK;
		else
			GIVE(int, spank->task);
		break;
	case S_TASK_GLOBAL_ID:
		if (spank->task < 0)
			rc = ESPANK_NOT_TASK;
		else
			GIVE(uint32_t, spank->task);
		break;
	case S_TASK_PID:
		if (spank->task < 0)
			rc = ESPANK_NOT_TASK;
		else
			GIVE(pid_t, task_pid[spank->task] ?
					    task_pid[spank->task] :
					    getpid());
		break;
	default:
		rc = ESPANK_BAD_ARG;
	}
	va_end(args);
	return rc;
}

/* The callbacks */

typedef int (*callback)(spank_t, int, char **);

static void *plugin;

static long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000L + t.tv_nsec / 1000;
}

static void signals(char *text, size_t size)
{
	struct sigaction action;
	sigset_t blocked;
	size_t at = 0;
	int i;

	memset(text, 0, size);
	sigprocmask(SIG_SETMASK, NULL, &blocked);
	for (i = 1; i < 65 && at + 1 < size; i++) {
		sigaction(i, NULL, &action);
		text[at++] = (char)('0' + sigismember(&blocked, i) * 4 +
				    (action.sa_handler == SIG_IGN) * 2 +
				    (action.sa_handler == SIG_DFL));
	}
}

/* Calls one; it must leave this process's signals and ids as they were. */
static long call(const char *name, int task)
{
	struct spank_handle handle = { task };
	char before[80], after[80];
	const uid_t uid = getuid(), euid = geteuid();
	callback function;
	long start, took;
	int rc;

	*(void **)(&function) = dlsym(plugin, name);
	if (!function)
		return 0;
	signals(before, sizeof(before));
	start = now_us();
	evaluates = !strcmp(name, "slurm_spank_user_init") ||
		    !strcmp(name, "slurm_spank_task_init");
	privileged = uid == 0 ? getpid() : 0;
	in_plugin = true;
	rc = function(&handle, d.words.count, d.words.item);
	in_plugin = false;
	took = now_us() - start;
	signals(after, sizeof(after));
	if (rc != ESPANK_SUCCESS)
		printf("fault %s returned %d\n", name, rc);
	if (strcmp(before, after))
		printf("fault %s changed the signals\n", name);
	if (uid != getuid() || euid != geteuid())
		printf("fault %s changed the ids\n", name);
	return took;
}

static void give_options(void)
{
	const char *value;
	int i, k;

	for (k = 0; k < knowns; k++)
		for (i = 0; i < d.options.count; i++) {
			const size_t size = strcspn(d.options.item[i], "=");

			if (strlen(known[k].name) != size ||
			    strncmp(known[k].name, d.options.item[i], size))
				continue;
			value = d.options.item[i] + size;
			known[k].cb(known[k].val, *value ? value + 1 : NULL,
				    remote);
		}
}

/* Only the effective ids, as slurmstepd does for user_init; raw, as a clone must. */
static void drop(void)
{
	if (syscall(SYS_setresgid, -1, d.gid, -1) ||
	    syscall(SYS_setgroups, (size_t)d.groups.count, step_gids) ||
	    syscall(SYS_setresuid, -1, d.uid, -1))
		die("drop privileges");
}

static void reclaim(void)
{
	if (syscall(SYS_setresuid, -1, 0, -1) ||
	    syscall(SYS_setresgid, -1, 0, -1) ||
	    syscall(SYS_setgroups, (size_t)1, (gid_t[]){ 0 }))
		die("reclaim privileges");
}

static long took;

static int user_child(void *unused)
{
	(void)unused;
	drop();
	took = call("slurm_spank_user_init", -1);
	_exit(0);
}

static int post_fork_child(void *arg)
{
	took = call("slurm_spank_task_post_fork", *(int *)arg);
	_exit(0);
}

static long contained(int (*function)(void *), int task)
{
	char *stack = malloc(STACK_SIZE);
	pid_t pid = clone(function, stack + STACK_SIZE, CLONE_VM | SIGCHLD, &task);

	if (pid < 0)
		die("clone");
	waitpid(pid, NULL, 0);
	free(stack);
	return took;
}

static long user_init(void)
{
	long us;

	if (d.contain)
		return contained(user_child, -1);
	drop();
	us = call("slurm_spank_user_init", -1);
	reclaim();
	return us;
}

static long post_fork(int task)
{
	if (d.contain)
		return contained(post_fork_child, task);
	return call("slurm_spank_task_post_fork", task);
}

static void write_env(int fd)
{
	int i;

	for (i = 0; step_env[i]; i++)
		if (write(fd, step_env[i], strlen(step_env[i]) + 1) < 0)
			_exit(4);
}

static void others(const struct list *list)
{
	char name[256];
	int i;

	for (i = 0; i < list->count; i++) {
		const char *equals = strchr(list->item[i], '=');

		snprintf(name, sizeof(name), "%.*s",
			 (int)(equals - list->item[i]), list->item[i]);
		spank_setenv(NULL, name, equals + 1, 1);
	}
}

static __attribute__((noreturn)) void run_task(int task, int ready, int out)
{
	const cpu_set_t one = { { 1 } };
	sigset_t children, pending;
	char byte;

	in_task = true;
	/* as Slurm's log does after a fork */
	pthread_mutex_init(&log_lock, NULL);
	if (syscall(SYS_setgroups, (size_t)d.groups.count, step_gids) ||
	    syscall(SYS_setresgid, d.gid, d.gid, d.gid) ||
	    syscall(SYS_setresuid, d.uid, d.uid, d.uid))
		_exit(5);
	if (read(ready, &byte, 1) != 1)
		_exit(6);
	close(ready);
	others(&d.before);
	if (d.move)
		sched_setaffinity(0, sizeof(one), &one);
	/* a signal that is blocked is not lost, and the program would find it */
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	call("slurm_spank_task_init", task);
	sigpending(&pending);
	if (sigismember(&pending, SIGCHLD))
		printf("fault task %d has the signal of a child's end\n", task);
	sigprocmask(SIG_UNBLOCK, &children, NULL);
	if (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD)
		printf("fault task %d has a child\n", task);
	others(&d.after);
	if (d.move_after)
		sched_setaffinity(0, sizeof(one), &one);
	fflush(stdout);
	if (d.program) {
		dup2(out, STDOUT_FILENO);
		close(out);
		execve(d.program, step_argc ? step_argv : (char *[]){ "", NULL },
		       step_env);
		_exit(127);
	}
	write_env(out);
	_exit(0);
}

static void bind_task(int task)
{
	cpu_set_t mask, one;
	int cpu, n = 0;

	if (sched_getaffinity(0, sizeof(mask), &mask))
		return;
	CPU_ZERO(&one);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &mask) &&
		    n++ == task % CPU_COUNT(&mask))
			CPU_SET(cpu, &one);
	sched_setaffinity(task_pid[task], sizeof(one), &one);
}

static int open_out(int task)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/task.%d", d.out, task);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		die(path);
	return fd;
}

static void fork_tasks(int *ready)
{
	int pipes[2], out, i;

	for (i = 0; i < (int)d.tasks; i++) {
		if (pipe2(pipes, O_CLOEXEC))
			die("pipe");
		out = open_out(i);
		task_pid[i] = fork();
		if (task_pid[i] < 0)
			die("fork");
		if (task_pid[i] == 0) {
			close(pipes[1]);
			task_pid[i] = getpid();
			run_task(i, pipes[0], out);
		}
		close(pipes[0]);
		close(out);
		ready[i] = pipes[1];
	}
}

/* Only each task, as slurmstepd does: a child of the plugin's is not a task. */
static void wait_tasks(void)
{
	int status, i;

	for (i = 0; i < (int)d.tasks; i++)
		if (waitpid(task_pid[i], &status, 0) != task_pid[i] ||
		    !WIFEXITED(status) || WEXITSTATUS(status))
			printf("fault task %d ended with status %d\n", i,
			       status);
}

/* What is left at the end */

static int count_descriptors(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 4096; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static int count_shared_maps(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	char line[8192];
	int n = 0;

	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, " rw-s ") != NULL;
	if (f)
		fclose(f);
	return n;
}

static long resident_kib(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long size = 0, resident = 0;

	if (f) {
		if (fscanf(f, "%ld %ld", &size, &resident) != 2)
			resident = 0;
		fclose(f);
	}
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/*
 * Children that are not reaped. Under contain_spank the evaluator is not this
 * process's, and comes to init, or here, as its subreaper: it only has to end.
 */
static void report_children(void)
{
	const struct timespec pause = { 0, 10000000 };
	int zombies = 0, patience = 300;
	pid_t got;

	while ((got = waitpid(-1, NULL, WNOHANG)) >= 0) {
		if (got > 0)
			zombies++;
		else if (!d.contain || !patience--)
			break;
		else
			nanosleep(&pause, NULL);
	}
	if (got == 0)
		printf("fault a process is left\n");
	if (zombies && !d.contain)
		printf("fault %d zombies are left\n", zombies);
}

static void report_killer(void)
{
	if (killer->groups)
		printf("fault what killed the evaluator had groups of root's\n");
	if (killer->dumpable)
		printf("fault what killed the evaluator could be dumped\n");
}

static void report_shared_memory(void)
{
	DIR *dir = opendir("/dev/shm");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			printf("fault /dev/shm/%s is left\n", entry->d_name);
	if (dir)
		closedir(dir);
}

static bool abort_at(const char *point)
{
	return d.abort_at && !strcmp(d.abort_at, point);
}

static void launch(void)
{
	int ready[TASKS_MAX], i;
	long us = 0;

	us = user_init();
	if (!d.quiet)
		printf("user_init %ld\n", us);
	if (abort_at("user_init"))
		return;
	fork_tasks(ready);
	if (abort_at("fork")) {
		for (i = 0; i < (int)d.tasks; i++) {
			kill(task_pid[i], SIGKILL);
			waitpid(task_pid[i], NULL, 0);
			close(ready[i]);
		}
		return;
	}
	for (us = 0, i = 0; i < (int)d.tasks; i++) {
		if (d.bind)
			bind_task(i);
		us += post_fork(i);
	}
	if (!d.quiet)
		printf("post_fork %ld\n", us);
	fflush(stdout);
	for (i = 0; i < (int)d.tasks; i++) {
		if (write(ready[i], "", 1) != 1)
			printf("fault task %d is gone\n", i);
		close(ready[i]);
	}
	wait_tasks();
}

static void run_step(void)
{
	int argc, i;

	knowns = 0;
	plugin = dlopen(d.plugin, RTLD_NOW);
	if (!plugin) {
		fprintf(stderr, "host: %s\n", dlerror());
		exit(2);
	}
	step_argv = read_words(d.argv_file, &step_argc);
	step_env = read_words(d.env_file, &argc);
	memset(task_pid, 0, sizeof(task_pid));
	for (i = 0; i < d.groups.count; i++)
		step_gids[i] = (gid_t)atoi(d.groups.item[i]);
	call("slurm_spank_init", -1);
	give_options();
	call("slurm_spank_init_post_opt", -1);
	launch();
	call("slurm_spank_exit", -1);
	dlclose(plugin);
	for (i = 0; step_argv[i]; i++)
		free(step_argv[i]);
	for (i = 0; step_env[i]; i++)
		free(step_env[i]);
	free(step_argv);
	free(step_env);
}

int main(int argc, char **argv)
{
	int descriptors, maps, i;
	long resident = 0;
	pthread_t thread;
	FILE *oom;

	if (argc != 2)
		return 2;
	/* what one host remembers is nothing to another */
	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "/run", "tmpfs", 0, "mode=755") ||
	    mount("none", "/dev/shm", "tmpfs", 0, "mode=1777"))
		die("mount");
	read_description(argv[1]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (d.tasks > TASKS_MAX || chdir(d.cwd) ||
	    pthread_create(&thread, NULL, busy_thread, NULL))
		die("start");
	oom = fopen("/proc/self/oom_score_adj", "w");
	if (oom) {
		fputs("-1000", oom);
		fclose(oom);
	}
	umask(d.umask);
	/* as a site's PAM modules do for slurmd; not every kernel has them */
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "host of mp-policy");
	/* root's groups, as slurmd has them */
	if (setgroups(1, (gid_t[]){ 0 }))
		die("setgroups");
	killer = mmap(NULL, sizeof(*killer), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (killer == MAP_FAILED)
		die("mmap");
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (d.contain)
		prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	set_limits(d.own_limit, d.own_limits);
	descriptors = count_descriptors();
	maps = count_shared_maps();
	for (i = 0; i < d.repeat; i++) {
		run_step();
		/* what the first steps make room for, the later ones use again */
		if (i == d.repeat / 10)
			resident = resident_kib();
	}
	report_children();
	report_killer();
	report_shared_memory();
	if (count_descriptors() != descriptors)
		printf("fault %d descriptors are left\n",
		       count_descriptors() - descriptors);
	if (count_shared_maps() != maps)
		printf("fault %d mappings are left\n",
		       count_shared_maps() - maps);
	printf("grown %ld\n", resident_kib() - resident);
	return 0;
}
