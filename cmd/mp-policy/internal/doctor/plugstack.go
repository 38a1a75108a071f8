// SPDX-License-Identifier: MIT

package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"slurm-mp-policy/cmd/mp-policy/internal/site"
)

func (d *doctor) lookAtStack() {
	const what = "plugstack.conf"
	name := d.Plugstack
	if name == "" {
		name = d.conf.PlugstackFile()
	}
	line := "optional " + site.ShimName
	s, err := d.host().ReadStack(name)
	switch {
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
	d.stack = s
	for _, l := range s.Invalid {
		d.add(Warn, what, "want required, optional or include, and a path", "%s: Slurm ignores the line", l.Source())
	}
	ours := s.Ours()
	if len(ours) == 0 {
		d.notIncluded(name, s, line)
		return
	}
	d.line = &ours[0]
	for _, file := range s.Files {
		if problem := d.writable(file); problem != nil {
			d.add(Warn, what, problem.do, "root loads what it names: %s", problem.text)
		}
	}
	if len(ours) > 1 {
		d.add(Fail, what, "keep one of them; an include of * also reads copies such as .rpmsave", "the plugin is there %d times, at %s and %s: its options are offered twice, and Slurm complains at each command",
			len(ours), ours[0].Source(), ours[1].Source())
	}
	if d.line.Kind == "required" {
		d.add(Warn, what, "write optional", "%s: required: where the plugin cannot be loaded, nobody can start a job", d.line.Source())
		return
	}
	d.add(OK, what, "", "%s: %s", d.line.Source(), strings.Join(append([]string{d.line.Kind, d.line.Path}, d.line.Words...), " "))
}

// notIncluded says why no line is in force: there is none, it is a comment, or the file
// with it is not included.
func (d *doctor) notIncluded(name string, s *site.Stack, line string) {
	const what = "plugstack.conf"
	near, err := filepath.Glob(d.at(filepath.Join(filepath.Dir(name), "plugstack.conf.d", "*")))
	if err != nil {
		near = nil
	}
	candidates := slices.Clone(s.Files)
	for _, path := range near {
		candidates = append(candidates, d.inside(path))
	}
	for _, file := range candidates {
		text, err := os.ReadFile(d.at(file))
		if err != nil {
			continue
		}
		for n, l := range strings.Split(string(text), "\n") {
			if !strings.Contains(l, site.ShimName) {
				continue
			}
			if slices.Contains(s.Files, file) {
				d.add(Fail, what, "take the # away", "the plugin's line is a comment: %s:%d", file, n+1)
			} else {
				d.add(Fail, what, "add the line: include "+file, "%s:%d has a line for the plugin, and %s does not include the file", file, n+1, name)
			}
			return
		}
	}
	if d.exists(example) {
		for _, l := range s.Includes {
			if match, err := filepath.Match(filepath.Base(l.Path), filepath.Base(example)); err == nil && match {
				d.add(Fail, what, fmt.Sprintf("ln -s %s %s/", example, filepath.Dir(l.Pattern())),
					"the plugin is installed and not switched on: %s includes %s, where no file has a line for %s", l.Source(), l.Path, site.ShimName)
				return
			}
		}
	}
	if len(s.Missing) > 0 {
		l := s.Missing[0]
		d.add(Fail, what, "write a file that the include names, with the line: "+line,
			"%s has no line for %s, and %s includes %s, where nothing is", name, site.ShimName, l.Source(), l.Path)
		return
	}
	d.add(Fail, what, "add the line: "+line, "%s and the %d files that it includes have no line for %s", name, len(s.Files)-1, site.ShimName)
}
