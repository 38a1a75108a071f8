// SPDX-License-Identifier: MIT

package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// actions are the lines of an explanation that say what is done with a variable, with
// those that belong to them: srun and the tool break them in different places.
func actions(text string) string {
	var b strings.Builder
	action := false
	for line := range strings.Lines(text) {
		line = strings.TrimPrefix(line, "mp-policy: ")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if begins := line[0] != ' '; begins {
			action = words[0] == "set" || words[0] == "unset" || words[0] == "keep"
			words[0] = "\n" + words[0]
		}
		if action {
			b.WriteString(strings.Join(words, " ") + " ")
		}
	}
	return b.String()
}

// addTool puts mp-policy beside srun.
func (s *site) addTool(t testing.TB) {
	t.Helper()
	tool, err := os.ReadFile(filepath.Join(buildDir, "mp-policy"))
	if err != nil {
		t.Fatalf("%v: run make first", err)
	}
	if err := os.WriteFile(filepath.Join(s.bin, "mp-policy"), tool, 0o755); err != nil {
		t.Fatal(err)
	}
}

// What the tool explains, within a step of the same CPUs, is what the launch of the
// program says of itself.
func TestToolExplainsTheLaunch(t *testing.T) {
	s := start(t, defaultLine+" config=$POLICY affinity=hint")
	s.writeHome(t, "pool.py", pool)
	if err := os.WriteFile(s.policy(), []byte("rule site \"cpus>0\" partition=all\n\tset SITE {cpus}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.addTool(t)
	run := func(command string) (stdout, stderr string) {
		cmd := s.shell("cd; " + command)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s: %v\n%s%s", command, err, &out, &errs)
		}
		return out.String(), errs.String()
	}
	for _, c := range []struct{ env, step, words, program string }{
		{"", "-n 1", "explain", "python3 pool.py"},
		{"", "-n 1 -c $CPUS", "explain", "sh -c 'python3 pool.py'"},
		{"OMP_NUM_THREADS=3 OMP_PLACES=cores", "-n 1", "explain", "python3 pool.py"},
		{"", "-n 1 -c $CPUS", "workers=1,explain", "python3 pool.py"},
		{"", "-n 1", "multiprocessing,mpi,explain", "true"},
		{"", "-n 1", "explain", "true"},
	} {
		_, launch := run(c.env + " srun -Q " + c.step + " --mp-policy=" + c.words + " " + c.program)
		explained, _ := run(c.env + " srun -Q " + c.step + " mp-policy explain --cpus self --affinity hint" +
			" --policy $POLICY --mp-policy=" + c.words + " -- " + c.program)
		want, got := actions(launch), actions(explained)
		if !strings.Contains(want, "set SITE=") {
			t.Errorf("%+v: the launch explains nothing:\n%s", c, launch)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v: launch -, tool +:\n%s", c, diff)
		}
	}
}
