// SPDX-License-Identifier: MIT

package python

import (
	"path"

	"slurm-mp-policy/workload/python/syntax"
)

// runImported runs the program's own modules that a package's __main__.py imports, if it
// does nothing but import: then their statements are the program. The modules of others
// are run when something of them is used, since most of what is imported has no effect.
func (in *interpreter) runImported(body []syntax.Stmt) {
	if path.Base(in.main.file) != "__main__.py" || len(in.sightings) > 0 {
		return
	}
	var names []string
	for _, s := range body {
		switch s := s.(type) {
		case *syntax.Import:
			for _, a := range s.Names {
				names = append(names, a.Name)
			}
		case *syntax.ImportFrom:
			from := in.absolute(s)
			names = append(names, from)
			for _, a := range s.Names {
				if a.Name != "*" {
					names = append(names, from+"."+a.Name)
				}
			}
		case *syntax.ExprStmt:
			if _, ok := s.Value.(*syntax.String); !ok {
				return
			}
		default:
			return
		}
	}
	for _, name := range names {
		if m := in.module(name); m != nil && !m.foreign && !in.halted() {
			in.load(m)
		}
	}
}
