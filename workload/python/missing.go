// SPDX-License-Identifier: MIT

package python

import (
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

// mayMiss reports whether statements import a module that is not found here. Python's library and the
// libraries of the tables count as found, because the lookup does not know their places.
func (in *interpreter) mayMiss(body []syntax.Stmt) bool {
	for _, s := range body {
		switch s := s.(type) {
		case *syntax.Import:
			for _, a := range s.Names {
				if in.isMissing(a.Name) {
					return true
				}
			}
		case *syntax.ImportFrom:
			if s.Level == 0 && in.isMissing(s.Module) {
				return true
			}
		}
	}
	return false
}

func (in *interpreter) isMissing(name string) bool {
	root, _, _ := strings.Cut(name, ".")
	if root == "" || isStandardLibrary(root) || isListedLibrary(root) || in.module(root) != nil {
		return false
	}
	_, ok := in.program.find(root)
	return !ok
}

// missesImport reports whether a try statement is there for a module that may be missing, so that its
// branch is not known.
func (in *interpreter) missesImport(s *syntax.Try) bool {
	for i := range s.Handlers {
		h := &s.Handlers[i]
		if namesImport(h.Type) || isForImports(h.Type) && isOnlyImports(s.Body) {
			return in.mayMiss(s.Body)
		}
	}
	return false
}

// namesImport reports whether a handler's type names the exception of a missing module.
func namesImport(e syntax.Expr) bool {
	switch e := e.(type) {
	case *syntax.Name:
		return e.ID == "ImportError" || e.ID == "ModuleNotFoundError"
	case *syntax.Sequence:
		for _, item := range e.Items {
			if namesImport(item) {
				return true
			}
		}
	}
	return false
}

// isForImports reports whether a handler takes any exception.
func isForImports(e syntax.Expr) bool {
	if e == nil {
		return true
	}
	name, ok := e.(*syntax.Name)
	return ok && (name.ID == "Exception" || name.ID == "BaseException")
}

// isOnlyImports reports whether statements do little beside imports: a handler for any
// exception is there for these then.
func isOnlyImports(body []syntax.Stmt) bool {
	for _, s := range body {
		switch s := s.(type) {
		case *syntax.Import, *syntax.ImportFrom:
		case *syntax.Assign:
			if s.Value == nil || literal(s.Value) == nil {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// suppressesImport reports whether a with statement suppresses the exception of a missing
// module.
func (in *interpreter) suppressesImport(s *syntax.With) bool {
	for _, item := range s.Items {
		c, ok := item.Context.(*syntax.Call)
		if !ok || len(c.Arguments) == 0 {
			continue
		}
		for _, a := range c.Arguments {
			if namesImport(a.Value) {
				return in.mayMiss(s.Body) && in.suppresses(s)
			}
		}
	}
	return false
}
