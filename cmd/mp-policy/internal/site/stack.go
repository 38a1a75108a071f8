// SPDX-License-Identifier: MIT

package site

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"slurm-mp-policy/regular"
)

// Stack is plugstack.conf with all that it includes, as Slurm reads it
// (src/common/plugstack.c; spank(8)).
type Stack struct {
	Plugins  []Line
	Includes []Line
	Files    []string // that were read
	Invalid  []Line
	Missing  []Line // includes that name nothing
}

// Line is one line of it.
type Line struct {
	File  string
	Line  int
	Kind  string // required, optional, include
	Path  string
	Words []string
}

// Source returns where the line stands.
func (l Line) Source() string { return fmt.Sprintf("%s:%d", l.File, l.Line) }

// Pattern returns the pattern of an include.
func (l Line) Pattern() string { return besideFile(l.File, l.Path) }

// besideFile returns the path of what a file of Slurm's includes. It is relative to the
// directory of the including file, unless it is absolute.
func besideFile(file, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(file), path)
}

// Ours returns the lines that load the plugin. Slurm reads the first before the others.
func (s *Stack) Ours() []Line {
	var ours []Line
	for _, l := range s.Plugins {
		if filepath.Base(l.Path) == ShimName {
			ours = append(ours, l)
		}
	}
	return ours
}

// maxIncluded bounds the files of a stack, because a file may include itself.
const maxIncluded = 256

// ReadStack reads the named plugstack.conf.
func (h Host) ReadStack(name string) (*Stack, error) {
	var s Stack
	err := h.readStack(&s, name)
	return &s, err
}

func (h Host) readStack(s *Stack, name string) error {
	if s.Files = append(s.Files, name); len(s.Files) > maxIncluded {
		return fmt.Errorf("%s: more than %d files are included", name, maxIncluded)
	}
	f, err := regular.Open(h.At(name))
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\t' })
		if len(words) == 0 {
			continue
		}
		l := Line{File: name, Line: n, Kind: words[0]}
		if len(words) > 1 {
			l.Path, l.Words = words[1], words[2:]
		}
		switch {
		case l.Path == "" || !slices.Contains([]string{"required", "optional", "include"}, l.Kind):
			s.Invalid = append(s.Invalid, l)
		case l.Kind == "include":
			if err := h.includeStack(s, l); err != nil {
				return err
			}
		default:
			s.Plugins = append(s.Plugins, l)
		}
	}
	return lines.Err()
}

// includeStack reads the files that a glob matches.
func (h Host) includeStack(s *Stack, l Line) error {
	s.Includes = append(s.Includes, l)
	names, err := filepath.Glob(h.At(l.Pattern()))
	if err != nil || len(names) == 0 {
		s.Missing = append(s.Missing, l)
		return nil
	}
	for _, name := range names {
		if err := h.readStack(s, h.Inside(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
