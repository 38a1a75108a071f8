// SPDX-License-Identifier: MIT

package python

import (
	"strings"
	"testing"
)

// TestUnknownValueInEvidence shows that the evidence does not print a value that is not
// known.
func TestUnknownValueInEvidence(t *testing.T) {
	const text = "import argparse, multiprocessing\np = argparse.ArgumentParser()\np.add_argument('--jobs', type=int)\n" +
		"multiprocessing.Pool(p.parse_args().jobs)\n"
	r := Run(Program{Name: "__main__", File: "x.py", Text: []byte(text), Arguments: []string{"x.py", "--jobs=" + Unknown}})
	if r.Verdict != May || len(r.Evidence) != 1 {
		t.Fatalf("want workers that may be started, have %+v", r)
	}
	if got := strings.Join(r.Evidence[0].Options, " "); got != "--jobs, whose value is not known" {
		t.Errorf("options %q", got)
	}
}

// TestUnknownEnvironment shows that a variable whose value is not known decides nothing for
// certain.
func TestUnknownEnvironment(t *testing.T) {
	const text = "import multiprocessing, os\nif os.getenv('MODE') == 'pool':\n    multiprocessing.Pool(4)\n"
	for value, want := range map[string]Verdict{"pool": Pool, "serial": None, Unknown: May, "po" + Unknown: May} {
		environment := func(name string) (string, bool) { return value, name == "MODE" }
		r := Run(Program{Name: "__main__", File: "x.py", Text: []byte(text), Arguments: []string{"x.py"}, Environment: environment})
		if r.Verdict != want {
			t.Errorf("%q: want %v, have %v", value, want, r.Verdict)
		}
	}
}
