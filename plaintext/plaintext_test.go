// SPDX-License-Identifier: MIT

package plaintext

import (
	"slices"
	"testing"
)

func TestPrintable(t *testing.T) {
	const text = "a\x1b[31m\nb\u0085c\u202ed\x7f\tè 中"
	if got, want := Printable(text), "a?[31m?b?c?d??è 中"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPlural(t *testing.T) {
	for n, want := range map[int]string{0: "0 CPUs", 1: "1 CPU", 2: "2 CPUs"} {
		if got := Plural(n, "CPU"); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, test := range []struct {
		text          string
		first, others int
		want          []string
	}{
		{"", 5, 5, []string{""}},
		{"aa bb cc", 5, 5, []string{"aa bb", "cc"}},
		{"aa bb cc", 5, 1, []string{"aa bb", "cc"}},
		{"aa bb cc", 2, 5, []string{"aa", "bb cc"}},
		{"wider bb", 3, 5, []string{"wider", "bb"}},
		{"bb wider", 3, 5, []string{"bb", "wider"}},
		{"èè èè", 5, 5, []string{"èè èè"}},
		{"a  b", 5, 5, []string{"a  b"}},
		{"  a", 5, 5, []string{"  a"}},
	} {
		if got := Wrap(test.text, test.first, test.others); !slices.Equal(got, test.want) {
			t.Errorf("%q, %d, %d: got %q, want %q", test.text, test.first, test.others, got, test.want)
		}
	}
}
