// SPDX-License-Identifier: MIT

package inspect

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"

	"slurm-mp-policy/nodeinfo"
)

// stepPath is the cgroup of a step: slurm/uid_1000/job_7/step_0/task_0 in version 1
// (slurm_NODE with several slurmd on a host), slurmstepd.scope/job_7/step_0/user/task_0
// in version 2 (NODE_slurmstepd.scope). Slurm's sources name them in
// src/plugins/cgroup/v1/cgroup_v1.c and src/plugins/cgroup/v2/cgroup_v2.c.
var stepPath = regexp.MustCompile(`(?:/slurm[^/]*/uid_[0-9]+|slurmstepd\.scope)/job_([0-9]+)(?:/step_([^/]+))?(?:/|$)`)

// jobOfCgroups returns the job and the step of a process, or 0 if it is in no job's cgroups.
func jobOfCgroups(cgroups []procfs.Cgroup) (job int, step string) {
	for _, c := range cgroups {
		if m := stepPath.FindStringSubmatch(c.Path); m != nil {
			if n, err := strconv.Atoi(m[1]); err == nil && (job == 0 || step == "") {
				job, step = n, m[2]
			}
		}
	}
	return job, step
}

// jobOfEnvironment is for nodes whose steps have no cgroups (proctrack/linuxproc).
func jobOfEnvironment(env map[string]string) (job int, step string) {
	job, err := strconv.Atoi(env["SLURM_JOB_ID"])
	if err != nil || job < 1 {
		return 0, ""
	}
	step = env["SLURM_STEP_ID"]
	// SLURM_BATCH_SCRIPT and its neighbours in slurm.h
	for _, named := range []struct{ id, name string }{{"4294967291", "batch"}, {"4294967290", "interactive"}, {"4294967292", "extern"}} {
		if step == named.id {
			step = named.name
		}
	}
	if step == "" {
		step = "batch"
	}
	return job, step
}

// kindOf returns the kind that package evaluation uses for a step of this name.
func kindOf(step string) string {
	switch step {
	case "batch", "interactive":
		return step
	}
	return "step"
}

// boundMask is the mask that Slurm has given to a task, by the variables of srun(1):
// SLURM_CPU_BIND_TYPE=mask_cpu:, and in SLURM_CPU_BIND_LIST one mask for each task of
// the node. If the list is too short, it starts again from its beginning.
func boundMask(env map[string]string) (mask nodeinfo.Mask, ok bool) {
	if env["SLURM_CPU_BIND_TYPE"] != "mask_cpu:" || env["SLURM_CPU_BIND_LIST"] == "" {
		return mask, false
	}
	masks := strings.Split(env["SLURM_CPU_BIND_LIST"], ",")
	local, err := strconv.Atoi(env["SLURM_LOCALID"])
	if err != nil || local < 0 {
		return mask, false
	}
	digits := strings.TrimPrefix(masks[local%len(masks)], "0x")
	// Slurm writes one number, and the kernel's form has groups of eight digits
	var groups []string
	for len(digits) > 8 {
		groups = append([]string{digits[len(digits)-8:]}, groups...)
		digits = digits[:len(digits)-8]
	}
	mask, err = nodeinfo.ParseHexMask(strings.Join(append([]string{digits}, groups...), ","))
	return mask, err == nil && mask.Count() > 0
}
