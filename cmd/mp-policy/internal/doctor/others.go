// SPDX-License-Identifier: MIT

package doctor

import (
	"bytes"
	"path/filepath"
	"strings"

	"slurm-mp-policy/cmd/mp-policy/internal/site"
	"slurm-mp-policy/policy"
	"slurm-mp-policy/regular"
)

// Bounds of what is read of other plugins.
const (
	maxOthers    = 64
	maxOtherSize = 16 << 20 // bytes of each
)

// lookAtOthers looks in the files of the other plugins for the names of variables that the
// rules set or remove. A plugin that sets one has its name as a string; one that has the
// name may only read it, and a plugin that runs scripts (Lua) has no name in its file.
func (d *doctor) lookAtOthers(rules policy.Rules) {
	if d.stack == nil {
		return
	}
	ours := variables(rules)
	looked := map[string]bool{}
	for _, l := range d.stack.Plugins {
		path, there := d.pluginFile(l.Path)
		if !there || filepath.Base(l.Path) == site.ShimName || looked[path] || len(looked) == maxOthers {
			continue
		}
		looked[path] = true
		var found []string
		text := d.readOther(path)
		for _, name := range ours {
			if hasString(text, name) {
				found = append(found, name)
			}
		}
		if len(found) > 0 {
			d.add(Note, "other plugins", "compare srun env with srun --no-mp-policy env",
				"%s (%s) names %s in its file: it may set what the rules set", path, l.Source(), listed(found))
		}
	}
}

// pluginFile returns the path of a plugin for Slurm, and whether the file exists.
func (d *doctor) pluginFile(name string) (string, bool) {
	if filepath.IsAbs(name) {
		return name, d.exists(name)
	}
	for _, dir := range d.pluginDirs() {
		if path := filepath.Join(dir, name); d.exists(path) {
			return path, true
		}
	}
	return "", false
}

// readOther returns the beginning of a plugin's file, nil if it cannot be read.
func (d *doctor) readOther(path string) []byte {
	text, err := regular.Begin(d.at(path), maxOtherSize)
	if err != nil {
		return nil
	}
	return text
}

// hasString reports whether a file has the name as a C string, or with "=" behind it as
// putenv(3) wants it.
func hasString(text []byte, name string) bool {
	for _, end := range []string{"\x00", "="} {
		if bytes.Contains(text, []byte("\x00"+name+end)) {
			return true
		}
	}
	return false
}

// listed returns the first names of a list.
func listed(names []string) string {
	const most = 5
	if len(names) > most {
		names = append(names[:most-1:most-1], "...")
	}
	return strings.Join(names, ", ")
}

// variables are those that the built-in rules and these set or remove.
func variables(rules policy.Rules) []string {
	names := builtinNames()
	for _, rule := range rules.All() {
		names = appendNames(names, rule)
	}
	return names
}
