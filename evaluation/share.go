// SPDX-License-Identifier: MIT

package evaluation

import (
	"strconv"
	"strings"
)

// share is how many CPUs each of the tasks on a node could have, by the job's
// CPUs there: SLURM_JOB_CPUS_PER_NODE, "72(x2),36", see srun(1). Which of its numbers is
// this node's is not said, so the smallest counts. 0 is not known.
func share(cpusPerNode string, tasks int) int {
	smallest := 0
	for part := range strings.SplitSeq(cpusPerNode, ",") {
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
