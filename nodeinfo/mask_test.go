// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"encoding/binary"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestParseList(t *testing.T) {
	for _, tt := range []struct {
		in, want string
		count    int
	}{
		{"", "", 0},
		{"\n", "", 0},
		{"0\n", "0", 1},
		{"0-1\n\x00", "0-1", 2}, // a recorded machine may have the zero byte
		{"0-3,8,10-12", "0-3,8,10-12", 8},
		{"12,3,2,1", "1-3,12", 4},
		{"0-3,2-5", "0-5", 6},
		{"0-62:2", "0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,38,40,42,44,46,48,50,52,54,56,58,60,62", 32},
		{"1-61:4", "1,5,9,13,17,21,25,29,33,37,41,45,49,53,57,61", 16},
		{"0-15:2/8", "0-1,8-9", 4},
		{"0-9:4/4", "0-9", 10},
		{"0-9:3/8", "0-2,8-9", 5},
		{"63-64", "63-64", 2},
		{"0-1791", "0-1791", 1792},
		{"65535", "65535", 1},
		{"0-65535", "0-65535", 65536},
	} {
		m, err := ParseList(tt.in)
		if err != nil || m.String() != tt.want || m.Count() != tt.count {
			t.Errorf("ParseList(%q) = %q, %d CPUs, %v; want %q, %d", tt.in, m, m.Count(), err, tt.want, tt.count)
		}
	}
	for in, want := range map[string]string{
		"3-1":                             "backwards",
		"0-4294967295":                    "above 65535",
		"65536":                           "above 65535",
		"99999999999999999999999":         "above 65535",
		"-1":                              "missing",
		"1-":                              "missing",
		"1,,2":                            "missing",
		"1,":                              "missing",
		"a":                               `"a" is not a number`,
		"0x3":                             "not a number",
		"1 2":                             "not a number",
		"+1":                              "not a number",
		"0-7:0":                           "1 <= USED",
		"0-7:3/2":                         "1 <= USED",
		"0-7:0/2":                         "1 <= USED",
		"0-7:":                            "missing",
		"7:2":                             "needs a range",
		"0-7:99999999":                    "above 65535",
		strings.Repeat("1,", 20000) + "1": "longer than",
	} {
		if m, err := ParseList(in); err == nil || !strings.Contains(err.Error(), want) || m.Count() != 0 {
			t.Errorf("ParseList(%.30q) = %q, %v; want an error with %q", in, m, err, want)
		}
	}
}

func TestParseHexMask(t *testing.T) {
	for in, want := range map[string]string{
		"0":                           "",
		"1":                           "0",
		"00003\n":                     "0-1",
		"ffffffff,00000000":           "32-63",
		"0000,22222222,22222222":      "1,5,9,13,17,21,25,29,33,37,41,45,49,53,57,61",
		"00000000,00020000,00000002":  "1,49",
		"80000000,00000000,00000000":  "95",
		"0001ffff,FFFFFFFF":           "0-48",
		"00000000,00000000,00000000,": "!",
		"":                            "!",
		",":                           "!",
		"100000000":                   "!",
		"0x3":                         "!",
		"-1":                          "!",
		"+1":                          "!",
		"1_0":                         "!",
		"zz":                          "!",
		strings.Repeat("0,", 5000):    "!",
	} {
		m, err := ParseHexMask(in)
		if want == "!" {
			if err == nil {
				t.Errorf("ParseHexMask(%.30q) = %q, want an error", in, m)
			}
		} else if err != nil || m.String() != want {
			t.Errorf("ParseHexMask(%q) = %q, %v; want %q", in, m, err, want)
		}
	}
}

func TestMaskFromBytes(t *testing.T) {
	b := make([]byte, 224) // sched_getaffinity of 1792 CPUs
	binary.NativeEndian.PutUint64(b, 0b1011)
	binary.NativeEndian.PutUint64(b[216:], 1<<63)
	m := MaskFromBytes(b)
	if got := m.String(); got != "0-1,3,1791" {
		t.Errorf("got %s", got)
	}
	if got := slices.Collect(m.All()); !slices.Equal(got, []int{0, 1, 3, 1791}) {
		t.Errorf("All: %v", got)
	}
	if !m.Has(1791) || m.Has(2) || m.Has(-1) || m.Has(1<<30) {
		t.Error("Has")
	}
	if m.first() != 0 || m.last() != 1791 || (Mask{}).first() != -1 || (Mask{}).last() != -1 {
		t.Error("first, last")
	}
	same, err := ParseList("0-1,3,1791")
	if err != nil || !m.Equal(same) || m.Equal(Mask{}) || !(Mask{}).Equal(MaskFromBytes(make([]byte, 128))) {
		t.Error("Equal")
	}
	low, err := ParseList("0-2")
	if and := m.And(low); err != nil || and.String() != "0-1" || !and.Equal(low.And(m)) {
		t.Errorf("And: %s", and)
	}
	if n := MaskFromBytes(slices.Repeat([]byte{0xff}, 1<<20)).Count(); n != maxCPUs {
		t.Errorf("1 MiB of ones: %d CPUs, want %d", n, maxCPUs)
	}
	for range m.All() {
		break // yield must not be called again
	}
}

func FuzzParseList(f *testing.F) {
	for _, seed := range []string{"0-3,8,10-12", "0-62:2", "0-15:2/8", "3-1", "0-4294967295", "", "1,,2", "0-65535:1/2,0-65535:1/3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseList(s)
		if err != nil {
			if m.Count() != 0 {
				t.Errorf("%d CPUs and an error", m.Count())
			}
			return
		}
		back, err := ParseList(m.String())
		if len(m.String()) <= maxListFile && (err != nil || !back.Equal(m)) {
			t.Errorf("%q -> %q -> %q, %v", s, m, back, err)
		}
		if got := slices.Collect(m.All()); len(got) != m.Count() || !slices.IsSorted(got) {
			t.Errorf("%q: Count %d, All %v", s, m.Count(), got)
		}
		// A text with neither a step nor a range is a plain list of numbers.
		if !strings.ContainsAny(s, ":-") {
			for item := range strings.SplitSeq(trim(s), ",") {
				if n, err := strconv.Atoi(item); item != "" && (err != nil || !m.Has(n)) {
					t.Errorf("%q: %q is missing", s, item)
				}
			}
		}
	})
}

func FuzzParseHexMask(f *testing.F) {
	for _, seed := range []string{"0", "ffffffff,00000000", "0000,22222222,22222222", "100000000", ",", "0x3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseHexMask(s)
		if err != nil {
			return
		}
		want := new(big.Int)
		for group := range strings.SplitSeq(trim(s), ",") {
			n, ok := new(big.Int).SetString(group, 16)
			if !ok {
				t.Fatalf("%q is taken for a number", group)
			}
			want.Lsh(want, 32).Or(want, n)
		}
		got := new(big.Int)
		for cpu := range m.All() {
			got.SetBit(got, cpu, 1)
		}
		if got.Cmp(want) != 0 {
			t.Errorf("%q = %x, want %x", s, got, want)
		}
	})
}

// A list that repeats the same CPUs many times is refused before it costs time.
func TestListWithoutEnd(t *testing.T) {
	for _, item := range []string{"0-65535,", "1024-65535:1/2,"} {
		if m, err := ParseList(strings.Repeat(item, 1000) + "0"); err == nil {
			t.Errorf("%q a thousand times is taken, as %d CPUs", item, m.Count())
		}
	}
}
