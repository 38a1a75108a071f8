/* SPDX-License-Identifier: MIT */
/* cgroup.c - prints the cgroup that a process of each line of /proc/PID/cgroup would go to */

#include <stdio.h>
#include <string.h>

#include "cgroup.h"

int main(void)
{
	char line[8192], to[MP_CGROUP_PATH];
	bool unified;

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (!mp_cgroup_outside(line, to, &unified))
			puts("stays");
		else
			printf("%s %s\n", unified ? "v2" : "v1", to);
	}
	return 0;
}
