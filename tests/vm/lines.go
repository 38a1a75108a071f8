// SPDX-License-Identifier: MIT

package vm

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"slurm-mp-policy/nodeinfo"
)

// task is one task of a step: what the kernel gives it and what its environment has, by
// programs/probe.py.
type task struct {
	name                 string // the argument of the probe
	rank                 int
	mask                 string
	cpus, cores, workers int
	masks                string // the different ones of the workers, with "/" between them
	env                  map[string]string
}

// share is what an explanation says about a task.
type share struct {
	cpus, cores int
	mask        string
}

var (
	// continued is where an explanation breaks a line.
	continued = regexp.MustCompile(`\nmp-policy: {5,}`)
	taskLine  = regexp.MustCompile(`PROBE (\S+) (task=.*)`)
	shareLine = regexp.MustCompile(`mp-policy: tasks? ([-,0-9]+) +(\d+) CPUs?(?: each)? of \d+, (\d+) cores?(?: each)? \(masks? ([^)]*)\)`)
)

// tasks returns those of the probe's lines in the output of a step.
func tasks(output string) ([]task, error) {
	var list []task
	for _, line := range taskLine.FindAllStringSubmatch(output, -1) {
		fields := map[string]string{}
		for _, field := range strings.Fields(line[2]) {
			name, value, _ := strings.Cut(field, "=")
			fields[name] = value
		}
		t := task{name: line[1], mask: fields["mask"], masks: fields["masks"], env: fields}
		for name, to := range map[string]*int{"task": &t.rank, "cpus": &t.cpus, "cores": &t.cores, "workers": &t.workers} {
			n, err := strconv.Atoi(fields[name])
			if err != nil {
				return nil, fmt.Errorf("the probe's line has no number %s: %s", name, line[0])
			}
			*to = n
		}
		list = append(list, t)
	}
	return list, nil
}

// shares returns what the explanation in the output of a step says about each task.
func shares(output string) (map[int]share, error) {
	found := map[int]share{}
	for _, line := range shareLine.FindAllStringSubmatch(continued.ReplaceAllString(output, " "), -1) {
		// ranks are written like CPUs: "0-2,7"
		ranks, err := nodeinfo.ParseList(line[1])
		if err != nil {
			return nil, fmt.Errorf("%w: %s", err, line[0])
		}
		list, _, _ := strings.Cut(line[4], ", shared")
		masks := strings.Split(list, "; ")
		cpus, _ := strconv.Atoi(line[2])
		cores, _ := strconv.Atoi(line[3])
		for i, rank := range slices.Collect(ranks.All()) {
			found[rank] = share{cpus, cores, masks[min(i, len(masks)-1)]}
		}
	}
	return found, nil
}

// overlap reports whether two tasks of the list have a CPU in common. A mask that cannot be
// read counts as one that has.
func overlap(list []task) bool {
	var seen nodeinfo.Mask
	for _, t := range list {
		mask, err := nodeinfo.ParseList(t.mask)
		if err != nil || mask.And(seen).Count() > 0 {
			return true
		}
		seen = seen.Or(mask)
	}
	return false
}
