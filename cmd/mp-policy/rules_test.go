// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// typed runs the tool with a text on its standard input.
func typed(t *testing.T, text string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "stdin")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	defer func(was *os.File) { os.Stdin = was }(os.Stdin)
	os.Stdin = f
	return runTool(args...)
}

// hardWords are rules with words that need quotes, or look as if they ended one.
const hardWords = `
rule "it's \"quoted\" \\ so" "cpus>3" command='a b','c#d',"e'f" "python>3.9,!<3"
    set A 'x y'
    set B '$HOME ` + "`id`" + ` "q"'
    set C "it's \"\\\" # no comment"
    set D {cpus}
    append PYTHONPATH '/a b'
    unset OMP_PLACES !cores 'thr*' "a b"
    hint "use 'this' # or \"that\""
rule "only \\" protected user=root,!#1
    force PATH /bin:/usr/bin
rule pilot partition=!short
    leave
rule KNL off
rule here
    note "{script}"
`

// TestRulesLanguage: what rules prints is a policy file, and as the site's file it gives the
// same rules in the same order.
func TestRulesLanguage(t *testing.T) {
	for name, args := range map[string][]string{
		"built-in": {"--builtin"},
		"site":     {"--policy", "testdata/site.conf"},
		"hard":     {"--policy", "-"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := typed(t, hardWords, append([]string{"rules"}, args...)...)
			if code != 0 || errs != "" {
				t.Fatalf("exit %d: %s", code, errs)
			}
			if code, findings, errs := typed(t, out, "check", "-"); code != 0 || strings.Contains(findings, "error:") || errs != "" {
				t.Errorf("check: exit %d\n%s%s", code, findings, errs)
			}
			_, want, _ := typed(t, hardWords, append([]string{"rules", "--json"}, args...)...)
			_, got, _ := typed(t, out, "rules", "--json", "--policy", "-")
			if diff := cmp.Diff(rulesOf(t, want), rulesOf(t, got)); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

// rulesOf are the rules of a JSON without the places where they stand.
func rulesOf(t *testing.T, text string) []ruleJSON {
	t.Helper()
	var l rulesList
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		t.Fatal(err)
	}
	for i := range l.Rules {
		r := &l.Rules[i]
		r.Source, r.Replaces, r.Why = "", nil, ""
		for j := range r.Actions {
			r.Actions[j].Source = ""
		}
	}
	return l.Rules
}

// TestRulesFolded: on a terminal no line is wider than it, except by one word, and only
// the ends of lines differ.
func TestRulesFolded(t *testing.T) {
	_, whole, _ := runOn(screen{}, "rules", "--policy", "testdata/site.conf")
	_, page, _ := runOn(screen{terminal: true}, "rules", "--policy", "testdata/site.conf")
	flat := func(text string) string { return regexp.MustCompile(`\s+`).ReplaceAllString(text, "") }
	if flat(whole) != flat(page) {
		t.Error("a terminal gets another text")
	}
	fits(t, page)
	_, page, _ = runOn(screen{terminal: true, colour: true}, "rules", "--policy", "testdata/site.conf")
	fits(t, regexp.MustCompile("\x1b\\[[0-9]*m").ReplaceAllString(page, ""))
}

// fits looks for lines that are wider than 80 columns and have a place to break.
func fits(t *testing.T, page string) {
	t.Helper()
	for line := range strings.Lines(page) {
		line = strings.TrimRight(line, "\n")
		if utf8.RuneCountInString(line) > 80 && strings.ContainsAny(strings.TrimLeft(line, "# "), " ,") {
			t.Errorf("wider than 80 columns:\n%s", line)
		}
	}
}

func TestRulesJSON(t *testing.T) {
	validate := schemaOf(t, "rules")
	for _, test := range []struct {
		args string
		code int
		want string
	}{
		{"--builtin", 0, ""},
		{"--policy testdata/site.conf", 0, `"source": "testdata/site.conf:5"`},
		{"--policy testdata/check/errors.conf", 1, `"testdata/check/errors.conf:1: `},
		{"--policy -", 0, `"cpus>3"`},
	} {
		code, out, errs := typed(t, hardWords, append([]string{"rules", "--json"}, strings.Fields(test.args)...)...)
		if err := validate(out); code != test.code || errs != "" || err != nil || !strings.Contains(out, test.want) {
			t.Errorf("%s: exit %d, %v, no %q in\n%s%s", test.args, code, err, test.want, out, errs)
		}
	}
	_, out, _ := runTool("rules", "--json", "--policy", "testdata/site.conf")
	if validate(strings.Replace(out, `"verb": "set"`, `"verb": "sets"`, 1)) == nil {
		t.Error("the schema takes a verb that is none")
	}
	golden(t, "rules-json", out)
}
