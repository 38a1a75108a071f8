// SPDX-License-Identifier: MIT

package python

import (
	"strings"
	"testing"
)

// TestClock has a program that is stopped by the time: what was seen by then counts, and
// a text that names workers may get there.
func TestClock(t *testing.T) {
	asked := 0
	long := "import multiprocessing as mp\n" + strings.Repeat("x = [1, 1, 1, 1, 1, 1, 1, 1]\n", 400)
	r := Run(Program{Name: "__main__", File: "run.py", Text: []byte(long + "mp.Pool(4)\n"), Late: func() bool { asked++; return asked > 2 }})
	if r.Verdict != May || !r.Cut {
		t.Errorf("verdict %v, cut %v", r.Verdict, r.Cut)
	}
}

// TestUnknownBranchIsTakenBack has an entry of a dict that one unknown branch writes.
func TestUnknownBranchIsTakenBack(t *testing.T) {
	text := "import os\nimport multiprocessing as mp\nd = {'n': 0}\nif os.path.exists('x'):\n    d['n'] = 1\nelse:\n    if d['n'] == 1:\n        mp.Pool(4)\n"
	if r := Run(Program{Name: "__main__", File: "run.py", Text: []byte(text)}); r.Verdict != None {
		t.Errorf("verdict %v", r.Verdict)
	}
}

// TestDoubtEndsWithItsCall has a return that a setting decides about: what follows the call is
// certain again.
func TestDoubtEndsWithItsCall(t *testing.T) {
	text := "import torch\nimport multiprocessing as mp\ndef f():\n    if torch.cuda.device_count() > 1:\n        return\n    print(1)\nf()\nmp.Pool(4)\n"
	if r := Run(Program{Name: "__main__", File: "run.py", Text: []byte(text)}); r.Verdict != Pool {
		t.Errorf("verdict %v", r.Verdict)
	}
}
