/* SPDX-License-Identifier: MIT */
/*
 * started.c - tells whether the engine's start opened the list of mounts, and
 * whether it may open files when it has started
 */

#include <dlfcn.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/resource.h>

#include "abi.h"

int main(int argc, char **argv)
{
	struct pollfd opened = { inotify_init1(IN_CLOEXEC), POLLIN, 0 };
	struct rlimit files;
	char text[512] = "";
	mp_prepare_fn *prepare;
	void *lib;

	if (inotify_add_watch(opened.fd, "/proc/self/mountinfo", IN_OPEN) < 0)
		return 2;
	lib = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
	if (!lib)
		return 3;
	*(void **)(&prepare) = dlsym(lib, MP_SYM_PREPARE);
	/* an empty request is refused, once the runtime has started */
	if (!prepare(text, 0, text, sizeof(text)) ||
	    getrlimit(RLIMIT_NOFILE, &files))
		return 4;
	printf("mounts %s, %s limit of files\n",
	       poll(&opened, 1, 0) ? "read" : "unread",
	       files.rlim_cur == files.rlim_max ? "the hard" : "a lower");
	return 0;
}
