// SPDX-License-Identifier: MIT

package workload

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// program20k is a script of 20 KiB, of ordinary code, with its pool at the end.
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

func BenchmarkScan20KiB(b *testing.B) {
	text := []byte(program20k())
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		w := walker{}
		w.scan(text, source{file: "x.py"})
		if !w.pool {
			b.Fatal("the pool was not found")
		}
	}
}

func BenchmarkRecognise(b *testing.B) {
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "run.py"), []byte(program20k()), 0o644); err != nil {
		b.Fatal(err)
	}
	c := Command{Argv: []string{"numactl", "-C", "0-3", "python3", "-u", "run.py"}, Dir: dir, Path: "/usr/bin:/bin"}
	b.ReportAllocs()
	for b.Loop() {
		if r, err := Recognise(c); err != nil || len(r.Tags) != 2 {
			b.Fatal(r, err)
		}
	}
}
