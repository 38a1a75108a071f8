// SPDX-License-Identifier: MIT

package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOriginal(t *testing.T) {
	for _, test := range []struct {
		name      string
		env, want map[string]string
	}{
		{
			"what is ours is taken back, whatever malformed words stand before it",
			map[string]string{AppliedName: "%zz=1 B=%4 C=1<%x =1 1A=1 nothing A=1 D<old", "A": "1", "B": "4", "C": "1", "1A": "1", "": "1"},
			map[string]string{"B": "4", "C": "1", "1A": "1", "": "1", "D": "old"},
		},
		{
			"what the user changed since stays, and what stands behind it is looked at",
			map[string]string{AppliedName: "A=1 B=2<3 C<4 D=5", "A": "9", "B": "2", "C": "7", "D": "5"},
			map[string]string{"A": "9", "B": "3", "C": "7"},
		},
		{
			"an empty value is given back",
			map[string]string{AppliedName: "A=1< B<", "A": "1"},
			map[string]string{"A": "", "B": ""},
		},
		{
			"the first word of a name counts",
			map[string]string{AppliedName: "A=1<2 A=1<3", "A": "1"},
			map[string]string{"A": "2"},
		},
		{
			"a value's end may look like an escape",
			map[string]string{AppliedName: "A=%2 B=%25 C=1%", "A": "%2", "B": "%", "C": "1%"},
			map[string]string{"A": "%2", "C": "1%"},
		},
		{
			"an escape has two hexadecimal digits in capitals, and stands for a byte that needs one",
			map[string]string{AppliedName: "A<%3c B<%3C C<%4g D<%00 E<%41 F<a<b G<a\tb H<\x7f I<%+4 J<% 4"},
			map[string]string{"B": "<"},
		},
		{
			"Unicode's blanks separate nothing",
			map[string]string{AppliedName: "A<a\u00a0b\u2003c\u3000d\u0085e B=1", "B": "1"},
			map[string]string{"A": "a\u00a0b\u2003c\u3000d\u0085e"},
		},
		{
			"the record does not name itself",
			map[string]string{AppliedName: AppliedName + "<x A=1", "A": "1"},
			map[string]string{},
		},
	} {
		if diff := cmp.Diff(test.want, original(test.env)); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", test.name, diff)
		}
	}
}

// Every byte that an environment can contain is read back.
func TestRecordIsExact(t *testing.T) {
	var all []byte
	for c := 255; c > 0; c-- {
		all = append(all, byte(c))
	}
	for _, value := range []string{"", " ", "=", "a=b", "<", "%", "%41", "%00", "\u00a0", "\u2003\u3000", "\xff\xfe", string(all)} {
		record := []applied{{name: "A", value: "1", set: true, old: value, had: true}, {name: "B", old: value, had: true}}
		if diff := cmp.Diff(record, parseApplied(formatApplied(record)), cmp.AllowUnexported(applied{})); diff != "" {
			t.Errorf("%q: want -, got +:\n%s", value, diff)
		}
	}
}

func TestRecordIsBounded(t *testing.T) {
	var text strings.Builder
	for i := range 2 * maxApplied {
		fmt.Fprintf(&text, "A%d=1 A%[1]d=1 x ", i)
	}
	if got := len(parseApplied(text.String())); got != maxApplied/2 {
		t.Errorf("%d names are taken, want %d", got, maxApplied/2)
	}
	var site strings.Builder
	site.WriteString("rule \"many\"\n")
	for i := range maxApplied + 1 {
		fmt.Fprintf(&site, "    set A%d 1\n", i)
	}
	rules, err := Parse("site", site.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	d := rules.Decide(Facts{CPUs: 1})
	if len(d.Settings) != 0 || len(d.Changes) != 0 || len(d.Hints) != 1 {
		t.Errorf("%d settings, %d changes, hints %v", len(d.Settings), len(d.Changes), d.Hints)
	}
}

// The words that are read from any text are written, and read again, as the same words.
func FuzzApplied(f *testing.F) {
	f.Add("A=1 B=2<3 C<%20%25%3C D<", "a b", "%41<")
	f.Add("A=%00 B=%4g C=% D=%2 A=1 \u00a0=1 E<a\u2003b", "\u3000", "\xff")
	f.Fuzz(func(t *testing.T, text, value, old string) {
		record := parseApplied(text)
		byName := func(a, b applied) int { return strings.Compare(a.name, b.name) }
		slices.SortFunc(record, byName)
		words := strings.Split(text, " ")
		for word := range strings.FieldsFuncSeq(formatApplied(record), func(c rune) bool { return c == ' ' }) {
			if !slices.Contains(words, word) {
				t.Errorf("%q is read from %q, and does not stand there", word, text)
			}
		}
		if strings.IndexByte(value+old, 0) < 0 {
			record = append(slices.DeleteFunc(record, func(a applied) bool { return a.name == "_" }),
				applied{name: "_", value: value, set: true, old: old, had: true})
			record = record[max(0, len(record)-maxApplied):]
		}
		if diff := cmp.Diff(record, parseApplied(formatApplied(record)), cmp.AllowUnexported(applied{})); diff != "" && len(record) > 0 {
			t.Errorf("written -, read +:\n%s", diff)
		}
	})
}
