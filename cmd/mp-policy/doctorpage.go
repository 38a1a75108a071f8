// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"slurm-mp-policy/cmd/mp-policy/internal/doctor"
	"slurm-mp-policy/plaintext"
)

// doctorPage is how doctor's findings are printed.
type doctorPage struct{ quiet, json, host bool }

// severalTasks reports whether this is one of several tasks of a step. The lines of such tasks
// come together in one output (srun(1), OUTPUT ENVIRONMENT VARIABLES).
func severalTasks() bool {
	n, err := strconv.Atoi(os.Getenv("SLURM_STEP_NUM_TASKS"))
	return err == nil && n > 1
}

func (p doctorPage) write(w io.Writer, s screen, r doctor.Report) error {
	if p.quiet {
		r.Findings = r.Wrong()
	}
	err := p.print(w, s, r)
	if err == nil && r.Faults > 0 {
		err = errFindings
	}
	return err
}

func (p doctorPage) print(w io.Writer, s screen, r doctor.Report) error {
	if p.json {
		return writeJSON(w, r)
	}
	var page bytes.Buffer
	writeFindings(&page, s, r.Findings, p.width())
	if !p.quiet {
		fmt.Fprintf(&page, "\n%s\n", doctorSum(r))
	}
	if !p.host {
		_, err := w.Write(page.Bytes())
		return err
	}
	host := r.Host
	if host == "" {
		host = r.Prefix
	}
	for line := range strings.Lines(page.String()) {
		if line == "\n" {
			continue
		}
		if _, err := io.WriteString(w, plaintext.Printable(host)+": "+line); err != nil {
			return err
		}
	}
	return nil
}

// width returns the width of the text. With the host's name each finding has one line, which
// can be searched for.
func (p doctorPage) width() int {
	if p.host {
		return math.MaxInt
	}
	return drawWidth
}

// shownLevels are the levels as the text has them: a fault must not be overlooked.
var shownLevels = map[string]struct{ text, colour string }{
	doctor.OK: {"ok", green}, doctor.Note: {"note", faint}, doctor.Warn: {"warn", yellow}, doctor.Fail: {"FAIL", red},
}

func writeFindings(w io.Writer, s screen, findings []doctor.Finding, columns int) {
	const level = 4
	width := 0
	for _, f := range findings {
		width = max(width, len(f.What))
	}
	indent := strings.Repeat(" ", level+2+width+2)
	for _, f := range findings {
		shown := shownLevels[f.Level]
		fmt.Fprintf(w, "%s  %s  %s\n", s.paint(shown.colour, pad(shown.text, level)), pad(f.What, width),
			wrapAt(plaintext.Printable(f.Text), indent, columns-len(indent)))
		if f.Do != "" {
			fmt.Fprintf(w, "%s%s\n", indent, wrapAt("to do: "+plaintext.Printable(f.Do), indent, columns-len(indent)))
		}
		switch {
		case f.Type != "" && f.Do == "":
			fmt.Fprintf(w, "%sto do: %s\n", indent, plaintext.Printable(f.Type))
		case f.Type != "":
			fmt.Fprintf(w, "%s  %s\n", indent, plaintext.Printable(f.Type)) // not broken: it is to be copied
		}
	}
}

// doctorSum is the last line.
func doctorSum(r doctor.Report) string {
	count := plaintext.Plural(r.Faults, "fault") + ", " + plaintext.Plural(r.Warnings, "warning")
	switch {
	case r.State == doctor.Faulty && r.On:
		return "the plugin does not work as it should: " + count
	case r.State == doctor.Faulty:
		return "not switched on, and would not work as it should: " + count
	case r.State == doctor.NotOn && r.Warnings > 0:
		return "installed, not switched on, with " + plaintext.Plural(r.Warnings, "warning")
	case r.State == doctor.NotOn:
		return "installed, not switched on"
	case r.State == doctor.Warned:
		return "the plugin works, with " + plaintext.Plural(r.Warnings, "warning")
	}
	return "the plugin is set up right"
}
