// SPDX-License-Identifier: MIT

package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"slurm-mp-policy/cmd/mp-policy/internal/site"
	"slurm-mp-policy/plaintext"
	"slurm-mp-policy/regular"
)

func (d *doctor) lookAtStack() {
	const what = "plugstack.conf"
	name := d.Plugstack
	if name == "" {
		name = d.conf.PlugstackFile()
	}
	s, err := d.host().ReadStack(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if d.Plugstack != "" || name == d.conf.Values["plugstackconfig"] {
			d.add(Fail, what, "write it, or correct the name", "%s is not there", name)
			return
		}
		d.notOn = true
		d.add(d.offLevel(), what, d.firstLine(), "not switched on: %s is not there", name)
		return
	case errors.Is(err, fs.ErrPermission):
		d.add(Fail, what, "chmod a+r it: srun reads it as its user; or run mp-policy doctor as root", "%v", err)
		return
	case err != nil:
		d.add(Fail, what, "correct the includes", "%v", err)
		return
	}
	d.stack = s
	for _, l := range s.Invalid {
		d.add(Warn, what, "want required, optional or include, and a path", "%s: Slurm ignores the line", l.Source())
	}
	ours := s.Ours()
	if len(ours) == 0 {
		d.notIncluded(name, s)
		return
	}
	d.line = &ours[0]
	for _, file := range s.Files {
		if problem := d.writable(file); problem != nil {
			d.addProblem(Warn, what, problem, "root loads what it names: ")
		}
	}
	if len(ours) > 1 {
		d.add(Fail, what, "keep one of them; an include of * also reads copies such as .rpmsave", "the plugin is there %d times, at %s and %s: its options are offered twice, and Slurm complains at each command",
			len(ours), ours[0].Source(), ours[1].Source())
	}
	if d.line.Kind == "required" {
		d.add(Warn, what, "write optional", "%s: required: if the plugin cannot be loaded, no job can be started", d.line.Source())
		return
	}
	d.add(OK, what, "", "%s: %s", d.line.Source(), strings.Join(append([]string{d.line.Kind, d.line.Path}, d.line.Words...), " "))
}

// notIncluded returns the reason why no line is in force: there is no line, it is a comment, or
// its file is not included.
func (d *doctor) notIncluded(name string, s *site.Stack) {
	const what = "plugstack.conf"
	switch file, line := d.lineNear(name, s); {
	case file == "":
	case slices.Contains(s.Files, file):
		d.notOn = true
		d.add(d.offLevel(), what, "to switch it on, take the # away", "not switched on: the plugin's line is a comment: %s:%d", file, line)
		return
	default:
		d.add(Fail, what, "add the line: include "+file, "%s:%d has a line for the plugin, and %s does not include the file", file, line, name)
		return
	}
	d.notOn = true
	if d.exists(observeExample) {
		for _, l := range s.Includes {
			link := filepath.Base(example)
			if match, err := filepath.Match(filepath.Base(l.Path), link); err != nil || !match {
				continue
			}
			d.findings = append(d.findings, Finding{
				Level: d.offLevel(), What: what,
				Text: fmt.Sprintf("not switched on: %s includes %s, where no file has a line for %s", l.Source(), l.Path, site.ShimName),
				Do:   "link the line with which nothing is set and all is logged; later, the same link to " + example + " switches the plugin on",
				Type: fmt.Sprintf("ln -sf %s %s", observeExample, filepath.Join(filepath.Dir(l.Pattern()), link)),
			})
			return
		}
	}
	without := name + " has"
	if included := len(s.Files) - 1; included > 0 {
		without = fmt.Sprintf("%s and the %s that it includes have", name, plaintext.Plural(included, "file"))
	}
	d.add(d.offLevel(), what, d.firstLine(), "not switched on: %s no line for %s", without, site.ShimName)
}

// maxNear bounds a file near plugstack.conf, in bytes.
const maxNear = 1 << 20

// lineNear looks for a line of the plugin that is a comment, or in a file that is not included.
func (d *doctor) lineNear(name string, s *site.Stack) (file string, line int) {
	near, err := filepath.Glob(d.at(filepath.Join(filepath.Dir(name), "plugstack.conf.d", "*")))
	if err != nil {
		near = nil
	}
	candidates := slices.Clone(s.Files)
	for _, path := range near {
		candidates = append(candidates, d.inside(path))
	}
	for _, file := range candidates {
		text, err := regular.Begin(d.at(file), maxNear)
		if err != nil {
			continue
		}
		for n, l := range strings.Split(string(text), "\n") {
			if strings.Contains(l, site.ShimName) {
				return file, n + 1
			}
		}
	}
	return "", 0
}

// offLevel returns the level of a finding that the plugin is not switched on.
func (d *doctor) offLevel() string {
	if d.On {
		return Fail
	}
	return Note
}

// firstLine returns the line that switches the plugin on if no file can be linked. An include does
// no harm when the package is removed: Slurm reads nothing then.
func (d *doctor) firstLine() string {
	if d.exists(observeExample) {
		return fmt.Sprintf("to have nothing set and all logged, write the line: include %s; later, %s in its place switches the plugin on", observeExample, filepath.Base(example))
	}
	return fmt.Sprintf("to have nothing set and all logged, write the line: optional %s default=observe log=all; later, without the two words, it switches the plugin on", site.ShimName)
}
