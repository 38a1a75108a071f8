// SPDX-License-Identifier: MIT

package workload

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// program20k is a script of 20 KiB. It has ordinary code, with its pool at the end.
func program20k() string {
	const piece = `
def analyse_%(rows, threshold=0.5, *, verbose=False):
    """Reduce the rows to their mean, above the threshold.

    Nothing in here starts a process.
    """
    kept = [row for row in rows if row["value"] > threshold]
    if not kept:
        raise ValueError(f"no row of {len(rows)} is above {threshold:.3f}")
    total = sum(row["value"] * row.get("weight", 1.0) for row in kept)
    if verbose:
        print("kept", len(kept), "of", len(rows), sep=" ")  # for the log
    return {"mean": total / len(kept), "n": len(kept), "name": 'analyse'}

`
	var b strings.Builder
	b.WriteString("import argparse\nimport multiprocessing as mp\nimport numpy as np\n")
	for b.Len() < 20<<10 {
		b.WriteString(strings.ReplaceAll(piece, "%", string(rune('a'+b.Len()%26))))
	}
	b.WriteString("if __name__ == '__main__':\n    with mp.Pool() as pool:\n        print(pool.map(analyse_a, [[]]))\n")
	return b.String()
}

func BenchmarkRecognise(b *testing.B) {
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "run.py"), []byte(program20k()), 0o644); err != nil {
		b.Fatal(err)
	}
	c := Command{Argv: []string{"numactl", "-C", "0-3", "python3", "-u", "run.py"}, Dir: dir, Env: map[string]string{"PATH": "/usr/bin:/bin"}}
	b.ReportAllocs()
	for b.Loop() {
		if r, err := Recognise(c); err != nil || len(r.Tags) != 2 {
			b.Fatal(r, err)
		}
	}
}

// BenchmarkModules reads a program of 12 modules with 150 KiB in all. Each module calls
// the next one, and the pool is in the last one.
func BenchmarkModules(b *testing.B) {
	dir := b.TempDir()
	filler := program20k()[:12600]
	filler = filler[:strings.LastIndex(filler, "\ndef ")]
	for i := range 12 {
		text := filler + fmt.Sprintf("\nfrom pkg import m%d\ndef start(n):\n    return m%d.start(n)\n", i+1, i+1)
		if i == 11 {
			text = filler + "\ndef start(n):\n    return mp.Pool(n).map(abs, [1])\n"
		}
		write(b, filepath.Join(dir, "pkg", fmt.Sprintf("m%d.py", i)), []byte(text))
	}
	write(b, filepath.Join(dir, "run.py"), []byte("from pkg import m0\nm0.start(4)\n"))
	c := Command{Argv: []string{"python3", "run.py"}, Dir: dir, Env: map[string]string{"PATH": "/usr/bin:/bin"}}
	b.ReportAllocs()
	for b.Loop() {
		if r, err := Recognise(c); err != nil || r.Workers != 4 {
			b.Fatal(r, err)
		}
	}
}
