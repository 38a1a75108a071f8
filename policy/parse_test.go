// SPDX-License-Identifier: MIT

package policy

import (
	"fmt"
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
		{"rule a colour=red", `f:1: no such condition as "colour"; there are node, workload, command, partition, account, qos, user, group, affinity, set, removed, env, python, tasks, cpus, cores, workers, share, pool, node_cpus, copies, job_cpus, given, sharing, starts, omp_threads, all_threads: "colour=red"`},
		{"rule a node=", `f:1: an empty value: "node="`},
		{"rule a node=knl,,x", `f:1: an empty value: "node=knl,,x"`},
		{"rule a cpus=many", `f:1: "many" is no number, nor the name of one (cpus, cores, threads, workers, tasks, share, pool, node_cpus, copies, job_cpus, given, sharing, starts, omp_threads, all_threads): "cpus=many"`},
		{"rule a cpus=2147483648", `f:1: "2147483648" is no number, nor the name of one (cpus, cores, threads, workers, tasks, share, pool, node_cpus, copies, job_cpus, given, sharing, starts, omp_threads, all_threads): "cpus=2147483648"`},
		{"rule a node=[", `f:1: "[" is no pattern: "node=["`},
		{"rule a cpus>4", `f:1: ">" needs quotes: "rule a cpus>4"`},
		{`rule a "x;y" ;`, `f:1: ";" needs quotes: "rule a \"x;y\" ;"`},
		{"rule a tasks=1>", `f:1: ">" needs quotes: "rule a tasks=1>"`},
		{"rule a; rule b", `f:1: ";" needs quotes: "rule a; rule b"`},
		{"rule \"a", `f:1: a quote or backslash without its end: "rule \"a"`},
		{"rule a knl", `f:1: neither a condition (key=value) nor "protected" or a single "off"; a name of several words needs quotes: rule "a knl": "knl"`},
		{"rule my own name node=knl", `f:1: neither a condition (key=value) nor "protected" or a single "off"; a name of several words needs quotes: rule "my own name": "own"`},
		{"rule my name protected", `f:1: neither a condition (key=value) nor "protected" or a single "off"; a name of several words needs quotes: rule "my name": "name"`},
		{"rule a node=knl b", `f:1: neither a condition (key=value) nor "protected" or a single "off": "b"`},
		{"rule a off\nset A 1", `f:2: a rule that is off has no actions: "set A 1"`},
		{"rule a\nput A 1", `f:2: no line begins with "put"; there are rule, include and values, and below a rule set, force, append, unset, hint, note, reason, leave: "put A 1"`},
		{"rule a\nset 1A 1", `f:2: "1A" is no name of a variable: "set 1A 1"`},
		{"rule a\nunset 1BAD", `f:2: "1BAD" is no name of a variable: "unset 1BAD"`},
		{"rule a\nforce", `f:2: force needs the name of a variable: "force"`},
		{"rule a\nset '' 1", `f:2: set needs the name of a variable: "set '' 1"`},
		{"rule a\nset A", `f:2: set takes a name and one value that is not empty: "set A"`},
		{"rule a\nset A ''", `f:2: set takes a name and one value that is not empty: "set A ''"`},
		{"rule a\nset A 1 2", `f:2: set takes a name and one value that is not empty: "set A 1 2"`},
		{"rule a\nset A {nodes}", `f:2: no such value as {nodes}; there are {cpus}, {cores}, {threads}, {workers}, {tasks}, {share}, {pool}, {node_cpus}, {copies}, {job_cpus}, {given}, {sharing}, {starts}, {omp_threads}, {all_threads}, {datadir}: "set A {nodes}"`},
		{"rule a\nhint 'x {nodes}'", `f:2: no such value as {nodes}; there are {cpus}, {cores}, {threads}, {workers}, {tasks}, {share}, {pool}, {node_cpus}, {copies}, {job_cpus}, {given}, {sharing}, {starts}, {omp_threads}, {all_threads}, {script}, {pool_at}, {python}, {program}, {binding}, {datadir}: "hint 'x {nodes}'"`},
		{"rule a\nappend 1A /x", `f:2: "1A" is no name of a variable: "append 1A /x"`},
		{"rule a\nappend A", `f:2: append takes a name and one value that is not empty: "append A"`},
		{"rule a\nappend A /x /y", `f:2: append takes a name and one value that is not empty: "append A /x /y"`},
		{"rule a\nappend A /x:/y", `f:2: append takes a name and one absolute path without ":"; for several paths write a line for each: "append A /x:/y"`},
		{"rule a\nappend A x", `f:2: append takes a name and one absolute path without ":"; for several paths write a line for each: "append A x"`},
		{"rule a\nappend LD_LIBRARY_PATH /x", `f:2: LD_LIBRARY_PATH steers Slurm, the loader or the search for programs; a rule that means it has the word "protected" on its rule line: "append LD_LIBRARY_PATH /x"`},
		{"rule a\nhint too many", `f:2: hint takes one text, in quotes: "hint too many"`},
		{"rule a\nleave all", `f:2: leave stands alone: it is about the whole step: "leave all"`},
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
		for _, action := range []string{"set " + name + " x", "force " + name + " x", "append " + name + " /x", "unset " + name} {
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

// TestActionsOfABrokenRule checks that the actions below a refused line are checked, and
// that they do not belong to the rule before it.
func TestActionsOfABrokenRule(t *testing.T) {
	for _, test := range []struct {
		text   string
		want   string // names of the variables that are set
		errors string // numbers of the lines with an error
	}{
		{"rule a\n set A 1\nrule b cpus>16\n set B 2\nrule c\n set C 3", "A C", "3"},
		{"rule a\n set A 1\n rule \"b\n set B 2\nrule c\n set C 3", "A C", "3"},
		{"rule a\n set A 1\nrule b env=A;B\n set B 2\nrule c\n set C 3", "A C", "3"},
		{"rule a\n set A 1\nrule\tb \xff\n set B 2\nrule c\n set C 3", "A C", "3"},
		{"rule a\n set A 1\nrule b \x00\n set B 2\nrule c\n set C 3", "A C", "3"},
		{"rule a\n set A 1\ninclude a|b\n set B 2\nrule c\n set C 3", "A C", "3 4"},
		{"rule a\n set A 1\nrule b colour=red\n set B 2\n set 1B 2\nrule c\n set C 3", "A C", "3 5"},
		{"rule a\n set A 1\nrule b protected colour=red\n set LD_B 2", "A", "3"},
		{"rule a\n set A 1\nrule b colour=red\n set LD_B 2", "A", "3 4"},
		{"rule a\n set A 1\nrule a\n set B 2\n set C", "A", "3 5"},
		// a misspelt keyword
		{"rule a\n set A 1\nrul b\n set B 2\n set C\nrule c\n set D 3", "A D", "3 5"},
		{"rule a\n set A 1\nrul b cpus>16\n set B 2\n set C\nrule c\n set D 3", "A D", "3 5"},
		{"rul a\n set A 1\n set 1B 2\nrule c\n set C 3", "C", "1 3"},
		{"\trule a\n\t set A 1\n\trul b\n\t set B 2", "A", "3"},
		{"rule a\nset A 1\nrul b\nset B 2\nrule c\nset C 3", "A C", "3"},
		// an action is only itself, except for what stands deeper
		{"rule a\n set A 1;2\n set B 2", "B", "2"},
		{"rule a\n put A 1\n set B 2", "B", "2"},
		{"rule a\n set A 1\n  rul b\n    set B 2\n    set 1C\n  set D 3\n    set E 4", "A D E", "3 5"},
	} {
		rules, err := Parse("f", test.text, nil)
		var lines, names []string
		for line := range strings.SplitSeq(fmt.Sprint(err), "\n") {
			lines = append(lines, strings.Split(line+"::", ":")[1])
		}
		for _, s := range rules.Decide(Facts{Env: map[string]string{}}).Settings {
			names = append(names, s.Name)
		}
		if got := strings.Join(names, " "); got != test.want {
			t.Errorf("%q sets %s, want %s", test.text, got, test.want)
		}
		if got := strings.Join(lines, " "); got != test.errors {
			t.Errorf("%q: errors at lines %s, want %s:\n%v", test.text, got, test.errors, err)
		}
	}
}

func TestFilesOfOtherLanguages(t *testing.T) {
	const more = "\nx: 1\ny = 2\n{\n"
	for text, want := range map[string]string{
		"# c\n\n[rules]" + more:           "f:3: this looks like an INI or TOML file",
		"; c\n[rules]" + more:             "f:2: this looks like an INI or TOML file",
		"[[rule]]" + more:                 "f:1: this looks like an INI or TOML file",
		"{\"rules\": []}" + more:          "f:1: this looks like a JSON file",
		"{" + more:                        "f:1: this looks like a JSON file",
		"[\n  \"a\"\n]" + more:            "f:1: this looks like a JSON file",
		"\ufeff---\nrules:" + more:        "f:1: this looks like a YAML file",
		"rules:\r\n" + more:               "f:1: this looks like a YAML file",
		"default: on" + more:              "f:1: this looks like a YAML file",
		"- name: a" + more:                "f:1: this looks like a YAML file",
		"PluginDir=/usr/lib/slurm" + more: "f:1: this looks like a file of lines KEY=VALUE",
		"deadline = 5" + more:             "f:1: this looks like a file of lines KEY=VALUE",
	} {
		rules, err := Parse("f", text, nil)
		if err == nil || !strings.HasPrefix(err.Error(), want+"; a policy file has lines like rule") {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: more than one error:\n%v", text, err)
		}
		if len(rules.list) > 0 {
			t.Errorf("%q has rules", text)
		}
	}
	// the readable lines of a file with a rule hold
	for _, text := range []string{"site: our policy\nrule a\n set A 1", "[x]\nrule a\n set A 1", "{\n}\nrule a\n set A 1"} {
		rules, err := Parse("f", text, nil)
		if err == nil || len(rules.list) != 1 {
			t.Errorf("%q: %v, %d rules", text, err, len(rules.list))
		}
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
		c, err := new(book).parseCondition(condition)
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
		"auto":                         {},
		"off":                          {Off: true},
		"off,explain":                  {Off: true, Explain: true},
		"on":                           {On: true},
		"explain":                      {Explain: true},
		"multiprocessing":              {On: true, Multiprocessing: true},
		"mpi,explain":                  {On: true, MPI: true, Explain: true},
		"workers=1":                    {On: true, Multiprocessing: true, Workers: 1},
		"workers=65536,mpi":            {On: true, Multiprocessing: true, MPI: true, Workers: 65536},
		"bind":                         {On: true, Bind: true},
		"explain,mpi,bind":             {On: true, Bind: true, MPI: true, Explain: true},
		"workers=2,workers=02,mpi,mpi": {On: true, Multiprocessing: true, MPI: true, Workers: 2},
	} {
		got, err := ParseChoice(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", text, diff)
		}
	}
	for text, want := range map[string]string{
		"":                             "a value is missing; " + allowedWords,
		",":                            "a word is empty; " + allowedWords,
		"on,":                          "a word is empty; " + allowedWords,
		"fast":                         `"fast" is not a word of it; ` + allowedWords,
		"no":                           `"no" is not a word of it; ` + allowedWords,
		"true":                         `"true" is not a word of it; ` + allowedWords,
		"a\tb\xffc":                    `"a?b?c" is not a word of it; ` + allowedWords,
		strings.Repeat("x", 70):        `"` + strings.Repeat("x", 64) + `" is not a word of it; ` + allowedWords,
		strings.Repeat("x", 256):       "longer than 255 bytes; " + allowedWords,
		"multiprocesing":               `"multiprocesing" is not a word of it; did you mean "multiprocessing"?`,
		"on,mulitprocesing":            `"mulitprocesing" is not a word of it; did you mean "multiprocessing"?`,
		"Multiprocessing":              `"Multiprocessing" is not a word of it; did you mean "multiprocessing"?`,
		"mpii":                         `"mpii" is not a word of it; did you mean "mpi"?`,
		"mip":                          `"mip" is not a word of it; did you mean "mpi"?`,
		"of":                           `"of" is not a word of it; did you mean "off"?`,
		"ON":                           `"ON" is not a word of it; did you mean "on"?`,
		"bnd":                          `"bnd" is not a word of it; did you mean "bind"?`,
		"worker=4":                     `"worker=4" is not a word of it; did you mean "workers=N"?`,
		"workers":                      `"workers" is not workers=N with a number from 1 to 65536`,
		"workers=":                     `"workers=" is not workers=N with a number from 1 to 65536`,
		"workers=0":                    `"workers=0" is not workers=N with a number from 1 to 65536`,
		"workers=-1":                   `"workers=-1" is not workers=N with a number from 1 to 65536`,
		"workers=+1":                   `"workers=+1" is not workers=N with a number from 1 to 65536`,
		"workers=65537":                `"workers=65537" is not workers=N with a number from 1 to 65536`,
		"workers=18446744073709551617": `"workers=18446744073709551617" is not workers=N with a number from 1 to 65536`,
		"workers=2,mpi,workers=4":      "workers=N is given twice, with 2 and with 4",
		"off,on":                       `"off" stands alone or with "explain"; ` + allowedWords,
		"auto,off":                     `"off" stands alone or with "explain"; ` + allowedWords,
		"bind,off":                     `"off" stands alone or with "explain"; ` + allowedWords,
	} {
		c, err := ParseChoice(text)
		if err == nil {
			t.Errorf("%q is taken as %+v", text, c)
		} else if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Errorf("%q: want -, got +:\n%s", text, diff)
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

// The words of the library define the language. The faster split must find the same
// words.
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
