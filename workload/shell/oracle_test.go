// SPDX-License-Identifier: MIT

package shell

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// TestOracle compares the reader with bash and the interpreter of mvdan.cc/sh. All must
// find the same commands with the same words. The scripts in testdata/oracle.txtar have
// only known values, and no condition that depends on a command. Nothing is started: bash
// finds no program, and command_not_found_handle notes each command.
func TestOracle(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/oracle.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		t.Run(f.Name, func(t *testing.T) {
			text := string(f.Data)
			r := Read(Script{Text: text, Name: "/x/run.sh", Args: arguments, Dir: "/", Env: environment(variables)})
			have := programs(r)
			if !r.Complete || len(have) == 0 {
				t.Errorf("complete: %v, programs: %d", r.Complete, len(have))
			}
			if !strings.HasPrefix(f.Name, "interpreter only") {
				if diff := cmp.Diff(bash(t, text), have); diff != "" {
					t.Errorf("bash (-want +have):\n%s", diff)
				}
			}
			if !strings.HasPrefix(f.Name, "bash only") {
				if diff := cmp.Diff(interpret(t, text), have); diff != "" {
					t.Errorf("mvdan.cc/sh (-want +have):\n%s", diff)
				}
			}
		})
	}
}

var (
	arguments = []string{"one", "two words", "3"}
	variables = map[string]string{"HOME": "/home/u", "PATH": "/nowhere", "SLURM_JOB_ID": "77", "N": "4", "EMPTY": ""}
)

// programs returns the commands of a reading that are programs.
func programs(r Reading) [][]string {
	var list [][]string
	for _, c := range r.Commands {
		words := c.Words
		for len(words) > 1 && (words[0] == "exec" || words[0] == "command") {
			words = words[1:]
		}
		switch words[0] {
		case "export", "declare", "local", "readonly":
			continue
		}
		if !interp.IsBuiltin(words[0]) {
			list = append(list, words)
		}
	}
	return list
}

// bash returns the programs that bash would start.
func bash(t *testing.T, text string) [][]string {
	t.Helper()
	dir := t.TempDir()
	script, prelude, notes := filepath.Join(dir, "run.sh"), filepath.Join(dir, "prelude"), filepath.Join(dir, "notes")
	for name, data := range map[string]string{
		script: text, notes: "",
		prelude: `command_not_found_handle() { printf '%s\0' "$#" "$@" >>` + notes + "; }\n",
	} {
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("bash", append([]string{script}, arguments...)...)
	cmd.Dir, cmd.Env = "/", []string{"BASH_ENV=" + prelude}
	for name, value := range variables {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	_ = cmd.Run() // ignore the exit status of the script
	data, err := os.ReadFile(notes)
	if err != nil {
		t.Fatal(err)
	}
	var list [][]string
	for fields := strings.Split(string(data), "\x00"); len(fields) > 1; {
		n, err := strconv.Atoi(fields[0])
		if err != nil || n >= len(fields) {
			t.Fatalf("bash noted %q", data)
		}
		list = append(list, fields[1:1+n])
		fields = fields[1+n:]
	}
	return list
}

// interpret returns the programs that a script starts.
func interpret(t *testing.T, text string) [][]string {
	t.Helper()
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "/x/run.sh")
	if err != nil {
		t.Fatal(err)
	}
	var list [][]string
	var env []string
	for name, value := range variables {
		env = append(env, name+"="+value)
	}
	note := func(interp.ExecHandlerFunc) interp.ExecHandlerFunc {
		return func(_ context.Context, args []string) error {
			list = append(list, args)
			return nil
		}
	}
	open := func(context.Context, string, int, os.FileMode) (io.ReadWriteCloser, error) {
		return os.OpenFile(os.DevNull, os.O_RDWR, 0)
	}
	runner, err := interp.New(interp.Env(expand.ListEnviron(env...)), interp.Dir("/"), interp.StdIO(nil, io.Discard, io.Discard),
		interp.Params(append([]string{"--"}, arguments...)...), interp.ExecHandlers(note), interp.OpenHandler(open))
	if err != nil {
		t.Fatal(err)
	}
	_ = runner.Run(context.Background(), file) // ignore the exit status of the script
	return list
}
