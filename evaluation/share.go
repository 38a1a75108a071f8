// SPDX-License-Identifier: MIT

package evaluation

import (
	"strconv"
	"strings"
)

// share is how many CPUs each of the tasks on a node could have, by the job's
// CPUs there: SLURM_JOB_CPUS_PER_NODE, "72(x2),36", see srun(1). Which of its numbers is
// this node's is not said, so the smallest counts. 0 is not known: so where srun
// was told to take one CPU of each core (SLURM_THREADS_PER_CORE) and the job was not
// (SLURM_HINT), for then the job's CPUs are more than srun can give.
func share(env map[string]string, tasks int) int {
	if env["SLURM_THREADS_PER_CORE"] == "1" && env["SLURM_HINT"] != "nomultithread" {
		return 0
	}
	smallest := 0
	for part := range strings.SplitSeq(env["SLURM_JOB_CPUS_PER_NODE"], ",") {
		number, _, _ := strings.Cut(part, "(")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 {
			return 0
		}
		if smallest == 0 || n < smallest {
			smallest = n
		}
	}
	return smallest / max(tasks, 1)
}
