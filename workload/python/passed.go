// SPDX-License-Identifier: MIT

package python

import (
	"slurm-mp-policy/workload/python/syntax"
)

// passed is a block that a known condition does not run.
type passed struct {
	module *module
	line   int // of the condition
	test   syntax.Expr
	block  []syntax.Stmt
}

// maxPassed bounds the blocks that are remembered.
const maxPassed = 64

func (in *interpreter) pass(s *syntax.If, block []syntax.Stmt) {
	if len(block) > 0 && len(in.passedBy) < maxPassed {
		in.passedBy = append(in.passedBy, passed{in.frame.module, s.Position(), s.Test, block})
	}
}

// isPoolName reports whether the last part of a name is that of a call which starts
// workers: good enough for a message about what was not run.
func isPoolName(name string) bool {
	switch name {
	case "Pool", "ProcessPoolExecutor", "Process", "Parallel", "ProcessPool", "process_map", "SubprocVecEnv", "WorkerPool",
		"LocalCluster":
		return true
	}
	return false
}

// notRun returns the places that would start workers if other options were given.
func (in *interpreter) notRun() []Passed {
	var list []Passed
	for _, p := range in.passedBy {
		left := 400
		line := poolIn(p.block, &left)
		if line == 0 {
			continue
		}
		list = append(list, Passed{File: p.module.file, Line: line, Condition: p.line, Option: in.optionIn(p.test)})
		if len(list) == 2 {
			break
		}
	}
	return list
}

// poolIn returns the line of the first call in a block that would start workers, 0 if
// there is none.
func poolIn(block []syntax.Stmt, left *int) int {
	for _, s := range block {
		if *left--; *left < 0 {
			return 0
		}
		line := 0
		switch s := s.(type) {
		case *syntax.ExprStmt:
			line = poolCall(s.Value, left)
		case *syntax.Assign:
			line = poolCall(s.Value, left)
		case *syntax.Return:
			line = poolCall(s.Value, left)
		case *syntax.With:
			for _, item := range s.Items {
				if line = poolCall(item.Context, left); line > 0 {
					break
				}
			}
			if line == 0 {
				line = poolIn(s.Body, left)
			}
		case *syntax.If:
			if line = poolIn(s.Body, left); line == 0 {
				line = poolIn(s.Else, left)
			}
		case *syntax.For:
			line = poolIn(s.Body, left)
		case *syntax.While:
			line = poolIn(s.Body, left)
		case *syntax.Try:
			line = poolIn(s.Body, left)
		}
		if line > 0 {
			return line
		}
	}
	return 0
}

func poolCall(e syntax.Expr, left *int) int {
	if *left--; *left < 0 || e == nil {
		return 0
	}
	switch e := e.(type) {
	case *syntax.Call:
		name := ""
		switch f := e.Function.(type) {
		case *syntax.Name:
			name = f.ID
		case *syntax.Attribute:
			name = f.Name
			if line := poolCall(f.Value, left); line > 0 {
				return line
			}
		}
		if isPoolName(name) {
			return e.Position()
		}
		for _, a := range e.Arguments {
			if line := poolCall(a.Value, left); line > 0 {
				return line
			}
		}
	case *syntax.Attribute:
		return poolCall(e.Value, left)
	case *syntax.Comprehension:
		return poolCall(e.Result, left)
	}
	return 0
}

// optionIn returns the option that a condition asks for, with its default, as "--jobs,
// whose default is 1"; "" if it asks for none.
func (in *interpreter) optionIn(test syntax.Expr) string {
	left := maxWords
	names := map[string]bool{}
	namesIn(test, names, &left)
	for _, o := range in.options {
		if !names[o.dest] || len(o.words) == 0 {
			continue
		}
		return o.describe()
	}
	return ""
}

func namesIn(e syntax.Expr, names map[string]bool, left *int) {
	if *left--; *left < 0 || e == nil {
		return
	}
	switch e := e.(type) {
	case *syntax.Name:
		names[e.ID] = true
	case *syntax.Attribute:
		names[e.Name] = true
		namesIn(e.Value, names, left)
	case *syntax.Compare:
		namesIn(e.Left, names, left)
		for _, r := range e.Rights {
			namesIn(r, names, left)
		}
	case *syntax.Unary:
		namesIn(e.Value, names, left)
	case *syntax.Logical:
		for _, v := range e.Values {
			namesIn(v, names, left)
		}
	case *syntax.Subscript:
		namesIn(e.Value, names, left)
		namesIn(e.Index, names, left)
	case *syntax.String:
		names[e.Value] = true
	}
}
