// SPDX-License-Identifier: MIT

package workload

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"slurm-mp-policy/workload/shell"
)

// TestHostileFiles uses files for Python, a shell and the kernel that must not be read or
// that cannot be read.
func TestHostileFiles(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	makers := map[string]func(name string) error{
		"fifo":      func(name string) error { return unix.Mkfifo(name, 0o755) },
		"link_loop": func(name string) error { return os.Symlink(name, name) },
		"dangling":  func(name string) error { return os.Symlink("/nowhere", name) },
		"directory": func(name string) error { return os.Mkdir(name, 0o755) },
		"to_fifo":   func(name string) error { return os.Symlink("fifo", name) },
		"to_zero":   func(name string) error { return os.Symlink("/dev/zero", name) },
		"socket": func(name string) error {
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: name, Net: "unix"})
			if err == nil {
				t.Cleanup(func() { _ = l.Close() })
			}
			return err
		},
	}
	for name, f := range makers {
		if err := f(file(name)); err != nil {
			t.Fatal(err)
		}
	}
	names := []string{"fifo", "link_loop", "dangling", "directory", "to_fifo", "to_zero", "socket", "nul\x00name", "/dev/stdin", strings.Repeat("long", 2000), strings.Repeat("/x", 40000)}
	for _, name := range names {
		for _, argv := range [][]string{{"python3", name}, {"bash", name}} {
			r, err := Recognise(Command{Argv: argv, Dir: dir, Env: map[string]string{"PATH": dir}})
			if err == nil {
				t.Errorf("%q: want an error, have none", argv)
			}
			if slices.Contains(r.Tags, TagMultiprocessing) {
				t.Errorf("%q: have %v", argv, r.Tags)
			}
		}
		if r, _ := Recognise(Command{Argv: []string{"./" + name}, Dir: dir, Env: map[string]string{"PATH": dir}}); len(r.Tags) > 0 {
			t.Errorf("./%q is no program: have %v", name, r.Tags)
		}
	}
}

// TestFIFOWriterWaitsOn shows that a process that waits for a FIFO's reader continues to
// wait. If a lookup opened the FIFO, the process would write to no reader.
func TestFIFOWriterWaitsOn(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(fifo, 0o644); err != nil {
		t.Fatal(err)
	}
	opened := make(chan error, 1)
	go func() {
		fd, err := unix.Open(fifo, unix.O_WRONLY, 0)
		_ = unix.Close(fd)
		opened <- err
	}()
	for range 100 {
		if _, err := Recognise(Command{Argv: []string{"python", fifo}}); !errors.Is(err, errNotRegular) {
			t.Fatalf("want %v, have %v", errNotRegular, err)
		}
	}
	select {
	case err := <-opened:
		t.Errorf("the writer was let go: %v", err)
	default:
	}
	fd, err := unix.Open(fifo, unix.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_ = unix.Close(fd)
	<-opened
}

// TestUnreadable needs a user who is not root.
func TestUnreadable(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads everything")
	}
	dir := t.TempDir()
	name := filepath.Join(dir, "secret.py")
	if err := os.WriteFile(name, []byte("import multiprocessing\nmultiprocessing.Pool(4)\n"), 0); err != nil {
		t.Fatal(err)
	}
	r, err := Recognise(Command{Argv: []string{"python", name}})
	if !errors.Is(err, unix.EACCES) || !slices.Equal(r.Tags, []string{TagPython}) {
		t.Errorf("have %v, %v", r.Tags, err)
	}
}

// TestHuge shows the bounds. A pool beyond the bound is missed, and a sparse file of a
// terabyte does not use memory of its size.
func TestHuge(t *testing.T) {
	name := filepath.Join(t.TempDir(), "huge.py")
	head := "import multiprocessing\nmultiprocessing.Pool(4)\n#" + strings.Repeat("x", maxHead) + "\n"
	if err := os.WriteFile(name, []byte(head), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, 1<<40); err != nil {
		t.Skip("no sparse files here: ", err)
	}
	r, err := Recognise(Command{Argv: []string{"python", name}, Deadline: time.Minute})
	if err != nil || !slices.Contains(r.Tags, TagMultiprocessing) {
		t.Errorf("the head of a huge file: have %v, %v", r.Tags, err)
	}
	late := "import multiprocessing\n#" + strings.Repeat("x", 2<<20) + "\nmultiprocessing.Pool(4)\n"
	if err := os.WriteFile(name, []byte(late), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err = Recognise(Command{Argv: []string{"python", name}, Deadline: time.Minute})
	if err != nil || !slices.Equal(r.Tags, []string{TagPython}) {
		t.Errorf("beyond the bound: have %v, %v", r.Tags, err)
	}
}

// TestHostileShell is the same for shell texts.
func TestHostileShell(t *testing.T) {
	const n = shell.MaxText
	many := func(s string) string { return strings.Repeat(s, n/len(s)) }
	for name, text := range map[string]string{
		"doubling":    "A=xx\n" + many("A=$A$A\n") + "python $A",
		"arguments":   many("\"$@\" "),
		"functions":   many("f() { "),
		"calls":       many("f() { f; }\n") + "f",
		"substitutes": many("$("),
		"backticks":   many("`"),
		"parameters":  many("${"),
		"defaults":    "A=" + many("${A:-") + "\n",
		"heres":       many("cat <<E\n"),
		"quotes":      many("'\"$("),
		"pipes":       many("a|"),
		"parens":      many("("),
		"ifs":         many("if "),
		"sources":     many("source a/activate\n"),
		"cds":         many("cd a\n"),
		"commands":    many("a;"),
	} {
		t.Run(name, func(t *testing.T) {
			w := walker{path: "/bin"}
			w.shellText(text, "/x.sh", []string{strings.Repeat("y", 1000)})
			if len(w.path) > 4<<20 {
				t.Errorf("PATH has grown to %d bytes", len(w.path))
			}
		})
	}
}

// TestRoot keeps the lookups inside a recorded machine, with the absolute links and the
// PATH of this machine.
func TestRoot(t *testing.T) {
	root := t.TempDir()
	outside := filepath.Join(t.TempDir(), "pool.py")
	pool := []byte("#!/usr/bin/env python3\nimport multiprocessing\nmultiprocessing.Pool(4)\n")
	write(t, outside, pool)
	write(t, filepath.Join(root, "home/u/real.py"), pool)
	write(t, filepath.Join(root, "usr/bin/tool"), pool)
	for link, target := range map[string]string{
		"home/u/abs.py":     "/home/u/real.py",
		"home/u/up.py":      "../../../../../../home/u/real.py",
		"home/u/outside.py": outside,
	} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		argv []string
		want bool
	}{
		{[]string{"python", "real.py"}, true},
		{[]string{"python", "/home/u/real.py"}, true},
		{[]string{"python", "abs.py"}, true},
		{[]string{"python", "up.py"}, true},
		{[]string{"./abs.py"}, true},
		{[]string{"tool"}, true},
		{[]string{"python", "-m", "real"}, true},
		{[]string{"python", "outside.py"}, false},
		{[]string{"python", outside}, false},
		{[]string{"python", "../../../../.." + outside}, false},
	} {
		r, _ := Recognise(Command{Argv: c.argv, Dir: "/home/u", Env: map[string]string{"PATH": "/usr/bin"}, Root: root})
		if have := slices.Contains(r.Tags, TagMultiprocessing); have != c.want {
			t.Errorf("%q: want %v, have %v", c.argv, c.want, r)
		}
	}
}
