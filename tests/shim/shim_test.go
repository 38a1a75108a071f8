// SPDX-License-Identifier: MIT

// Package shim tests the shim's readers of foreign bytes outside of Slurm, under
// the address and undefined-behaviour sanitizers.
package shim

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slurm-mp-policy/policy"
)

// build compiles programs/check.c with the shim's own files.
func build(t *testing.T) string {
	t.Helper()
	return compile(t, "programs/check.c", "../../cshim/apply.c", "../../cshim/environment.c", "../../cshim/words.c")
}

func compile(t *testing.T, more ...string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	args := append([]string{
		"-std=gnu11", "-D_GNU_SOURCE", "-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
		"-DMP_ENGINE_PATH=\"/x\"", "-I../../cshim", "-o", program,
	}, more...)
	if out, err := exec.Command("cc", args...).CombinedOutput(); err != nil {
		t.Fatalf("cc: %v\n%s", err, out)
	}
	return program
}

func run(t *testing.T, stdin, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("check %v: %v\n%s", args, err, out.String())
	}
	return out.String()
}

// srun refuses the words that the engine would not take, and both give the same reason, byte
// for byte.
func TestWordsMeanTheSameOnBothSides(t *testing.T) {
	lines := []string{
		"auto", "off", "on", "explain", "multiprocessing", "mpi", "workers=1", "workers=65536", "on,explain", "off,explain",
		"workers=4,mpi,explain", "mpi,mpi", "auto,on", "", "bind", "bind,multiprocessing,explain", "bind,off",
		",", "on,", ",on", "off,on", "auto,off", "off,workers=2", "fast", "ON", " on", "on ", "workers", "workers=", "workers=0",
		"workers=-1", "workers=+1", "workers= 1", "workers=01", "workers=65537", "workers=99999999999999999999", "workers=1x",
		"workers=00000000000000000000000007", "workers=2,workers=4", "workers=2,workers=2", "workers=4294967297",
		"explain,explain", strings.Repeat("on,", 100) + "on", strings.Repeat("x", 300), strings.Repeat("x", 255), strings.Repeat("x", 64),
		strings.Repeat("x", 65), "no", "of", "mulitprocesing", "multiprocesing", "worker=4", "wrokers", "a\tb\xff\x7f\u00fc%s%n",
	}
	// and many typing errors
	words := []string{"auto", "off", "on", "multiprocessing", "mpi", "bind", "explain", "workers=12", "workers", "hostname"}
	random := rand.New(rand.NewPCG(1, 2))
	for len(lines) < 20000 {
		var line []byte
		for range 1 + random.IntN(3) {
			line = append(append(line, words[random.IntN(len(words))]...), ',')
		}
		line = line[:len(line)-1]
		for range random.IntN(4) {
			at, c := random.IntN(len(line)), byte(1+random.IntN(255))
			if random.IntN(2) == 0 {
				c = "abinowrks=,0129XP \""[random.IntN(19)]
			}
			switch random.IntN(4) {
			case 0:
				line[at] = c
			case 1:
				line = slices.Insert(line, at, c)
			case 2:
				line[at], line[len(line)-1] = line[len(line)-1], line[at]
			default:
				if line = slices.Delete(line, at, at+1); len(line) == 0 {
					line = []byte{c}
				}
			}
		}
		if !slices.Contains(line, '\n') {
			lines = append(lines, string(line))
		}
	}
	got := strings.Split(run(t, strings.Join(lines, "\n")+"\n", build(t), "words"), "\n")
	if len(got) != len(lines)+1 {
		t.Fatalf("%d answers to %d lines", len(got)-1, len(lines))
	}
	refused := 0
	for i, line := range lines {
		want := "good"
		if _, err := policy.ParseChoice(line); err != nil {
			want = err.Error()
			refused++
		}
		if got[i] != want {
			t.Errorf("%q: the engine has %s, the shim %s", line, want, got[i])
		}
	}
	if refused < 1000 || len(lines)-refused < 1000 {
		t.Errorf("%d of %d lines are refused: too few of one kind", refused, len(lines))
	}
}

// reply writes a reply with one record for each task.
func reply(records ...string) []byte {
	words := []uint32{0x4d505231, uint32(len(records)), uint32(len(records))}
	end := 0
	for i := range records {
		words = append(words, uint32(i))
	}
	for _, r := range records {
		end += len(r)
		words = append(words, uint32(end))
	}
	var b []byte
	for _, w := range words {
		b = binary.NativeEndian.AppendUint32(b, w)
	}
	return append(b, strings.Join(records, "")...)
}

func with(b []byte, word int, value uint32) []byte {
	b = append([]byte(nil), b...)
	binary.NativeEndian.PutUint32(b[4*word:], value)
	return b
}

// runReply returns what each task would be given.
func runReply(t *testing.T, program string, reply []byte, tasks int) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "reply")
	if err := os.WriteFile(file, reply, 0o600); err != nil {
		t.Fatal(err)
	}
	return run(t, "", program, "reply", fmt.Sprint(tasks), file)
}

func TestReplies(t *testing.T) {
	program := build(t)
	good := reply("+A\x001\x00=B\x002\x00", "-C\x00\x00!\x00said\n\x00")
	for name, test := range map[string]struct {
		reply []byte
		want  string
	}{
		"good":                           {good, "task 0\nset A=1\nreplace B=2\ntask 1\nunset C\nsaid\n"},
		"empty records":                  {reply("", ""), "task 0\ntask 1\n"},
		"nothing":                        {nil, "malformed\ntask 0\ntask 1\n"},
		"no magic":                       {with(good, 0, 1), "malformed\ntask 0\ntask 1\n"},
		"for another number of tasks":    {with(good, 1, 3), "malformed\ntask 0\ntask 1\n"},
		"more records than tasks":        {with(good, 2, 3), "malformed\ntask 0\ntask 1\n"},
		"records without end":            {with(good, 2, 1<<31), "malformed\ntask 0\ntask 1\n"},
		"a task without a record":        {with(good, 4, 2), "malformed\ntask 0\nset A=1\nreplace B=2\ntask 1\n"},
		"a record that ends early":       {with(good, 6, 2), "malformed\ntask 0\nset A=1\nreplace B=2\ntask 1\n"},
		"a record that ends late":        {with(good, 6, 1000), "malformed\ntask 0\nset A=1\nreplace B=2\ntask 1\n"},
		"cut off":                        {good[:len(good)-1], "malformed\ntask 0\nset A=1\nreplace B=2\ntask 1\n"},
		"a value without its end":        {reply("+A\x001", ""), "malformed\ntask 0\ntask 1\n"},
		"a name without its end":         {reply("+A", ""), "malformed\ntask 0\ntask 1\n"},
		"an operation alone":             {reply("+", ""), "malformed\ntask 0\ntask 1\n"},
		"an unknown operation":           {reply("?A\x001\x00", ""), "malformed\ntask 0\ntask 1\n"},
		"an empty value":                 {reply("+A\x00\x00", ""), "malformed\ntask 0\ntask 1\n"},
		"an empty value that replaces":   {reply("=A\x00\x00", ""), "malformed\ntask 0\ntask 1\n"},
		"values given back":              {reply("<A\x00\x00>B\x00\x00<C\x001\x00", ""), "task 0\nset A=\nreplace B=\nset C=1\ntask 1\n"},
		"no name for a value given back": {reply("<\x001\x00", ""), "malformed\ntask 0\ntask 1\n"},
		"as many changes as there are":   {reply(strings.Repeat("-A\x00\x00", 2049), ""), "task 0\n" + strings.Repeat("unset A\n", 2049) + "task 1\n"},
		"more changes than there are":    {reply(strings.Repeat("-A\x00\x00", 2050), ""), "malformed\ntask 0\ntask 1\n"},
		"no name":                        {reply("+\x001\x00", ""), "malformed\ntask 0\ntask 1\n"},
		"a name that is none":            {reply("+A=B\x001\x00", ""), "malformed\ntask 0\ntask 1\n"},
		"good before bad":                {reply("+A\x001\x00+1\x001\x00", ""), "malformed\ntask 0\ntask 1\n"},
		"an unset with a value":          {reply("-A\x001\x00", ""), "malformed\ntask 0\ntask 1\n"},
		"a line with a name":             {reply("!A\x00x\x00", ""), "malformed\ntask 0\ntask 1\n"},
		"as much as a variable has":      {reply("+A\x00"+strings.Repeat("x", 128<<10-4)+"\x00", ""), "task 0\nset A=" + strings.Repeat("x", 128<<10-4) + "\ntask 1\n"},
		"more than a variable has":       {reply("+B\x001\x00+A\x00"+strings.Repeat("x", 128<<10-3)+"\x00", ""), "task 0\ntask 1\n"},
	} {
		if diff := cmp.Diff(test.want, runReply(t, program, test.reply, 2)); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", name, diff)
		}
	}
}

// Damaged replies meet no undefined behaviour.
func TestDamagedReplies(t *testing.T) {
	program := build(t)
	file := filepath.Join(t.TempDir(), "reply")
	if err := os.WriteFile(file, reply("+A\x001\x00=B\x002\x00", "-C\x00\x00!\x00said\n\x00", ""), 0o600); err != nil {
		t.Fatal(err)
	}
	for seed := range 4 {
		run(t, "", program, "mutate", "3", file, "20000", fmt.Sprint(seed))
	}
}

// What libFuzzer started from, and what it has found, meets no undefined behaviour.
func TestFuzzSeeds(t *testing.T) {
	program := compile(t, "-DSEEDS", "programs/fuzz.c", "../../cshim/apply.c", "../../cshim/board.c", "../../cshim/config.c", "../../cshim/environment.c",
		"../../cshim/record.c", "../../cshim/words.c")
	seeds, err := filepath.Glob("testdata/fuzz/*")
	if err != nil || len(seeds) == 0 {
		t.Fatal("no seeds", err)
	}
	run(t, "", program, seeds...)
}
