// SPDX-License-Identifier: MIT

// Package nodetest makes the /proc and /sys of machines for tests. It makes them from
// archives of real machines, and from texts of a few lines.
//
// A text is a txtar archive. Its files are files of the machine, except for four, each of which
// stands for many files:
//
//	-- cpus --           a line for each socket, and the form of its files:
//	0-271 stride 68      siblings are 68 apart: 0,68,136,204
//	0-87 block 4         siblings are side by side: 0-3
//	    optional:        of=0-19  all CPUs of the socket, if the line has some
//	                     id=36    physical_package_id
//	                     book=1   book_id, of s390
//	                     mask     hexadecimal masks only, of old kernels
//	                     new      core_cpus_list, only package_cpus_list
//	                     none     no siblings at all
//	-- numa --           a line for each node: its number and CPUs
//	8 88-175             cpulist; with "mask" behind it, only cpumap
//	-- links --          symbolic links: "name -> target"
//	-- directories --    directories that are empty
//
// "want" and "json" belong to the test. They are not files of the machine.
package nodetest

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// Recorded returns the directory of recorded machines that is not part of this
// repository. The environment variable MP_POLICY_FIXTURES names it. Without the variable
// the test is skipped. testdata has a machine of each kind.
func Recorded(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("MP_POLICY_FIXTURES")
	if dir == "" {
		t.Skip("this needs recorded machines beyond testdata: MP_POLICY_FIXTURES names their directory")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("MP_POLICY_FIXTURES: %v; name a directory of recorded machines", err)
	}
	return dir
}

// Directory makes a new directory that is removed at the end of the test. It is in memory
// if possible, because a machine has thousands of files of a few bytes.
func Directory(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "nodetest")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// Untar unpacks a root.tar.gz into a new directory and returns it.
func Untar(t testing.TB, archive string) string {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	root := Directory(t)
	for tr := tar.NewReader(zr); ; {
		h, err := tr.Next()
		if err == io.EOF {
			return root
		}
		if err != nil {
			t.Fatalf("%s: %v", archive, err)
		}
		if !filepath.IsLocal(h.Name) {
			t.Fatalf("%s: %q leads out of the directory", archive, h.Name)
		}
		name := filepath.Join(root, h.Name)
		switch h.Typeflag {
		case tar.TypeDir:
			err = os.MkdirAll(name, 0o755)
		case tar.TypeReg:
			b, readErr := io.ReadAll(tr)
			err = errors.Join(readErr, write(name, string(b)))
		case tar.TypeSymlink:
			err = symlink(h.Linkname, name)
		}
		if err != nil {
			t.Fatalf("%s: %v", archive, err)
		}
	}
}

// Machine makes the files of a machine from its text in a new directory and returns the
// directory.
func Machine(t testing.TB, text *txtar.Archive) string {
	t.Helper()
	root := Directory(t)
	MachineIn(t, root, text)
	return root
}

// MachineIn makes the files of a machine from its text in a directory.
func MachineIn(t testing.TB, root string, text *txtar.Archive) {
	t.Helper()
	for _, f := range text.Files {
		data, err := string(f.Data), error(nil)
		switch f.Name {
		case "want", "json":
		case "cpus":
			err = lines(data, func(line string) error { return socket(root, line) })
		case "numa":
			err = lines(data, func(line string) error { return numaNode(root, line) })
		case "links":
			err = lines(data, func(line string) error {
				name, target, ok := strings.Cut(line, " -> ")
				if !ok {
					return errors.New("want name -> target")
				}
				return symlink(target, filepath.Join(root, name))
			})
		case "directories":
			err = lines(data, func(line string) error {
				return os.MkdirAll(filepath.Join(root, line), 0o755)
			})
		default:
			err = write(filepath.Join(root, f.Name), data)
		}
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
	}
}

func lines(text string, each func(line string) error) error {
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		if err := each(strings.TrimSpace(line)); err != nil {
			return fmt.Errorf("%q: %w", line, err)
		}
	}
	return nil
}

// socket writes the topology files of one socket's CPUs.
func socket(root, line string) error {
	words := strings.Fields(line)
	if len(words) < 3 {
		return errors.New("want CPUS stride N or CPUS block N")
	}
	cpus, err := expand(words[0])
	n, err2 := strconv.Atoi(words[2])
	if err = errors.Join(err, err2); err != nil {
		return err
	}
	option := map[string]string{}
	for _, word := range words[3:] {
		key, value, _ := strings.Cut(word, "=")
		option[key] = value
	}
	coreOf := func(cpu int) int { return cpu % n }
	if words[1] == "block" {
		coreOf = func(cpu int) int { return cpu / n }
	}
	cores := map[int][]int{}
	for _, cpu := range cpus {
		cores[coreOf(cpu)] = append(cores[coreOf(cpu)], cpu)
	}
	all := words[0]
	if of, ok := option["of"]; ok {
		all = of
	}
	for _, cpu := range cpus {
		siblings := cores[coreOf(cpu)]
		files := map[string]string{}
		for key, value := range option {
			switch key {
			case "of":
			case "id":
				files["physical_package_id"] = value
			case "book":
				files["book_id"] = value
			case "mask":
				files["thread_siblings"], files["core_siblings"] = hexMask(siblings), hexMask(cpus)
			case "new":
				files["core_cpus_list"], files["package_cpus_list"] = list(siblings), all
			case "none":
				files["physical_package_id"] = "0"
			default:
				return fmt.Errorf("%q is unknown", key)
			}
		}
		if !has(option, "mask", "new", "none") {
			files["thread_siblings_list"], files["core_siblings_list"] = list(siblings), all
		}
		dir := filepath.Join(root, "sys/devices/system/cpu", "cpu"+strconv.Itoa(cpu), "topology")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		for name, value := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(value+"\n"), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

func has(option map[string]string, keys ...string) bool {
	for _, key := range keys {
		if _, ok := option[key]; ok {
			return true
		}
	}
	return false
}

func numaNode(root, line string) error {
	words := append(strings.Fields(line), "", "")
	dir := filepath.Join(root, "sys/devices/system/node", "node"+words[0])
	if words[2] == "mask" {
		cpus, err := expand(words[1])
		if err != nil {
			return err
		}
		return write(filepath.Join(dir, "cpumap"), hexMask(cpus)+"\n")
	}
	return write(filepath.Join(dir, "cpulist"), words[1]+"\n")
}

// expand reads a list of CPUs in its own way, because the tested code must not make the test.
func expand(list string) ([]int, error) {
	var cpus []int
	for item := range strings.SplitSeq(list, ",") {
		from, to, ok := strings.Cut(item, "-")
		if !ok {
			to = from
		}
		lo, err := strconv.Atoi(from)
		hi, err2 := strconv.Atoi(to)
		if err = errors.Join(err, err2); err != nil {
			return nil, err
		}
		for ; lo <= hi; lo++ {
			cpus = append(cpus, lo)
		}
	}
	return cpus, nil
}

func list(cpus []int) string {
	words := make([]string, len(cpus))
	for i, cpu := range cpus {
		words[i] = strconv.Itoa(cpu)
	}
	return strings.Join(words, ",")
}

func hexMask(cpus []int) string {
	groups := make([]uint32, cpus[len(cpus)-1]/32+1)
	for _, cpu := range cpus {
		groups[cpu/32] |= 1 << (cpu % 32)
	}
	var b strings.Builder
	for i := len(groups) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "%08x", groups[i])
		if i > 0 {
			b.WriteByte(',')
		}
	}
	return b.String()
}

func write(name, data string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(data), 0o644)
}

func symlink(target, name string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.Symlink(target, name)
}
