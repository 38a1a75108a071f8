// SPDX-License-Identifier: MIT

package doctor

import "os"

// Version is that of the JSON, docs/doctor.schema.json. It rises with every change.
const Version = 1

// Levels of a Finding.
const (
	OK   = "ok"
	Note = "note" // worth knowing
	Warn = "warn" // works, and should be otherwise
	Fail = "fail" // keeps the plugin, or a part of it, from working
)

// Finding is the result of looking at one thing.
type Finding struct {
	Level string `json:"level"`
	// What is a fixed word for the thing, which docs/doctor.schema.json lists.
	What string `json:"what"`
	// Text is how it is.
	Text string `json:"text"`
	// Do is what to do, "" if there is nothing to do or Type is all of it.
	Do string `json:"do,omitempty"`
	// Type is a command that does it, "" if there is none.
	Type string `json:"type,omitempty"`
}

// States of a host.
const (
	Right  = "right"           // no fault and no warning
	Warned = "warnings"        // the plugin works, with warnings
	NotOn  = "not-switched-on" // plugstack.conf has no line for it; no fault
	Faulty = "faults"          // something keeps the plugin, or a part of it, from working
)

// Report is the result of an examination.
type Report struct {
	Version int    `json:"version"`
	Host    string `json:"host"`             // its name; "" with Prefix
	Prefix  string `json:"prefix,omitempty"` // see Options
	Role    string `json:"role"`
	Slurm   string `json:"slurm,omitempty"` // its version, "" if it is not known
	// On is set if plugstack.conf has a line for the plugin that is in force.
	On    bool   `json:"switched_on"`
	State string `json:"state"`
	// Faults and Warnings count the findings of these levels.
	Faults   int       `json:"faults"`
	Warnings int       `json:"warnings"`
	Findings []Finding `json:"findings"`
}

// Wrong returns the findings that are faults and warnings.
func (r Report) Wrong() []Finding {
	wrong := []Finding{}
	for _, f := range r.Findings {
		if f.Level == Warn || f.Level == Fail {
			wrong = append(wrong, f)
		}
	}
	return wrong
}

func (d *doctor) report() Report {
	host := ""
	if d.Prefix == "" {
		host, _ = os.Hostname() // "" if the kernel does not say
	}
	r := Report{Version: Version, Host: host, Prefix: d.Prefix, Role: d.Role, Slurm: d.Version, On: d.line != nil, Findings: d.findings}
	for _, f := range r.Findings {
		switch f.Level {
		case Fail:
			r.Faults++
		case Warn:
			r.Warnings++
		}
	}
	switch {
	case r.Faults > 0:
		r.State = Faulty
	case d.notOn:
		r.State = NotOn
	case r.Warnings > 0:
		r.State = Warned
	default:
		r.State = Right
	}
	return r
}
