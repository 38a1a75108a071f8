/* SPDX-License-Identifier: MIT */
/*
 * plain.c - finds out without the engine that a step gets nothing
 *
 * Most steps of a cluster run a compiled program, and to load the engine costs more than
 * all the rest of an evaluation. Nothing is decided here: each test only makes sure that the
 * engine would find no rule to apply. Every built-in rule needs a tag of the program, and a
 * binary of an unknown name has none. In doubt the engine is asked.
 */

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "names.h"
#include "plain.h"
#include "trust.h"

/* Bytes; a longer policy file is left to the engine. */
#define POLICY_MAX 8192
/* The engine looks a program up in so many directories of PATH (workload/command.go). */
#define PATH_DIRS 64

/* MP_POLICY has words of the user's, MP_POLICY_APPLIED the record of an outer step. */
#define OWN_VARIABLES "MP_POLICY"

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* Whether nobody has words for the engine, or wants a line of it. */
static bool asks_nothing(const struct mp_step *step)
{
	const struct mp_config *config = step->config;
	int i;

#ifdef MP_TEST_WORDS
	if (config->root[0])
		return false;
#endif
	/* the line of log=changes is only about steps that are changed */
	if (strcmp(step->kind, "step") || step->option[0] ||
	    strcmp(config->def, "on") || !strcmp(config->log, "all"))
		return false;
	for (i = 0; step->env && step->env[i]; i++)
		if (begins(step->env[i], OWN_VARIABLES))
			return false;
	return true;
}

/* Whether the engine knows what a program of this base name does. */
static bool is_known(const char *name)
{
	const char *known;

	/* python3.13t, pypy3 and many more: isPython in workload/command.go */
	if (!name[0] || begins(name, "py"))
		return true;
	for (known = mp_names; *known; known += strlen(known) + 1)
		if (!strcmp(known, name))
			return true;
	return false;
}

/* The engine resolves ".." in the text of a path, and the kernel in the file system. */
static bool is_simple(const char *path)
{
	return !strstr(path, "..");
}

static bool is_program(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && (st.st_mode & 0111);
}

static const char *path_variable(char **env)
{
	for (; env && *env; env++)
		if (begins(*env, "PATH="))
			return *env + strlen("PATH=");
	return NULL;
}

/* Finds the program of a command word that has no slash. */
static bool find_in_path(const char *word, const char *dirs, char *path)
{
	size_t length;
	int i;

	for (i = 0; dirs && i < PATH_DIRS; i++) {
		length = strcspn(dirs, ":");
		if (dirs[0] != '/' || length + strlen(word) + 2 > PATH_MAX)
			return false;
		snprintf(path, PATH_MAX, "%.*s/%s", (int)length, dirs, word);
		if (!is_simple(path))
			return false;
		if (is_program(path))
			return true;
		dirs = dirs[length] ? dirs + length + 1 : NULL;
	}
	return false;
}

/*
 * Finds the program as the engine does. The engine does not take "/" for the step's working
 * directory.
 */
static bool find_program(const struct mp_step *step, char *path)
{
	const char *word = step->argv[0];
	char dir[PATH_MAX];

	if (!strchr(word, '/'))
		return find_in_path(word, path_variable(step->env), path);
	if (strlen(word) >= PATH_MAX || !is_simple(word))
		return false;
	if (word[0] != '/' &&
	    (!getcwd(dir, sizeof(dir)) || dir[0] != '/' || !dir[1]))
		return false;
	snprintf(path, PATH_MAX, "%s", word);
	return is_program(path);
}

/* Opens a file only if it is a regular one; -1 else. A FIFO is not even opened. */
static int open_regular(const char *path)
{
	struct stat st;
	int fd;

	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return -1;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	/* another file may have taken its place */
	if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Reads a regular file; returns the bytes, size if it has more, or -1. */
static ssize_t read_regular(const char *path, char *text, size_t size)
{
	const int fd = open_regular(path);
	ssize_t got = -1;
	size_t n = 0;

	if (fd < 0)
		return -1;
	while (n < size && (got = read(fd, text + n, size - n)) > 0)
		n += (size_t)got;
	close(fd);
	return got < 0 ? -1 : (ssize_t)n;
}

/*
 * The last byte of e_ident is padding and 0 (elf(5)). So the file cannot be the text of
 * srun --multi-prog either.
 */
static bool is_binary(const char *path)
{
	char head[EI_NIDENT];

	return read_regular(path, head, sizeof(head)) == sizeof(head) &&
	       !memcmp(head, ELFMAG, SELFMAG) && !head[EI_NIDENT - 1];
}

/* Whether each line is empty or a comment in plain characters. */
static bool only_comments(const char *text, size_t size)
{
	const char *end = text + size;
	bool comment = false;

	for (; text < end; text++) {
		if (*text == '\n') {
			comment = false;
		} else if (*text == '#') {
			comment = true;
		} else if (*text != ' ' && *text != '\t' &&
			   (!comment || *text < ' ' || *text > '~')) {
			return false;
		}
	}
	return true;
}

/* The engine reports a policy file that is named and missing, or that is refused. */
static bool has_no_rules(const char *config)
{
	char real[PATH_MAX], why[256], text[POLICY_MAX];
	struct stat st;
	ssize_t size;

	if (lstat(config, &st))
		return errno == ENOENT && !strcmp(config, MP_CONFIG_PATH);
	if (!mp_trusted(config, real, why, sizeof(why)))
		return false;
	size = read_regular(real, text, sizeof(text));
	return size >= 0 && (size_t)size < sizeof(text) &&
	       only_comments(text, (size_t)size);
}

bool mp_plain(const struct mp_step *step)
{
	char path[PATH_MAX];
	const char *slash;

	if (step->argc < 1 || !step->argv[0] || !asks_nothing(step))
		return false;
	slash = strrchr(step->argv[0], '/');
	return !is_known(slash ? slash + 1 : step->argv[0]) &&
	       find_program(step, path) && is_binary(path) &&
	       has_no_rules(step->config->config);
}

bool mp_plain_answer(struct mp_board *board)
{
	const size_t size = (4 + (size_t)board->tasks) * sizeof(uint32_t);
	/* every task has record 0, and that is empty: the board's memory is zeros */
	const uint32_t head[] = { MP_REPLY_MAGIC, board->tasks, 1 };

	if (size > MP_REPLY_MAX)
		return false;
	memcpy(board->reply, head, sizeof(head));
	mp_board_answer(board, size, "");
	return true;
}
