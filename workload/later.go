// SPDX-License-Identifier: MIT

package workload

import (
	"maps"
	"path"
	"slices"
	"strings"

	"slurm-mp-policy/workload/shell"
)

// Later is the change of a variable between the launch and the program: a shell script
// or env(1) sets or removes it.
type Later struct {
	Name    string
	Value   string // the value, if it is Known
	Known   bool
	Removed bool
	By      string // base name of the script, or "command line"
}

// later keeps the last change of a variable.
func (w *walker) later(l Later) {
	if w.changed == nil {
		w.changed = map[string]Later{}
	}
	w.changed[l.Name] = l
}

// changes returns the changes of the variables, sorted by name.
func (w *walker) changes() []Later {
	var list []Later
	for _, name := range slices.Sorted(maps.Keys(w.changed)) {
		list = append(list, w.changed[name])
	}
	return list
}

// set sets a variable of the program's environment.
func (w *walker) set(name, value, by string) {
	switch name {
	case "PATH":
		w.path = value
	case "PYTHONPATH":
		w.pythonPath = value
	default:
		w.assign(name, value)
	}
	w.later(Later{Name: name, Value: value, Known: isKnownText(value), By: by})
}

// isKnownText reports whether every part of a text is known.
func isKnownText(text string) bool { return !strings.Contains(text, shell.Unknown) }

// enter takes over the directory and the environment that a script has prepared before a
// command. If the script assigns a variable of the environment without an export, the
// variable stays in the environment.
func (w *walker) enter(c *shell.Command, script string) {
	w.dir = c.Dir
	if w.dir == "" {
		w.dir = shell.Unknown
	}
	by := path.Base(script)
	if script == "" {
		by = commandLine
	}
	for _, name := range c.Unset {
		if _, isSet := w.variable(name); isSet {
			w.unset(name)
			w.later(Later{Name: name, Removed: true, By: by})
		}
	}
	for _, a := range c.Before {
		before, isSet := w.variable(a.Name)
		switch {
		case isSet && before == a.Value:
		case a.Exported, isSet:
			w.set(a.Name, a.Value, by)
		default:
			// The launch may set the variable. Then the variable is exported.
			w.later(Later{Name: a.Name, By: by})
		}
	}
	for _, a := range c.Own {
		w.set(a.Name, a.Value, by)
	}
}
