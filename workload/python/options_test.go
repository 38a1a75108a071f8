// SPDX-License-Identifier: MIT

package python

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOptionsInEvidence shows that the evidence names the option that gave the number
// of workers, and what was not run the option with its default.
func TestOptionsInEvidence(t *testing.T) {
	const body = "    if jobs > 1:\n        multiprocessing.Pool(jobs).map(abs, [1])\n"
	for name, text := range map[string]string{
		"argparse": "import argparse, multiprocessing\ndef main(jobs):\n" + body +
			"p = argparse.ArgumentParser()\np.add_argument('--jobs', type=int, default=1)\nmain(p.parse_args().jobs)\n",
		"optparse": "import optparse, multiprocessing\ndef main(jobs):\n" + body +
			"p = optparse.OptionParser()\np.add_option('--jobs', type='int', default=1)\no, a = p.parse_args()\nmain(o.jobs)\n",
		"click": "import click, multiprocessing\n@click.command()\n@click.option('--jobs', default=1)\ndef main(jobs):\n" + body + "main()\n",
		"typer": "import typer, multiprocessing\ndef main(jobs: int = 1):\n" + body + "typer.run(main)\n",
		"fire":  "import fire, multiprocessing\ndef main(jobs=1):\n" + body + "fire.Fire(main)\n",
		"absl": "from absl import app, flags\nimport multiprocessing\nF = flags.FLAGS\nflags.DEFINE_integer('jobs', 1, 'x')\n" +
			"def main(argv):\n    jobs = F.jobs\n" + body + "app.run(main)\n",
		"tyro": "import tyro, multiprocessing\ndef main(jobs: int = 1):\n" + body + "tyro.cli(main)\n",
		"docopt": "'''Usage: x [options]\n\nOptions:\n  --jobs N  number [default: 1]\n'''\nimport docopt, multiprocessing\n" +
			"def main(jobs):\n" + body + "main(int(docopt.docopt(__doc__)['--jobs']))\n",
	} {
		t.Run(name, func(t *testing.T) {
			given := Run(Program{Name: "__main__", File: "x.py", Text: []byte(text), Arguments: []string{"x.py", "--jobs", "8"}})
			if given.Verdict != Pool || given.Workers != 8 {
				t.Fatalf("want a pool of 8, have %+v", given)
			}
			if diff := cmp.Diff([]string{"--jobs 8"}, given.Evidence[0].Options); diff != "" {
				t.Errorf("options (-want +have):\n%s", diff)
			}
			missing := Run(Program{Name: "__main__", File: "x.py", Text: []byte(text), Arguments: []string{"x.py"}})
			if missing.Verdict != None || len(missing.Passed) != 1 {
				t.Fatalf("want no workers and one pool that was not reached, have %+v", missing)
			}
			if want := "--jobs, whose default is 1"; missing.Passed[0].Option != want {
				t.Errorf("want %q, have %q", want, missing.Passed[0].Option)
			}
		})
	}
}

// TestEntryPointIsCommand shows that an entry point may name a command of click or an
// app of typer, which is no function.
func TestEntryPointIsCommand(t *testing.T) {
	const text = `import click, typer, multiprocessing
@click.group()
def cli(): pass
@cli.command()
@click.option("-n", default=1)
def run(n): multiprocessing.Pool(n)
app = typer.Typer()
@app.command()
def go(n: int = 1): multiprocessing.Pool(n)
@app.command()
def stay(): pass
`
	for _, c := range []struct {
		function, arguments string
		want                Verdict
	}{
		{"cli", "run -n 4", Pool},
		{"cli", "run", May},
		{"cli", "", None},
		{"cli.main", "run -n 4", Pool},
		{"app", "go --n 4", Pool},
		{"app", "stay", None},
	} {
		arguments := append([]string{"x"}, strings.Fields(c.arguments)...)
		r := Run(Program{Name: "pkg.cli", File: "cli.py", Text: []byte(text), Arguments: arguments, Function: c.function})
		if r.Verdict != c.want {
			t.Errorf("%s %q: want %v, have %+v", c.function, c.arguments, c.want, r)
		}
	}
}
