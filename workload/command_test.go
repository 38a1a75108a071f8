// SPDX-License-Identifier: MIT

package workload

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestCommands follows command lines to their programs.
func TestCommands(t *testing.T) {
	files, err := filepath.Glob("testdata/commands/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no commands", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			dir, cases := unpack(t, file)
			for _, c := range cases {
				r := recognise(t, dir, c.argv)
				if diff := cmp.Diff(c.want, r.Tags, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%q (-want +have):\n%s\n%+v", c.argv, diff, r)
				}
			}
		})
	}
}

// TestLookup shows where a command word is looked up, and in which order.
func TestLookup(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"here/tool.py":   "#!/usr/bin/env python3\n",
		"here/bin/other": "#!/usr/bin/env python3.9\n",
		"a/plain":        "no interpreter\n",
		"b/other":        "#!/usr/bin/env pypy3\n",
		"b/dir/x":        "",
	} {
		write(t, filepath.Join(dir, name), []byte(text))
	}
	for _, c := range []struct {
		argv []string
		path string // with $ for the directory
		want string
	}{
		{[]string{"tool.py"}, "$/a:$/b", "python3"},                      // slurmstepd: the working directory is last
		{[]string{"nice", "tool.py"}, "$/a:$/b", "tool.py"},              // execvp does not look there
		{[]string{"nice", "tool.py"}, "$/a::$/b", "python3"},             // except for an empty entry
		{[]string{"nice", "tool.py"}, "$/a:.", "python3"},                //
		{[]string{"other"}, "$/a:$/b", "pypy3"},                          //
		{[]string{"other"}, "bin:$/b", "python3.9"},                      // relative to the working directory
		{[]string{"dir"}, "$/b", "dir"},                                  // a directory is not a command
		{[]string{"plain"}, "$/a", "plain"},                              // not executable
		{[]string{"bin/other"}, "$/b", "python3.9"},                      // a path is not looked up
		{[]string{"other"}, strings.Repeat("/no:", 80) + "$/b", "other"}, // too many directories
	} {
		r, err := Recognise(Command{Argv: c.argv, Dir: filepath.Join(dir, "here"), Env: map[string]string{"PATH": strings.ReplaceAll(c.path, "$", dir)}})
		if err != nil || r.Program != c.want {
			t.Errorf("%q on %q: want %s, have %+v, %v", c.argv, c.path, c.want, r, err)
		}
	}
}
