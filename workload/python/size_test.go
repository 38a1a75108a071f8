// SPDX-License-Identifier: MIT

package python

import (
	"strings"
	"testing"
)

// TestSize has programs by where the number of their pool's workers comes from.
func TestSize(t *testing.T) {
	for _, c := range []struct {
		text string // behind the imports
		size Size
		pool string
	}{
		{"mp.Pool()", SizeNode, "Pool()"},
		{"mp.Pool(None)", SizeNode, "Pool()"},
		{"mp.Pool(processes=None)", SizeNode, "Pool()"},
		{"multiprocessing.pool.Pool()", SizeNode, "Pool()"},
		{"mp.get_context('spawn').Pool()", SizeNode, "Pool()"},
		{"cf.ProcessPoolExecutor()", SizeNode, "ProcessPoolExecutor()"},
		{"mp.Pool(4)", SizeGiven, "Pool()"},
		{"mp.Pool(2 * 4)", SizeGiven, "Pool()"},
		{"mp.Pool(os.cpu_count())", SizeNode, "Pool()"},
		{"mp.Pool(mp.cpu_count())", SizeNode, "Pool()"},
		{"mp.Pool(int(mp.cpu_count()))", SizeNode, "Pool()"},
		{"n = os.cpu_count() or 1\nmp.Pool(n)", SizeNode, "Pool()"},
		{"mp.Pool(max(1, os.cpu_count()))", SizeNode, "Pool()"},
		{"def run(n=os.cpu_count()):\n    mp.Pool(n)\nrun()", SizeNode, "Pool()"},
		{"p = argparse.ArgumentParser()\np.add_argument('-j', type=int, default=mp.cpu_count())\nmp.Pool(p.parse_args().j)", SizeNode, "Pool()"},
		{"p = argparse.ArgumentParser()\np.add_argument('-j', type=int)\nmp.Pool(p.parse_args().j or os.cpu_count())", SizeNode, "Pool()"},
		{"n = None\nif os.path.exists('x'):\n    n = os.cpu_count()\nmp.Pool(n)", SizeNode, "Pool()"},
		{"mp.Pool(os.cpu_count() - 1)", SizeUnknown, "Pool()"},
		{"mp.Pool(os.cpu_count() // 2)", SizeUnknown, "Pool()"},
		{"mp.Pool(2 * os.cpu_count())", SizeUnknown, "Pool()"},
		{"mp.Pool(min(8, os.cpu_count()))", SizeUnknown, "Pool()"},
		{"mp.Pool(max(8, os.cpu_count()))", SizeUnknown, "Pool()"},
		{"mp.Pool(max(len(os.listdir()), os.cpu_count()))", SizeUnknown, "Pool()"},
		{"mp.Pool(len(os.sched_getaffinity(0)))", SizeUnknown, "Pool()"},
		{"mp.Pool(os.process_cpu_count())", SizeUnknown, "Pool()"},
		{"n = os.process_cpu_count()\nif os.path.exists('x'):\n    n = os.cpu_count()\nmp.Pool(n)", SizeUnknown, "Pool()"},
		{"n = os.cpu_count()\nif os.path.exists('x'):\n    n = os.process_cpu_count()\nmp.Pool(n)", SizeUnknown, "Pool()"},
		{"n = 4\nif os.path.exists('x'):\n    n = None\nmp.Pool(n)", SizeUnknown, "Pool()"},
		{"import psutil\nmp.Pool(psutil.cpu_count(logical=False))", SizeUnknown, "Pool()"},
		{"from tqdm.contrib.concurrent import process_map\nprocess_map(abs, [1])", SizeUnknown, "process_map()"},
		{"import loky\nloky.ProcessPoolExecutor()", SizeUnknown, "ProcessPoolExecutor()"},
		{"mp.Pool()\nmp.Pool(4)", SizeUnknown, "Pool()"},
		{"mp.Pool()\ncf.ProcessPoolExecutor()", SizeNode, "Pool()"},
		{"for n in (os.cpu_count(), os.process_cpu_count()):\n    mp.Pool(n)", SizeUnknown, "Pool()"},
		{"for i in range(4):\n    mp.Process(target=abs).start()", SizeUnknown, ""},
	} {
		text := "import argparse, multiprocessing, multiprocessing as mp, concurrent.futures as cf, multiprocessing.pool, os\n" + c.text + "\n"
		r := Run(Program{Name: "__main__", File: "x.py", Text: []byte(text), Arguments: []string{"x.py"}})
		if r.Verdict != Pool || r.Size != c.size || r.Pool != c.pool {
			t.Errorf("%s: want size %v of %q, have %v of %q, verdict %v", strings.ReplaceAll(c.text, "\n", "; "), c.size, c.pool, r.Size, r.Pool, r.Verdict)
		}
	}
}

// TestSizeOfUncertain shows that nothing is said of a pool that may not be started.
func TestSizeOfUncertain(t *testing.T) {
	const text = "import multiprocessing, yaml\nif yaml.safe_load(open('x'))['parallel']:\n    multiprocessing.Pool()\n"
	r := Run(Program{Name: "__main__", File: "x.py", Text: []byte(text), Arguments: []string{"x.py"}})
	if r.Verdict != May || r.Size != SizeUnknown || r.Pool != "" {
		t.Errorf("have %+v", r)
	}
}
