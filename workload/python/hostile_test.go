// SPDX-License-Identifier: MIT

package python

import (
	"strings"
	"testing"
)

// hostileTexts would cost the square of their size, or a deep stack, in a
// scanner that recurses or searches without a budget.
func hostileTexts() map[string]string {
	const n = 100_000
	many := func(s string) string { return strings.Repeat(s, n) }
	return map[string]string{
		"parentheses":  many("("),
		"brackets":     "x = " + many("["),
		"closers":      many(")"),
		"calls":        "from multiprocessing import Pool\n" + many("Pool("),
		"partials":     "from functools import partial\nx = " + many("partial("),
		"attributes":   "import multiprocessing as m\nm" + many(".m") + "(4)",
		"contexts":     "from multiprocessing import get_context as g\ng" + many("()"),
		"nots":         "import multiprocessing\nif " + many("not ") + "x: multiprocessing.Pool(4)",
		"parens in if": "import multiprocessing\nif " + many("(") + ": multiprocessing.Pool(4)",
		"elses":        "import multiprocessing\nif x: pass\n" + many("else: ") + "multiprocessing.Pool(4)",
		"elifs":        "import multiprocessing\nif x: pass\n" + many("elif x: pass\n") + "else: multiprocessing.Pool(4)",
		"defs":         "import multiprocessing as m\n" + many("def f(): ") + many("m.Pool;"),
		"classes":      many("class A(A): ") + "pass",
		"same class":   "from multiprocessing import Process\n" + many("class A(A, Process): pass\n") + many("A();"),
		"bindings":     "from multiprocessing import Pool\n" + many("Pool = Pool\n") + many("Pool()\n"),
		"aliases":      "import multiprocessing as a\n" + many("b = a\na = b\n") + "a.Pool()",
		"chain":        "import multiprocessing\n" + many("a=") + "multiprocessing",
		"walrus":       "import multiprocessing\n" + many("(a:="),
		"globals":      "def f():\n" + many(" global a;") + "\n" + many(" a = 1\n"),
		"parameters":   "import multiprocessing as m\ndef f(" + many("m=m,") + "): m.Pool()",
		"stars":        many("from multiprocessing import *\n"),
		"f-strings":    many("f'{"),
		"f-string":     "f'" + many("{f\"") + "'",
		"f-specs":      "f'" + many("{a:") + "'",
		"quotes":       many("'"),
		"triples":      many("'''\n"),
		"backslashes":  many("\\\n"),
		"colons":       "lambda" + many(":"),
		"lambdas":      "if " + many("lambda ") + many(":"),
		"decorators":   many("@a\n") + "def f(): pass",
		"semicolons":   many(";"),
		"newlines":     many("\r\n\f\t \\"),
		"indents":      deepIndents(),
		"numbers":      "x = [" + many("1e+5,") + "]",
		"joblib":       "import joblib\n" + many("joblib.parallel_config(x)\n"),
		"keywords":     "import datasets\nf(" + many("num_proc=x,") + ")",
		"constants":    "import joblib\nn = 2\n" + many("joblib.Parallel(n_jobs=n)\n"),
		"options":      "import multiprocessing as m\n" + many("p.add_argument('--x', default=1)\n") + "m.Pool(a.x)",
		"option":       "import multiprocessing as m\np.add_argument(" + many("'--x',") + ")\nm.Pool(args.x)",
		"option uses":  "import multiprocessing as m\np.add_argument('--x', default=1)\n" + many("m.Pool(z.x)\n"),
		"option ifs":   "import multiprocessing as m\np.add_argument('--x', default=1)\nif " + many("args.x > 0 and ") + "a: m.Pool(4)",
		"option maxes": "import multiprocessing as m\np.add_argument('--x', default=1)\n" + many("n = max(max(args.x, 1), max(") + "))\nm.Pool(n)",
		"vars":         "import multiprocessing as m\nz = 1\ndef f(): m.Pool()\n" + many("vars(z)\n"),
		"getattrs":     "import multiprocessing as m\ndef f(): m.Pool()\n" + many("getattr(") + "f()",
		"argparse": "import argparse\np = argparse.ArgumentParser()\n" + many("p.add_argument('--x', default=1)\n") +
			many("p.parse_args()\n"),
		"argparse places": "import argparse\np = argparse.ArgumentParser()\n" + many("p.add_argument('x', nargs='*')\n") + "p.parse_args()",
		"argparse commands": "import argparse\np = argparse.ArgumentParser()\ns = p.add_subparsers()\n" +
			many("s = s.add_parser('--y').add_subparsers()\n") + "p.parse_args()",
		"clicks":       "import click\n@click.command()\n" + many("@click.option('--x')\n") + "def f(x): pass\nf()",
		"click groups": "import click\n@click.group()\ndef f(): pass\n" + many("f.add_command(f, name='--y')\n") + "f()",
		"typer":        "import typer\ndef f(" + many("x: List[List[int]] = 1,") + "): pass\ntyper.run(f)",
		"fires":        "import fire\ndef f(" + many("x,") + "*y): return f\nfire.Fire(f)",
		"flags":        "from absl import flags\n" + many("flags.DEFINE_bool('x', 1, '')\n") + many("flags.FLAGS.x\n"),
		"docopts":      "import docopt\ndocopt.docopt('''usage: x " + strings.Repeat("[[(x|", 3000) + "''')\n",
		"docopt words": "import docopt\ndocopt.docopt('''usage: x " + strings.Repeat("[x]... ", 2000) + "''')\n",
		"getopts":      "import getopt, sys\n" + many("getopt.getopt(sys.argv, 'x:')\n"),
		"records":      "import tyro\nfrom dataclasses import dataclass\n@dataclass\nclass A:\n" + many("  x: 'A' = 1\n") + "tyro.cli(A)",
		"self":         "import multiprocessing as m\nself.x = m\n" + many("self.x = self.x\n") + many("self.x.Pool\n"),
	}
}

func deepIndents() string {
	var b strings.Builder
	for i := range 3000 {
		b.WriteString(strings.Repeat(" ", i) + "if x:\n")
	}
	return b.String()
}

// TestHostileTexts holds the work against the bounds: every text ends within the steps
// that one run may take, whatever calls what.
func TestHostileTexts(t *testing.T) {
	arguments := strings.Split(strings.Repeat("--y ", 100_000), " ")
	for name, text := range hostileTexts() {
		t.Run(name, func(t *testing.T) {
			for _, function := range []string{"", "f"} {
				in := run(Program{Name: "__main__", File: "x.py", Text: []byte(text), Arguments: arguments, Function: function})
				if in.steps > maxSteps+1 {
					t.Errorf("%d steps", in.steps)
				}
			}
		})
	}
}
