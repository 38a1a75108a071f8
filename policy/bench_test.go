// SPDX-License-Identifier: MIT

package policy

import (
	"fmt"
	"strings"
	"testing"
)

func siteFile(rules int) string {
	var b strings.Builder
	for i := range rules {
		fmt.Fprintf(&b, "# why rule %d\nrule \"site %d\" workload=multiprocessing partition=part%d,debug account=!guest%d\n    set SITE_%d {cpus}\n    set OTHER_%d  'two words'\n", i, i, i, i, i, i)
	}
	return b.String()
}

func BenchmarkBuiltin(b *testing.B) {
	for b.Loop() {
		Builtin()
	}
}

func BenchmarkParse(b *testing.B) {
	text := siteFile(200)
	for b.Loop() {
		Parse("f", text, nil)
	}
}

func BenchmarkDecide(b *testing.B) {
	rules, _ := Builtin()
	site, _ := Parse("site", siteFile(200), nil)
	rules.Add(site)
	f := Facts{Node: []string{"x86_64", "intel"}, Workload: []string{"python", "multiprocessing"}, CPUs: 4, Partition: "debug", Env: map[string]string{"A": "b", "OMP_PLACES": "cores"}}
	for b.Loop() {
		rules.Decide(f)
	}
}
