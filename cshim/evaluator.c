/* SPDX-License-Identifier: MIT */
/*
 * evaluator.c - the child process that loads the engine
 *
 * Forked from slurmstepd, which has threads, so the child must not touch a lock
 * that another thread may have held: no slurm_* function. fork(3) itself makes
 * malloc(3) and dlopen(3) usable.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "cgroup.h"
#include "evaluator.h"
#include "process.h"
#include "trust.h"
#include "user.h"

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

/* What the engine or a library prints must not meet another file. */
static void open_streams(void)
{
	int fd;

	fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd < 2)
		fd = dup(fd);
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
	char text[MP_ANSWER_MAX] = "";
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
	mp_leave();
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
	mp_leave();
}

pid_t mp_evaluator_start(const struct mp_step *step, struct mp_board *board,
			 bool tied)
{
	const pid_t parent = getpid();
	struct mp_step own = *step;
	char cgroup[MP_CGROUP_TEXT];
	pid_t pid;

	if (tied)
		mp_board_open_moved(board);
	pid = mp_fork_quietly();
	/* the tasks, which are forked later, are not to have it */
	if (pid != 0 && board->moved)
		madvise(board->moved, sizeof(pid_t), MADV_DONTFORK);
	if (pid != 0)
		return pid;
	mp_board_mark_end(board);
	/*
	 * The user must not reach into a copy of slurmstepd. With fs.suid_dumpable=1 the change
	 * of ids undoes this (proc(5)), until the second call below.
	 */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	mp_user_give_way();
	/* untied, it has no number of its tasks, and reads its own cgroup for theirs */
	if (tied && geteuid() == 0) {
		mp_cgroup_leave(board->moved, cgroup);
		own.cgroup = cgroup;
		mp_board_mark_end(board);
	}
	if (!mp_board_close_moved(board)) {
		mp_board_fail(board, "the evaluator keeps memory of root's: %s",
			      strerror(errno));
		mp_leave();
	}
	/* a task that evaluates again has only the user's, and a new one costs key quota */
	if (geteuid() == 0)
		mp_user_leave_keyring();
	if (!mp_user_become(step)) {
		mp_board_fail(board, "the evaluator cannot become uid %u: %s",
			      (unsigned int)step->uid, strerror(errno));
		mp_leave();
	}
	/* again, and tied not before: changing the credentials undoes both (prctl(2)) */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* until here the user's rights were not enough to kill this process */
	if (mp_board_answered(board) != MP_PENDING)
		mp_leave();
	if (tied) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (getppid() != parent)
			mp_leave();
	}
	prctl(PR_SET_NAME, "mp-policy", 0, 0, 0);
	mp_reset_signals();
	limit_self();
	mp_close_descriptors(0);
	open_streams();
	set_environment();
	prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0, 0, 0);
	evaluate_on_a_thread(&own, board);
}

bool mp_evaluator_start_apart(const struct mp_step *step,
			      struct mp_board *board, unsigned int limit)
{
	const pid_t pid = mp_fork_untold();

	if (pid == 0)
		_exit(mp_evaluator_start(step, board, false) < 0);
	return pid > 0 && mp_reap_forker(pid, limit);
}
