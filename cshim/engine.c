/* SPDX-License-Identifier: MIT */
/* engine.c - loads the engine and calls it, in the evaluator */

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "engine.h"
#include "process.h"
#include "trust.h"

/* How long the evaluator waits for the tasks to be forked and bound. */
#define POSTS_LIMIT_MS 60000u
/*
 * Nanoseconds by which the evaluator's timers may be late. A thread of Go's runtime
 * (sysmon) sleeps for 20 us at a time, and would be woken dozens of times in a process that
 * lives for 3 ms. Go also sleeps when it fails, and must not fail much later.
 */
#define TIMER_SLACK_NS 1000000UL

/*
 * Go reads its environment from behind argv on the initial stack, not from environ
 * (runtime.goenvs), so the evaluator writes its own there. glibc calls the constructors of a
 * shared object with the initial argc and argv.
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
	 * The number of entries must stay: Go counts them to find the auxiliary
	 * vector behind them.
	 */
	for (; initial_env[i]; i++)
		initial_env[i] = engine_env[i < 3 ? i : 2];
}

/* Lines that the engine or a library prints must not reach a file that it has opened. */
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
 * Go asks for the bounds of the stack that it is called on. For a process's first thread
 * glibc reads all of /proc/self/maps to find them (pthread_getattr_np(3)), and slurmstepd's
 * is long. So the engine has another thread. If none can be started, Go's runtime would only
 * fail later: it tries for 200 ms to start its own.
 */
void mp_engine_run(const struct mp_step *step, struct mp_board *board)
{
	struct work work = { step, board };
	pthread_t thread;
	int error;

	open_streams();
	set_environment();
	prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0, 0, 0);
	error = pthread_create(&thread, NULL, evaluate_and_leave, &work);
	if (error)
		mp_board_fail(board, "no thread for the engine: %s",
			      strerror(error));
	else
		pthread_join(thread, NULL); /* an engine may end its thread */
	mp_leave();
}
