// SPDX-License-Identifier: MIT

package python

import (
	"fmt"
	"strings"
	"testing"
)

// large returns functions whose calls take some hundred thousand steps in all.
func large() string {
	var b strings.Builder
	for i := range 16 {
		fmt.Fprintf(&b, "def f%d(x):\n    f%d(x + 1)\n    f%d(x + 2)\n", i, i+1, i+1)
	}
	return b.String() + "def f16(x):\n    return x\n"
}

// TestShares has a call that may not be made and that takes more steps than the run has:
// the workers that are started in its place, and behind it, are found.
func TestShares(t *testing.T) {
	for name, body := range map[string]string{
		"another branch": "if os.path.exists('x'):\n    f0(1)\nelse:\n    mp.Pool(4)\n",
		"behind":         "for name in os.listdir('.'):\n    f0(name)\nmp.Pool(4)\n",
		"behind it":      "for name in os.listdir('.'):\n    f0(name)\n    mp.Pool(4)\n",
		"below":          "def g():\n    for n in os.listdir('.'):\n        f0(n)\n    mp.Pool(4)\nif os.path.exists('x'):\n    g()\n",
	} {
		in := run(Program{Name: "__main__", File: "run.py", Text: []byte("import os\nimport multiprocessing as mp\n" + large() + body)})
		if r := in.result(); r.Verdict != Pool || r.Cut || in.steps > fairSteps {
			t.Errorf("%s: verdict %v, cut %v, %d steps", name, r.Verdict, r.Cut, in.steps)
		}
	}
}

// TestCertainCallsHaveNoShare has a long way to the workers that is certain.
func TestCertainCallsHaveNoShare(t *testing.T) {
	var b strings.Builder
	b.WriteString("import multiprocessing as mp\n")
	for i := range 50 {
		fmt.Fprintf(&b, "def f%d():\n%s    f%d()\n", i, strings.Repeat("    x = [1, 1, 1, 1, 1, 1, 1, 1]\n", 200), i+1)
	}
	b.WriteString("def f50():\n    mp.Pool(4)\nf0()\n")
	in := run(Program{Name: "__main__", File: "run.py", Text: []byte(b.String())})
	if r := in.result(); r.Verdict != Pool || r.Workers != 4 || in.steps < fairSteps {
		t.Errorf("verdict %v, %d workers, %d steps", r.Verdict, r.Workers, in.steps)
	}
}

// helper is a function that takes a thousand steps.
const helper = "def helper(x):\n    for i in range(4):\n        a = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" +
	"    for i in range(4):\n        a = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"

// TestUsedUp has a function that is called again and again: it is run a few times.
func TestUsedUp(t *testing.T) {
	text := "import multiprocessing as mp\n" + helper + "    return x\n" + strings.Repeat("helper([1])\n", 200) + "mp.Pool(4)\n"
	in := run(Program{Name: "__main__", File: "run.py", Text: []byte(text)})
	if r := in.result(); r.Verdict != Pool || in.steps > 2*maxUsed {
		t.Errorf("verdict %v, %d steps", r.Verdict, in.steps)
	}
}

// TestUsedUpGivesASetting has such a function whose number decides about workers: after
// some calls it is not known any more.
func TestUsedUpGivesASetting(t *testing.T) {
	text := "import multiprocessing as mp\n" + helper + "    return x\n" + strings.Repeat("helper(1)\n", 200) + "if helper(1) > 1:\n    mp.Pool(4)\n"
	if r := Run(Program{Name: "__main__", File: "run.py", Text: []byte(text)}); r.Verdict != May {
		t.Errorf("verdict %v", r.Verdict)
	}
}

// TestOptionsAreNotUsedUp has a function that declares one option in each call.
func TestOptionsAreNotUsedUp(t *testing.T) {
	var b strings.Builder
	b.WriteString("import argparse\nimport multiprocessing as mp\np = argparse.ArgumentParser()\n" + helper + "    p.add_argument(x, type=int, default=1)\n")
	for i := range 60 {
		fmt.Fprintf(&b, "helper('--x%d')\n", i)
	}
	b.WriteString("helper('--jobs')\njobs = p.parse_args().jobs\nif jobs > 1:\n    mp.Pool(jobs)\n")
	r := Run(Program{Name: "__main__", File: "run.py", Text: []byte(b.String()), Arguments: []string{"run.py", "--jobs", "8"}})
	if r.Verdict != Pool || r.Workers != 8 {
		t.Errorf("verdict %v, %d workers", r.Verdict, r.Workers)
	}
}
