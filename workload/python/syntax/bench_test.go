// SPDX-License-Identifier: MIT

package syntax

import (
	"os"
	"strings"
	"testing"
)

// BenchmarkParse parses a text as long as 100 of the functions in testdata, with and
// without their bodies.
func BenchmarkParse(b *testing.B) {
	text, err := os.ReadFile("testdata/function.py")
	if err != nil {
		b.Fatal(err)
	}
	text = []byte(strings.Repeat(string(text), 100))
	for _, kind := range []struct {
		name      string
		functions int
	}{{"skipped", 0}, {"whole", maxLazy}} {
		b.Run(kind.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				p := newParser("x.py", text)
				p.functions = kind.functions
				p.module()
			}
		})
	}
}

// TestBenchmark holds that the text of the benchmark has nothing that is not parsed.
func TestBenchmark(t *testing.T) {
	text, err := os.ReadFile("testdata/function.py")
	if err != nil {
		t.Fatal(err)
	}
	if tree := printTree(Parse("x.py", text).Body); strings.Contains(tree, "BAD") {
		t.Error(tree)
	}
}
