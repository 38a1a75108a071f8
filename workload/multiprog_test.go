// SPDX-License-Identifier: MIT

package workload

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// silly is the example of srun(1).
const silly = `###################################################################
# srun multiple program configuration file
#
# srun -n8 -l --multi-prog silly.conf
###################################################################
4-6       hostname
1,7       echo  task:%t
0,2-3     echo  offset:%o
`

func TestMultiProg(t *testing.T) {
	for _, c := range []struct {
		name, text string
		rank       int
		want       []string // nil: an error
	}{
		{"man page 0", silly, 0, []string{"echo", "offset:0"}},
		{"man page 1", silly, 1, []string{"echo", "task:1"}},
		{"man page 2", silly, 2, []string{"echo", "offset:1"}},
		{"man page 3", silly, 3, []string{"echo", "offset:2"}},
		{"man page 5", silly, 5, []string{"hostname"}},
		{"man page 7", silly, 7, []string{"echo", "task:7"}},
		{"out of the step", silly, 8, nil},
		{"negative", silly, -1, nil},
		{"no line", "0 a\n", 1, nil},
		{"star", "0 a\n* python pool.py %t %o\n", 3, []string{"python", "pool.py", "3", "3"}},
		{"first line wins", "0-3 a\n2 b\n", 2, []string{"a"}},
		{"blank lines and spaces", "\n \t\n   0\t\ta   b \n", 0, []string{"a", "b"}},
		{"no newline at the end", "0 a b", 0, []string{"a", "b"}},
		{"CRLF", "0 a b\r\n1 c\r\n", 0, []string{"a", "b"}},
		{"indented comment", "  # 0 x\n0 a\n", 0, []string{"a"}},
		{"comment in a line is none", "0 a # b\n", 0, []string{"a", "#", "b"}},
		{"quotes", "0 bash -c 'python x.py; echo %t' y\n", 0, []string{"bash", "-c", "python x.py; echo %t", "y"}},
		{"quote in a word", "0 a'b c'd\n", 0, []string{"ab cd"}},
		{"empty word", "0 a '' b\n", 0, []string{"a", "", "b"}},
		{"double quotes are characters", `0 a "b c"` + "\n", 0, []string{"a", `"b`, `c"`}},
		{"escapes", `0 a\ b \%t \'` + "\n", 0, []string{"a b", "%t", "'"}},
		{"unknown percent", "0 a%xb 100%\n", 0, []string{"ab", "100"}},
		{"continued", "0 python \\\n pool.py\n1 b\n", 0, []string{"python", "pool.py"}},
		{"continued, joined", "0 pyth\\\non\n1 b\n", 0, []string{"python"}},
		{"after a continued one", "0 python \\\n pool.py\n1 b\n", 1, []string{"b"}},
		{"a continuation is no line", "0 a \\\n1 b\n", 1, nil},
		{"open quote", "0 a 'b\n", 0, nil},
		{"no program", "0\n", 0, nil},
		{"only spaces after the ranks", "0 \n", 0, nil},
		{"bad ranges are passed over", "x,3-,1-x,2 a\n", 2, []string{"a"}},
		{"huge ranks", "99999999999999999999,0 a\n", 0, []string{"a"}},
		{"reversed", "3-1,2 a\n", 2, []string{"a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			have, err := MultiProg(c.text, c.rank, 8)
			if (err == nil) != (c.want != nil) {
				t.Fatalf("want %q, have %q, %v", c.want, have, err)
			}
			if diff := cmp.Diff(c.want, have); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMultiProgLongLine(t *testing.T) {
	have, err := MultiProg("0 a"+strings.Repeat(" b", 500), 0, 1)
	if err != nil || len(have) != maxArgs-1 {
		t.Errorf("want Slurm's %d words, have %d, %v", maxArgs-1, len(have), err)
	}
}

func TestMultiProgBound(t *testing.T) {
	for size, want := range map[int]bool{MaxMultiProg: true, MaxMultiProg + 1: false} {
		text := "0 a\n#"
		_, err := MultiProg(text+strings.Repeat("x", size-len(text)), 0, 1)
		if (err == nil) != want {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}
