// SPDX-License-Identifier: MIT

package main

import (
	"os"

	"slurm-mp-policy/cmd/mp-policy/internal/site"
)

// killSwitch is the shim's; a test has one of its own.
var killSwitch = site.KillSwitch

// readSite takes the words of this node's plugstack.conf for the options that were not given, and
// returns notes about it. A recorded node has no plugstack.conf.
func (st *step) readSite() (notes []string) {
	st.config = defaultPolicy
	if st.recorded() {
		return nil
	}
	if _, err := os.Stat(killSwitch); err == nil {
		notes = append(notes, killSwitch+" is there: until it is removed, the plugin does nothing on this node")
	}
	if st.builtin {
		return notes
	}
	settings, err := site.Host{}.Read()
	if err != nil {
		notes = append(notes, err.Error()+": the defaults hold")
	}
	st.deadline = settings.Words.Deadline() // it decides how much CPU time an evaluation has
	var used []string
	for _, o := range []struct {
		word, option string
		to           *string
	}{{"default", "default", &st.def}, {"affinity", "affinity", &st.affinity}, {"config", "policy", &st.config}} {
		if _, given := settings.Words[o.word]; given && !st.given(o.option) {
			*o.to = settings.Words.Value(o.word)
			used = append(used, o.word)
		}
	}
	notes = append(notes, settings.Notes(used...)...)
	if settings.TaskProlog != "" && len(st.argv) > 0 {
		notes = append(notes, "TaskProlog "+settings.TaskProlog+" runs after the plugin and may change what is listed here")
	}
	return notes
}
