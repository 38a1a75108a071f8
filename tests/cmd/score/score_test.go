// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProgramsTable(t *testing.T) {
	const name = "../../programs/programs.tsv"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	programs, err := parseTable(name, string(text))
	if err != nil {
		t.Fatal(err)
	}
	labels, halves, commits := map[string]int{}, map[string]int{}, map[string]string{}
	for _, p := range programs {
		labels[p.label]++
		halves[p.half]++
		if c, ok := commits[p.repository]; ok && c != p.commit {
			t.Errorf("%s has the commits %s and %s; want one, because it has one checkout", p.repository, c, p.commit)
		}
		commits[p.repository] = p.commit
	}
	for _, label := range []string{labelPool, labelWorkers, labelOne, labelNone} {
		if labels[label] == 0 {
			t.Errorf("no program has the label %s", label)
		}
	}
	if d := halves["a"] - halves["b"]; d < -1 || d > 1 {
		t.Errorf("half a has %d programs, half b %d; want as many", halves["a"], halves["b"])
	}
}

func TestParseTableErrors(t *testing.T) {
	row := func(change func([]string)) string {
		f := []string{"o/n", strings.Repeat("0", 40), ".", "python x.py", "pool", "4", "a", "x.py:1 Pool(4)"}
		change(f)
		return header + "\n" + strings.Join(f, "\t") + "\n"
	}
	for name, tt := range map[string]struct{ text, want string }{
		"header":     {"repository\n", `t:1: the header is "repository"`},
		"columns":    {header + "\no/n\t1\n", "t:2: 2 columns; want 8"},
		"repository": {row(func(f []string) { f[0] = "name" }), `t:2: the repository is "name"`},
		"commit":     {row(func(f []string) { f[1] = "main" }), `t:2: the commit is "main"`},
		"directory":  {row(func(f []string) { f[2] = "/src" }), `t:2: the directory is "/src"`},
		"command":    {row(func(f []string) { f[3] = "" }), `t:2: the command is ""`},
		"label":      {row(func(f []string) { f[4] = "pools" }), `t:2: the label is "pools"`},
		"workers":    {row(func(f []string) { f[5] = "0" }), `t:2: the workers is "0"`},
		"none":       {row(func(f []string) { f[4] = "none" }), `t:2: the label is none and workers is "4"`},
		"half":       {row(func(f []string) { f[6] = "c" }), `t:2: the half is "c"`},
		"reason":     {row(func(f []string) { f[7] = "" }), `t:2: the reason is ""`},
		"twice":      {row(func([]string) {}) + strings.SplitAfter(row(func([]string) {}), "\n")[1], "t:3: the program is in the table twice"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseTable("t", tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v; want %q", err, tt.want)
			}
		})
	}
}

func TestTally(t *testing.T) {
	var got tally
	for _, judged := range []struct {
		label string
		got   verdict
	}{
		{labelPool, capped},
		{labelPool, capped},
		{labelPool, guarded},
		{labelPool, untouched},
		{labelWorkers, guarded},
		{labelWorkers, capped},
		{labelWorkers, untouched},
		{labelOne, guarded},
		{labelOne, untouched},
		{labelOne, capped},
		{labelNone, untouched},
		{labelNone, guarded},
		{labelNone, capped},
	} {
		got.add(judged.label, judged.got)
	}
	want := tally{
		workers: 7, protected: 5, pools: 4, capped: 2, needless: 1,
		others:    map[string]int{labelWorkers: 3, labelOne: 3, labelNone: 3},
		falseCaps: map[string]int{labelWorkers: 1, labelOne: 1, labelNone: 1},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(tally{})); diff != "" {
		t.Errorf("the tally differs (-want +got):\n%s", diff)
	}
}

func TestMistake(t *testing.T) {
	want := map[string]map[verdict]string{
		labelPool:    {capped: "", guarded: "not capped", untouched: "missed"},
		labelWorkers: {capped: "falsely capped", guarded: "", untouched: "missed"},
		labelOne:     {capped: "falsely capped", guarded: "", untouched: ""},
		labelNone:    {capped: "falsely capped", guarded: "needlessly guarded", untouched: ""},
	}
	for label, verdicts := range want {
		for v, mistaken := range verdicts {
			if got := mistake(label, v); got != mistaken {
				t.Errorf("mistake(%s, %s) = %q; want %q", label, v, got, mistaken)
			}
		}
	}
}

func TestWriteTallies(t *testing.T) {
	a, b, all := &tally{}, &tally{}, &tally{}
	for _, half := range []*tally{a, all} {
		half.add(labelPool, capped)
		half.add(labelWorkers, untouched)
	}
	for _, half := range []*tally{b, all} {
		half.add(labelNone, capped)
		half.add(labelOne, guarded)
	}
	var out strings.Builder
	if err := writeTallies(&out, map[string]*tally{"a": a, "b": b, "all": all}); err != nil {
		t.Fatal(err)
	}
	want := `
half                            a               b               all
protected, of pool and workers  1 of 2 (50 %)   0 of 0          1 of 2 (50 %)
capped, of pool                 1 of 1 (100 %)  0 of 0          1 of 1 (100 %)
falsely capped, of none         0 of 0          1 of 1 (100 %)  1 of 1 (100 %)
falsely capped, of one          0 of 0          0 of 1 (0 %)    0 of 1 (0 %)
falsely capped, of workers      0 of 1 (0 %)    0 of 0          0 of 1 (0 %)
needlessly guarded, of none     0 of 0          0 of 1 (0 %)    0 of 1 (0 %)
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("the counts differ (-want +got):\n%s", diff)
	}
}

func TestParseVerdict(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want verdict
	}{
		"capped":    {`{"settings": [{"action": "unset", "name": "OMP_PLACES"}, {"action": "set", "name": "OMP_NUM_THREADS", "value": "1"}]}`, capped},
		"guarded":   {`{"settings": [{"action": "unset", "name": "OMP_PLACES"}, {"action": "keep", "name": "OMP_NUM_THREADS"}]}`, guarded},
		"untouched": {`{"settings": [{"action": "set", "name": "OMP_PLACES"}]}`, untouched},
		"nothing":   {`{}`, untouched},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseVerdict([]byte(tt.text))
			if err != nil || got != tt.want {
				t.Errorf("the verdict is %q, error %v; want %q", got, err, tt.want)
			}
		})
	}
	if _, err := parseVerdict([]byte("mp-policy: no")); err == nil {
		t.Error("a text that is no JSON gives no error")
	}
}

func TestTexts(t *testing.T) {
	const object = " blob 0123456789012345678901234567890123456789 "
	list := strings.Join([]string{
		"100644" + object + "    12\tpkg/a.py",
		"100755" + object + "    12\trun",
		"100644" + object + "900000\tlong.py",
		"100644" + object + "900000\tlong.json",
		"100644" + object + "    12\tfigure.png",
		"100644" + object + "   BAD\tmissing.py",
		"120000" + object + "    12\tlink.py",
		"160000 commit 0123456789012345678901234567890123456789      -\tmodule",
		"",
	}, "\x00")
	want := []string{"pkg/a.py", "run", "long.py"}
	if diff := cmp.Diff(want, texts(list)); diff != "" {
		t.Errorf("the texts differ (-want +got):\n%s", diff)
	}
}

func TestFindGit(t *testing.T) {
	dir := t.TempDir()
	want := filepath.Join(dir, "copy", ".git")
	if err := os.MkdirAll(filepath.Join(want, "objects"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := findGit(dir); err == nil {
		t.Error("a directory without HEAD is taken for a git directory")
	}
	if err := os.WriteFile(filepath.Join(want, "HEAD"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := findGit(dir); err != nil || got != want {
		t.Errorf("findGit is %q, error %v; want %q", got, err, want)
	}
}
