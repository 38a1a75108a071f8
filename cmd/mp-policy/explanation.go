// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"slurm-mp-policy/evaluation"
	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/policy"
)

// explanation is the JSON of explain.
type explanation struct {
	Version    int              `json:"version"`
	Node       nodeinfo.Node    `json:"node"`
	Active     bool             `json:"active"`
	Observed   bool             `json:"observed"`
	Left       string           `json:"left,omitempty"`
	Workload   []string         `json:"workload"`
	Program    string           `json:"program,omitempty"`
	Python     string           `json:"python,omitempty"`
	Direct     bool             `json:"direct"`
	Workers    int              `json:"workers,omitempty"`
	Evidence   []evidence       `json:"evidence"`
	Allocation allocation       `json:"allocation"`
	Settings   []policy.Setting `json:"settings"`
	Hints      []string         `json:"hints"`
	Messages   []string         `json:"messages"`
	Notes      []string         `json:"notes"`
	Restored   []restored       `json:"restored"`

	lines []evaluation.Line
}

type evidence struct {
	Tag  string `json:"tag"`
	File string `json:"file"`
	Line int    `json:"line,omitempty"`
	Text string `json:"text,omitempty"`
	Way  string `json:"way,omitempty"`
}

type allocation struct {
	CPUs  int     `json:"cpus"`
	Cores int     `json:"cores"`
	Mask  string  `json:"mask"`
	Quota float64 `json:"quota,omitempty"`
}

// restored is a variable of an outer step that this step takes back.
type restored struct {
	Action string `json:"action"`
	Name   string `json:"name"`
	Value  string `json:"value,omitempty"`
}

// fill makes empty lists of nil ones, for JSON.
func (x *explanation) fill() {
	for _, list := range []*[]string{&x.Workload, &x.Hints, &x.Messages, &x.Notes} {
		if *list == nil {
			*list = []string{}
		}
	}
	if x.Evidence == nil {
		x.Evidence = []evidence{}
	}
	if x.Settings == nil {
		x.Settings = []policy.Setting{}
	}
	if x.Restored == nil {
		x.Restored = []restored{}
	}
	if x.Node.Tags == nil {
		x.Node.Tags = []string{}
	}
}

func (x *explanation) restored(d policy.Decision) {
	for _, c := range d.Changes {
		if c.Name == policy.AppliedName || slices.ContainsFunc(d.Settings, func(s policy.Setting) bool { return s.Name == c.Name }) {
			continue
		}
		action := policy.Set
		if c.Unset {
			action = policy.Unset
		}
		x.Restored = append(x.Restored, restored{action, c.Name, c.Value})
	}
}

// colours of the labels. Other labels have no colour.
var colours = map[string]string{
	policy.Set: green, policy.Append: green, policy.Unset: red, policy.Keep: faint, "hint": yellow, "note": yellow, "off": yellow,
}

// write writes the explanation for people: the lines of srun --mp-policy=explain, with colours.
func (x *explanation) write(w io.Writer, s screen) {
	for _, line := range evaluation.Layout(x.lines, evaluation.LayoutWidth) {
		label := s.paint(colours[line.Label], line.Label)
		fill := strings.TrimPrefix(evaluation.Pad(line.Label), line.Label)
		fmt.Fprintln(w, strings.TrimRight(label+fill+line.Text, " "))
	}
}
