/* SPDX-License-Identifier: MIT */
/*
 * evaluator.c - the child process that loads the engine
 *
 * Forked from slurmstepd, which has threads, so the child must not touch a lock
 * that another thread may have held: no slurm_* function, and raw system calls
 * for the credentials, since glibc's set*id() functions signal threads that
 * are not there (nptl(7)). fork(3) itself makes malloc(3) and dlopen(3) usable.
 */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "elapsed.h"
#include "evaluator.h"
#include "trust.h"

/* How long the evaluator waits for the tasks to be forked and bound. */
#define POSTS_LIMIT_MS 60000u
/* A last bound on its life, should everything else fail, in seconds. */
#define LIFE_S 90
/* CPU seconds; one evaluation needs a few milliseconds. */
#define CPU_S 2
/* Bytes of private memory; one evaluation needs a few MiB, a sanitizer more. */
#ifndef MP_DATA_BYTES
#define MP_DATA_BYTES ((rlim_t)1 << 30)
#endif
/* How often a waiter looks whether a killed evaluator is gone, without pidfd_open(2). */
#define REAP_STEP_NS 50000L
/*
 * Nanoseconds by which its timers may be late: a thread of Go's runtime (sysmon) sleeps
 * for 20 us at a time, and would be woken dozens of times in a process that lives for 3 ms.
 * Where Go fails it sleeps too, and must not be much later for it.
 */
#define TIMER_SLACK_NS 1000000UL

/*
 * Go reads its environment from behind argv on the initial stack, not from
 * environ (runtime.goenvs), so that is where the evaluator has to write its
 * own. glibc hands constructors of a shared object the initial argc and argv.
 */
static char **initial_env;

__attribute__((constructor)) static void find_initial_env(int argc, char **argv)
{
	if (argc > 0 && argv)
		initial_env = argv + argc + 1;
}

/*
 * No collection and one processor: a Go process that lives for milliseconds
 * gains nothing from either.
 */
static char *const engine_env[] = { "GOGC=off", "GOMAXPROCS=1",
				    "GOTRACEBACK=none", NULL };

static void set_environment(void)
{
	static char *own[sizeof(engine_env) / sizeof(engine_env[0])];
	size_t i = 0;

	memcpy(own, engine_env, sizeof(own));
	environ = own;
	if (!initial_env)
		return;
	/*
	 * The number of entries must stay, for what follows them is the
	 * auxiliary vector, which Go finds by counting.
	 */
	for (; initial_env[i]; i++)
		initial_env[i] = engine_env[i < 3 ? i : 2];
}

static void reset_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;
	int i;

	for (i = 1; i < NSIG; i++)
		sigaction(i, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * slurmstepd is spared where memory runs out (set_oom_adj of Slurm's slurmstepd), and
 * the evaluator inherits it; it is to be the first to go instead. The file is root's,
 * since slurmstepd, with the user's effective id, is not dumpable.
 */
static void give_way(void)
{
	int fd;

	if (getuid() == 0 && syscall(SYS_setresuid, -1, 0, -1))
		return;
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	/* where it cannot be written, nothing is lost */
	if (write(fd, "1000", 4) < 0)
		errno = 0;
	close(fd);
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
static bool become_user(const struct mp_step *step)
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

static void limit(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit now, want;

	if (getrlimit((__rlimit_resource_t)resource, &now))
		return;
	want.rlim_cur = soft < now.rlim_max ? soft : now.rlim_max;
	want.rlim_max = hard < now.rlim_max ? hard : now.rlim_max;
	setrlimit((__rlimit_resource_t)resource, &want);
}

static void limit_self(void)
{
	const struct itimerval life = { { 0, 0 }, { LIFE_S, 0 } };

	limit(RLIMIT_CORE, 0, 0);
	limit(RLIMIT_CPU, CPU_S, CPU_S + 1);
	limit(RLIMIT_DATA, MP_DATA_BYTES, MP_DATA_BYTES);
	limit(RLIMIT_FSIZE, 0, 0);
	setitimer(ITIMER_REAL, &life, NULL);
}

/*
 * For kernels before 5.9. The limit tells nothing: it may be a billion, or lower
 * than a number in use.
 */
static void close_each(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int fd;

	/* an entry is a number; ".", ".." and no folder at all count as nothing */
	while (dir && (entry = readdir(dir))) {
		fd = atoi(entry->d_name);
		if (entry->d_name[0] != '.' && fd != dirfd(dir))
			close(fd);
	}
	if (dir)
		closedir(dir);
	else
		for (fd = 0; fd < 65536; fd++)
			close(fd);
}

static void close_descriptors(void)
{
#ifdef SYS_close_range
	if (!syscall(SYS_close_range, 0u, ~0u, 0u))
		return;
#endif
	close_each();
}

/* What the engine or a library prints must not meet another file. */
static void open_streams(void)
{
	int fd;

	fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd < 2)
		fd = dup(fd);
}

static __attribute__((noreturn)) void leave(void)
{
	/* no exit handlers: they are slurmstepd's */
	_exit(0);
}

struct engine {
	mp_prepare_fn *prepare;
	mp_decide_fn *decide;
};

static bool load_engine(struct mp_board *board, const char *path,
			struct engine *engine)
{
	char real[PATH_MAX], why[MP_TEXT_MAX];
	const unsigned int *abi;
	void *lib;

	if (!mp_trusted(path, real, why, sizeof(why))) {
		mp_board_fail(board, "engine refused: %s", why);
		return false;
	}
	lib = dlopen(real, RTLD_NOW | RTLD_LOCAL);
	if (!lib) {
		mp_board_fail(board, "engine %s cannot be loaded: %s", real,
			      dlerror());
		return false;
	}
	abi = (const unsigned int *)dlsym(lib, MP_SYM_ABI);
	/* POSIX lets dlsym's void * become a function pointer this way only */
	*(void **)(&engine->prepare) = dlsym(lib, MP_SYM_PREPARE);
	*(void **)(&engine->decide) = dlsym(lib, MP_SYM_DECIDE);
	if (!abi || !engine->prepare || !engine->decide) {
		mp_board_fail(board,
			      "engine %s is no engine of this plugin; install the two from one package",
			      real);
		return false;
	}
	if (*abi != MP_ABI) {
		mp_board_fail(board,
			      "engine %s has ABI %u, the plugin has %d; install the two from one package",
			      real, *abi, MP_ABI);
		return false;
	}
	return true;
}

static void evaluate(const struct mp_step *step, struct mp_board *board)
{
	struct engine engine;
	char text[MP_TEXT_MAX] = "";
	char *request;
	size_t size;
	long reply;

	if (!load_engine(board, step->config->lib, &engine))
		return;
	request = mp_step_request(step, &size);
	if (!request) {
		mp_board_fail(board, "no memory for the request");
		return;
	}
	reply = engine.prepare(request, size, text, sizeof(text));
	text[sizeof(text) - 1] = '\0';
	if (reply) {
		mp_board_fail(board, "%s", text);
		return;
	}
	if (!mp_board_await_posts(board, POSTS_LIMIT_MS)) {
		mp_board_fail(board, "the tasks were not ready after %u s",
			      POSTS_LIMIT_MS / 1000);
		return;
	}
	reply = engine.decide(board->task, board->tasks, (char *)board->masks,
			      board->mask_size, board->reply, MP_REPLY_MAX,
			      text, sizeof(text));
	text[sizeof(text) - 1] = '\0';
	if (reply < 0)
		mp_board_fail(board, "%s", text);
	else
		mp_board_answer(board, (size_t)reply, text);
}

struct work {
	const struct mp_step *step;
	struct mp_board *board;
};

static __attribute__((noreturn)) void *evaluate_and_leave(void *arg)
{
	const struct work *work = arg;

	evaluate(work->step, work->board);
	leave();
}

/*
 * Go asks for the bounds of the stack that it is called on, and for a process's first
 * thread glibc reads all of /proc/self/maps to tell (pthread_getattr_np(3)): slurmstepd's
 * is long. So the engine has another one. Where there can be none, Go's runtime would
 * only fail later: it tries for 200 ms to start its own.
 */
static __attribute__((noreturn)) void
evaluate_on_a_thread(const struct mp_step *step, struct mp_board *board)
{
	struct work work = { step, board };
	pthread_t thread;
	int error = pthread_create(&thread, NULL, evaluate_and_leave, &work);

	if (error)
		mp_board_fail(board, "no thread for the engine: %s",
			      strerror(error));
	else
		pthread_join(thread, NULL); /* an engine may end its thread */
	leave();
}

/* In the child every signal is blocked: slurmstepd's handlers must not run there. */
static pid_t fork_quietly(void)
{
	sigset_t all, old;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (pid != 0)
		sigprocmask(SIG_SETMASK, &old, NULL);
	return pid;
}

pid_t mp_evaluator_start(const struct mp_step *step, struct mp_board *board,
			 bool tied)
{
	const pid_t parent = getpid();
	const pid_t pid = fork_quietly();

	if (pid != 0)
		return pid;
	mp_board_mark_end(board);
	/* the user must at no moment reach into a copy of slurmstepd */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	give_way();
	if (!become_user(step)) {
		mp_board_fail(board, "the evaluator cannot become uid %u: %s",
			      (unsigned int)step->uid, strerror(errno));
		leave();
	}
	/* again, and tied not before: changing the credentials undoes both (prctl(2)) */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* until here the user's rights were not enough to kill this process */
	if (mp_board_answered(board) != MP_PENDING)
		leave();
	if (tied) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (getppid() != parent)
			leave();
	}
	prctl(PR_SET_NAME, "mp-policy", 0, 0, 0);
	reset_signals();
	limit_self();
	close_descriptors();
	open_streams();
	set_environment();
	prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0, 0, 0);
	evaluate_on_a_thread(step, board);
}

bool mp_evaluator_start_apart(const struct mp_step *step,
			      struct mp_board *board)
{
	int status;
	pid_t pid = fork(), got;

	if (pid == 0)
		_exit(mp_evaluator_start(step, board, false) < 0);
	if (pid < 0)
		return false;
	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	return got == pid && !status;
}

static long microseconds(const struct timeval *t)
{
	return t->tv_sec * 1000000L + t->tv_usec;
}

/*
 * A process that is not this one's child may be gone, and its number another's: the
 * signal is sent with the user's rights. Who has these for a real id can be signalled
 * by the user (kill(2)), stopped above all, so that is never slurmstepd, but a child
 * that nobody waits for: under contain_spank it is init's.
 */
void mp_evaluator_kill(pid_t pid, uid_t uid)
{
	if (geteuid() != 0) {
		kill(pid, SIGKILL);
		return;
	}
	if (fork_quietly() != 0)
		return;
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	close_descriptors();
	if (!syscall(SYS_setresuid, uid, uid, uid))
		kill(pid, SIGKILL);
	leave();
}

/*
 * Waits until the child has ended, limit ms at most. Kernels before 5.3 have no
 * descriptor of a process; there it sleeps a little, and the caller looks again.
 */
static void await_end(pid_t pid, long limit)
{
	const struct timespec step = { 0, REAP_STEP_NS };
	struct pollfd end = { .fd = -1, .events = POLLIN };

#ifdef SYS_pidfd_open
	end.fd = (int)syscall(SYS_pidfd_open, pid, 0);
#endif
	if (end.fd < 0) {
		nanosleep(&step, NULL);
		return;
	}
	poll(&end, 1, (int)limit);
	close(end.fd);
}

bool mp_evaluator_end(pid_t pid, unsigned int limit, long *cpu)
{
	struct timespec start;
	struct rusage used;
	bool killed = false;
	pid_t got;
	long left;

	*cpu = 0;
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		got = wait4(pid, NULL, WNOHANG, &used);
		if (got == pid)
			*cpu = microseconds(&used.ru_utime) +
			       microseconds(&used.ru_stime);
		/* slurmstepd waits for any child, so it may have been first */
		if (got == pid || (got < 0 && errno == ECHILD))
			return true;
		/* a child that was not waited for keeps its number */
		if (!killed)
			kill(pid, SIGKILL);
		killed = true;
		left = (long)limit - mp_elapsed_ns(&start) / 1000000L;
		if (left <= 0)
			return false;
		await_end(pid, left);
	}
}
