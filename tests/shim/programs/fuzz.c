/* SPDX-License-Identifier: MIT */
/*
 * fuzz.c - feeds the shim's readers of foreign bytes, for libFuzzer
 *
 * The first byte of an input chooses: words of an option, a reply for so many
 * tasks, a whole board, or an environment with a record. https://llvm.org/docs/LibFuzzer.html
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <slurm/spank.h>

#include "apply.h"
#include "board.h"
#include "config.h"
#include "record.h"
#include "say.h"
#include "step_env.h"
#include "words.h"

void slurm_info(const char *format, ...)
{
	(void)format;
}

void mp_say(const char *text)
{
	(void)text;
}

/* What reaches a task must be a name and a value, whatever the input was. */
spank_err_t spank_setenv(spank_t spank, const char *name, const char *value,
			 int overwrite)
{
	(void)spank;
	(void)overwrite;
	if (!*name || strpbrk(name, "= \n") || strlen(value) > 1 << 17)
		abort();
	return ESPANK_SUCCESS;
}

spank_err_t spank_unsetenv(spank_t spank, const char *name)
{
	(void)spank;
	if (!*name || strpbrk(name, "= \n"))
		abort();
	return ESPANK_SUCCESS;
}

/* In memory of exactly the input's size, so that a byte beyond it is seen. */
static char *copy(const uint8_t *data, size_t size)
{
	char *text = malloc(size + !size);

	memcpy(text, data, size);
	return text;
}

static void words(const uint8_t *data, size_t size)
{
	struct mp_config config;
	char why[512], *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	mp_words_check(text, why, sizeof(why));
	mp_words_have(text, "explain");
	mp_config_parse(&config, 1, &text, true);
	free(text);
}

static void apply_all(const char *reply, size_t size, uint32_t tasks)
{
	uint32_t i;

	mp_reply_valid(reply, size, tasks);
	for (i = 0; i <= tasks; i++)
		mp_apply(NULL, reply, size, tasks, i, false);
}

static void reply(const uint8_t *data, size_t size, uint32_t tasks)
{
	char *text = copy(data, size);

	apply_all(text, size, tasks);
	free(text);
}

static void printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			abort();
}

/* As the evaluator could leave it: from the mapping's start to its reply. */
static void board(const uint8_t *data, size_t size, uint32_t tasks)
{
	struct mp_board board;
	char text[MP_TEXT_MAX];

	if (!mp_board_open(&board, tasks))
		return;
	memcpy(board.shared, data, size < board.size ? size : board.size);
	mp_board_answered(&board);
	mp_board_ended(&board);
	mp_board_evaluator(&board);
	mp_board_waited(&board);
	mp_board_same_mask(&board, 0);
	mp_board_text(&board, text, sizeof(text));
	printable(text);
	mp_board_line(&board, text, sizeof(text));
	printable(text);
	apply_all(board.reply, mp_board_reply_size(&board), tasks);
	mp_board_close(&board);
}

/* Each entry of the environment has a NUL behind it. */
static void record(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *entries[65] = { NULL };
	size_t count = 0, at;

	memcpy(text, data, size);
	text[size] = '\0';
	for (at = 0; at < size && count < 64; at += strlen(text + at) + 1)
		entries[count++] = text + at;
	env = entries;
	mp_record_undo(NULL);
	env = none;
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] == 'w')
		words(data + 1, size - 1);
	else if (data[0] == 'r')
		record(data + 1, size - 1);
	else if (data[0] == 'b')
		board(data + 1, size - 1, 2);
	else
		reply(data + 1, size - 1, data[0] % 8u);
	return 0;
}

#ifdef SEEDS /* without libFuzzer: runs what each of these files holds */
#include <stdio.h>

int main(int argc, char **argv)
{
	static uint8_t data[1 << 20];
	size_t size;
	FILE *f;
	int i;

	for (i = 1; i < argc; i++) {
		f = fopen(argv[i], "r");
		if (!f)
			return 2;
		size = fread(data, 1, sizeof(data), f);
		fclose(f);
		LLVMFuzzerTestOneInput(data, size);
	}
	return 0;
}
#endif
