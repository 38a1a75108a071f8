// SPDX-License-Identifier: MIT

package policy

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what was decided into the cases")

// A case has these files: facts (key=value lines), env (the current environment of the
// task), optionally site.conf, and want. The file want has the settings, the hints, and
// the environment after the changes.
func TestDecide(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in testdata: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			part := map[string]string{}
			for _, f := range archive.Files {
				part[f.Name] = string(f.Data)
			}
			rules := builtinRules(t)
			site, err := Parse("site.conf", part["site.conf"], nil)
			if err != nil {
				t.Fatal(err)
			}
			rules.Add(site)
			got := show(t, rules, facts(t, part["facts"], part["env"]))
			if *update {
				for i := range archive.Files {
					if archive.Files[i].Name == "want" {
						archive.Files[i].Data = []byte(got)
					}
				}
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(part["want"], got); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

func builtinRules(t *testing.T) Rules {
	t.Helper()
	rules, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func environ(text string) map[string]string {
	env := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		env[name] = value
	}
	return env
}

func facts(t *testing.T, text, env string) Facts {
	t.Helper()
	f := Facts{Affinity: "fix", Tasks: 1, CPUs: 64, Env: environ(env)}
	cores, online := 0, 0
	f.Cores = func() int { return cores }
	f.NodeCPUs = func() int { return online }
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		numbers := map[string]*int{
			"tasks": &f.Tasks, "cpus": &f.CPUs, "cores": &cores, "workers": &f.Workers, "share": &f.Share,
			"pool": &f.Pool, "node_cpus": &online, "copies": &f.Copies, "job_cpus": &f.JobCPUs, "given": &f.Given,
			"sharing": &f.Sharing,
		}
		texts := map[string]*string{
			"command": &f.Command, "partition": &f.Partition, "account": &f.Account,
			"qos": &f.QOS, "affinity": &f.Affinity, "script": &f.Script, "pool_at": &f.PoolAt, "program": &f.Program,
		}
		lists := map[string]*[]string{"node": &f.Node, "workload": &f.Workload, "group": &f.Groups, "user": &f.Users}
		switch {
		case key == "clean":
			f.Prefixes = []string{"APPTAINERENV_", "SINGULARITYENV_"}
		case strings.HasPrefix(key, "later "):
			if f.Later == nil {
				f.Later = map[string]Later{}
			}
			f.Later[strings.TrimPrefix(key, "later ")] = Later{Value: value, Removed: value == ""}
		case key == "python":
			version, err := parseVersion(value)
			if err != nil {
				t.Fatal(err)
			}
			f.Python = version
		case numbers[key] != nil:
			n, err := strconv.Atoi(value)
			if err != nil {
				t.Fatal(err)
			}
			*numbers[key] = n
		case texts[key] != nil:
			*texts[key] = value
		case lists[key] != nil:
			*lists[key] = strings.Fields(value)
		default:
			t.Fatalf("no such fact: %q", key)
		}
	}
	return f
}

func apply(env map[string]string, changes []Change) map[string]string {
	env = maps.Clone(env)
	for _, c := range changes {
		if _, has := env[c.Name]; c.Unset {
			delete(env, c.Name)
		} else if !has || c.Replace {
			env[c.Name] = c.Value
		}
	}
	return env
}

func show(t *testing.T, rules Rules, f Facts) string {
	t.Helper()
	d := rules.Decide(f)
	var b strings.Builder
	if d.Left != "" {
		fmt.Fprintf(&b, "left: %s\n", d.Left)
	}
	for _, s := range d.Settings {
		fmt.Fprintf(&b, "%s %s", s.Action, s.Name)
		if s.Value != "" {
			fmt.Fprintf(&b, " %s", s.Value)
		}
		if s.Was != "" {
			fmt.Fprintf(&b, " (was %s)", s.Was)
		}
		fmt.Fprintf(&b, ": %s", s.Reason)
		if s.Why != "" {
			fmt.Fprintf(&b, ": %s", s.Why)
		}
		b.WriteString("\n")
	}
	for _, h := range d.Hints {
		fmt.Fprintf(&b, "hint: %s\n", h.Text)
	}
	for _, text := range d.Notes {
		fmt.Fprintf(&b, "note: %s\n", text)
	}
	b.WriteString("environment:\n")
	after := apply(f.Env, d.Changes)
	for _, name := range slices.Sorted(maps.Keys(after)) {
		fmt.Fprintf(&b, "  %s=%s\n", name, after[name])
	}

	// These facts hold for every decision: a nested step that opts out sees the user's
	// environment, and a second evaluation of a step changes nothing.
	if diff := cmp.Diff(original(f.Env), apply(after, Rules{}.Decide(Facts{Env: after}).Changes)); diff != "" {
		t.Errorf("after an opt-out the user's environment is not back:\n%s", diff)
	}
	f.Env = after
	if again := rules.Decide(f).Changes; len(again) > 0 {
		t.Errorf("a second evaluation changes %v", again)
	}
	for _, c := range d.Changes {
		if !c.Unset && !c.Back && c.Value == "" {
			t.Errorf("%s is set to an empty value", c.Name)
		}
	}
	return b.String()
}
