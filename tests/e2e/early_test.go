// SPDX-License-Identifier: MIT

package e2e

import (
	"os"
	"strings"
	"testing"
	"time"
)

// The evaluator of a step, of a batch script and of a step within it is forked once, so
// what it is forked from in slurm_spank_init_post_opt is the step's in user_init too, and
// where it would not be (contain_spank) it is forked in user_init alone.
func TestForkedOnce(t *testing.T) {
	s := start(t, defaultLine, "SlurmdDebug=debug")
	for _, command := range []string{"srun -n 1 true", "srun -n 4 --overcommit true", "sbatch --wait --output=/dev/null --wrap='srun true'"} {
		if out, err := s.shell(command).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
	}
	const evaluations = 4
	var log string
	for limit := time.Now().Add(20 * time.Second); strings.Count(log, "mp-policy: waited ") < evaluations; time.Sleep(50 * time.Millisecond) {
		text, err := os.ReadFile(s.SlurmdLog)
		if err != nil {
			t.Fatal(err)
		}
		if log = string(text); time.Now().After(limit) {
			t.Fatalf("not %d evaluations:\n%s", evaluations, ourLines(log))
		}
	}
	if strings.Contains(log, "mp-policy: the evaluator is forked anew") {
		t.Errorf("%s", ourLines(log))
	}
}
