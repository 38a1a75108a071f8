// SPDX-License-Identifier: MIT

package site

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"slurm-mp-policy/cmd/mp-policy/internal/words"
)

// Settings are the settings that hold on a host.
type Settings struct {
	Words Words
	// Source is where the plugin's line stands, "" if there is none.
	Source string
	// Ignored are the words of the line that the plugin ignores.
	Ignored []string
	// Off is set if the kill switch is there.
	Off bool
	// TaskProlog is the program of slurm.conf that runs in each task after the plugin, ""
	// if there is none.
	TaskProlog string
}

// Read reads the settings. If plugstack.conf or slurm.conf is there and cannot be read,
// the error says so, and the standard words hold.
func (h Host) Read() (Settings, error) {
	s := Settings{Words: Words{}, Off: h.Exists(KillSwitch)}
	conf, confErr := h.SlurmConf("")
	s.TaskProlog = conf.Values["taskprolog"]
	if s.TaskProlog == "(null)" {
		s.TaskProlog = ""
	}
	stack, err := h.ReadStack(conf.PlugstackFile())
	if ours := stack.Ours(); len(ours) > 0 {
		s.Source = ours[0].Source()
		s.Words, s.Ignored = ParseWords(words.This, ours[0].Words)
	}
	for _, e := range []error{confErr, err} {
		if e != nil && !errors.Is(e, fs.ErrNotExist) {
			return s, fmt.Errorf("what plugstack.conf says of the plugin is not known: %w", e)
		}
	}
	return s, nil
}

// Notes returns notes about these words of plugstack.conf, if the line has them.
func (s Settings) Notes(names ...string) (notes []string) {
	var said []string
	for _, name := range names {
		if value, given := s.Words[name]; given {
			said = append(said, name+"="+value)
		}
	}
	if len(said) > 0 {
		notes = append(notes, fmt.Sprintf("plugstack.conf: %s (%s)", strings.Join(said, " "), s.Source))
	}
	if file, given := s.Words["config"]; given && slices.Contains(names, "config") {
		if _, err := os.Stat(file); os.IsNotExist(err) {
			notes = append(notes, file+" is not there: the built-in rules hold")
		}
	}
	return notes
}
