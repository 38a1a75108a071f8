// SPDX-License-Identifier: MIT

package evaluation

import (
	"slices"

	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/policy"
)

// PrepareOn is Prepare for the recorded node in the directory: Root, and so the
// program and its files, stay those of this machine.
func PrepareOn(directory string, r Request) *Evaluation {
	e := prepare(r, nodeinfo.New(directory))
	e.recorded = true
	return e
}

// Site returns the rules of a site's policy file as a launch reads it: none of a file
// that is not there, and none, with an error that says why, of one that is refused. The
// errors of its text are joined.
func Site(path string) (policy.Rules, error) { return readSite(path) }

// AddRules adds the site's rules as somebody has them at hand, where the Request
// has no Config. Whoever runs an evaluation for himself answers for its rules;
// only what runs at a launch asks who could have written them.
func (e *Evaluation) AddRules(site policy.Rules) {
	e.rules.Add(site)
	if e.Active && e.rules.Names() {
		e.names.users, e.names.groups = e.users(), e.groups()
	}
}

// Notes are what could not be read or was ignored: what explain prints beside
// its table.
func (e *Evaluation) Notes() []string { return slices.Concat(e.says, e.notes, e.Warnings) }

// WhyOff returns why the rules do not apply to this step, and "" if they do.
func (e *Evaluation) WhyOff() string {
	if e.Active {
		return ""
	}
	return e.whyOff()
}
