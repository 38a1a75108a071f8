// SPDX-License-Identifier: MIT

package policy

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestParseErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"rule", `f:1: a rule needs a name, in quotes: "rule"`},
		{"rule node=knl", `f:1: a rule needs a name, in quotes: "rule node=knl"`},
		{"\n\nset A 1", `f:3: an action below no rule: "set A 1"`},
		{"rule a\nrule a", `f:2: a second rule of this name in the file: "rule a"`},
		{"rule a colour=red", `f:1: no such condition as "colour"; there are node, workload, command, partition, account, qos, user, group, affinity, env, python, tasks, cpus, cores, workers, share, pool, node_cpus: "colour=red"`},
		{"rule a node=", `f:1: an empty value: "node="`},
		{"rule a node=knl,,x", `f:1: an empty value: "node=knl,,x"`},
		{"rule a cpus=many", `f:1: "many" is no number, nor the name of one (cpus, cores, threads, workers, tasks, share, pool, node_cpus): "cpus=many"`},
		{"rule a cpus=2147483648", `f:1: "2147483648" is no number, nor the name of one (cpus, cores, threads, workers, tasks, share, pool, node_cpus): "cpus=2147483648"`},
		{"rule a node=[", `f:1: "[" is no pattern: "node=["`},
		{"rule a cpus>4", `f:1: ">" needs quotes: "rule a cpus>4"`},
		{`rule a "x;y" ;`, `f:1: ";" needs quotes: "rule a \"x;y\" ;"`},
		{"rule a tasks=1>", `f:1: ">" needs quotes: "rule a tasks=1>"`},
		{"rule a; rule b", `f:1: ";" needs quotes: "rule a; rule b"`},
		{"rule \"a", `f:1: a quote or backslash without its end: "rule \"a"`},
		{"rule a knl", `f:1: neither a condition (key=value) nor "protected" or a single "off": "knl"`},
		{"rule a off\nset A 1", `f:2: a rule that is off has no actions: "set A 1"`},
		{"rule a\nput A 1", `f:2: no such action as "put"; there are set, force, unset and hint: "put A 1"`},
		{"rule a\nset 1A 1", `f:2: set needs the name of a variable: "set 1A 1"`},
		{"rule a\nset A", `f:2: set takes a name and one value that is not empty: "set A"`},
		{"rule a\nset A ''", `f:2: set takes a name and one value that is not empty: "set A ''"`},
		{"rule a\nset A 1 2", `f:2: set takes a name and one value that is not empty: "set A 1 2"`},
		{"rule a\nset A {nodes}", `f:2: no such value as {nodes}; there are {cpus}, {cores}, {threads}, {workers}, {tasks}, {share}, {pool}, {node_cpus}: "set A {nodes}"`},
		{"rule a\nhint 'x {nodes}'", `f:2: no such value as {nodes}; there are {cpus}, {cores}, {threads}, {workers}, {tasks}, {share}, {pool}, {node_cpus}: "hint 'x {nodes}'"`},
		{"rule a\nhint too many", `f:2: hint takes one text, in quotes: "hint too many"`},
		{"rule a\nset MP_POLICY_APPLIED x", `f:2: this variable is the plugin's own record: "set MP_POLICY_APPLIED x"`},
		{"rule a 'node>k'", `f:1: node is no number to compare with; want node=: "node>k"`},
		{"rule a env=1A", `f:1: "1A" is no name of a variable: "env=1A"`},
		{"rule a node=a+", `f:1: an empty value: "node=a+"`},
		{"rule a off tasks=1", `f:1: neither a condition (key=value) nor "protected" or a single "off": "off"`},
		{"rule a\nunset A [", `f:2: "[" is no pattern: "unset A ["`},
		{"rule a\nunset A !", `f:2: an empty value: "unset A !"`},
		{"rule a\nset SLURM_HINT x", `f:2: SLURM_HINT steers Slurm, the loader or the search for programs; a rule that means it has the word "protected" on its rule line: "set SLURM_HINT x"`},
		{"rule a\nforce PATH x", `f:2: PATH steers Slurm, the loader or the search for programs; a rule that means it has the word "protected" on its rule line: "force PATH x"`},
		{"rule a protected\nunset LD_PRELOAD\nrule b\nunset LD_PRELOAD", `f:4: LD_PRELOAD steers Slurm, the loader or the search for programs; a rule that means it has the word "protected" on its rule line: "unset LD_PRELOAD"`},
		{"rule \xff", `f:1: not in UTF-8: "rule \xff"`},
		{"include x", `f:1: nothing can be included here: "include x"`},
		{"rule a\nset A \x00", `f:2: a NUL byte: "set A \x00"`},
	} {
		_, err := Parse("f", test.text, nil)
		if err == nil {
			t.Errorf("%q: no error", test.text)
			continue
		}
		if diff := cmp.Diff(test.want, err.Error()); diff != "" {
			t.Errorf("%q: want -, got +:\n%s", test.text, diff)
		}
	}
}

func TestProtectedVariables(t *testing.T) {
	for _, name := range []string{
		"SLURM_HINT", "SRUN_CPUS_PER_TASK", "SBATCH_EXPORT", "SALLOC_DEBUG", "SPANK_X", "LD_PRELOAD", "PATH", "MP_POLICY",
	} {
		for _, action := range []string{"set " + name + " x", "force " + name + " x", "unset " + name} {
			if _, err := Parse("f", "rule a\n"+action, nil); err == nil {
				t.Errorf("%s needs no word", action)
			}
			if _, err := Parse("f", "rule a protected\n"+action, nil); err != nil {
				t.Errorf("%s: %v", action, err)
			}
		}
	}
}

func TestNames(t *testing.T) {
	for text, want := range map[string]bool{
		"rule a node=x": false, "rule a user=x": true, "rule a node=x group=x": true,
	} {
		site, _ := Parse("f", text, nil)
		var rules Rules
		rules.Add(site)
		if got := rules.Names(); got != want {
			t.Errorf("%q: want %v, got %v", text, want, got)
		}
	}
}

func TestParseKeepsWhatIsRight(t *testing.T) {
	rules, err := Parse("f", "\ufeffrule a\n  set A 1\n  put B 2\nrule b node=[\n  set C 3\nrule c # comment\n  set D 'x # y'\r\n", nil)
	if got := strings.Count(err.Error(), "\n") + 1; got != 2 {
		t.Errorf("want 2 errors, got %d: %v", got, err)
	}
	got := rules.Decide(Facts{Env: map[string]string{}}).Settings
	want := []Setting{
		{Action: Set, Name: "A", Value: "1", Reason: "a", Source: "f:2"},
		{Action: Set, Name: "D", Value: "x # y", Reason: "c", Source: "f:7"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

// TestActionsOfABrokenRule: the actions below a rule line whose words cannot be told
// are not those of the rule before it.
func TestActionsOfABrokenRule(t *testing.T) {
	for _, line := range []string{"rule b cpus>16", " rule \"b", "rule b env=A;B", "rule\tb \xff", "rule b \x00", "include a|b"} {
		rules, err := Parse("f", "rule a\n set A 1\n"+line+"\n set B 2\nrule c\n set C 3\n", nil)
		if err == nil {
			t.Errorf("%q: no error", line)
		}
		var got []string
		for _, s := range rules.Decide(Facts{Env: map[string]string{}}).Settings {
			got = append(got, s.Name)
		}
		if diff := cmp.Diff([]string{"A", "C"}, got); diff != "" {
			t.Errorf("%q: want -, got +:\n%s", line, diff)
		}
	}
	// an action is only itself
	rules, _ := Parse("f", "rule a\n set A 1;2\n set B 2\n", nil)
	if got := rules.Decide(Facts{Env: map[string]string{}}).Settings; len(got) != 1 || got[0].Name != "B" {
		t.Errorf("%v", got)
	}
}

func TestConditions(t *testing.T) {
	f := Facts{
		Node: []string{"x86_64", "intel", "knl"}, Workload: []string{"mpi", "multiprocessing"}, Command: "python3.12",
		Partition: "gpu-a", Tasks: 4, CPUs: 68, Cores: func() int { return 1 }, Env: map[string]string{"A": "x/y"},
	}
	for condition, want := range map[string]bool{
		"node=knl": true, "node=!knl": false, "node=amd": false, "node=amd,knl": true, "node=!amd": true,
		"node=!amd,!knl": false, "node=intel,!knl": false, "node=k*": true,
		"workload=multiprocessing+mpi": true, "workload=multiprocessing+dask": false,
		"command=python*": true, "partition=gpu-?": true, "account=x": false, "account=!x": true,
		"tasks=4": true, "tasks=!4": false, "tasks>3": true, "tasks=>3": true, "tasks<4": false, "cpus=1,68": true, "cpus>8,<4": true,
		"cpus>tasks": true, "cpus<tasks": false, "tasks=cores": false, "cores=1": true, "cores<cpus": true, "tasks>cores": true, "share=0": false, "share<cpus": false,
		"cpus>share": false, "cpus=!share": true, "workers=cpus": true, "workers>cpus": false, "cpus>threads": true,
		"env=A": true, "env=B": false, "env=!B": true, "env=A=x*": true, "env=A=X/[YZ]": true, "node=KNL": false, "env=A=y*": false, "env=B=x": false,
	} {
		c, err := parseCondition(condition)
		if err != nil {
			t.Errorf("%s: %v", condition, err)
			continue
		}
		if got := c.holds(&f); got != want {
			t.Errorf("%s: want %v, got %v", condition, want, got)
		}
	}
}

func TestParseChoice(t *testing.T) {
	for text, want := range map[string]Choice{
		"auto":              {},
		"off":               {Off: true},
		"off,explain":       {Off: true, Explain: true},
		"on":                {On: true},
		"explain":           {Explain: true},
		"multiprocessing":   {On: true, Multiprocessing: true},
		"mpi,explain":       {On: true, MPI: true, Explain: true},
		"workers=1":         {On: true, Multiprocessing: true, Workers: 1},
		"workers=65536,mpi": {On: true, Multiprocessing: true, MPI: true, Workers: 65536},
	} {
		got, err := ParseChoice(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", text, diff)
		}
	}
	for _, text := range []string{
		"", ",", "fast", "on,", "off,on", "auto,off", "workers", "workers=", "workers=0", "workers=-1",
		"workers=+1", "workers=65537", "workers=99999999999999999999", "ON", " on",
	} {
		if c, err := ParseChoice(text); err == nil {
			t.Errorf("%q is taken as %+v", text, c)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(builtin)
	f.Add("rule \"a\" node=!x,y+z \"tasks>3\"\n\tset A {cpus}\n\tunset B !x*\n\thint 'text' # c\nrule b off\n")
	f.Fuzz(func(t *testing.T, text string) {
		rules, _ := Parse("f", text, nil)
		d := rules.Decide(Facts{CPUs: 4, Tasks: 2, Cores: func() int { return 2 }, Share: 3, Env: map[string]string{"A": "1"}})
		for _, c := range d.Changes {
			if !validName(c.Name) || !c.Unset && c.Value == "" {
				t.Errorf("%q gives %+v", text, c)
			}
		}
	})
}

// The library's words are the language's: the quicker way must find the same.
func FuzzSplit(f *testing.F) {
	for _, line := range []string{
		"", " # x", `rule "a b" node=!x,y+z "cpus>3" # c`, `set A 'x # y'`, `set A x#y`, `set A "x\"y"`, `set A x\ y`, `a 'b`,
		`a "b"c`, `''`, `set A ""`, "a\tb", `a;b`, `a|b`, "a `b`", "a $(b)", `a (b)`, `a ~ $HOME`, "ä\u00a0b", `"` + "\\", `a 'b\c'`,
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.ContainsAny(line, "\n\x00") || !utf8.ValidString(line) { // refused before
			return
		}
		words, ok := splitPlain(line, nil)
		if !ok {
			return
		}
		want, err := splitAny(line)
		if err != nil {
			t.Fatalf("%q is %q, but an error to the library: %v", line, words, err)
		}
		if len(words) != len(want) || strings.Join(words, "\x00") != strings.Join(want, "\x00") {
			t.Errorf("%q: the library has %q, we have %q", line, want, words)
		}
	})
}
