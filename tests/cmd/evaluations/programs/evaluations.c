/* SPDX-License-Identifier: MIT */
/*
 * evaluations.c - runs the engine in many processes at once
 *
 *	evaluations ENGINE PROCESSES TASKS PROGRAM
 *
 * Each process loads the engine as an evaluator does, evaluates one step of
 * TASKS tasks that run "python3 PROGRAM", and stays until all are through.
 * Prints for each: milliseconds from the common start to its answer,
 * milliseconds of CPU, KiB of its own (private) memory, KiB of it in all
 * (proportional set size), bytes of its reply. The environment should be the
 * evaluator's (cshim/engine.c).
 */
#include <dlfcn.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "abi.h"

struct result {
	double wall, cpu;
	long private_kib, pss_kib, reply;
};

static char request[65536];
static size_t request_size;

static void pair(const char *key, const char *value)
{
	request_size += (size_t)sprintf(request + request_size, "%s", key) + 1;
	request_size += (size_t)sprintf(request + request_size, "%s", value) + 1;
}

static void number(const char *key, long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", value);
	pair(key, text);
}

static void describe(long tasks, const char *program)
{
	char entry[64];
	int i;

	number("abi", MP_ABI);
	pair("config", "/etc/slurm/mp_policy.conf");
	pair("default", "on");
	pair("affinity", "fix");
	pair("hints", "on");
	pair("option", "");
	pair("kind", "step");
	number("uid", getuid());
	number("gid", getgid());
	number("node", 0);
	number("tasks", tasks);
	number("local_tasks", tasks);
	number("cpus", tasks);
	number("cpus_per_task", 1);
	pair("argv", "python3");
	pair("argv", program);
	pair("env", "PATH=/usr/local/bin:/usr/bin:/bin");
	for (i = 0; i < 100; i++) { /* about what a step's environment holds */
		snprintf(entry, sizeof(entry), "MODULE_VARIABLE_%d=/opt/software/%d/lib", i, i);
		pair("env", entry);
	}
}

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void fail(const char *what)
{
	fprintf(stderr, "evaluations: %s\n", what);
	_exit(1);
}

static void evaluate(const char *engine, long count, struct result *result)
{
	static char text[4096];
	size_t reply_size = 1 << 24, mask_size = sizeof(cpu_set_t);
	struct mp_task *tasks = calloc((size_t)count, sizeof(*tasks));
	char *masks = calloc((size_t)count, mask_size);
	char *reply = mmap(NULL, reply_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	mp_prepare_fn *prepare;
	mp_decide_fn *decide;
	void *lib = dlopen(engine, RTLD_NOW);
	long i;

	if (!lib)
		fail(dlerror());
	*(void **)&prepare = dlsym(lib, MP_SYM_PREPARE);
	*(void **)&decide = dlsym(lib, MP_SYM_DECIDE);
	if (!prepare || !decide || !tasks || !masks || reply == MAP_FAILED)
		fail("no such function, or no memory");
	for (i = 0; i < count; i++) {
		tasks[i].rank = (unsigned int)i;
		tasks[i].pid = getpid();
		sched_getaffinity(0, mask_size, (cpu_set_t *)(masks + (size_t)i * mask_size));
	}
	if (prepare(request, request_size, text, sizeof(text)))
		fail(text);
	result->reply = decide(tasks, (unsigned int)count, masks, (unsigned int)mask_size, reply, reply_size, text, sizeof(text));
	if (result->reply < 0)
		fail(text);
}

static void memory(struct result *result)
{
	FILE *f = fopen("/proc/self/smaps_rollup", "r");
	char line[256];
	long value;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Pss: %ld kB", &value) == 1)
			result->pss_kib = value;
		if (sscanf(line, "Private_Clean: %ld kB", &value) == 1 || sscanf(line, "Private_Dirty: %ld kB", &value) == 1)
			result->private_kib += value;
	}
	if (f)
		fclose(f);
}

int main(int argc, char **argv)
{
	long processes, tasks, i;
	int start[2], measure[2], through[2], status, failed = 0;
	struct result *results;
	double begin;
	char c;

	if (argc != 5)
		fail("usage: evaluations ENGINE PROCESSES TASKS PROGRAM");
	processes = atol(argv[2]);
	tasks = atol(argv[3]);
	describe(tasks, argv[4]);
	results = mmap(NULL, (size_t)processes * sizeof(*results) + sizeof(double), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (results == MAP_FAILED || pipe(start) || pipe(measure) || pipe(through))
		fail("no memory, or no pipe");
	double *released = (double *)(results + processes);

	for (i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (pid)
			continue;
		close(start[1]);
		close(measure[1]);
		(void)!read(start[0], &c, 1); /* ends when the parent closes */
		evaluate(argv[1], tasks, &results[i]);
		results[i].wall = now(CLOCK_MONOTONIC) - *released;
		results[i].cpu = now(CLOCK_PROCESS_CPUTIME_ID);
		(void)!write(through[1], "", 1);
		(void)!read(measure[0], &c, 1);
		memory(&results[i]);
		(void)!write(through[1], "", 1);
		pause(); /* the others measure what they share with it */
		_exit(0);
	}
	close(through[1]);
	begin = now(CLOCK_MONOTONIC);
	*released = begin;
	close(start[1]);
	for (i = 0; i < processes; i++)
		failed |= read(through[0], &c, 1) != 1;
	fprintf(stderr, "%.0f ms for all\n", now(CLOCK_MONOTONIC) - begin);
	close(measure[1]);
	for (i = 0; i < processes; i++)
		failed |= read(through[0], &c, 1) != 1;
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (wait(&status) > 0)
		;
	for (i = 0; i < processes; i++)
		printf("%.3f %.3f %ld %ld %ld\n", results[i].wall, results[i].cpu, results[i].private_kib, results[i].pss_kib, results[i].reply);
	return failed;
}
