// SPDX-License-Identifier: MIT

package policy

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// subsets returns all subsets of the words with no more than most elements.
func subsets(words []string, most int) [][]string {
	sets := [][]string{nil}
	for _, word := range words {
		for _, set := range slices.Clone(sets) {
			if len(set) < most {
				sets = append(sets, append(slices.Clone(set), word))
			}
		}
	}
	return sets
}

// environments are environments that people have. They have variables from modules and
// profiles, and variables of the libraries that the rules are about.
var environments = []map[string]string{
	{},
	{"OMP_PLACES": "cores", "OMP_PROC_BIND": "close"},
	{"OMP_PROC_BIND": "true"},
	{"OMP_PROC_BIND": "false"},
	{"OMP_PROC_BIND": "false", "KMP_AFFINITY": "compact"},
	{"OMP_PLACES": "threads", "KMP_AFFINITY": "none"},
	{"GOMP_CPU_AFFINITY": "0"},
	{"GOMP_CPU_AFFINITY": "0-3", "OMP_PROC_BIND": "spread", "KMP_AFFINITY": "granularity=fine,scatter"},
	{"KMP_AFFINITY": "compact"},
	{"KMP_AFFINITY": "disabled"},
	{"KMP_AFFINITY": "verbose"},
	{"OMP_NUM_THREADS": "8", "MKL_NUM_THREADS": "8"},
	{"FI_EFA_USE_HUGE_PAGE": "1", "HUGETLB_MORECORE": "yes"},
	{"HUGETLB_MORECORE": "yes", "RDMAV_FORK_SAFE": "0"},
	{"RDMAV_HUGEPAGES_SAFE": "1"},
	{AppliedName: "OMP_PROC_BIND=false OMP_NUM_THREADS=1", "OMP_PROC_BIND": "false", "OMP_NUM_THREADS": "1"},
}

// TestNever applies the built-in rules to all pairs of tags of a node and a program. For
// each environment, it checks that the result has none of the forbidden states.
func TestNever(t *testing.T) {
	rules := builtinRules(t)
	types := []string{"knl", "knm", "a64fx", "grace", "graviton3", "mi300a", "power9", "zen4", "hybrid", "ampere"}
	fabrics := []string{"gni", "gemini", "aries", "slingshot", "infiniband", "roce", "omnipath", "efa", "iwarp"}
	workloads := subsets([]string{"multiprocessing", "mpi", "workers", "direct"}, 4)
	pythons := []Version{{}, {3, 12}, {3, 13}, {3, 9}, {4, 0}}
	affinities, counts := []string{"fix", "hint", "off"}, []int{0, 4, 100}
	walked := 0
	for _, kind := range subsets(types, 1) {
		for _, fabric := range subsets(fabrics, 2) {
			for _, workload := range workloads {
				for _, env := range environments {
					for _, affinity := range affinities {
						// No rule has both the workers and the affinity, or both of them
						// and the cores. So each workload and each environment is tested
						// with all of these, but on different fabrics.
						cores, online := walked/5%3, []int{0, 64, 128}[walked/3%3]
						f := Facts{
							Node: slices.Concat(kind, fabric), Workload: workload, Env: env,
							Affinity: affinity, Workers: counts[(walked/len(affinities))%len(counts)],
							Pool: []int{0, 0, 8, 100}[walked/7%4], Python: pythons[walked/11%len(pythons)],
							Tasks: 2, CPUs: 64, Share: 128, Cores: func() int { return cores },
							NodeCPUs: func() int { return online },
							Script:   "x.py", Copies: walked % 3, JobCPUs: 256, Given: walked / 13 % 3, Sharing: walked / 17 % 3,
						}
						if walked/19%2 == 0 && len(workload) > 0 {
							f.Workload, f.PoolAt = append(slices.Clone(workload), "cpu_count"), "Pool() at x.py:12"
						}
						checkNever(t, f, rules.Decide(f))
						walked++
					}
				}
			}
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d walked", walked)
}

func checkNever(t *testing.T, f Facts, d Decision) {
	t.Helper()
	user := original(f.Env)
	env := apply(f.Env, d.Changes)
	never := func(what string) {
		t.Helper()
		t.Errorf("%s: node %v, workload %v, affinity=%s, workers %d, %v\ngives %v", what, f.Node, f.Workload, f.Affinity, f.Workers, f.Env, env)
	}
	is := func(words []string, any ...string) bool {
		return slices.ContainsFunc(any, func(word string) bool { return slices.Contains(words, word) })
	}
	narrow := is(f.Workload, "direct") && f.NodeCPUs() > f.CPUs
	allowed := map[string]bool{
		"LOKY_MAX_CPU_COUNT": narrow,
		"PYTHON_CPU_COUNT":   narrow && (f.Python.Major == 4 || f.Python.Minor == 13),
		"OMP_NUM_THREADS":    is(f.Workload, "multiprocessing"),
		"OMP_PROC_BIND":      is(f.Workload, "multiprocessing", "workers"),
		"KMP_AFFINITY":       is(f.Workload, "multiprocessing", "workers") && is(f.Node, "knl"),
	}
	if narrow && len(d.Changes) == 0 {
		never("LOKY_MAX_CPU_COUNT is not set")
	}
	if !is(f.Workload, "direct", "multiprocessing", "workers") && !maps.Equal(env, user) {
		never("a step that is not Python does not have the environment of its user")
	}
	forks := is(f.Workload, "multiprocessing", "workers") && is(f.Workload, "mpi")
	allowed["MPICH_GNI_FORK_MODE"] = forks && is(f.Node, "aries", "gemini")
	allowed["CXI_FORK_SAFE"] = forks && is(f.Node, "slingshot")
	allowed["CXI_FORK_SAFE_HP"] = allowed["CXI_FORK_SAFE"] && user["HUGETLB_MORECORE"] == "yes"
	allowed["RDMAV_FORK_SAFE"] = forks && is(f.Node, "infiniband", "roce")
	allowed["IBV_FORK_SAFE"] = allowed["RDMAV_FORK_SAFE"]
	allowed["FI_EFA_FORK_SAFE"] = forks && is(f.Node, "efa")

	texts := slices.Clone(d.Notes)
	for _, h := range d.Hints {
		texts = append(texts, h.Text)
	}
	if len(texts) > 0 && !is(f.Workload, "multiprocessing", "workers", "cpu_count") {
		never("a program without workers has " + texts[0])
	}
	for _, text := range texts {
		if strings.ContainsAny(text, "{}") || strings.Contains(text, " 0 ") || strings.Contains(text, " 1 CPUs") || strings.Contains(text, " 1 workers") {
			never("a text with a hole or a wrong number: " + text)
		}
	}
	for _, s := range d.Settings {
		switch {
		case s.Action == Set && !allowed[s.Name]:
			never(s.Name + " is set")
		case s.Action == Set && s.Value == "":
			never(s.Name + " is empty")
		case s.Action == Set && strings.HasSuffix(s.Name, "_NUM_THREADS"):
			if n, err := strconv.Atoi(s.Value); err != nil || n < 1 || f.Workers == 0 && f.Pool == 0 && n != 1 {
				never(s.Name + " above 1, or a list")
			}
		case s.Action == Unset && !slices.Contains([]string{"OMP_PLACES", "OMP_PROC_BIND", "GOMP_CPU_AFFINITY", "KMP_AFFINITY"}, s.Name):
			never(s.Name + " is removed")
		case s.Action != Keep && s.Was != "" && f.Affinity != "fix":
			never(s.Name + " of the user's is changed without affinity=fix")
		}
	}
	// if KMP_AFFINITY is set too, LLVM's runtime warns of OMP_PROC_BIND in every process
	ours := slices.ContainsFunc(d.Settings, func(s Setting) bool {
		return s.Action == Set && (s.Name == "OMP_PROC_BIND" || s.Name == "KMP_AFFINITY")
	})
	if ours && env["OMP_PROC_BIND"] != "" && env["KMP_AFFINITY"] != "" {
		never("OMP_PROC_BIND together with KMP_AFFINITY")
	}
	if env["KMP_AFFINITY"] == "disabled" && user["KMP_AFFINITY"] != "disabled" && !is(f.Node, "knl") {
		never("KMP_AFFINITY=disabled elsewhere than on KNL")
	}
	for _, pages := range []string{"FI_EFA_USE_HUGE_PAGE", "RDMAV_HUGEPAGES_SAFE"} {
		for _, name := range []string{"FI_EFA_FORK_SAFE", "RDMAV_FORK_SAFE", "IBV_FORK_SAFE"} {
			if is(f.Node, "efa") && user[pages] != "" && env[name] != user[name] {
				never(name + " beside " + pages)
			}
		}
	}
	if user["RDMAV_FORK_SAFE"] == "0" && env["IBV_FORK_SAFE"] != "" {
		never("IBV_FORK_SAFE for who said no")
	}
	// after the fix, no variable may bind
	if is(f.Workload, "multiprocessing", "workers") && f.Affinity == "fix" && f.Cores() != 1 {
		for _, name := range []string{"OMP_PLACES", "GOMP_CPU_AFFINITY"} {
			if env[name] != "" {
				never(name + " remains")
			}
		}
		if bind := env["OMP_PROC_BIND"]; bind != "" && bind != "false" {
			never("OMP_PROC_BIND=" + bind + " remains")
		}
		if strings.Contains(env["KMP_AFFINITY"], "compact") || strings.Contains(env["KMP_AFFINITY"], "scatter") {
			never("KMP_AFFINITY remains")
		}
	}
	// on one core, nothing must be changed
	for _, name := range []string{"OMP_PLACES", "OMP_PROC_BIND", "GOMP_CPU_AFFINITY", "KMP_AFFINITY"} {
		if user[name] != "" && env[name] != user[name] && f.Cores() == 1 {
			never(name + " of the user's is changed on one core")
		}
	}
	// after an opt-out, the environment is the user's environment
	if back := apply(env, Rules{}.Decide(Facts{Env: env}).Changes); !maps.Equal(back, user) {
		never("an opt-out does not give the user's environment back")
	}
}
