// SPDX-License-Identifier: MIT

// Package docs_test runs what the documentation tells people to type.
//
// A block fenced as console has commands for a user after "$ ", and below each what
// it prints: they are run on a private cluster, must succeed, and must print
// those lines ("..." stands for others, a number for any). A block fenced as sh has commands
// that another test runs, named in elsewhere; one fenced as text is a picture or what
// a program prints. A command in any other block is an error, so none is without a
// test.
package docs_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"slurm-mp-policy/tests/cluster"
)

const top = "../.."

// block is a piece of documentation in another type of letters.
type block struct {
	file  string
	line  int // of its first line
	kind  string
	lines []string
}

func blocks(t *testing.T) (all []block) {
	t.Helper()
	files := []string{"README.md", "CONTRIBUTING.md"}
	more, err := filepath.Glob(filepath.Join(top, "docs/*.md"))
	if err != nil || len(more) == 0 {
		t.Fatalf("no docs: %v", err)
	}
	for _, path := range more {
		files = append(files, filepath.Join("docs", filepath.Base(path)))
	}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(top, file))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, blocksOf(file, string(text))...)
	}
	return all
}

func blocksOf(file, text string) (all []block) {
	var b *block
	fenced := false
	for i, line := range strings.Split(text, "\n") {
		fence, isFence := strings.CutPrefix(strings.TrimLeft(line, " "), "```")
		switch {
		case isFence && !fenced:
			all = append(all, block{file: file, line: i + 2, kind: fence})
			b, fenced = &all[len(all)-1], true
		case isFence:
			b, fenced = nil, false
		case fenced:
			b.lines = append(b.lines, line)
		case strings.HasPrefix(line, "    "):
			if b == nil {
				all = append(all, block{file: file, line: i + 1, kind: "indented"})
				b = &all[len(all)-1]
			}
			b.lines = append(b.lines, strings.TrimPrefix(line, "    "))
		case line != "":
			b = nil
		}
	}
	return all
}

// elsewhere has the test that runs each command of a block fenced as sh, as
// file and what in it does.
var elsewhere = map[string]string{
	"make demo":    ".ci/run: make demo",
	"make test":    ".ci/run: make test",
	"make test-vm": "tests/vm/vm_test.go: func TestNode",
	"MP_POLICY_FIXTURES=DIR go test ./nodeinfo ./cmd/mp-policy": "nodeinfo/nodetest/nodetest.go: MP_POLICY_FIXTURES",
	"make bench":   "tests/bench/bench_test.go: func TestDocumentsShowTheRun", // that its numbers are the ones shown
	"make rpm":     "tests/packages/testdata/packages/rpm.txt: packaging/build-rpm",
	"make deb":     "tests/packages/testdata/deb/deb.txt: build-deb",
	"make install": "tests/packages/testdata/install/install.txt: make install",
	"mp-policy check /etc/slurm/mp_policy.conf": "tests/docs/rollout_test.go: mp-policy check /etc/slurm/mp_policy.conf",
	"ln -sf /usr/share/slurm-mp-policy/plugstack.conf.d/mp_policy-observe.conf /etc/slurm/plugstack.conf.d/mp_policy.conf": "tests/docs/rollout_test.go: ln -sf /usr/share/slurm-mp-policy/plugstack.conf.d/mp_policy-observe.conf /etc/slurm/plugstack.conf.d/mp_policy.conf",
	"ln -sf /usr/share/slurm-mp-policy/plugstack.conf.d/mp_policy.conf /etc/slurm/plugstack.conf.d/mp_policy.conf":         "tests/docs/rollout_test.go: ln -sf /usr/share/slurm-mp-policy/plugstack.conf.d/mp_policy.conf /etc/slurm/plugstack.conf.d/mp_policy.conf",
	"mp-policy doctor":                              "cmd/mp-policy/doctor_test.go: func TestDoctor",
	"touch /etc/slurm/mp_policy.off":                "tests/docs/rollout_test.go: touch /etc/slurm/mp_policy.off",
	"rm /etc/slurm/mp_policy.off":                   "tests/docs/rollout_test.go: rm /etc/slurm/mp_policy.off",
	"rm /etc/slurm/plugstack.conf.d/mp_policy.conf": "tests/docs/rollout_test.go: rm /etc/slurm/plugstack.conf.d/mp_policy.conf",
	"srun -w 'node[001-100]' --ntasks-per-node=1 touch /etc/slurm/mp_policy.off":                                                        "tests/docs/rollout_test.go: srun -w 'node[001-100]' --ntasks-per-node=1 touch /etc/slurm/mp_policy.off",
	"srun -w 'node[001-100]' --ntasks-per-node=1 mp-policy doctor":                                                                      "tests/docs/rollout_test.go: srun -w 'node[001-100]' --ntasks-per-node=1 mp-policy doctor",
	"clush -w 'node[001-100]' touch /etc/slurm/mp_policy.off":                                                                           "tests/docs/clush_test.go: clush -w 'node[001-100]' touch /etc/slurm/mp_policy.off",
	"clush -w 'node[001-100]' rm -f /etc/slurm/mp_policy.off":                                                                           "tests/docs/clush_test.go: clush -w 'node[001-100]' rm -f /etc/slurm/mp_policy.off",
	"clush -w 'node[001-100]' mp-policy doctor --quiet":                                                                                 "tests/docs/clush_test.go: clush -w 'node[001-100]' mp-policy doctor --quiet",
	"clush -N -w 'node[001-100]' cat /var/log/slurm/slurmd.log | mp-policy report":                                                      "tests/docs/clush_test.go: clush -N -w 'node[001-100]' cat /var/log/slurm/slurmd.log | mp-policy report",
	"ansible-playbook -i hosts packaging/ansible/mp_policy.yml":                                                                         "tests/packages/ansible_test.go: as it stands",
	"ansible-playbook -i hosts packaging/ansible/mp_policy.yml -e mp_policy_line=mp_policy.conf -e mp_policy_rules=$PWD/mp_policy.conf": `tests/packages/ansible_test.go: "-e", "mp_policy_line=mp_policy.conf", "-e", "mp_policy_rules="`,
	"ansible-playbook -i hosts packaging/ansible/mp_policy.yml --tags kill_switch -e mp_policy_off=true":                                `tests/packages/ansible_test.go: "--tags", "kill_switch", "-e", "mp_policy_off=true"`,
	"ansible-playbook -i hosts packaging/ansible/mp_policy.yml -e mp_policy_state=absent":                                               `tests/packages/ansible_test.go: "-e", "mp_policy_state=absent"`,
	"grep mp-policy: /var/log/slurm/slurmd.log":                                                                                         "tests/docs/rollout_test.go: grep mp-policy: /var/log/slurm/slurmd.log",
	"go run ./tests/cmd/score -checkouts DIR -mirrors MIRRORS":                                                                          "tests/cmd/score/run_test.go: func TestPrepare",
	"go run ./tests/cmd/score -checkouts DIR build/mp-policy":                                                                           "tests/cmd/score/run_test.go: func TestScore",
	"MP_POLICY_TEST_PYTHONS=/opt/python/3.9/bin/python3:/opt/python/3.12/bin/python3 go test ./tests/sitecustomize":                     ".ci/run: make test",
	"for python in /usr/bin/python3 /opt/python/*/bin/python3; do \"$python\" -m compileall -q /usr/share/slurm-mp-policy/python; done": "tests/sitecustomize/count_test.go: \"-m\", \"compileall\", \"-q\"",
	"srun --overlap --jobid=1234 mp-policy inspect":                                                                                     "tests/e2e/testdata/inspect.txt: srun -Q --overlap --jobid",
	"mp-policy inspect --job 1234 --watch":                                                                                              "cmd/mp-policy/inspect_test.go: func TestInspectWatchEnds",
	"mp-policy inspect --all":                                                                                                           "cmd/mp-policy/inspect_test.go: func TestInspectHidden",
	"go test ./policy":                                                                                                                  ".ci/run: make test",
	"go test ./policy -run 'TestDecide/knl'":                                                                                            ".ci/run: make test",
	"go test ./tests/e2e -run 'TestScripts/workers'":                                                                                    ".ci/run: make test",
	"mp-policy report /var/log/slurm/slurmd.log":                                                                                        "tests/docs/rollout_test.go: mp-policy report /var/log/slurm/slurmd.log",
	"mp-policy report --by program --since 7d /var/log/slurm/slurmd.log":                                                                "tests/docs/rollout_test.go: mp-policy report --by program --since 7d /var/log/slurm/slurmd.log",
	"mp-policy report --html report.html slurmd.log slurmd.log.1.gz":                                                                    "cmd/mp-policy/report_test.go: func TestReportPage",
}

// command finds what looks like one.
var command = regexp.MustCompile(`^(\$ |# )?(sudo )?(make|go|srun|sbatch|salloc|scontrol|mp-policy|systemctl|rpm|dnf|yum|apt|apt-get|dpkg|touch|rm|grep|git|export|install|cp|ln|clush|ansible-playbook|valgrind|strace)( |$)`)

func TestEachCommandHasATest(t *testing.T) {
	used := map[string]bool{}
	for _, b := range blocks(t) {
		for i, line := range b.lines {
			line, _, _ = strings.Cut(line, "  #")
			line = strings.TrimSpace(line)
			at := fmt.Sprintf("%s:%d", b.file, b.line+i)
			switch b.kind {
			case "console", "text":
			case "sh":
				if line == "" || strings.HasPrefix(line, "#") {
					continue
				}
				test, ok := elsewhere[line]
				if !ok {
					t.Errorf("%s: no test runs %q; name it in elsewhere, or make it a console block", at, line)
				}
				used[line] = true
				file, what, _ := strings.Cut(test, ": ")
				text, err := os.ReadFile(filepath.Join(top, file))
				if ok && (err != nil || !strings.Contains(string(text), what)) {
					t.Errorf("%s: %q is said to be tested by %q, which is not there: %v", at, line, test, err)
				}
			default:
				if command.MatchString(line) {
					t.Errorf("%s: the command %q is in a block of kind %q, which nothing runs", at, line, b.kind)
				}
			}
		}
	}
	for line := range elsewhere {
		if !used[line] {
			t.Errorf("elsewhere has %q, which no document has", line)
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	notSlug = regexp.MustCompile(`[^a-z0-9 _-]`)
)

// TestLinks looks whether there is what each relative link names, and its heading.
func TestLinks(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(top, "docs/*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "packaging/README.md"} {
		files = append(files, filepath.Join(top, name))
	}
	n := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], ":") {
				continue // not ours
			}
			n++
			name, anchor, _ := strings.Cut(m[1], "#")
			target := file
			if name != "" {
				target = filepath.Join(filepath.Dir(file), name)
			}
			_, err := os.Stat(target)
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			if anchor == "" {
				continue
			}
			there, err := os.ReadFile(target)
			if err != nil {
				t.Errorf("%s: %v", file, err)
			}
			// as GitHub makes them
			if !slices.ContainsFunc(heading.FindAllStringSubmatch(string(there), -1), func(h []string) bool {
				return strings.ReplaceAll(notSlug.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-") == anchor
			}) {
				t.Errorf("%s: %s has no heading for #%s", file, target, anchor)
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d links", n)
	}
}

const pool = `import multiprocessing

if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        print(pool.map(abs, range(4)))
`

func TestCommands(t *testing.T) {
	c, err := cluster.Start(cluster.Options{Plugin: filepath.Join(top, "build")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	tool, err := os.ReadFile(filepath.Join(top, "build/mp-policy"))
	if err != nil {
		t.Fatalf("%v: run make first", err)
	}
	bin := filepath.Join(c.Home, "bin")
	for _, err := range []error{
		os.Mkdir(bin, 0o755),
		os.WriteFile(filepath.Join(bin, "mp-policy"), tool, 0o755),
		os.WriteFile(filepath.Join(c.Home, "pool.py"), []byte(pool), 0o644),
		os.WriteFile(filepath.Join(c.Home, "job.sh"), []byte("#!/bin/sh\nsrun -n 1 python3 pool.py\n"), 0o644),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for _, b := range blocks(t) {
		if b.kind != "console" {
			continue
		}
		for i, line := range b.lines {
			typed, ok := strings.CutPrefix(line, "$ ")
			if !ok {
				continue
			}
			n++
			shown := b.lines[i+1:]
			if end := slices.IndexFunc(shown, func(l string) bool { return strings.HasPrefix(l, "$ ") }); end >= 0 {
				shown = shown[:end]
			}
			cmd := c.Command(context.Background(), "sh", "-c", typed)
			cmd.Dir = c.Home
			cmd.Env = append(cmd.Env, "PATH="+bin+":/usr/local/bin:/usr/bin:/bin")
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			at := fmt.Sprintf("%s:%d: %s", b.file, b.line+i, typed)
			if err := cmd.Run(); err != nil {
				t.Errorf("%s: %v\n%s", at, err, out.String())
			}
			for _, want := range shown {
				if want = strings.TrimSpace(want); want != "" && want != "..." && !printed(out.String(), want) {
					t.Errorf("%s: does not print %q but\n%s", at, want, out.String())
				}
			}
		}
	}
	if n == 0 {
		t.Error("the documentation shows no command")
	}
}

var number = regexp.MustCompile(`[0-9]+`)

// printed reports whether the line is in the output. A number stands for any number, and
// blanks for any blanks.
func printed(output, line string) bool {
	like := func(text string) string {
		return strings.Join(strings.Fields(number.ReplaceAllString(text, "0")), " ")
	}
	for have := range strings.Lines(output) {
		if strings.Contains(like(have), like(line)) {
			return true
		}
	}
	return false
}
