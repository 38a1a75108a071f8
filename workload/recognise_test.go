// SPDX-License-Identifier: MIT

package workload

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/mattn/go-shellwords"
	"github.com/rogpeppe/go-internal/txtar"

	"slurm-mp-policy/workload/python"
)

// A testCase is one line of an archive's comment:
//
//	COMMAND => TAG...     the tags of the command line
//	COMMAND => TAG... N   the same, with N workers for certain
//	COMMAND =>? TAG...    the same, but it is known that they are missed
//
// In a command, "¿" is a piece of text that is not known, and "¿¿" any number of words.
// Lines that begin with "* " change the archive's files, see edit. $WORK is the
// directory that they are in, which is also the working directory.
type testCase struct {
	argv    []string
	want    []string
	workers int // -1: not compared
	miss    bool
}

// unpack writes an archive's files into a directory, and returns its cases.
func unpack(t *testing.T, file string) (dir string, cases []testCase) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for _, f := range archive.Files {
		write(t, filepath.Join(dir, f.Name), bytes.ReplaceAll(f.Data, []byte("$WORK"), []byte(dir)))
	}
	for l := range strings.Lines(strings.ReplaceAll(string(archive.Comment), "$WORK", dir)) {
		if words, ok := strings.CutPrefix(l, "* "); ok {
			edit(t, dir, strings.Fields(words))
			continue
		}
		command, tags, ok := strings.Cut(l, " =>")
		if !ok {
			continue
		}
		tags, miss := strings.CutPrefix(tags, "?")
		argv, err := shellwords.Parse(command)
		if err != nil {
			t.Fatalf("%s: %q: %v", file, command, err)
		}
		for i, w := range argv {
			argv[i] = strings.ReplaceAll(w, "¿", python.Unknown)
		}
		c := testCase{argv: argv, want: strings.Fields(tags), workers: -1, miss: miss}
		if last := len(c.want) - 1; last >= 0 {
			if n, err := strconv.Atoi(c.want[last]); err == nil {
				c.want, c.workers = c.want[:last], n
			}
		}
		cases = append(cases, c)
	}
	return dir, cases
}

func write(t testing.TB, name string, data []byte) {
	t.Helper()
	mode := os.FileMode(0o644)
	if bytes.HasPrefix(data, []byte("#!")) {
		mode = 0o755
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, mode); err != nil {
		t.Fatal(err)
	}
}

// edit makes the files that a text archive cannot hold.
func edit(t *testing.T, dir string, words []string) {
	t.Helper()
	name := filepath.Join(dir, words[1])
	data, err := os.ReadFile(name)
	if err != nil && words[0] != "zip" && words[0] != "pyc" {
		t.Fatal(err)
	}
	switch words[0] {
	case "crlf":
		data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
	case "cr":
		data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r"))
	case "bom":
		data = append([]byte("\xef\xbb\xbf"), data...)
	case "latin1":
		var b []byte
		for _, r := range string(data) {
			b = append(b, byte(r))
		}
		data = b
	case "utf16":
		b := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(string(data))) {
			b = append(b, byte(u), byte(u>>8))
		}
		data = b
	case "prefix":
		data = append([]byte(strings.Join(words[2:], " ")+"\n"), data...)
	case "pad":
		n, err := strconv.Atoi(words[2])
		if err != nil {
			t.Fatal(err)
		}
		// Data that programs contain: a string, a comment, a table of numbers.
		var b bytes.Buffer
		b.WriteString("DATA = '''" + strings.Repeat("multiprocessing.Pool(4)\n", n/2/24) + "'''\n")
		b.WriteString("#" + strings.Repeat("x", n/2) + "\n")
		b.WriteString("TABLE = [" + strings.Repeat("0.125, ", 10000) + "]\n")
		data = append(b.Bytes(), data...)
	case "pyc":
		data = append([]byte("\xcb\x0d\x0d\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xe3"), "multiprocessing\x00Pool\x00"...)
	case "zip":
		data = zipOf(t, dir, words[2:])
	default:
		t.Fatalf("unknown edit %q", words[0])
	}
	write(t, name, data)
}

func zipOf(t *testing.T, dir string, names []string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		_, inside, _ := strings.Cut(name, "/")
		f, err := w.Create(inside)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// interpreters returns a directory with the interpreters that the cases name.
func interpreters(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"python", "python3", "python2.7"} {
		write(t, filepath.Join(dir, name), []byte("\x7fELF"))
		if err := os.Chmod(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func recognise(t *testing.T, dir string, argv []string) Result {
	t.Helper()
	r, err := Recognise(Command{Argv: argv, Dir: dir, Env: map[string]string{"PATH": dir + "/bin:" + dir + ":" + interpreters(t)}})
	if err != nil {
		t.Logf("%q: %v", argv, err)
	}
	return r
}

// TestPrograms compares the labelled programs with their results, each separately and all
// together. The bars are those of the project: a false "multiprocessing" costs more than
// a missed one.
func TestPrograms(t *testing.T) {
	const leastPrecision, leastRecall, leastPrograms = 0.98, 0.90, 120
	files, err := filepath.Glob("testdata/programs/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var programs, hits, falseHits, misses int
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			dir, cases := unpack(t, file)
			for _, c := range cases {
				programs++
				r := recognise(t, dir, c.argv)
				if diff := cmp.Diff(c.want, r.Tags); diff != "" && !c.miss {
					t.Errorf("%q: want %v, have %v\nevidence: %v", c.argv, c.want, r.Tags, r.Evidence)
				}
				if c.workers >= 0 && c.workers != r.Workers {
					t.Errorf("%q: want %d workers, have %d\nevidence: %v", c.argv, c.workers, r.Workers, r.Evidence)
				}
				if c.miss && cmp.Equal(c.want, r.Tags) {
					t.Errorf("%q is found by now: take the ? away", c.argv)
				}
				is, said := slices.Contains(c.want, TagMultiprocessing), slices.Contains(r.Tags, TagMultiprocessing)
				switch {
				case is && said:
					hits++
				case said:
					falseHits++
				case is:
					misses++
				}
			}
		})
	}
	precision := float64(hits) / float64(hits+falseHits)
	recall := float64(hits) / float64(hits+misses)
	t.Logf("%d programs, %d of them multiprocessing: precision %.3f, recall %.3f", programs, hits+misses, precision, recall)
	if programs < leastPrograms || precision < leastPrecision || recall < leastRecall {
		t.Errorf("want %d programs, precision %.2f and recall %.2f at least", leastPrograms, leastPrecision, leastRecall)
	}
}
