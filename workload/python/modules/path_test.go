// SPDX-License-Identifier: MIT

package modules

import (
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

func TestScriptDirectoryAndPythonPath(t *testing.T) {
	dir := unpack(t, txtar.Parse([]byte(`
-- run/main.py --
-- run/helper.py --
-- run/pkg/__init__.py --
-- run/pkg/core.py --
-- run/spaces/part/one.py --
-- lib/other.py --
-- lib/helper.py --
-- lib/spaces/part/two.py --
`)))
	m := Machine{Files: disk{}, Dir: dir, Env: func(name string) string {
		return map[string]string{"PYTHONPATH": "lib"}[name]
	}}
	p := NewPath(m, Interpreter{}, Start{Script: dir + "/run/main.py"})
	for name, want := range map[string]string{
		"helper":          "/run/helper.py",
		"pkg":             "/run/pkg/__init__.py",
		"pkg.core":        "/run/pkg/core.py",
		"pkg.missing":     "",
		"other":           "/lib/other.py",
		"spaces.part.one": "/run/spaces/part/one.py",
		"spaces.part.two": "/lib/spaces/part/two.py",
		"missing":         "",
		"..pkg":           "",
	} {
		if want != "" {
			want = dir + want
		}
		if got, ok := p.Find(name); got.File != want || ok != (want != "") {
			t.Errorf("%s: %q %v, want %q", name, got.File, ok, want)
		}
	}
}
