// SPDX-License-Identifier: MIT

package lint

import (
	"slices"
	"strconv"
	"strings"

	"slurm-mp-policy/policy"
	"slurm-mp-policy/workload"
)

// action looks at one line below a rule.
func (c *checker) action(r policy.Rule, a policy.Action) {
	switch a.Verb {
	case "leave":
		if len(r.Conditions) == 0 {
			c.warn(a.Source, "leave of a rule without conditions leaves every step alone: give the rule some, or write default=off into plugstack.conf")
		}
		if len(r.Actions) > 1 {
			c.warn(a.Source, "leave makes the other actions of the rule %q count for nothing: take it or them away", r.Name)
		}
		return
	case "hint":
		if len(r.Conditions) == 0 {
			c.warn(a.Source, "a hint of a rule without conditions is printed by every step: give the rule some")
		}
		return
	case "note", "reason":
		return
	case "unset":
		if near := slip(a.Name); near != "" {
			c.warn(a.Source, "%s is no variable that is known; did you mean %s?", a.Name, near)
		}
		return
	}
	if strings.TrimSpace(a.Value) == "" {
		c.warn(a.Source, "%s is set to blanks, which many programs take for a bad value: unset it instead", a.Name)
		return
	}
	if near := slip(a.Name); near != "" {
		c.warn(a.Source, "%s is no variable that is known; did you mean %s?", a.Name, near)
	}
	for _, h := range harmful {
		if h.is(a.Name) && h.value(a.Value) && (h.unless == nil || !h.unless(r)) {
			c.warn(a.Source, "%s=%s: %s", a.Name, a.Value, h.why)
			return
		}
	}
}

// harm is a variable that does harm if it is set.
type harm struct {
	names  []string // a "*" at the end stands for the rest of a name
	value  func(string) bool
	unless func(policy.Rule) bool // nil: never
	why    string
}

func (h harm) is(name string) bool {
	return slices.ContainsFunc(h.names, func(n string) bool {
		prefix, rest := strings.CutSuffix(n, "*")
		return n == name || rest && strings.HasPrefix(name, prefix)
	})
}

// Only the first that fits is reported.
var harmful = []harm{
	{
		names: []string{"OMP_THREAD_LIMIT"}, value: anything,
		why: "a cap that no program can raise, for all of its threads; set OMP_NUM_THREADS (https://gcc.gnu.org/onlinedocs/libgomp/OMP_005fTHREAD_005fLIMIT.html)",
	},
	{
		names: []string{"OMP_NUM_THREADS"}, value: func(v string) bool { return strings.Contains(v, ",") },
		why: "a list, which ends \"import numexpr\" with an error; set 1 or {threads} (https://github.com/pydata/numexpr, numexpr/utils.py)",
	},
	{
		names: []string{"OMP_NUM_THREADS"}, value: notNumber,
		why: "no number from 1, which LLVM's OpenMP runtime aborts at; set 1 or {threads}",
	},
	{
		names: []string{"OMP_NUM_THREADS"}, value: moreThanOne,
		why: "joblib, Dask and torchrun share the CPUs out to their workers only where it is not set, so each worker starts as many threads; set 1 or {threads}, or leave it (https://github.com/joblib/joblib, joblib/_parallel_backends.py; https://github.com/pytorch/pytorch/pull/22501)",
	},
	{
		names: []string{"NUMBA_NUM_THREADS"}, value: func(v string) bool { return v != "{cpus}" },
		why: "a ceiling: numba.set_num_threads() above it ends the program; leave it, or set {cpus} (https://github.com/numba/numba/issues/7086)",
	},
	{
		names: []string{"NUMEXPR_MAX_THREADS"}, value: func(v string) bool { n, err := strconv.Atoi(v); return err != nil || n < 64 },
		why: "a ceiling: numexpr refuses more threads than it, and an OMP_NUM_THREADS above it; leave it at its 64, and set OMP_NUM_THREADS (https://github.com/pydata/numexpr, numexpr/utils.py)",
	},
	{
		names: []string{"NUMEXPR_MAX_THREADS"}, value: anything,
		why: "once it is set, numexpr starts as many threads by default, also where the task has fewer CPUs; leave it, and set OMP_NUM_THREADS (https://github.com/pydata/numexpr, numexpr/utils.py)",
	},
	{
		names: []string{"PYTHON_CPU_COUNT"}, value: notNumber,
		why: "no number from 1, which ends every Python from 3.13 on at its start; set {cpus} (https://github.com/python/cpython/issues/109595)",
	},
	{
		names: []string{"PYTHON_CPU_COUNT"}, value: func(v string) bool { return v != "1" }, unless: direct,
		why: "it overrides a narrower mask: behind taskset or mpirun --bind-to core a pool becomes larger than its CPUs; give the rule workload=direct (https://docs.python.org/3/using/cmdline.html#envvar-PYTHON_CPU_COUNT)",
	},
	{
		names: []string{"MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "BLIS_NUM_THREADS", "NUMEXPR_NUM_THREADS"}, value: anything,
		why: "it stands above the OMP_NUM_THREADS that the program, a TaskProlog or another plugin sets; the library follows OMP_NUM_THREADS, so leave it",
	},
	{
		names: []string{"KMP_HW_SUBSET"}, value: anything,
		why: "it binds the process to a part of its CPUs, and all workers inherit that; leave it",
	},
	{
		names: []string{"KMP_AFFINITY"}, value: func(v string) bool { return strings.Contains(strings.ToLower(v), "disabled") },
		unless: never(policy.Facts{Node: []string{"x86_64"}}, "knl"),
		why:    "LLVM's OpenMP runtime of today aborts each forked child under it; give the rule node=knl, or set none (https://github.com/llvm/llvm-project/issues/137136)",
	},
	{
		names: []string{"KMP_AFFINITY"}, value: func(v string) bool { return policy.InSet(policy.KMPBinding, v) },
		why: "it binds the process when its OpenMP library is loaded, and all workers inherit one CPU; set none (https://github.com/OpenMathLib/OpenBLAS/issues/4653)",
	},
	{
		names: []string{"OMP_PROC_BIND"}, value: func(v string) bool { return !strings.EqualFold(v, "false") },
		why: "it binds the process when its OpenMP library is loaded, and all workers inherit one CPU; set false (https://github.com/OpenMathLib/OpenBLAS/issues/4653)",
	},
	{
		names: []string{"OMP_PLACES", "GOMP_CPU_AFFINITY"}, value: anything,
		why: "it binds the process when its OpenMP library is loaded, and all workers inherit one CPU; leave it (https://github.com/OpenMathLib/OpenBLAS/issues/4653)",
	},
	{
		names: []string{"RDMAV_HUGEPAGES_SAFE"}, value: anything, unless: never(policy.Facts{Node: []string{"efa"}}, ""),
		why: "libfabric's EFA provider refuses to start with it; give the rule node=!efa (https://github.com/ofiwg/libfabric, prov/efa/src/efa_fork_support.c)",
	},
	{
		names: []string{"CXI_FORK_SAFE", "CXI_FORK_SAFE_HP"}, value: meansNo,
		why: "it is on when it is there, whatever its value; unset it (https://ofiwg.github.io/libfabric/main/man/fi_cxi.7.html)",
	},
	{
		names: []string{"RDMAV_FORK_SAFE", "IBV_FORK_SAFE"}, value: meansNo,
		why: "before rdma-core 40 it is on when it is there, whatever its value; unset it (https://github.com/linux-rdma/rdma-core/commit/5a021003)",
	},
	{
		names: []string{"FI_EFA_FORK_SAFE"}, value: anything,
		unless: never(policy.Facts{Env: map[string]string{"FI_EFA_USE_HUGE_PAGE": "1"}}, ""),
		why:    "together with FI_EFA_USE_HUGE_PAGE=1 libfabric aborts the program; give the rule env=!FI_EFA_USE_HUGE_PAGE (https://github.com/ofiwg/libfabric, prov/efa/src/efa_fork_support.c)",
	},
	{
		names: []string{"FI_EFA_USE_HUGE_PAGE"}, value: func(v string) bool { return !meansNo(v) },
		why: "together with FI_EFA_FORK_SAFE or another fork mode libfabric aborts the program; leave it (https://github.com/ofiwg/libfabric, prov/efa/src/efa_fork_support.c)",
	},
	{
		names: []string{"XLA_FLAGS"}, value: anything,
		why: "a flag that one version does not know ends the program; the task's affinity is what XLA follows (https://github.com/jax-ml/jax/issues/1539)",
	},
	{
		names: []string{"SLURM_CPUS_PER_TASK", "SRUN_CPUS_PER_TASK", "SLURM_TRES_PER_TASK"}, value: anything,
		why: "the sruns of a job end with an error where two of these differ; ask for CPUs with -c (https://slurm.schedmd.com/srun.html#OPT_cpus-per-task)",
	},
	{
		names: []string{"SLURM_*", "SRUN_*", "SBATCH_*", "SALLOC_*"}, value: anything,
		why: "Slurm's own commands take it for an option in the step; leave it (https://slurm.schedmd.com/srun.html#SECTION_INPUT-ENVIRONMENT-VARIABLES)",
	},
	{
		names: []string{"LD_*"}, value: anything,
		why: "it reaches every program that the step starts; leave it to modules (ld.so(8))",
	},
}

func anything(string) bool { return true }

func meansNo(v string) bool {
	return slices.Contains([]string{"0", "no", "n", "false", "off"}, strings.ToLower(v))
}

// notNumber reports whether a value is neither a number from 1 nor made of numbers.
func notNumber(v string) bool {
	n, err := strconv.Atoi(v)
	return !strings.Contains(v, "{") && (err != nil || n < 1)
}

func moreThanOne(v string) bool { return v != "1" && v != "{threads}" }

// direct reports whether a rule is only about Python that the step starts itself.
func direct(r policy.Rule) bool {
	return slices.ContainsFunc(r.Conditions, func(c policy.Condition) bool {
		return c.Key == "workload" && !slices.ContainsFunc(c.Alternatives, func(a policy.Alternative) bool {
			return !a.Not && !slices.Contains(a.Words, workload.TagDirect)
		}) && slices.ContainsFunc(c.Alternatives, func(a policy.Alternative) bool { return !a.Not })
	})
}

// never reports whether a rule cannot hold if the facts are as given, or, with a tag, whether it
// holds only on nodes with that tag.
func never(given policy.Facts, tag string) func(policy.Rule) bool {
	return func(r policy.Rule) bool {
		if tag == "" {
			return !possible(r.Conditions, given)
		}
		for _, c := range r.Conditions {
			if c.Key == "node" && !slices.ContainsFunc(c.Alternatives, func(a policy.Alternative) bool {
				return a.Not || !slices.Contains(a.Words, tag)
			}) {
				return true
			}
		}
		return false
	}
}

// variables are names that a mistyped name is likely to stand for.
var variables = []string{
	"OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS",
	"RAYON_NUM_THREADS", "POLARS_MAX_THREADS", "VECLIB_MAXIMUM_THREADS", "PYTHON_CPU_COUNT", "LOKY_MAX_CPU_COUNT", "PYTHONPATH",
	"OMP_PROC_BIND", "OMP_PLACES", "OMP_THREAD_LIMIT", "OMP_WAIT_POLICY", "OMP_DYNAMIC", "GOMP_CPU_AFFINITY", "KMP_AFFINITY", "KMP_BLOCKTIME",
	"MPICH_GNI_FORK_MODE", "CXI_FORK_SAFE", "CXI_FORK_SAFE_HP", "RDMAV_FORK_SAFE", "RDMAV_HUGEPAGES_SAFE", "IBV_FORK_SAFE",
	"FI_EFA_FORK_SAFE", "FI_EFA_USE_HUGE_PAGE", "UCX_IB_FORK_INIT",
}

// slip returns the known variable that differs from name by one or two letters, "" if there is
// none.
func slip(name string) string {
	if slices.Contains(variables, name) {
		return ""
	}
	return nearest(name, variables)
}
