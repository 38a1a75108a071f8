// SPDX-License-Identifier: MIT

package shim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slurm-mp-policy/policy"
)

// environments to take an outer step's changes back in.
var environments = [][]string{
	{},
	{"A=1"},
	{"MP_POLICY_APPLIED="},
	{"MP_POLICY_APPLIED"},
	{"MP_POLICY_APPLIED=A=1 B=2<3 C<4 D=5", "A=1", "B=2", "D=9"},
	{"MP_POLICY_APPLIED=A=1 B=2<3 C<4", "A=2", "B=", "C=5"},
	{"MP_POLICY_APPLIED=A=1< B< C=1<1", "A=1", "C=1"},
	{"MP_POLICY_APPLIED=A=1<2 A=1<3 A<x", "A=1"},
	{"A=1", "A=2", "MP_POLICY_APPLIED=A=1", "MP_POLICY_APPLIED=A=2"},
	{"MP_POLICY_APPLIED=A=2", "A=1", "A=2"},
	{"MP_POLICY_APPLIED=%zz=1 =1 1A=1 nothing <x A= B=%25 A=1", "A=", "B=%"},
	{"MP_POLICY_APPLIED=MP_POLICY_APPLIED<x MP_POLICY_APPLIED=x A=1", "A=1"},
	{"MP_POLICY_APPLIED=A<%4g B<%00 C<%3c D<%41 E<% F<%4 G<%+4 H<a<b I<a%3Cb J<%", "K="},
	{"MP_POLICY_APPLIED=A=%2 B=%25 C=1%", "A=%2", "B=%", "C=1%"},
	{"MP_POLICY_APPLIED=A<a\u00a0b\u2003c\u3000d\u0085e B<\xff\xfe C<\xc2"},
	{"MP_POLICY_APPLIED=A<a\tb B<a\nb C<\x7f D<\x01 E=1", "E=1"},
	{"MP_POLICY_APPLIED=A=a=b<c=d=", "A=a=b"},
	{"MP_POLICY_APPLIED=  A=1   B=1  ", "A=1", "B=1", "A", "=", "AA=1"},
	{"MP_POLICY_APPLIED=" + strings.Repeat("A<1 ", 2000) + "B<2"},
	{"MP_POLICY_APPLIED=" + numbered("N%d=1 ", 1023) + "A=1 B=1", "A=1", "B=1"},
	{"MP_POLICY_APPLIED=" + numbered("N%d=1 ", 1023) + "x %% A=1 B=1", "A=1", "B=1"},
}

func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// random returns an environment of the bytes that a record is about.
func random(r *rand.Rand) []string {
	text := func(alphabet string, most int) string {
		b := make([]byte, r.IntN(most))
		for i := range b {
			b[i] = alphabet[r.IntN(len(alphabet))]
		}
		return string(b)
	}
	const bytes = "A1%<= 2034Cc\t\x7f\xc2\xa0"
	var record strings.Builder
	for range r.IntN(8) {
		switch r.IntN(4) {
		case 0:
			record.WriteString(text(bytes, 12))
		case 1:
			fmt.Fprintf(&record, "%c=%s", 'A'+r.IntN(4), text("1%3C2", 4))
		case 2:
			fmt.Fprintf(&record, "%c<%s", 'A'+r.IntN(4), text("1%3C2", 4))
		default:
			fmt.Fprintf(&record, "%c=1<%s", 'A'+r.IntN(4), text("1%3C20", 5))
		}
		record.WriteString(text(" ", 3))
	}
	env := []string{"MP_POLICY_APPLIED=" + record.String()}
	for range r.IntN(6) {
		env = append(env, fmt.Sprintf("%c=%s", 'A'+r.IntN(4), text("1%<2", 3)))
	}
	r.Shuffle(len(env), func(i, j int) { env[i], env[j] = env[j], env[i] })
	return env
}

// byPolicy is what the engine takes back.
func byPolicy(list []string) []string {
	env := map[string]string{}
	for _, entry := range list {
		name, value, ok := strings.Cut(entry, "=")
		if _, twice := env[name]; ok && !twice {
			env[name] = value
		}
	}
	changes := []string{}
	for _, c := range (policy.Rules{}).Decide(policy.Facts{Env: env}).Changes {
		if c.Unset {
			changes = append(changes, "unset "+c.Name)
		} else {
			changes = append(changes, c.Name+"="+c.Value)
		}
	}
	slices.Sort(changes)
	return changes
}

// The shim takes back what the engine would.
func TestUndoIsThatOfTheEngine(t *testing.T) {
	program := compile(t, "programs/record.c", "../../cshim/record.c", "../../cshim/environment.c")
	cases := slices.Clone(environments)
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		cases = append(cases, random(r))
	}
	var stdin strings.Builder
	for _, env := range cases {
		for _, entry := range env {
			stdin.WriteString(entry + "\x00")
		}
		stdin.WriteString("\x00")
	}
	// an answer ends with an empty text, and a text with a NUL
	answers := strings.Split(run(t, stdin.String(), program), "\x00")
	changed := 0
	for _, env := range cases {
		end := slices.Index(answers, "")
		got := slices.Clone(answers[:end])
		answers = answers[end+1:]
		slices.Sort(got)
		if diff := cmp.Diff(byPolicy(env), got); diff != "" {
			t.Fatalf("%q: the engine -, the shim +:\n%s", env, diff)
		}
		if len(got) > 1 {
			changed++
		}
	}
	if changed < 2000 {
		t.Errorf("of %d environments only %d had anything to take back", len(cases), changed)
	}
}

// Nothing is removed unless the record of it was set.
func TestRecordIsSetFirst(t *testing.T) {
	program := build(t)
	for refused, want := range map[string]string{
		"":                  "task 0\nset MP_POLICY_APPLIED=A<1\nunset A\nset B=2\nsaid\n",
		"MP_POLICY_APPLIED": "task 0\n",
	} {
		t.Setenv("REFUSE", refused)
		got := runReply(t, program, reply("-A\x00\x00!\x00said\n\x00+B\x002\x00+MP_POLICY_APPLIED\x00A<1\x00"), 1)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q is refused: want -, got +:\n%s", refused, diff)
		}
	}
}
