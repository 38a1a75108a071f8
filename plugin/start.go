// SPDX-License-Identifier: MIT

package main

/*
#include <sys/resource.h>

// When it starts, Go's runtime reads /proc/self/cgroup and mountinfo for the CPU quota
// of this process, whatever GOMAXPROCS says (runtime.defaultGOMAXPROCSInit). The list of
// mounts can be long, and the quota is of no use to it here. So it finds that it may open
// nothing: this runs before it starts. It then does not learn the size of huge pages
// either, which it could do without.
static __attribute__((constructor(101))) void open_nothing(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return;
	files.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &files);
}
*/
import "C"

import "syscall"

// init takes that back. Package syscall has raised the soft limit by now, to one below
// the hard one, but the engine does not rely on that.
func init() {
	var files syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files) == nil && files.Cur < files.Max {
		files.Cur = files.Max
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &files)
	}
}
