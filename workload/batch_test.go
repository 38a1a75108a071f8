// SPDX-License-Identifier: MIT

package workload

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what was found into the cases")

// TestBatch reads batch scripts. A case has the file job.sh, the files that it needs
// beside it, the lines of "environment", and the expected result in "want". Bin is a
// directory on PATH with a python3 whose version is 3.11.
func TestBatch(t *testing.T) {
	files, err := filepath.Glob("testdata/batch/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			dir, want := t.TempDir(), ""
			env := map[string]string{"PATH": filepath.Join(dir, "bin") + ":/nowhere", "HOME": filepath.Join(dir, "home"), "SLURM_CPUS_PER_TASK": "8", "SLURM_SUBMIT_DIR": dir}
			interpreter(t, filepath.Join(dir, "bin/python3"))
			write(t, filepath.Join(dir, "lib/python3.11/os.py"), nil)
			for _, f := range archive.Files {
				switch f.Name {
				case "want":
					want = string(f.Data)
				case "environment":
					for line := range strings.Lines(string(f.Data)) {
						name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
						env[name] = value
					}
				default:
					write(t, filepath.Join(dir, f.Name), f.Data)
					if filepath.Base(f.Name) == "python3" {
						interpreter(t, filepath.Join(dir, f.Name))
					}
				}
			}
			r, err := Batch(Command{Argv: []string{filepath.Join(dir, "job.sh"), "first"}, Dir: dir, Env: env})
			have := strings.ReplaceAll(showBatch(r, err), dir, "$WORK")
			if *update {
				for i := range archive.Files {
					if archive.Files[i].Name == "want" {
						archive.Files[i].Data = []byte(have)
					}
				}
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, have); diff != "" {
				t.Errorf("want -, have +:\n%s", diff)
			}
		})
	}
}

func showBatch(r Result, err error) string {
	var b strings.Builder
	fmt.Fprintln(&b, "tags:", strings.Join(r.Tags, " "))
	if r.Direct {
		fmt.Fprintln(&b, "direct, Python", r.Python)
	}
	if r.Workers > 0 {
		fmt.Fprintln(&b, "workers:", r.Workers)
	}
	if r.Beside != "" {
		fmt.Fprintln(&b, "beside:", r.Beside)
	}
	for _, l := range r.Later {
		fmt.Fprintf(&b, "later: %s=%q known %v removed %v by %s\n", l.Name, l.Value, l.Known, l.Removed, l.By)
	}
	for _, note := range r.Notes {
		fmt.Fprintln(&b, "note:", note)
	}
	if err != nil {
		fmt.Fprintln(&b, "error:", err)
	}
	return b.String()
}

// interpreter writes a file that looks like a program.
func interpreter(t *testing.T, file string) {
	t.Helper()
	write(t, file, []byte("\x7fELF\x02"))
	if err := os.Chmod(file, 0o755); err != nil {
		t.Fatal(err)
	}
}

// TestBatchScriptsInside bounds the scripts that a batch script runs or sources. Beyond
// the bound, there may be any program.
func TestBatchScriptsInside(t *testing.T) {
	dir := t.TempDir()
	interpreter(t, filepath.Join(dir, "bin/python3"))
	write(t, filepath.Join(dir, "pool.py"), []byte("import multiprocessing\nmultiprocessing.Pool().map(abs, [1])\n"))
	text := "#!/bin/bash\n"
	for i := range 4 {
		name := fmt.Sprintf("inside%d.sh", i)
		write(t, filepath.Join(dir, name), []byte(strings.Repeat("echo "+strings.Repeat("x", 58)+"\n", maxInside/4/64)))
		text += "bash " + name + "\n"
	}
	write(t, filepath.Join(dir, "large.sh"), []byte(strings.Repeat("#", maxInside)+"\n./simulate\n"))
	for _, c := range []struct{ more, want string }{
		{"source large.sh\npython3 pool.py\n", "tags: \n"},
		{"python3 pool.py\n", "tags: multiprocessing python\ndirect, Python 3.11\n"},
		{"bash -c './simulate " + strings.Repeat("x", 50) + "'\npython3 pool.py\n", "tags: \n"},
	} {
		write(t, filepath.Join(dir, "job.sh"), []byte(text+c.more))
		r, err := Batch(Command{Argv: []string{filepath.Join(dir, "job.sh")}, Dir: dir, Env: map[string]string{"PATH": filepath.Join(dir, "bin")}})
		if diff := cmp.Diff(c.want, showBatch(r, err)); diff != "" {
			t.Errorf("%s: want -, have +:\n%s", c.more, diff)
		}
	}
}
