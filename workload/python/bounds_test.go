// SPDX-License-Identifier: MIT

package python

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// boundless are programs that cost no end of time, memory or stack if what they do to
// values has no bound.
func boundless() map[string]string {
	pairs := "x=[]\ny=[]\n" + strings.Repeat("x=[x,x]\ny=[y,y]\n", 40)
	return map[string]string{
		"equal to itself":      "x=[]\ny=[]\nx.append(x)\ny.append(y)\nx==y\nx<y\nx in y\nx.remove(y)\n",
		"tuple of itself":      "x=[]\nx.append(x)\nisinstance(1,x)\n",
		"exception of itself":  "x=[]\nx.append(x)\ntry:\n  raise KeyError\nexcept x: pass\n",
		"equal pairs":          pairs + "x==y\nx<y\nx in y\n",
		"tuples of pairs":      pairs + "isinstance(1,x)\n",
		"exceptions of pairs":  pairs + "try:\n  raise KeyError\nexcept x: pass\n",
		"text and text":        "s='ab'*2+'ab'\n" + strings.Repeat("s=s+s\n", 60),
		"text in text":         "s='ab'\n" + strings.Repeat("s=f'{s}{s}'\n", 60),
		"text joined":          "s='ab'\n" + strings.Repeat("s=s.join([s,s,s])\n", 60),
		"text formatted":       "s='ab'\n" + strings.Repeat("s='{}{}'.format(s,s)\n", 60),
		"text with percents":   "s='ab'\n" + strings.Repeat("s='%s%s' % (s,s)\n", 60),
		"text replaced":        "s='ab'\n" + strings.Repeat("s=s.replace('a',s)\n", 60),
		"paths joined":         "import os\ns='ab'\n" + strings.Repeat("s=os.path.join(s,s)\n", 60),
		"times":                "x=[1,2,3,4]*(1<<61)\ny=[]*10**15\nz='a'*10**12\nlist(range(10**12))\n1<<10**9\n10**10**8\nbytes(10**12)\nlist(zip(range(10**12)))\n",
		"partial by name":      "from functools import partial\ndef f(): pass\npartial(func=f)()\npartial(*u,func=f)()\n",
		"classes of one class": "class A: pass\n" + strings.Repeat("class A(A,A): pass\n", 40) + "class B: pass\nisinstance(A(),B)\n",
	}
}

// TestBoundless holds such programs against a time and against memory.
func TestBoundless(t *testing.T) {
	const (
		most       = 5 * time.Second
		mostMemory = 1 << 30
	)
	for name, text := range boundless() {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			done := make(chan *interpreter, 1)
			go func() { done <- run(Program{Name: "__main__", File: "x.py", Text: []byte(text)}) }()
			select {
			case in := <-done:
				if in.steps > maxSteps+1 {
					t.Errorf("%d steps", in.steps)
				}
			case <-time.After(most):
				t.Fatal("does not end")
			}
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > mostMemory {
				t.Errorf("%d MB", used>>20)
			}
		})
	}
}

// TestManyDocoptWords holds a long command line: an option that is not given stays off.
func TestManyDocoptWords(t *testing.T) {
	text := "\"\"\"usage: x.py [--par] <file>...\n\"\"\"\nimport docopt, multiprocessing\na = docopt.docopt(__doc__)\nif a['--par']:\n  multiprocessing.Pool(4)\n"
	words := append([]string{"x.py"}, strings.Fields(strings.Repeat("data ", 20_000))...)
	start := time.Now()
	in := run(Program{Name: "__main__", File: "x.py", Text: []byte(text), Arguments: words})
	if len(in.sightings) > 0 || in.out {
		t.Errorf("%d workers seen, bound met %v", len(in.sightings), in.out)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("took %v", took)
	}
}

// TestOrderOfNames holds that named arguments keep their order: the last of the same
// values decides here.
func TestOrderOfNames(t *testing.T) {
	text := "import multiprocessing\ndef f(**kw):\n  for k in kw: last = kw[k]\n  return last\n" +
		"n = 1\nfor k in dict(a=2, b=3, c=1): n = k\nif n == 'c' and f(a=2, b=3, c=1) == 1:\n  multiprocessing.Pool(4)\n"
	for range 50 {
		in := run(Program{Name: "__main__", File: "x.py", Text: []byte(text)})
		if len(in.sightings) != 1 {
			t.Fatalf("%d workers seen", len(in.sightings))
		}
	}
}
