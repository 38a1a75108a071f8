/* SPDX-License-Identifier: MIT */
/*
 * linked.c - has an engine that is linked into it evaluate
 *
 *	linked REQUEST
 *
 * REQUEST is a file of mp_policy_prepare()'s form (abi.h). Two tasks have a CPU each.
 * It writes the reply.
 */

#include <stdio.h>
#include <string.h>

#include "abi.h"

mp_prepare_fn mp_policy_prepare;
mp_decide_fn mp_policy_decide;

int main(int argc, char **argv)
{
	static char request[65536], reply[65536];
	struct mp_task tasks[2];
	char masks[16] = { 0 }, text[512] = "";
	FILE *f = argc == 2 ? fopen(argv[1], "r") : NULL;
	size_t size;
	long n;

	if (!f)
		return 2;
	size = fread(request, 1, sizeof(request), f);
	fclose(f);
	memset(tasks, 0, sizeof(tasks));
	masks[0] = 1;
	masks[8] = 2;
	n = mp_policy_prepare(request, size, text, sizeof(text));
	if (!n)
		n = mp_policy_decide(tasks, 2, masks, 8, reply, sizeof(reply),
				     text, sizeof(text));
	if (n <= 0) {
		fprintf(stderr, "%ld %s\n", n, text);
		return 1;
	}
	fwrite(reply, 1, (size_t)n, stdout);
	return 0;
}
