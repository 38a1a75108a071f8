// SPDX-License-Identifier: MIT

package bench

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const root = "../.."

// The documents show the numbers of the run that is committed, and no others.
func TestDocumentsShowTheRun(t *testing.T) {
	r, err := Read(filepath.Join(root, "docs", "performance", "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := r.Rendered(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(text, string(got)); diff != "" {
			t.Errorf("%s is not what the run says; go run ./tests/cmd/bench -render writes it: run -, file +\n%s", name, diff)
		}
	}
}

func TestSpread(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   Spread
	}{
		{nil, Spread{}},
		{[]float64{3}, Spread{3, 3, 3}},
		{[]float64{5, 1, 3, 2, 4}, Spread{2, 3, 4}},
		{[]float64{1, 2}, Spread{1.25, 1.5, 1.75}},
		{[]float64{123456, 123456}, Spread{123500, 123500, 123500}},
		{[]float64{0.0123456}, Spread{0.01235, 0.01235, 0.01235}},
	} {
		if got := SpreadOf(test.values); got != test.want {
			t.Errorf("%v: want %v, got %v", test.values, test.want, got)
		}
	}
}

func TestFill(t *testing.T) {
	parts := map[string]string{"a": "new\n"}
	text := "before\n<!-- bench a -->\nold\n<!-- end -->\nafter\n"
	want := "before\n<!-- bench a -->\nnew\n<!-- end -->\nafter\n"
	for _, from := range []string{text, want} {
		if got, err := fill(from, parts); err != nil || got != want {
			t.Errorf("%q: got %q, %v", from, got, err)
		}
	}
	for _, bad := range []string{"<!-- bench b -->\n<!-- end -->\n", "<!-- bench a -->\n", "<!-- bench a"} {
		if _, err := fill(bad, parts); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}
