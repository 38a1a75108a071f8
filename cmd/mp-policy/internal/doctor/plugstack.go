// SPDX-License-Identifier: MIT

package doctor

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// stack is plugstack.conf with all that it includes, as Slurm reads it
// (src/common/plugstack.c; spank(8)).
type stack struct {
	plugins  []stackLine
	includes []stackLine
	files    []string // that were read
	invalid  []stackLine
	missing  []stackLine // includes that name nothing
}

// stackLine is one line of it.
type stackLine struct {
	file  string
	line  int
	kind  string // required, optional, include
	path  string
	words []string
}

func (l stackLine) source() string { return fmt.Sprintf("%s:%d", l.file, l.line) }

// pattern is what an include names: from the folder of its file, unless it is absolute.
func (l stackLine) pattern() string {
	if filepath.IsAbs(l.path) {
		return l.path
	}
	return filepath.Join(filepath.Dir(l.file), l.path)
}

// maxIncluded bounds the files of a stack: one may include itself.
const maxIncluded = 256

func (d *doctor) readStack(s *stack, name string) error {
	if s.files = append(s.files, name); len(s.files) > maxIncluded {
		return fmt.Errorf("%s: more than %d files are included", name, maxIncluded)
	}
	f, err := os.Open(d.at(name))
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
		l := stackLine{file: name, line: n, kind: words[0]}
		if len(words) > 1 {
			l.path, l.words = words[1], words[2:]
		}
		switch {
		case l.path == "" || !slices.Contains([]string{"required", "optional", "include"}, l.kind):
			s.invalid = append(s.invalid, l)
		case l.kind == "include":
			if err := d.includeStack(s, l); err != nil {
				return err
			}
		default:
			s.plugins = append(s.plugins, l)
		}
	}
	return lines.Err()
}

// includeStack reads what a glob names.
func (d *doctor) includeStack(s *stack, l stackLine) error {
	s.includes = append(s.includes, l)
	names, err := filepath.Glob(d.at(l.pattern()))
	if err != nil || len(names) == 0 {
		s.missing = append(s.missing, l)
		return nil
	}
	for _, name := range names {
		if err := d.readStack(s, d.inside(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (d *doctor) lookAtStack() {
	const what = "plugstack.conf"
	name := d.Plugstack
	if name == "" {
		name = d.conf.values["plugstackconfig"]
	}
	if name == "" || name == "(null)" {
		name = "/etc/slurm/plugstack.conf"
		if filepath.IsAbs(d.conf.file) {
			name = filepath.Join(filepath.Dir(d.conf.file), "plugstack.conf")
		}
	}
	line := "optional " + shimName
	var s stack
	switch err := d.readStack(&s, name); {
	case errors.Is(err, fs.ErrNotExist):
		d.add(Fail, what, "write it, with the line: "+line, "%s is not there", name)
		return
	case errors.Is(err, fs.ErrPermission):
		d.add(Fail, what, "chmod a+r it: srun reads it as its user; or run mp-policy doctor as root", "%v", err)
		return
	case err != nil:
		d.add(Fail, what, "correct the includes", "%v", err)
		return
	}
	d.stack = &s
	for _, l := range s.invalid {
		d.add(Warn, what, "want required, optional or include, and a path", "%s: Slurm ignores the line", l.source())
	}
	var ours []stackLine
	for _, l := range s.plugins {
		if filepath.Base(l.path) == shimName {
			ours = append(ours, l)
		}
	}
	if len(ours) == 0 {
		d.notIncluded(name, &s, line)
		return
	}
	d.line = &ours[0]
	for _, file := range s.files {
		if problem := d.writable(file); problem != nil {
			d.add(Warn, what, problem.do, "root loads what it names: %s", problem.text)
		}
	}
	if len(ours) > 1 {
		d.add(Fail, what, "keep one of them; an include of * also reads copies such as .rpmsave", "the plugin is there %d times, at %s and %s: its options are offered twice, and Slurm complains at each command",
			len(ours), ours[0].source(), ours[1].source())
	}
	if d.line.kind == "required" {
		d.add(Warn, what, "write optional", "%s: required: where the plugin cannot be loaded, nobody can start a job", d.line.source())
		return
	}
	d.add(OK, what, "", "%s: %s", d.line.source(), strings.Join(append([]string{d.line.kind, d.line.path}, d.line.words...), " "))
}

// notIncluded says why no line is in force: there is none, it is a comment, or the file
// with it is not included.
func (d *doctor) notIncluded(name string, s *stack, line string) {
	const what = "plugstack.conf"
	near, err := filepath.Glob(d.at(filepath.Join(filepath.Dir(name), "plugstack.conf.d", "*")))
	if err != nil {
		near = nil
	}
	candidates := slices.Clone(s.files)
	for _, path := range near {
		candidates = append(candidates, d.inside(path))
	}
	for _, file := range candidates {
		text, err := os.ReadFile(d.at(file))
		if err != nil {
			continue
		}
		for n, l := range strings.Split(string(text), "\n") {
			if !strings.Contains(l, shimName) {
				continue
			}
			if slices.Contains(s.files, file) {
				d.add(Fail, what, "take the # away", "the plugin's line is a comment: %s:%d", file, n+1)
			} else {
				d.add(Fail, what, "add the line: include "+file, "%s:%d has a line for the plugin, and %s does not include the file", file, n+1, name)
			}
			return
		}
	}
	if d.exists(example) {
		for _, l := range s.includes {
			if match, err := filepath.Match(filepath.Base(l.path), filepath.Base(example)); err == nil && match {
				d.add(Fail, what, fmt.Sprintf("ln -s %s %s/", example, filepath.Dir(l.pattern())),
					"the plugin is installed and not switched on: %s includes %s, where no file has a line for %s", l.source(), l.path, shimName)
				return
			}
		}
	}
	if len(s.missing) > 0 {
		l := s.missing[0]
		d.add(Fail, what, "write a file that the include names, with the line: "+line,
			"%s has no line for %s, and %s includes %s, where nothing is", name, shimName, l.source(), l.path)
		return
	}
	d.add(Fail, what, "add the line: "+line, "%s and the %d files that it includes have no line for %s", name, len(s.files)-1, shimName)
}
