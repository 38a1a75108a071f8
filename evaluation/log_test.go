// SPDX-License-Identifier: MIT

package evaluation

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/policy"
)

// line evaluates a step with these site rules and returns its line.
func line(t *testing.T, r Request, site string, masks ...string) string {
	t.Helper()
	rules, err := policy.Parse("site.conf", site, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := Prepare(r)
	e.AddRules(rules)
	var tasks []Task
	for i, list := range masks {
		tasks = append(tasks, Task{Rank: i, Mask: mask(t, list)})
	}
	return e.LogLine(e.Decide(tasks), 255)
}

func TestLogLine(t *testing.T) {
	const both = `set=OMP_NUM_THREADS:2,OMP_PROC_BIND:false`
	const rules = `rules="threads of each worker;workers are not bound"`
	const noCount = "rule \"CPUs of the task\" off\nrule \"CPUs of the task for Python\" off\n"
	for name, test := range map[string]struct {
		change func(*Request)
		site   string
		want   string
	}{
		"a pool": {nil, "", `verdict=multiprocessing program=pool.py cpus=8 ` + both + ` ` + rules},
		"changes": {
			func(r *Request) { r.Log = LogChanges }, "",
			`verdict=multiprocessing program=pool.py cpus=8 ` + both + ` ` + rules,
		},
		"no log": {func(r *Request) { r.Log = LogOff }, "", ""},
		"observed": {
			func(r *Request) { r.Default = policy.DefaultObserve }, "",
			`verdict=multiprocessing program=pool.py cpus=8 would_` + both + ` ` + rules,
		},
		"observed, and removed": {
			func(r *Request) {
				r.Default = policy.DefaultObserve
				r.Env = append(r.Env, "OMP_PLACES=/home/a", "OMP_NUM_THREADS=77")
			}, "",
			`verdict=multiprocessing program=pool.py cpus=8 would_set=OMP_PROC_BIND:false would_remove=OMP_PLACES hints=2 rules="binding undone;binding undone: OMP_PROC_BIND"`,
		},
		"asked for while observed": {
			func(r *Request) { r.Default, r.Option = policy.DefaultObserve, "on" }, "",
			`verdict=multiprocessing program=pool.py cpus=8 ` + both + ` ` + rules,
		},
		"left":               {nil, "rule \"a pilot\" partition=!short\nleave", `verdict=left program=pool.py cpus=8 rules="a pilot"`},
		"left, changes":      {func(r *Request) { r.Log = LogChanges }, "rule \"a pilot\" partition=!short\nleave", ""},
		"opted out":          {func(r *Request) { r.Option = "off,explain" }, "", `verdict=opted-out`},
		"off":                {func(r *Request) { r.Default, r.Option = policy.DefaultOff, "explain" }, "", `verdict=off`},
		"opted out, changes": {func(r *Request) { r.Option, r.Log = "off,explain", LogChanges }, "", ""},
		"not Python":         {func(r *Request) { r.Argv = []string{"/bin/true"} }, noCount, `verdict=none program=true cpus=8`},
		"Python without workers": {
			func(r *Request) { r.Argv = []string{"python3", "-c", "print('/home/secret')"} }, noCount, `verdict=python program=python3 cpus=8`,
		},
		"hints": {
			func(r *Request) { r.Log = LogAll }, noCount + "rule h workload=python\nhint one\nhint two\nrule \"workers are not bound\" off\nrule \"threads of each worker\" off",
			`verdict=multiprocessing program=pool.py cpus=8 hints=2`,
		},
		"values that may be a path": {
			nil, "rule a\nset A /home/x\nrule b\nset B \"two words\"\nrule \"c;d\"\nset C " + strings.Repeat("x", 40) + "\nrule \"workers are not bound\" off\nrule \"threads of each worker\" off",
			`verdict=multiprocessing program=pool.py cpus=8 set=A,B,C rules=a;b;c,d`,
		},
	} {
		r := request(t)
		r.Log = LogAll
		if test.change != nil {
			test.change(&r)
		}
		got := line(t, r, noCount+strings.ReplaceAll(test.site, noCount, ""), "0-7")
		if got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, test.want)
		}
	}
}

// TestLogLineOfSeveralGroups checks that the line is about the tasks that get the most
// settings.
func TestLogLineOfSeveralGroups(t *testing.T) {
	r := request(t)
	r.Log, r.Tasks, r.LocalTasks = LogAll, 2, 2
	r.Env = append(r.Env, "OMP_PLACES=cores")
	got := line(t, r, "rule wide \"cpus>4\"\nset WIDE 1\nset WIDER 1\n", "0", "2-9")
	if !strings.Contains(got, "cpus=8") || !strings.Contains(got, "WIDE:1") {
		t.Errorf("got %s", got)
	}
}

// TestLogLineIsBounded checks that any line has room and stays logfmt.
func TestLogLineIsBounded(t *testing.T) {
	var site strings.Builder
	for i := range 500 {
		fmt.Fprintf(&site, "rule \"a rule with a long name %d \\\"\\\\ ü\"\nset A_VARIABLE_%d %d\nunset B%d\nhint x\n", i, i, i, i)
	}
	r := request(t)
	r.Log = LogAll
	for i := range 500 {
		r.Env = append(r.Env, fmt.Sprintf("B%d=x", i))
	}
	write(t, r.Dir+"/a b\"=\n\x1b"+strings.Repeat("ü", 60)+".py", pool)
	r.Argv[1] = "a b\"=\n\x1b" + strings.Repeat("ü", 60) + ".py"
	got := line(t, r, site.String(), "0-7")
	if len(got) > 255 {
		t.Errorf("%d bytes: %s", len(got), got)
	}
	form := regexp.MustCompile(`^[a-z_]+=([^ ="]+|"[^"]*")( [a-z_]+=([^ ="]+|"[^"]*"))*$`)
	if !form.MatchString(got) || regexp.MustCompile(`[^ -~]`).MatchString(got) {
		t.Errorf("not logfmt: %q", got)
	}
	for _, want := range []string{"verdict=multiprocessing", ",+", "hints=500"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}

// TestLogKeys checks that LogKeys has exactly the keys of the lines.
func TestLogKeys(t *testing.T) {
	r := request(t)
	r.Log = LogAll
	r.Env = append(r.Env, "B=x")
	const site = "rule a\nunset B\nhint x\n"
	lines := line(t, r, site, "0-7")
	r.Default = policy.DefaultObserve
	lines += " " + line(t, r, site, "0-7")
	var keys []string
	for _, m := range regexp.MustCompile(`([a-z_]+)=`).FindAllStringSubmatch(lines, -1) {
		if !slices.Contains(keys, m[1]) {
			keys = append(keys, m[1])
		}
	}
	want := LogKeys()
	slices.Sort(keys)
	slices.Sort(want)
	if !slices.Equal(keys, want) {
		t.Errorf("lines have %q, LogKeys %q", keys, want)
	}
}

func BenchmarkLogLine(b *testing.B) {
	r := DefaultRequest()
	r.Option, r.Log, r.Argv = "multiprocessing", LogAll, []string{"true"}
	e := Prepare(r)
	m, err := nodeinfo.ParseList("0-7")
	if err != nil {
		b.Fatal(err)
	}
	results := e.Decide([]Task{{Mask: m}})
	b.ReportAllocs()
	for b.Loop() {
		if e.LogLine(results, 255) == "" {
			b.Fatal("no line")
		}
	}
}

// TestObservedIsSilent checks that the user of a step that is only observed sees no
// message.
func TestObservedIsSilent(t *testing.T) {
	for def, want := range map[string]int{policy.DefaultOn: 2, policy.DefaultObserve: 0} {
		r := request(t)
		r.Default, r.Env = def, append(r.Env, "OMP_PLACES=cores")
		rules, err := policy.Parse("site.conf", "rule h workload=multiprocessing\nhint one\n", nil)
		if err != nil {
			t.Fatal(err)
		}
		e := Prepare(r)
		e.AddRules(rules)
		got := e.Decide([]Task{{Mask: mask(t, "0-7")}})[0]
		if len(got.Messages) != want || len(got.Hints) != 2 {
			t.Errorf("default=%s: messages %q, %d hints", def, got.Messages, len(got.Hints))
		}
	}
}
