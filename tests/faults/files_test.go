// SPDX-License-Identifier: MIT

package faults

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// rootOnly makes a directory beside the plugin that only root can write to.
func rootOnly(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(scratch, "files-")
	must(t, err)
	must(t, os.Chmod(dir, 0o755))
	return dir
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const user = 65534 // the host's steps are this user's

// A file that is not an engine, or that others than root can write, is refused, and said
// so.
func TestEngineFiles(t *testing.T) {
	whole, err := os.ReadFile(engine)
	must(t, err)
	for name, test := range map[string]struct {
		make func(dir, path string) error
		why  string
	}{
		"missing":    {func(_, _ string) error { return nil }, "engine refused: .*engine.so: No such file or directory"},
		"not a file": {func(_, path string) error { return os.Mkdir(path, 0o755) }, "engine refused: .*engine.so: not a regular file"},
		"a FIFO":     {func(_, path string) error { return unix.Mkfifo(path, 0o644) }, "engine refused: .*engine.so: not a regular file"},
		"not readable": {
			func(_, path string) error { return os.WriteFile(path, whole, 0o600) },
			"engine .* cannot be loaded: .*Permission denied",
		},
		"empty":        {func(_, path string) error { return os.WriteFile(path, nil, 0o755) }, "engine .* cannot be loaded: .*file too short"},
		"text":         {func(_, path string) error { return os.WriteFile(path, []byte(strings.Repeat("text ", 100)), 0o755) }, "engine .* cannot be loaded: .*invalid ELF header"},
		"a 64th of it": {func(_, path string) error { return os.WriteFile(path, whole[:len(whole)/64], 0o755) }, "engine .* cannot be loaded: .*|" + silence},
		"a half of it": {func(_, path string) error { return os.WriteFile(path, whole[:len(whole)/2], 0o755) }, "engine .* cannot be loaded: .*|" + silence},
		"all but a page": {
			func(_, path string) error { return os.WriteFile(path, whole[:loaded(t, engine)-4096], 0o755) },
			"engine .* cannot be loaded: .*|" + silence,
		},
		"of another architecture": {
			func(_, path string) error {
				other := append([]byte(nil), whole...)
				binary.LittleEndian.PutUint16(other[18:], 243) // e_machine, EM_RISCV of elf(5)
				return os.WriteFile(path, other, 0o755)
			},
			"engine .* cannot be loaded: .*",
		},
		"another library": {func(_, path string) error { return copyTo(shim, path) }, "engine .* cannot be loaded: .*|engine .* is no engine of this plugin; install the two from one package"},
		"a user's": {
			func(_, path string) error { return os.WriteFile(path, whole, 0o755) },
			"engine refused: .*engine.so is owned by uid 65534; it must be root's .chown root.",
		},
		"writable by a group": {
			func(_, path string) error { return os.WriteFile(path, whole, 0o755) },
			"engine refused: .*engine.so has mode 0775; nobody but root may write it .chmod go-w.",
		},
		"in a directory that others can write": {
			func(dir, path string) error {
				if err := os.WriteFile(path, whole, 0o755); err != nil {
					return err
				}
				return os.Chmod(dir, 0o777)
			},
			"engine refused: .* has mode 0777; nobody but root may write it .chmod go-w.",
		},
		"a link into such a directory": {
			func(dir, path string) error {
				open := filepath.Join(dir, "open")
				if err := os.Mkdir(open, 0o755); err != nil {
					return err
				}
				if err := os.WriteFile(filepath.Join(open, "x"), whole, 0o755); err != nil {
					return err
				}
				if err := unix.Chmod(open, 0o1777); err != nil {
					return err
				}
				return os.Symlink(filepath.Join(open, "x"), path)
			},
			"engine refused: .*open has mode 1777; nobody but root may write it .chmod go-w.",
		},
		"a link to itself": {func(_, path string) error { return os.Symlink(path, path) }, "engine refused: .*: Too many levels of symbolic links"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := rootOnly(t)
			path := filepath.Join(dir, "engine.so")
			must(t, test.make(dir, path))
			switch name {
			case "a user's":
				must(t, os.Chown(path, user, user))
			case "writable by a group":
				must(t, os.Chmod(path, 0o775))
			}
			step{lib: path, more: []string{"tasks 2"}}.asWithoutPlugin(t, test.why)
		})
	}
}

// loaded returns how many bytes of a library's file are mapped: what lies behind them may
// be missing.
func loaded(t *testing.T, library string) uint64 {
	t.Helper()
	f, err := elf.Open(library)
	must(t, err)
	defer func() { _ = f.Close() }()
	end := uint64(0)
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD {
			end = max(end, p.Off+p.Filesz)
		}
	}
	return end
}

// If the policy file cannot be used, the built-in rules hold, and one line has the reason.
func TestPolicyFiles(t *testing.T) {
	for name, test := range map[string]struct {
		make func(dir, path string) error
		say  string // "" for nothing
	}{
		"missing":     {func(_, _ string) error { return nil }, ".*policy is not there: the built-in rules hold"},
		"empty":       {func(_, path string) error { return os.WriteFile(path, nil, 0o644) }, ""},
		"a directory": {func(_, path string) error { return os.Mkdir(path, 0o755) }, "policy file not read, the built-in rules hold: .*: not a regular file"},
		"a FIFO":      {func(_, path string) error { return unix.Mkfifo(path, 0o644) }, "policy file not read, the built-in rules hold: .*: not a regular file"},
		"a device":    {func(_, path string) error { return unix.Mknod(path, unix.S_IFCHR|0o644, int(unix.Mkdev(1, 5))) }, "policy file not read, the built-in rules hold: .*: not a regular file"},
		"unreadable":  {func(_, path string) error { return os.WriteFile(path, []byte("x"), 0o600) }, "policy file not read, the built-in rules hold: .*permission denied"},
		"anyone's":    {func(_, path string) error { return os.WriteFile(path, nil, 0o644) }, "policy file refused, the built-in rules hold: .* has mode 0666; .*"},
		"a user's":    {func(_, path string) error { return os.WriteFile(path, nil, 0o644) }, "policy file refused, the built-in rules hold: .* is not owned by root .*"},
		"of 100 MiB":  {func(_, path string) error { return os.WriteFile(path, make([]byte, 100<<20), 0o644) }, "policy file not read, the built-in rules hold: .*: longer than 1048576 bytes"},
		"with NULs": {func(_, path string) error {
			return os.WriteFile(path, []byte("rule \"a\x00b\"\n  set X\x00Y 1\x00\n"), 0o644)
		}, ".*policy:.*"},
		"of one line": {func(_, path string) error { return os.WriteFile(path, []byte(strings.Repeat("rule ", 200000)), 0o644) }, ".*policy:.*"},
		"of quotes":   {func(_, path string) error { return os.WriteFile(path, []byte(strings.Repeat("\"", 1<<19)), 0o644) }, ".*"},
		"includes itself": {
			func(_, path string) error { return os.WriteFile(path, []byte("include "+path+"\n"), 0o644) },
			".*policy:1: .*include.*",
		},
		"two that include each other": {func(_, path string) error {
			if err := os.WriteFile(path+"2", []byte("include "+path+"\n"), 0o644); err != nil {
				return err
			}
			return os.WriteFile(path, []byte("include "+path+"2\n"), 0o644)
		}, ".*policy2:1: .*policy includes itself.*"},
		"of 1000 that each include the next": {func(_, path string) error {
			for i := range 1000 {
				if err := os.WriteFile(path+strconv.Itoa(i), fmt.Appendf(nil, "include %s%d\n", path, i+1), 0o644); err != nil {
					return err
				}
			}
			return os.Symlink(path+"0", path)
		}, ".*policy\\d+:1: .*more than 8 files deep.*"},
		"a link to itself": {func(_, path string) error { return os.Symlink(path, path) }, "policy file refused, the built-in rules hold: .*too many links"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := rootOnly(t)
			path := filepath.Join(dir, "policy")
			must(t, test.make(dir, path))
			switch name {
			case "anyone's":
				must(t, os.Chmod(path, 0o666))
			case "a user's":
				must(t, os.Chown(path, user, user))
			}
			o := step{more: []string{"word config=" + path}}.launch(t)
			o.unharmed(t)
			o.served(t)
			if test.say != "" {
				o.says(t, "info mp-policy: ("+test.say+")")
			} else if len(o.log) > 0 {
				t.Errorf("the log has %q", o.log)
			}
		})
	}
}

// served demands that each task has what the built-in rules give the pool.
func (o outcome) served(t testing.TB) {
	t.Helper()
	for i := range o.tasks {
		if !o.has(i, "OMP_NUM_THREADS=1") {
			t.Errorf("task %d has %q; the log %q", i, o.env(i), o.log)
		}
	}
}
