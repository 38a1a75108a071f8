/* SPDX-License-Identifier: MIT */
/* unprepared.c - has the engine decide what it has not prepared, at which Go panics */

#include <dlfcn.h>
#include <stdio.h>

#include "abi.h"

int main(int argc, char **argv)
{
	struct mp_task task = { 0, 0 };
	char mask[8] = { 1 }, reply[4096], text[512] = "";
	void *lib = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
	mp_decide_fn *decide;

	if (!lib)
		return 2;
	*(void **)(&decide) = dlsym(lib, MP_SYM_DECIDE);
	printf("%ld %s\n",
	       decide(&task, 1, mask, sizeof(mask), reply, sizeof(reply), text,
		      sizeof(text)),
	       text);
	return 0;
}
