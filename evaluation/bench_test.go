// SPDX-License-Identifier: MIT

package evaluation

import (
	"fmt"
	"strings"
	"testing"

	"slurm-mp-policy/policy"
)

// BenchmarkEvaluation is one evaluation of a step of 256 tasks with 4 different masks.
// For each mask, the built-in rules and 200 rules of a site are parsed and decided. 20 of
// the site's rules hold. The node and the program are read before, and the text of the
// file is in memory.
func BenchmarkEvaluation(b *testing.B) {
	var text strings.Builder
	for i := range 200 {
		fmt.Fprintf(&text, "# why\nrule \"site %d\" workload=multiprocessing partition=part%d,debug%d account=!guest\n    set SITE_%d {cpus}\n    set OTHER_%d 'two words'\n", i, i, i%10, i, i)
	}
	r := Request{
		Root: "/", Default: policy.DefaultOn, Affinity: "fix", Kind: "step", Option: "multiprocessing", Argv: []string{"true"},
		Env: []string{"PATH=/bin", "SLURM_JOB_PARTITION=debug3", "SLURM_JOB_ACCOUNT=a"}, Tasks: 256, LocalTasks: 256,
	}
	e := Prepare(r)
	var tasks []Task
	for i := range 256 {
		tasks = append(tasks, Task{Rank: i, Mask: mask(b, []string{"0-63", "64-127", "128-191", "192-255"}[i%4])})
	}
	for b.Loop() {
		rules, err := policy.Builtin()
		if err != nil {
			b.Fatal(err)
		}
		site, err := policy.Parse("site", text.String(), nil)
		if err != nil {
			b.Fatal(err)
		}
		rules.Add(site)
		e.rules = rules
		results := e.Decide(tasks)
		if len(results) != 4 || set(results[0])["SITE_3"] != "1" {
			b.Fatalf("%d groups, the first with %v", len(results), set(results[0]))
		}
	}
}
