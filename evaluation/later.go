// SPDX-License-Identifier: MIT

package evaluation

import (
	"fmt"
	"slices"

	"slurm-mp-policy/policy"
	"slurm-mp-policy/workload"
)

// laterOf returns the known changes of variables before the program starts.
func laterOf(program workload.Result) map[string]policy.Later {
	var later map[string]policy.Later
	for _, l := range program.Later {
		if !l.Known && !l.Removed {
			continue
		}
		if later == nil {
			later = map[string]policy.Later{}
		}
		later[l.Name] = policy.Later{Value: l.Value, Removed: l.Removed}
	}
	return later
}

// noteLater notes the settings that a script or a command changes between the launch and
// the program.
func (e *Evaluation) noteLater(program workload.Result, settings []policy.Setting) {
	for _, l := range program.Later {
		about := func(s policy.Setting) bool { return s.Name == l.Name }
		i := slices.IndexFunc(settings, about)
		note := ""
		switch {
		case i < 0:
		case l.Known:
			note = fmt.Sprintf("%s sets %s=%s before the program: it is taken for your own value", l.By, l.Name, l.Value)
		default:
			note = fmt.Sprintf("%s sets %s before the program, to a value that is not known here", l.By, l.Name)
		}
		if note != "" && !slices.Contains(e.notes, note) {
			e.notes = append(e.notes, note)
		}
	}
}
