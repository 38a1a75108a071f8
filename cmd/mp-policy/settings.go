// SPDX-License-Identifier: MIT

package main

import (
	"os"

	"slurm-mp-policy/cmd/mp-policy/internal/site"
)

// readSite takes what this node's plugstack.conf says where no option says otherwise, and
// returns notes about it. A recorded node has none.
func (st *step) readSite() (notes []string) {
	st.config = defaultPolicy
	if st.recorded() || st.builtin {
		return nil
	}
	settings, err := site.Host{}.Read()
	if err != nil {
		notes = append(notes, err.Error()+": the defaults hold")
	}
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
	if note := settings.Note(used...); note != "" {
		notes = append(notes, note)
	}
	if file, given := settings.Words["config"]; given && !st.given("policy") {
		if _, err := os.Stat(file); os.IsNotExist(err) {
			notes = append(notes, file+" is not there: the built-in rules hold")
		}
	}
	if settings.TaskProlog != "" {
		notes = append(notes, "TaskProlog "+settings.TaskProlog+" runs after the plugin and may change what is listed here")
	}
	return notes
}
